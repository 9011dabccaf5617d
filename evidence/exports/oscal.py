"""OSCAL assessment results: observations, findings, risks, and how each was remedied and by whose approval.

Every result is an observation. Every control is a finding that is satisfied only if nothing under it failed,
was waived, or could not be looked at. Every drift is a risk whose log holds each step of its story.

Schema: https://pages.nist.gov/OSCAL/reference/latest/assessment-results/json-reference/
"""

import itertools
from collections.abc import Iterator
from typing import Any

from evidence.exports.oscal_risk import origin, risk
from evidence.exports.oscal_words import VERSION, instant, markup, prop, single, token
from evidence.exports.result import Result
from evidence.exports.selection import Selection
from evidence.exports.words import written
from evidence.schema import SCHEMA_VERSION

NAME = "oscal"


def export(selection: Selection) -> Iterator[str]:
    """Yield one document."""
    plan = selection.uid("plan")
    document = {
        "uuid": selection.uid("oscal", selection.wanted, *(head.digest for head in selection.heads)),
        "metadata": _metadata(selection),
        "import-ap": {"href": f"#{plan}", "remarks": "What is looked at is the estate file's to say."},
        "results": iter([_result(selection)]),
        "back-matter": {"resources": [{"uuid": plan, "title": f"Estate file of {selection.estate}"}]},
    }
    yield from written({"assessment-results": document})
    yield "\n"


def _metadata(selection: Selection) -> dict[str, Any]:
    people = selection.ask(
        "SELECT DISTINCT step.actor FROM (SELECT unnest(steps) AS step FROM results) "
        "WHERE step.actor_kind = 'person' AND step.actor IS NOT NULL ORDER BY ALL"
    )
    parties = [
        {"uuid": selection.uid("party", person), "type": "person", "name": single(person)}
        for (person,) in people
    ]
    return {
        "title": single(f"Holdfast evidence of {selection.estate}: {selection.wanted}"),
        "last-modified": instant(selection.as_of),
        "version": selection.as_of.strftime("%Y%m%dT%H%M%SZ"),
        "oscal-version": VERSION,
        "props": [
            prop("evidence-schema", SCHEMA_VERSION),
            prop("authenticity", "established" if selection.authentic else "not-established"),
            *(prop("head", f"{one.writer}/{one.sequence} {one.digest}") for one in selection.heads),
        ],
        "roles": [{"id": "approver", "title": "Approved a remedy or a waiver, by name and with a reason"}],
        **({"parties": parties} if parties else {}),
    }


def _result(selection: Selection) -> dict[str, Any]:
    controls = selection.controls()
    (start, drifts) = next(
        selection.ask("SELECT min(first_at), count(*) FILTER (subject = 'drift') FROM results")
    )
    risks = (risk(selection, one) for one in selection.results() if one.subject == "drift")
    return {
        "uuid": selection.uid("result", selection.wanted),
        "title": single(f"{selection.wanted}"),
        "description": "What Holdfast looked at in the period, what had drifted, and what was done about it.",
        "start": instant(start or selection.as_of),
        "end": instant(selection.as_of),
        "local-definitions": {"components": [_tool(selection)]},
        "reviewed-controls": {"control-selections": _selections([control for control, _, _ in controls])},
        "observations": (_observation(selection, one) for one in selection.results()),
        **({"risks": risks} if drifts else {}),
        "findings": _findings(selection),
    }


def _tool(selection: Selection) -> dict[str, Any]:
    return {
        "uuid": selection.uid("tool"),
        "type": "software",
        "title": "Holdfast",
        "description": "Finds drift between declared and actual infrastructure.",
        "status": {"state": "operational"},
    }


def _selections(controls: list[str]) -> list[dict[str, Any]]:
    frameworks = itertools.groupby(controls, lambda control: control.partition(":")[0])
    return [
        {
            "description": framework,
            "props": [prop("framework", framework)],
            "include-controls": [
                {"control-id": one} for one in dict.fromkeys(token(control) for control in ids)
            ],
        }
        for framework, ids in frameworks
    ]


def _observation(selection: Selection, result: Result) -> dict[str, Any]:
    named = {
        "verdict": result.verdict,
        "state": result.state,
        "record-id": result.record_id,
        "target": result.target,
        "layer": result.layer,
        "resource-id": result.resource_id,
        "resource-type": result.resource_type,
        "fingerprint": result.fingerprint,
        "severity": result.severity,
        "rule-id": result.rule_id,
    }
    told = {
        "uuid": selection.uid("observation", *result.key),
        "title": single(result.title),
        "description": markup(result.message),
        "props": [
            *(prop(name, value) for name, value in named.items() if value),
            *(prop("control", control) for control in result.controls),
        ],
        "methods": ["TEST"],
        "types": ["finding" if result.subject == "drift" else "control-objective"],
        "origins": [origin(selection)],
        "collected": instant(result.last_at),
    }
    evidence = [
        {"href": f"snapshots/{digest}.json.gz", "description": "The state as it was seen."}
        for digest in dict.fromkeys(step.snapshot_sha256 for step in result.steps)
        if digest
    ]
    return {**told, "relevant-evidence": evidence} if evidence else told


def _findings(selection: Selection) -> Iterator[dict[str, Any]]:
    by_control = itertools.groupby(selection.results_by_control(), lambda one: one.controls[0])
    for control, results in by_control:
        verdicts: set[str] = set()
        observations: list[dict[str, str]] = []
        risks: list[dict[str, str]] = []
        for one in results:
            verdicts.add(one.verdict)
            observations.append({"observation-uuid": selection.uid("observation", *one.key)})
            if one.subject == "drift":
                risks.append({"risk-uuid": selection.uid("risk", *one.key)})
        yield {
            "uuid": selection.uid("finding", control),
            "title": single(control),
            "description": f"{control}: {', '.join(sorted(verdicts))}.",
            "props": [prop("control", control)],
            "target": _target(control, verdicts),
            "related-observations": observations,
            **({"related-risks": risks} if risks else {}),
        }


def _target(control: str, verdicts: set[str]) -> dict[str, Any]:
    told = {"type": "objective-id", "target-id": token(control)}
    if verdicts <= {"passed", "settled"}:
        return {**told, "status": {"state": "satisfied", "reason": "pass"}}
    status = {"state": "not-satisfied", "reason": "fail" if "failed" in verdicts else "other"}
    if "unknown" in verdicts:
        status["remarks"] = "could not look: a target was not looked at at least once in the period"
    return {**told, "status": status}
