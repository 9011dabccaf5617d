"""What real tools reported of Azure and of hosts is known to the rules, and goes to a person."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.policyinsights.models import PolicyStatesQueryResults
from classified_rows import ROW

from tasks.detectors import azure_policy
from tasks.detectors.azure_policy import RawStates
from tasks.errors import ToolError
from tasks.inspec import judge
from tasks.inspec.controls import Control, controls_of
from tasks.inspec.read import read
from tasks.redaction import Redactor
from taxonomy import oracle
from taxonomy.drift import UNCLASSIFIED
from taxonomy.oracle import Decision
from taxonomy.rulebook import load
from taxonomy.target import AzurePolicyTarget

FAILED = {"kind": "noncompliant", "direction": "weakened", "drift_class": None}
POLICY = {**ROW, **FAILED, "layer": "azure_policy", "provider": "azure", "actual": '"NonCompliant"'}
CONTROL = {
    **ROW,
    **FAILED,
    "layer": "inspec",
    "provider": "host",
    "resource_type": "host_control",
    "declared": '"passed"',
    "actual": '"failed"',
}
# Custom policies whose names say nothing of what they ask; a person reads them.
NAMELESS = {"policy.c0b91177-6a5b-461b-b886-34409a39b398", "policy.pstestdinedefinition"}


def decided(rows: Iterable[dict[str, Any]]) -> list[tuple[dict[str, Any], Decision]]:
    rulebook = load()
    return [(row, oracle.decide(row, rulebook)) for row in rows]


def controls(samples: Path) -> Iterator[Control]:
    for path in sorted((samples / "inspec-reports").glob("*.json")):
        try:
            yield from controls_of(read(path.read_bytes(), path.name))
        except ToolError:
            continue  # some samples are broken on purpose


def failed(samples: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each control that failed somewhere, once per grade that its profile gave it."""
    seen = set()
    for control in controls(samples):
        grade = judge.severity(control)
        if judge.status(control) == "Failed" and (control.id, grade) not in seen:
            seen.add((control.id, grade))
            yield {**CONTROL, "attribute": f"control.{control.id}", "reported_severity": grade}


@pytest.mark.samples
def test_every_control_that_really_failed_is_known_unless_nobody_graded_it(samples: Path) -> None:
    rows = decided(failed(samples))
    assert len(rows) > 700
    assert {row["reported_severity"] for row, one in rows if one.rule_id == UNCLASSIFIED} <= {None}
    assert sum(one.rule_id == UNCLASSIFIED for _, one in rows) <= 2
    assert {one.tier for _, one in rows} == {"review"}


@pytest.mark.samples
def test_most_controls_of_known_profiles_are_known_by_what_they_ask(samples: Path) -> None:
    by_rule = Counter(one.rule_id for _, one in decided(failed(samples)))
    by_grade_alone = sum(count for rule_id, count in by_rule.items() if rule_id.startswith("host-control-"))
    assert by_grade_alone <= 0.05 * by_rule.total(), by_rule


@pytest.mark.samples
def test_real_policy_states_are_known_unless_their_names_say_nothing(samples: Path) -> None:
    path = samples / "samples" / "azure_policy" / "recorded__azure-powershell_LatestResourceGroupScope.json"
    recorded = PolicyStatesQueryResults.deserialize(json.loads(path.read_text()))
    states = tuple(state.as_dict() for state in recorded.value)
    target = AzurePolicyTarget(name="core", subscription=states[0]["subscription_id"])
    answer = azure_policy.parse(
        RawStates(states=states, digest="d"), target, redactor=Redactor(bytes(range(32)))
    )
    rows = [
        {**POLICY, "resource_type": finding.resource_type, "attribute": change.attribute}
        for finding in answer.findings
        for change in finding.changes
    ]
    unknown = {row["attribute"] for row, one in decided(rows) if one.rule_id == UNCLASSIFIED}
    assert rows
    assert unknown <= NAMELESS


@pytest.mark.samples
def test_every_built_in_policy_that_stands_for_a_control_has_a_rule(samples: Path) -> None:
    with (samples / "mappings" / "azure_policy_to_controls.csv").open(newline="") as file:
        mapped = {line["policy_definition_id"] for line in csv.DictReader(file)}
    with (samples / "mappings" / "azure_policy_definitions.csv").open(newline="") as file:
        known = {line["policy_definition_id"]: line for line in csv.DictReader(file)}
    asked = [known[guid] for guid in mapped & known.keys()]
    judged_by_azure = [
        one["policy_definition_id"]
        for one in asked
        if one["default_effect"].lower() != "manual" and one["category"] != "Regulatory Compliance"
    ]
    about = {**POLICY, "resource_type": "microsoft.some/thing"}
    rows = decided({**about, "attribute": f"policy.{guid}"} for guid in judged_by_azure)
    assert len(rows) > 300
    assert [row["attribute"] for row, one in rows if one.rule_id == UNCLASSIFIED] == []
    assert {one.tier for _, one in rows} == {"review"}
