"""How often and how long a thing has drifted is known from the evidence, and rules may ask it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from house import House
from made import NOW, change, finding, seen

from taxonomy.drift import Drift
from taxonomy.oracle import decide, row_of
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook

HOUR = timedelta(hours=1)
FOUND = seen(finding())


def rule(name: str, severity: str, when: dict[str, Any]) -> Rule:
    example = {"name": "a tag", "match": True}
    return Rule.model_validate(
        {
            "id": name,
            "title": "A rule of a test",
            "status": "stable",
            "severity": severity,
            "tier": "review",
            "controls": ["nist-800-53-r5:CM-6"],
            "when": when,
            "because": "Because this test wants it to be so.",
            "remedy": "terraform-apply",
            "false_positives": ["None in a test."],
            "examples": [example, {**example, "name": "not a tag", "match": False}],
        }
    )


@pytest.fixture
def strict(house: House, builtin: Rulebook) -> House:
    rules = (
        rule("late-001", "high", {"attribute": "tags.*", "hours_open": {"above": 24}}),
        rule("again-001", "critical", {"attribute": "tags.*", "recurrence": {"above": 1}}),
        rule("tags-001", "low", {"attribute": "tags.*"}),
    )
    return replace(house, rulebook=Rulebook(rules=rules, catalogue=builtin.catalogue))


def decided(drifts: list[Drift]) -> list[str]:
    return [one.rule_id for drift in drifts for one in drift.changes]


def test_a_drift_that_stays_open_is_known_by_its_hours(strict: House) -> None:
    hours = [0, 1, 24, 25]
    found = [strict.at(NOW + hour * HOUR).sweep(FOUND)[0] for hour in hours]
    assert [decided(drifts) for drifts in found] == [["tags-001"], ["tags-001"], ["tags-001"], ["late-001"]]
    assert [drifts[0].changes[0].hours_open for drifts in found] == hours


def test_an_attribute_that_joins_an_old_drift_is_as_young_as_it_is(strict: House) -> None:
    strict.sweep(FOUND)
    joined = seen(finding("arn:aws:s3:::acme-ledger", change(), change("tags.Team")))
    (drift,), _ = strict.at(NOW + 30 * HOUR).sweep(joined)
    assert {one.attribute: one.rule_id for one in drift.changes} == {
        "tags.Owner": "late-001",
        "tags.Team": "tags-001",
    }


def test_a_drift_that_comes_back_is_counted_and_its_hours_begin_anew(strict: House) -> None:
    lives = []
    for day in range(3):
        at = NOW + timedelta(days=3 * day)
        (drift,), _ = strict.at(at).sweep(FOUND)
        lives.append((drift.episode, drift.changes[0].recurrence, drift.changes[0].hours_open, drift.rule_id))
        strict.at(at + HOUR).sweep(seen())
    assert lives == [(1, 0, 0, "tags-001"), (2, 1, 0, "tags-001"), (3, 2, 0, "again-001")]


def test_what_was_remembered_is_in_the_evidence_and_explains_the_rule(strict: House) -> None:
    strict.sweep(FOUND)
    (drift,), _ = strict.at(NOW + 30 * HOUR).sweep(FOUND)
    kept = strict.ask(
        "SELECT DISTINCT details->>'hours_open', details->>'recurrence' FROM records "
        "WHERE step = 'classified' AND rule_id = 'late-001'"
    )
    assert kept == [("30.0", "0")]
    assert decide(row_of(drift, drift.changes[0]), strict.rulebook).rule_id == "late-001"


def test_where_no_rule_asks_nothing_is_remembered(house: House, strict: House) -> None:
    strict.sweep(FOUND)
    assert strict.memory.sightings
    plain = replace(house, rulebook=Rulebook(rules=(), catalogue=strict.rulebook.catalogue))
    assert plain.memory.sightings == ()


def test_a_clock_that_went_back_never_makes_a_drift_younger_than_new(strict: House) -> None:
    strict.sweep(FOUND)
    (drift,), _ = strict.at(NOW - 5 * HOUR).sweep(FOUND)
    assert drift.changes[0].hours_open == 0
