"""SARIF 2.1.0: one run, a result for each drift with all its controls, and for each target looked at.

Drift has the level of its severity; a waiver is a suppression, so viewers hide it and keep it. What was put
right has kind `pass`. Could not look is kind `open` (nothing could be concluded), a notification of level
`error`, and a run that says it did not succeed.

Schema: https://docs.oasis-open.org/sarif/sarif/v2.1.0/
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from evidence.exports.result import Result, Verdict
from evidence.exports.selection import Selection
from evidence.exports.words import written

NAME = "sarif"
VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LOOK, UNCLASSIFIED = "look", "unclassified"

KIND: Mapping[Verdict, str] = {
    "passed": "pass",
    "settled": "pass",
    "failed": "fail",
    "waived": "fail",
    "unknown": "open",
}
LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}


def export(selection: Selection) -> Iterator[str]:
    """Yield one log."""
    run = {
        "tool": {"driver": {"name": "Holdfast", "rules": _rules(selection)}},
        "taxonomies": _taxonomies(selection),
        "automationDetails": {"id": f"holdfast/{selection.estate}/"},
        "invocations": iter([_invocation(selection)]),
        "properties": _properties(selection),
        "columnKind": "unicodeCodePoints",
        "results": (_result(selection, one) for one in selection.results()),
    }
    yield from written({"$schema": SCHEMA, "version": VERSION, "runs": iter([run])})
    yield "\n"


def _properties(selection: Selection) -> dict[str, Any]:
    return {
        "selection": str(selection.wanted),
        "asOf": selection.as_of.isoformat(),
        "heads": [vars(head) for head in selection.heads],
        "authenticityEstablished": selection.authentic,
    }


def _rules(selection: Selection) -> list[dict[str, Any]]:
    named = selection.ask("SELECT DISTINCT rule_id FROM results WHERE rule_id IS NOT NULL ORDER BY ALL")
    rules = [LOOK, UNCLASSIFIED, *(rule for (rule,) in named if rule not in (LOOK, UNCLASSIFIED))]
    return [{"id": rule, "name": rule} for rule in rules]


def _taxonomies(selection: Selection) -> list[dict[str, Any]]:
    frameworks: dict[str, list[str]] = {}
    for control, _, _ in selection.controls():
        framework, _, control_id = control.partition(":")
        frameworks.setdefault(framework, []).append(control_id)
    return [
        {
            "name": framework,
            "guid": selection.uid("taxonomy", framework),
            "taxa": [{"id": control_id} for control_id in ids],
        }
        for framework, ids in frameworks.items()
    ]


def _invocation(selection: Selection) -> dict[str, Any]:
    blind = (one for one in selection.results() if one.verdict == "unknown")
    (count,) = next(selection.ask("SELECT count(*) FROM results WHERE verdict = 'unknown'"))
    return {
        "executionSuccessful": count == 0,
        "endTimeUtc": selection.as_of.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "toolExecutionNotifications": (
            {"level": "error", "message": {"text": f"{one.title}. {one.message}"}} for one in blind
        ),
    }


def _result(selection: Selection, result: Result) -> dict[str, Any]:
    kind = KIND[result.verdict]
    told = {
        "ruleId": (result.rule_id or UNCLASSIFIED) if result.subject == "drift" else LOOK,
        "kind": kind,
        "level": LEVEL.get(result.severity or "", "warning") if kind == "fail" else "none",
        "message": {"text": f"{result.title}. {result.message}"},
        "guid": selection.uid(*result.key),
        "occurrenceCount": max(1, result.times),
        "locations": _locations(result),
        "taxa": [_taxon(control) for control in result.controls],
        "properties": result.facts(),
    }
    if result.fingerprint:
        told["fingerprints"] = {"holdfast/v1": result.fingerprint}
    if result.verdict == "waived":
        told["suppressions"] = [{"kind": "external", "status": "accepted", "justification": result.waived_by}]
    return told


def _locations(result: Result) -> list[dict[str, Any]]:
    name = result.resource_id or result.address or result.target or "unknown"
    kind = "resource" if result.subject == "drift" else "target"
    place: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": name, "kind": kind}]}
    coded = next((change for change in result.changes if change.file and (change.line or 0) > 0), None)
    if coded is not None:
        place["physicalLocation"] = {
            "artifactLocation": {"uri": quote(coded.file or ""), "uriBaseId": "WORKSPACE"},
            "region": {"startLine": coded.line},
        }
    return [place]


def _taxon(control: str) -> dict[str, Any]:
    framework, _, control_id = control.partition(":")
    return {"id": control_id, "toolComponent": {"name": framework}}
