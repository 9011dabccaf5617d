"""The taxonomy agrees with people, drift by drift."""

from typing import Any

import pytest
from judged import JUDGED, Judged

from taxonomy import oracle
from taxonomy.direction import judge
from taxonomy.lint import classified_as
from taxonomy.rule import canonical
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load()


def row(judged: Judged) -> dict[str, Any]:
    direction = judge(judged.resource_type, judged.attribute, judged.kind, judged.declared, judged.actual)
    return {
        "layer": judged.layer,
        "provider": "aws",
        "resource_type": judged.resource_type,
        "attribute": judged.attribute,
        "kind": judged.kind,
        "environment": "prod",
        "declared": canonical(judged.declared),
        "actual": canonical(judged.actual),
        "direction": direction,
        "drift_class": judged.drift_class,
        "reported_severity": judged.reported_severity,
        "reported_controls": [],
        "tags": "{}",
    }


@pytest.mark.parametrize("judged", JUDGED, ids=lambda judged: judged.name)
def test_the_program_says_what_a_person_said(judged: Judged, rulebook: Rulebook) -> None:
    change = row(judged)
    decision = oracle.decide(change, rulebook)
    assert (decision.severity, decision.tier, change["direction"]) == (
        judged.severity,
        judged.tier,
        judged.direction,
    ), decision


def test_the_sql_decides_the_judged_drifts_as_the_oracle_does(rulebook: Rulebook) -> None:
    rows = [row(judged) for judged in JUDGED]
    assert classified_as(rulebook, rows) == [oracle.decide(change, rulebook).rule_id for change in rows]


def test_nothing_judged_as_weakened_strengthened_or_unknown_is_auto() -> None:
    assert not [judged.name for judged in JUDGED if judged.tier == "auto" and judged.direction != "lateral"]


def test_the_table_of_judged_drifts_is_large_enough_to_mean_something() -> None:
    names = [judged.name for judged in JUDGED]
    assert len(names) == len(set(names))
    assert len(names) >= 100
    assert {judged.layer for judged in JUDGED} == {"terraform", "aws_config", "azure_policy", "inspec"}
