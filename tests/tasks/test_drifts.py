"""From classified changes to drifts: the worst attribute decides, and what no apply undoes is by hand."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from made import BUCKET, ESTATE, NOW, change, finding, seen

from evidence.canonical import canonical_json, drift_id, fingerprint
from tasks import judge, merge
from tasks.history import Past
from taxonomy.classify import classify
from taxonomy.drift import SEVERITIES, UNCLASSIFIED, Drift
from taxonomy.holding import Shared
from taxonomy.observation import Change, Observation
from taxonomy.rule import Example, Rule
from taxonomy.rulebook import Rulebook


def rule(name: str, **fields: Any) -> Rule:
    told = {
        "id": name,
        "title": "A rule of a test",
        "status": "stable",
        "severity": "low",
        "tier": "auto",
        "controls": ["nist-800-53-r5:CM-6"],
        "when": {"attribute": f"{name.removesuffix('-001')}.*"},
        "because": f"Because {name} wants it to be so, at length.",
        "remedy": "terraform-apply",
        "false_positives": ["None in a test."],
        "examples": [Example(name="yes", match=True), Example(name="not", match=False)],
    }
    return Rule.model_validate(told | fields)


@pytest.fixture(scope="session")
def book(builtin: Rulebook) -> Rulebook:
    rules = (
        rule("tags-001"),
        rule("x-high-001", severity="high", tier="review", controls=["soc2:CC7.1"]),
        rule("x-record-001", severity="medium", tier="record"),
        rule("x-hand-001", tier="review", remedy="by-hand"),
    )
    return Rulebook(rules=rules, catalogue=builtin.catalogue)


def judged(
    book: Rulebook,
    *observations: Observation,
    history: Mapping[str, Past] | None = None,
    shared: tuple[Shared, ...] = (),
) -> list[Drift]:
    with closing(merge.connect()) as connection:
        merge.load(connection, observations)
        merge.merge(connection, estate=ESTATE)
        classify(connection, book)
        # the contract takes seconds to import, and has laws of its own
        judge.summarise(connection, rulebook=book, history=history or {}, now=NOW, shared=shared)
        return judge.drifts(connection)


def one(book: Rulebook, *changes: Change, **more: Any) -> Drift:
    (found,) = judged(book, seen(finding(BUCKET, *changes)), **more)
    return found


def tag(**more: Any) -> Change:
    return change("tags.Owner", "a", "b", **more)


def test_a_tag_that_code_undoes_is_auto(book: Rulebook) -> None:
    found = one(book, tag())
    assert (found.severity, found.tier, found.remedy, found.rule_id) == (
        "low",
        "auto",
        "terraform-apply",
        "tags-001",
    )
    assert found.because == "Because tags-001 wants it to be so, at length."


def test_the_worst_attribute_decides_severity_and_tier_of_the_whole(book: Rulebook) -> None:
    found = one(book, tag(), change("x-record.a"), change("x-high.a", "a", "b"))
    assert (found.severity, found.tier, found.rule_id) == ("high", "review", "x-high-001")
    assert found.controls == ("nist-800-53-r5:CM-6", "soc2:CC7.1")


def test_recording_is_more_ceremony_than_putting_right_by_itself(book: Rulebook) -> None:
    assert one(book, tag(), change("x-record.a")).tier == "record"


def test_what_no_rule_speaks_of_goes_to_review(book: Rulebook) -> None:
    found = one(book, tag(), change("nobody.knows"))
    assert (found.tier, found.rule_id) == ("review", UNCLASSIFIED)
    assert found.because.startswith("No rule of the taxonomy speaks of this")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([tag(drift_class="B")], id="no apply undoes it"),
        pytest.param([tag(), change("tags.Team", None, "b", drift_class="B")], id="not all of it"),
        pytest.param([tag(), change("x-hand.a")], id="one attribute's rule says by hand"),
        pytest.param([tag(drift_class=None)], id="nobody said which class"),
    ],
)
def test_what_an_apply_does_not_undo_is_by_hand_and_never_auto(book: Rulebook, changes: list[Change]) -> None:
    found = one(book, *changes)
    assert found.remedy == "by-hand"
    assert found.tier != "auto"


@pytest.mark.parametrize("drift_class", [None, "A", "B"])
def test_what_no_code_declares_is_by_hand_and_never_auto(book: Rulebook, drift_class: Any) -> None:
    config = finding(BUCKET, tag(drift_class=drift_class))
    (found,) = judged(book, seen(config, layer="aws_config", target="eu"))
    assert (found.remedy, found.tier) == ("by-hand", "review")


def test_another_layers_word_beside_code_keeps_the_remedy_of_the_code(book: Rulebook) -> None:
    config = finding(BUCKET, change("config_rule.x", "COMPLIANT", "NON_COMPLIANT", drift_class=None))
    (found,) = judged(book, seen(finding(BUCKET, tag())), seen(config, layer="aws_config", target="eu"))
    assert (found.remedy, found.tier) == ("terraform-apply", "review")


def test_drifts_come_worst_first_then_by_resource(book: Rulebook) -> None:
    mild = [finding(f"arn:{n}", tag()) for n in "ba"]
    bad = [finding(f"arn:{n}", change("x-high.a")) for n in "zy"]
    found = judged(book, seen(*mild, *bad))
    assert [one.resource_id for one in found] == ["arn:y", "arn:z", "arn:a", "arn:b"]
    assert [SEVERITIES.index(one.severity) for one in found] == [1, 1, 3, 3]


def waived(**more: Any) -> dict[str, Past]:
    sides = (("tags.Owner", "changed", canonical_json("a"), canonical_json("b")),)
    name, print_ = drift_id(ESTATE, BUCKET), fingerprint(sides)
    past = Past(
        drift_id=name,
        episode=3,
        state="waived",
        attempt=1,
        closed=False,
        last_state="waived",
        asked_run="r",
        fingerprint=print_,
        first_seen=NOW,
        rejected_at=None,
        rejected_fingerprint=None,
        waived_until=NOW + timedelta(days=1),
        waived_fingerprint=print_,
    )
    return {name: replace(past, **more)}


def test_a_waiver_accepts_what_it_was_given_for(book: Rulebook) -> None:
    found = one(book, tag(), history=waived())
    assert (found.state, found.episode) == ("waived", 3)


@pytest.mark.parametrize(
    "changes",
    [[change("tags.Owner", "a", "c")], [change("tags.Owner", "z", "b")], [tag(), change("tags.More")]],
)
def test_a_waiver_does_not_accept_anything_else(book: Rulebook, changes: list[Change]) -> None:
    assert one(book, *changes, history=waived()).state == "open"


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(seconds=1), None])
def test_a_waiver_that_has_ended_accepts_nothing(book: Rulebook, until: Any) -> None:
    assert one(book, tag(), history=waived(waived_until=until)).state == "open"


@pytest.mark.parametrize("state", ["waiting", "approved", "rejected"])
def test_a_drift_keeps_the_state_that_the_evidence_remembers(book: Rulebook, state: Any) -> None:
    assert one(book, tag(), history=waived(state=state)).state == state


@pytest.mark.parametrize("name", [BUCKET, "AWS::S3::Bucket/acme-ledger"])
def test_drift_of_what_stands_in_two_states_goes_to_a_person_and_says_why(book: Rulebook, name: str) -> None:
    twice = Shared(
        resource_id=name,
        part="",
        addresses=("edge:aws_s3_bucket.a", "network:aws_s3_bucket.b"),
        names=(name,),
    )
    other = finding("arn:aws:s3:::other")
    seen_as = seen(finding(name), other)
    free = {one.resource_id: one for one in judged(book, seen_as)}
    held = {one.resource_id: one for one in judged(book, seen_as, shared=(twice,))}
    assert (free[name].tier, held[name].tier) == ("auto", "review")
    assert held[name].because == f"{twice.told} {free[name].because}"
    assert held[name].because.startswith(
        "It stands 2 times in the states of this estate (edge:aws_s3_bucket.a, network:aws_s3_bucket.b)"
    )
    assert held[other.resource_id].tier == "auto"


def test_a_shared_part_and_its_shared_whole_are_both_said(book: Rulebook) -> None:
    both = tuple(
        Shared(resource_id=BUCKET, part=part, addresses=("a:x.a", "b:x.b"), names=(BUCKET,))
        for part in ("", "policy")
    )
    (found,) = judged(book, seen(finding()), shared=both)
    assert "It stands 2 times" in found.because
    assert "Its policy stands 2 times" in found.because
