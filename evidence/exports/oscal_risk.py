"""A drift as an OSCAL risk: how bad, what is done about it, and a log of every step with who took it."""

from typing import Any

from evidence.exports.oscal_words import NAMESPACE, instant, markup, prop, single
from evidence.exports.result import Result, Step
from evidence.exports.selection import Selection

STATUS = {"waiting": "investigating", "approved": "remediating"}
"""Of a drift that is neither settled nor waived; any other state is open."""


def risk(selection: Selection, result: Result) -> dict[str, Any]:
    """Return the risk of one drift."""
    told: dict[str, Any] = {
        "uuid": selection.uid("risk", *result.key),
        "title": single(result.title),
        "description": markup(result.message),
        "statement": markup(str(result.details.get("because") or "no rule says why this matters")),
        "props": [prop("drift-id", result.drift_id), prop("episode", result.episode)],
        "status": _status(result),
        "origins": [origin(selection)],
        "characterizations": [_characterization(selection, result)],
    }
    if responses := _responses(selection, result):
        told["remediations"] = responses
    if result.steps:
        told["risk-log"] = {"entries": [_entry(selection, step) for step in result.steps]}
    return {
        **told,
        "related-observations": [{"observation-uuid": selection.uid("observation", *result.key)}],
    }


def origin(selection: Selection) -> dict[str, Any]:
    """Return that Holdfast itself says so."""
    return {"actors": [{"type": "tool", "actor-uuid": selection.uid("tool")}]}


def _status(result: Result) -> str:
    if result.verdict == "settled":
        return "closed"
    if result.verdict == "waived":
        return "deviation-approved"
    return STATUS.get(result.state, "open")


def _characterization(selection: Selection, result: Result) -> dict[str, Any]:
    facets = {"severity": result.severity, "tier": result.tier, "kind": result.kind}
    return {
        "origin": origin(selection),
        "facets": [
            {"name": name, "system": NAMESPACE, "value": single(value or "unknown")}
            for name, value in facets.items()
        ],
    }


def _responses(selection: Selection, result: Result) -> list[dict[str, Any]]:
    """Return the one remedy of a drift, with whoever approved it; none where nobody was asked."""
    if not {"previewed", "asked", "decided", "remediated"} & {step.step for step in result.steps}:
        return []
    lifecycle = "completed" if result.verdict == "settled" else "planned"
    if result.state not in ("approved", "restored", "gone"):
        lifecycle = "recommendation"
    actors = [_approver(selection, person) for person in result.approvers]
    tasks = [_task(selection, step) for step in result.steps]
    return [
        {
            "uuid": selection.uid("response", *result.key),
            "lifecycle": lifecycle,
            "title": single(f"{result.details.get('remedy') or 'remedy'} of {result.resource_id}"),
            "description": "Restores the declared state. What was approved is the preview with this digest.",
            "props": [
                prop("preview-sha256", digest)
                for digest in dict.fromkeys(step.preview_sha256 for step in result.steps)
                if digest
            ]
            or [prop("preview-sha256", "none")],
            "origins": [{"actors": [*origin(selection)["actors"], *actors]}],
            "tasks": tasks,
        }
    ]


def _approver(selection: Selection, person: str) -> dict[str, Any]:
    return {"type": "party", "actor-uuid": selection.uid("party", person), "role-id": "approver"}


def _task(selection: Selection, step: Step) -> dict[str, Any]:
    task: dict[str, Any] = {
        "uuid": selection.uid("task", step.record_id),
        "type": "action",
        "title": single(step.step),
        "description": markup(step.said),
        "timing": {"on-date": {"date": instant(step.occurred_at)}},
    }
    if step.accepted:
        party = selection.uid("party", step.actor)
        task["responsible-roles"] = [{"role-id": "approver", "party-uuids": [party]}]
    return task


def _entry(selection: Selection, step: Step) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "uuid": selection.uid("entry", step.record_id),
        "title": single(step.step),
        "description": markup(step.said),
        "start": instant(step.occurred_at),
        "props": [prop(name, value) for name, value in step.as_json().items() if value],
    }
    if step.actor_kind == "person" and step.actor:
        by: dict[str, Any] = {"party-uuid": selection.uid("party", step.actor)}
        entry["logged-by"] = [{**by, "role-id": "approver"} if step.accepted else by]
    return entry
