"""Waivers and noise rules as people write them: what is missing or too wide accepts nothing, and is told."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from taxonomy.errors import RuleError
from taxonomy.waiver_files import read_waivers, refuse_wrong
from taxonomy.waivers import LONGEST, Waivers, standing

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

WAIVER: dict[str, Any] = {
    "id": "ledger-versioning",
    "resource": "arn:aws:s3:::acme-ledger",
    "attribute": "versioning.0.enabled",
    "actual": False,
    "reason": "The migration writes each object twice; ends with it.",
    "owner": "payments",
    "approver": "ada",
    "expires": "2027-01-31T18:00:00+00:00",
}
NOISE: dict[str, Any] = {
    "id": "instance-words",
    "when": {"resource_type": "aws_instance", "attribute": "tags.LastSeen"},
    "reason": "The agent writes the time into this tag.",
    "owner": "platform",
    "approver": "ada",
    "expires": "2027-01-31T18:00:00+00:00",
}
MANDATORY = ("id", "reason", "owner", "approver", "expires")


def filed(folder: Path, *entries: Any, name: str = "waivers/mine.yaml") -> Waivers:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(list(entries), sort_keys=False))
    return read_waivers([(folder, "d")])


def without(entry: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in keys}


def test_a_waiver_is_read_with_its_place(tmp_path: Path) -> None:
    found = filed(tmp_path, WAIVER)
    assert found.problems == ()
    (one,) = found.waivers
    assert (one.place, one.what.pinned, one.what.kind) == ("d/waivers/mine.yaml:1", "false", "changed")


def test_a_noise_rule_hides_only_what_was_judged_harmless_unless_it_says_otherwise(tmp_path: Path) -> None:
    (one,) = filed(tmp_path, NOISE, name="noise/mine.yaml").noise
    assert one.what.directions == ("lateral",)


@pytest.mark.parametrize("key", [*MANDATORY, "resource", "attribute", "actual"])
def test_each_key_of_a_waiver_is_required(tmp_path: Path, key: str) -> None:
    found = filed(tmp_path, without(WAIVER, key))
    assert found.waivers == ()
    (problem,) = found.problems
    assert (problem.file, problem.line) == ("d/waivers/mine.yaml", 1)
    assert key in f"{problem.where} {problem.message}"


@pytest.mark.parametrize("key", [*MANDATORY, "when"])
def test_each_key_of_a_noise_rule_is_required(tmp_path: Path, key: str) -> None:
    found = filed(tmp_path, without(NOISE, key), name="noise/mine.yaml")
    assert found.noise == ()
    assert key in f"{found.problems[0].where} {found.problems[0].message}"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"attribute": "*"}, "bare \\* would accept everything"),
        ({"attribute": "x.*.y"}, "x\\.\\* for all below x"),
        ({"attribute": ".*"}, "expected one attribute"),
        ({"resource": "arn:aws:s3:::*"}, "expected one resource by its whole id"),
        ({"expires": "2027-01-31T18:00:00"}, "timezone"),
        ({"expires": "2027-01-31"}, "expires"),
        ({"expires": 1801418400}, "expected an instant with its zone"),
        ({"expires": "never"}, "expires"),
        ({"actual": float("nan")}, "read in two ways"),
        ({"fingerprint": "f" * 64}, "exactly one of actual"),
        ({"fingerprint": "short"}, "pattern"),
        ({"kind": "moved"}, "kind"),
        ({"reason": "because"}, "at least 10"),
        ({"until": "2027-01-31T18:00:00Z"}, "unknown key"),
    ],
)
def test_what_is_too_wide_or_unclear_accepts_nothing(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    found = filed(tmp_path, WAIVER | more)
    assert found.waivers == ()
    assert any(re.search(said, str(problem)) for problem in found.problems), found.problems


@pytest.mark.parametrize(
    "when",
    [
        {"resource_type": "*", "attribute": "tags.x"},
        {"resource_type": "aws_instance", "attribute": "*"},
        {"resource_type": "aws_instance", "attribute": "*.*"},
        {"resource_type": "aws_instance"},
        {"attribute": "tags.x"},
        {"resource_type": "aws_instance", "attribute": "x", "direction": "weakened"},
        {"resource_type": "aws_instance", "attribute": "x", "direction": ["lateral", "strengthened"]},
        {"resource_type": "aws_instance", "attribute": "x", "kind": "missing"},
        {"resource_type": "aws_instance", "attribute": "x", "kind": ["changed", "noncompliant"]},
    ],
)
def test_a_noise_rule_that_could_hide_too_much_is_refused(tmp_path: Path, when: dict[str, Any]) -> None:
    found = filed(tmp_path, NOISE | {"when": when}, name="noise/mine.yaml")
    assert found.noise == ()
    assert found.problems


def test_of_several_with_one_id_none_holds(tmp_path: Path) -> None:
    filed(tmp_path, NOISE | {"id": WAIVER["id"]}, name="noise/mine.yaml")
    found = filed(tmp_path, WAIVER)
    assert (found.waivers, found.noise) == ((), ())
    assert [problem.file for problem in found.problems] == ["d/waivers/mine.yaml", "d/noise/mine.yaml"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("waivers/mine.yml", "- {}", "ending .yaml"),
        ("waivers/mine.yaml", "id: x", "expected a list"),
        ("waivers/mine.yaml", "", "expected a list"),
        ("waivers/mine.yaml", "- &a {}\n- *a", "anchors and aliases"),
        ("waivers/mine.yaml", "- [", "not YAML"),
        ("noise/mine.yaml", "- 1", "valid dictionary"),
    ],
)
def test_a_file_that_cant_be_read_is_told_and_hides_no_other(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / "noise").mkdir()
    (tmp_path / "waivers").mkdir()
    (tmp_path / name).write_text(text)
    found = filed(tmp_path, WAIVER, name="waivers/other.yaml")
    assert [one.what.id for one in found.waivers] == ["ledger-versioning"]
    (problem,) = found.problems
    assert problem.file == f"d/{name}"
    assert said in problem.message


@pytest.mark.parametrize(
    ("expires", "people", "expected"),
    [
        (NOW + timedelta(days=1), {"ada"}, "holds"),
        (NOW + LONGEST, {"ada"}, "holds"),
        (NOW + LONGEST + timedelta(seconds=1), {"ada"}, "refused"),
        (NOW, {"ada"}, "expired"),
        (NOW - timedelta(seconds=1), {"ada"}, "expired"),
        (NOW + timedelta(days=1), {"bob"}, "refused"),
        (NOW + timedelta(days=1), set(), "refused"),
    ],
)
def test_a_waiver_holds_for_at_most_a_year_by_somebody_of_the_estate(
    tmp_path: Path, expires: datetime, people: set[str], expected: str
) -> None:
    (one,) = filed(tmp_path, WAIVER | {"expires": expires.isoformat()}).waivers
    stands, why = standing(one.what, people=people, now=NOW)
    assert stands == expected
    assert bool(why) == (stands != "holds")


def test_whoever_checks_files_is_refused_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    refuse_wrong(filed(tmp_path, WAIVER), now=NOW)
    late = WAIVER | {"id": "late", "expires": (NOW + timedelta(days=400)).isoformat()}
    found = filed(tmp_path, WAIVER, late, without(WAIVER, "owner"))
    with pytest.raises(RuleError) as refusal:
        refuse_wrong(found, now=NOW)
    assert [problem.where for problem in refusal.value.problems] == ["expires", "[2].owner"]
