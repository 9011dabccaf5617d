"""Surroundings raise a tier and never lower one; what weakens is as bad in a sandbox as anywhere."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.drift import DIRECTIONS, SEVERITIES, TIERS
from taxonomy.errors import RuleError
from taxonomy.overrides import Overridden, Override, data_classes, override
from taxonomy.rulebook import Rulebook, load

BECAUSE = "Because this estate says so, and for no other reason."
KEYS = ("data-class", "classification")


def made(name: str = "mine", **more: Any) -> Override:
    written = {"id": name, "when": {"environment": "prod"}, "because": BECAUSE, **more}
    return Override.model_validate(written)


def after(*overrides: Override, severity: Any = "low", tier: Any = "auto", **more: Any) -> Overridden:
    told = {"environment": "prod", "direction": "lateral", "data_classes": (), **more}
    return override(overrides, severity=severity, tier=tier, **told)


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


@pytest.mark.parametrize(
    ("surroundings", "severity", "tier"),
    [
        ({"data_classes": ("restricted",)}, "medium", "review"),
        ({"data_classes": ("internal", "phi")}, "medium", "review"),
        ({"data_classes": ("internal",)}, "low", "auto"),
        ({"environment": "prod"}, "low", "auto"),
        ({"environment": "prod", "direction": "weakened"}, "low", "review"),
        ({"environment": "eu-prod", "direction": "unknown"}, "low", "review"),
        ({"environment": "preprod", "direction": "weakened"}, "low", "auto"),
        ({"environment": "sandbox-7"}, "low", "auto"),
        ({"environment": None}, "low", "auto"),
    ],
)
def test_what_comes_with_holdfast_says(
    builtin: Rulebook, surroundings: dict[str, Any], severity: str, tier: str
) -> None:
    told = {"environment": None} | surroundings
    found = after(*builtin.overrides.overrides, **told)
    assert (found.severity, found.tier) == (severity, tier)
    assert bool(found.by) == ((severity, tier) != ("low", "auto"))


def test_a_sandbox_is_milder_but_not_for_what_weakens(builtin: Rulebook) -> None:
    for direction, severity in (("lateral", "medium"), ("weakened", "high"), ("unknown", "high")):
        found = after(
            *builtin.overrides.overrides,
            severity="high",
            tier="review",
            environment="sandbox",
            direction=direction,
        )
        assert (found.severity, found.tier) == (severity, "review")


def test_what_raises_wins_over_what_lowers_and_the_most_of_each_counts() -> None:
    up, more = (made(f"up-{n}", **{"raise": {"severity": n}}) for n in (1, 2))
    sandbox = {"environment": "prod", "direction": "lateral"}
    down, less = (made(f"down-{n}", when=sandbox, lower={"severity": n, "floor": "info"}) for n in (1, 2))
    assert after(up, more, down, severity="medium") == Overridden(
        severity="critical", tier="auto", by=("up-1", "up-2")
    )
    assert after(down, less, severity="medium").severity == "low"
    assert after(more, severity="high").severity == "critical"


def test_what_moves_nothing_is_not_named() -> None:
    reviewed = made(**{"raise": {"tier": "review"}})
    assert after(reviewed, tier="review").by == ()
    assert after(reviewed, tier="record").by == ("mine",)
    floor = made(when={"environment": "prod", "direction": "lateral"}, lower={"severity": 1, "floor": "low"})
    assert after(floor, severity="low").by == ()
    assert after(floor, severity="info") == Overridden(severity="info", tier="auto")


DIRECTED = st.lists(st.sampled_from(DIRECTIONS), min_size=1, unique=True)
RAISES = st.builds(
    lambda n, tier, direction: made(
        f"up-{n}",
        when={"environment": "prod", "direction": direction},
        **{"raise": {"severity": n, "tier": tier}},
    ),
    st.integers(1, 4),
    st.sampled_from(["review", "record", None]),
    DIRECTED,
)
LOWERS = st.builds(
    lambda n, floor, direction: made(
        f"down-{n}",
        when={"environment": "prod", "direction": direction},
        lower={"severity": n, "floor": floor},
    ),
    st.integers(1, 4),
    st.sampled_from(SEVERITIES),
    st.lists(st.sampled_from(["unknown", "lateral", "strengthened"]), min_size=1, unique=True),
)


@given(
    overrides=st.lists(st.one_of(RAISES, LOWERS), max_size=5),
    severity=st.sampled_from(SEVERITIES),
    tier=st.sampled_from(TIERS),
    direction=st.sampled_from(DIRECTIONS),
)
def test_no_override_loosens_a_tier_or_makes_what_weakens_milder(
    overrides: list[Override], severity: Any, tier: Any, direction: Any
) -> None:
    found = after(*overrides, severity=severity, tier=tier, direction=direction)
    assert TIERS.index(found.tier) <= TIERS.index(tier)
    if direction == "weakened":
        assert SEVERITIES.index(found.severity) <= SEVERITIES.index(severity)
    assert bool(found.by) or (found.severity, found.tier) == (severity, tier)


@pytest.mark.parametrize(
    ("tags", "changes", "expected"),
    [
        ({"Data-Class": " Restricted "}, [], ("restricted",)),
        ({"data-class": "a", "Classification": "b", "owner": "c"}, [], ("a", "b")),
        ({}, [("tags.data-class", "changed", "restricted", "public")], ("public", "restricted")),
        ({}, [("tags_all.data-class", "changed", "restricted", None)], ("restricted",)),
        ({}, [("tags", "changed", {"data-class": "restricted"}, None)], ("restricted",)),
        ({}, [("resource", "missing", {"tags": {"data-class": "restricted"}}, None)], ("restricted",)),
        ({}, [("resource", "unmanaged", None, {"tags_all": {"data-class": "phi"}})], ("phi",)),
        ({}, [("policy", "changed", {"tags": {"data-class": "restricted"}}, None)], ()),
        ({"data-class": "x"}, [("tags.data-class", "changed", 7, "x")], ("x",)),
    ],
)
def test_both_sides_of_a_tag_say_which_data_a_resource_holds(
    tags: dict[str, Any], changes: list[Any], expected: tuple[str, ...]
) -> None:
    assert data_classes(KEYS, tags, changes) == expected


def overlay(folder: Path, document: Any) -> Path:
    (folder / "overrides.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return folder


def test_a_later_directory_replaces_switches_off_and_adds(tmp_path: Path, builtin: Rulebook) -> None:
    entries = [
        {"id": "sandbox", "off": "Our sandboxes hold customer data."},
        {"id": "production", "when": {"environment": "live"}, "raise": {"severity": 1}, "because": BECAUSE},
        {"id": "payments", "when": {"environment": "pay-*"}, "raise": {"tier": "review"}, "because": BECAUSE},
    ]
    found = load(["builtin", overlay(tmp_path, {"data_class_tags": ["Acme-Class"], "overrides": entries})])
    assert [one.id for one in found.overrides.overrides] == ["payments", "production", "restricted-data"]
    assert found.overrides.overrides[1].when.environment == ("live",)
    assert found.overrides.places["payments"] == f"{tmp_path}/overrides.yaml:12"
    assert "acme-class" in found.overrides.data_class_tags
    assert found.digest != builtin.digest


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"when": {"direction": "lateral"}, "raise": {"severity": 1}}, "expected environment or data_class"),
        ({"raise": {}}, "expected a tier, or by how many steps"),
        ({"raise": {"tier": "auto"}}, "tier"),
        ({}, "exactly one of raise and lower"),
        (
            {"raise": {"severity": 1}, "lower": {"severity": 1, "floor": "low"}},
            "exactly one of raise and lower",
        ),
        ({"lower": {"severity": 1, "floor": "low"}}, "without weakened beside lower"),
        ({"lower": {"severity": 1}}, "floor"),
        ({"raise": {"severity": 1}, "tier": "auto"}, "unknown key"),
        ({"off": "There is none of that id anywhere.", "when": None, "because": None}, "overrides"),
    ],
)
def test_an_override_that_says_nothing_or_loosens_is_refused(tmp_path: Path, entry: Any, said: str) -> None:
    written = {"id": "mine", "when": {"environment": "prod"}, "because": BECAUSE} | entry
    with pytest.raises(RuleError) as refusal:
        load(["builtin", overlay(tmp_path, {"overrides": [written]})])
    assert said in str(refusal.value)
    assert f"{tmp_path}/overrides.yaml" in str(refusal.value)


def test_what_is_switched_off_must_be_there_and_an_id_stands_once(tmp_path: Path) -> None:
    off = {"id": "sandbocks", "off": "Our sandboxes hold customer data."}
    twice = {"id": "mine", "when": {"environment": "x"}, "raise": {"severity": 1}, "because": BECAUSE}
    with pytest.raises(RuleError) as refusal:
        load(["builtin", overlay(tmp_path, {"overrides": [off, twice, deepcopy(twice)]})])
    assert [problem.line for problem in refusal.value.problems] == [2, 10]
