"""What is stronger live than in code is told, is no attack, and is never undone without a person."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from test_direction_values import STRONG_AND_WEAK
from test_route import CHANGE, DRIFT, NOW

from taxonomy import oracle
from taxonomy.direction import judge
from taxonomy.lint import classified_as
from taxonomy.route import AutoClass, route
from taxonomy.rule import Rule, canonical
from taxonomy.rulebook import Rulebook, load

EVERYTHING = AutoClass(rules=("*",), approved_by="a lead", reason="all of it", review_by=date(2027, 5, 1))
RUNS_WHATEVER_IT_IS = {"aws_codebuild_project"}
"""Builds are code: what they run in is looked at whichever way it went."""


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


@pytest.fixture(scope="module")
def careless(builtin: Rulebook) -> Rulebook:
    """Return a rulebook whose one rule puts everything right by itself."""
    rule = next(rule for rule in builtin.rules if rule.tier == "auto")
    told = rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
    told["when"] = {"direction": ["weakened", "strengthened", "lateral", "unknown"]}
    return Rulebook(rules=(Rule.model_validate(told),), catalogue=builtin.catalogue)


def hardened(resource_type: str, attribute: str, weak: Any, strong: Any) -> dict[str, Any]:
    """Return the row of the table `changes` for a value that is stronger live."""
    return {
        "layer": "terraform",
        "provider": resource_type.split("_", maxsplit=1)[0],
        "resource_type": resource_type,
        "attribute": attribute,
        "kind": "changed",
        "environment": "prod",
        "declared": canonical(weak),
        "actual": canonical(strong),
        "direction": judge(resource_type, attribute, "changed", weak, strong),
        "drift_class": "A",
        "reported_severity": None,
        "reported_controls": [],
        "tags": "{}",
    }


@pytest.mark.parametrize(("resource_type", "attribute", "strong", "weak"), STRONG_AND_WEAK)
def test_a_hardening_is_told_and_is_no_attack(
    resource_type: str, attribute: str, strong: Any, weak: Any, builtin: Rulebook
) -> None:
    change = hardened(resource_type, attribute, weak, strong)
    decision = oracle.decide(change, builtin)
    assert change["direction"] == "strengthened"
    assert decision.tier in {"record", "review"}
    assert decision.severity in {"info", "low"} or resource_type in RUNS_WHATEVER_IT_IS


def test_no_rule_and_no_person_lets_a_hardening_be_undone_by_itself(careless: Rulebook) -> None:
    rows = [hardened(*case[:2], case[3], case[2]) for case in STRONG_AND_WEAK]
    assert {oracle.decide(row, careless).tier for row in rows} == {"review"}
    assert set(classified_as(careless, rows)) == {careless.rules[0].id}


def test_a_slip_before_the_route_does_not_undo_a_hardening_either() -> None:
    slipped = replace(CHANGE, direction="strengthened", tier="auto")
    drift = replace(DRIFT, tier="auto", changes=(slipped,), direction="strengthened")
    found = route(drift, auto_classes=(EVERYTHING,), frozen=False, remediation_enabled=True, now=NOW)
    assert found.kind == "review"
    assert "would weaken what is live" in found.reason
    assert judge("aws_ebs_volume", "encrypted", "changed", declared=False, actual=True) == "strengthened"
