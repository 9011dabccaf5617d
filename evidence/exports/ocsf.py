"""OCSF: one Compliance Finding (class 2003) a line, for each control of each result.

A compliance finding says one thing of one control, so a drift under three controls is three events of
one `finding_info.uid`. "Could not look" is status 99 with its own word, for 1 to 3 would say that
somebody looked.

Schema: https://schema.ocsf.io/1.8.0/classes/compliance_finding
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from evidence.exports.result import Result, Verdict
from evidence.exports.selection import Selection
from evidence.exports.words import line

NAME = "ocsf"
VERSION = "1.8.0"
CATEGORY, CLASS = 2, 2003

COMPLIANCE: Mapping[Verdict, tuple[int, str]] = {
    "passed": (1, "Pass"),
    "settled": (1, "Pass"),
    "failed": (3, "Fail"),
    "waived": (3, "Fail"),
    "unknown": (99, "could-not-look"),
}
SEVERITIES = {
    "info": (1, "Informational"),
    "low": (2, "Low"),
    "medium": (3, "Medium"),
    "high": (4, "High"),
    "critical": (5, "Critical"),
}
CREATE, UPDATE, CLOSE = (1, "Create"), (2, "Update"), (3, "Close")
NEW, IN_PROGRESS, SUPPRESSED, RESOLVED = (
    (1, "New"),
    (2, "In Progress"),
    (3, "Suppressed"),
    (4, "Resolved"),
)


def export(selection: Selection) -> Iterator[str]:
    """Yield one event a line."""
    for result in selection.results_by_control():
        yield line(_event(selection, result)) + "\n"


def _event(selection: Selection, result: Result) -> dict[str, Any]:
    activity, activity_name = _activity(result)
    severity_id, severity = SEVERITIES.get(result.severity or "", (0, "Unknown"))
    if result.subject == "look":
        severity_id, severity = SEVERITIES["info"] if result.verdict == "passed" else (0, "Unknown")
    event = {
        "activity_id": activity,
        "activity_name": activity_name,
        "category_name": "Findings",
        "category_uid": CATEGORY,
        "class_name": "Compliance Finding",
        "class_uid": CLASS,
        "type_uid": CLASS * 100 + activity,
        "type_name": f"Compliance Finding: {activity_name}",
        "severity_id": severity_id,
        "severity": severity,
        "time": _milliseconds(result.last_at),
        "start_time": _milliseconds(result.first_at),
        "end_time": _milliseconds(result.last_at),
        "count": max(1, result.times),
        "message": result.message,
        **_status(result),
        "metadata": _metadata(selection, result),
        "finding_info": _finding_info(selection, result),
        "compliance": _compliance(result),
        "resources": _resources(result),
        "unmapped": {"holdfast": result.facts()},
    }
    remedied = [step.said for step in result.steps if step.step in ("remediated", "verified", "undone")]
    return {**event, "remediation": {"desc": "\n".join(remedied)}} if remedied else event


def _activity(result: Result) -> tuple[int, str]:
    if result.verdict == "settled":
        return CLOSE
    return UPDATE if result.steps or result.times > 1 else CREATE


def _status(result: Result) -> dict[str, Any]:
    word = {
        "settled": RESOLVED,
        "passed": RESOLVED,
        "waived": SUPPRESSED,
        "failed": IN_PROGRESS if result.steps else NEW,
        "unknown": (99, "could-not-look"),
    }[result.verdict]
    said = {"status_id": word[0], "status": word[1]}
    detail = result.waived_by or result.reason
    return {**said, "status_detail": detail} if detail else said


def _metadata(selection: Selection, result: Result) -> dict[str, Any]:
    return {
        "version": VERSION,
        "uid": selection.uid("event", *result.key, *result.controls, result.record_id, result.verdict),
        "original_event_uid": result.record_id,
        "product": {"name": "Holdfast", "vendor_name": "Holdfast"},
        "tenant_uid": selection.estate,
    }


def _finding_info(selection: Selection, result: Result) -> dict[str, Any]:
    return {
        "uid": selection.uid(*result.key),
        "title": result.title,
        "desc": result.message,
        "types": [result.subject],
        "created_time": _milliseconds(result.first_at),
        "first_seen_time": _milliseconds(result.first_at),
        "last_seen_time": _milliseconds(result.last_at),
        "modified_time": _milliseconds(result.last_at),
    }


def _compliance(result: Result) -> dict[str, Any]:
    framework, _, control = result.controls[0].partition(":")
    status_id, status = COMPLIANCE[result.verdict]
    return {
        "standards": [framework],
        "control": control,
        "requirements": [result.controls[0]],
        "status_id": status_id,
        "status": status,
        "status_details": [step.said for step in result.steps] or [result.message],
    }


def _resources(result: Result) -> list[dict[str, Any]]:
    if result.subject == "look":
        return [{"uid": result.target or "unknown", "type": f"target of {result.layer}"}]
    named = {
        "uid": result.resource_id or result.drift_id,
        "name": result.address,
        "type": result.resource_type,
        "data": {"declared_and_actual": [vars(change) for change in result.changes]},
    }
    return [{name: value for name, value in named.items() if value is not None}]


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000
