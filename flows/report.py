"""What a sweep found, as one JSON document for programs.

The document's keys are contract.md's, section 2: more may come, none goes.
"""

import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from flows.elements import elements
from flows.exits import CLEAN, DRIFT, ERROR, SEVERE
from flows.swept import Swept
from flows.waived import waived_document, waivings_document
from taxonomy.drift import OPEN_STATES, SEVERITIES, Drift, DriftChange, Severity
from taxonomy.holding import Shared
from taxonomy.route import Route


def exit_code(swept: Swept, fail_on: Severity | None) -> int:
    """Return what a sweep's command ends with."""
    if any(o.outcome == "could-not-look" or o.answer.unseen for o in swept.observations):
        return ERROR
    open_drift = [drift for drift, _ in swept.drifts if drift.state in OPEN_STATES]
    if fail_on and any(SEVERITIES.index(d.severity) <= SEVERITIES.index(fail_on) for d in open_drift):
        return SEVERE
    return DRIFT if open_drift else CLEAN


def document(swept: Swept, *, code: int) -> dict[str, Any]:
    """Return the sweep as the contract's one JSON document."""
    counted = Counter(drift.severity for drift, _ in swept.drifts if drift.state in OPEN_STATES)
    return {
        "estate": swept.estate,
        "sweep_id": swept.sweep_id,
        "started_at": _instant(swept.started_at),
        "ended_at": _instant(swept.ended_at),
        "exit_code": code,
        "targets": [
            {
                "name": o.target,
                "layer": o.layer,
                "outcome": o.outcome,
                "reason": o.reason,
                "drifted": len(o.answer.findings),
                "suppressed": len(o.answer.suppressed),
                "suppressed_by": o.answer.suppressed_by,
                "unapplied": len(o.answer.unapplied),
                "looked_at": len(o.answer.looked_at),
                "plan_made_at": _instant(o.answer.made_at) if o.answer.made_at else None,
                "seconds": round((o.ended_at - o.started_at).total_seconds(), 1),
            }
            for o in swept.observations
        ],
        "drift": [drift_document(drift, route) for drift, route in swept.drifts],
        "gone": [drift.drift_id for drift in swept.gone],
        "unlooked": [
            {"drift_id": one.drift_id, "severity": one.severity, "targets": list(one.targets)}
            for one in swept.unlooked
        ],
        "unapplied": [asdict(s) for o in swept.observations for s in o.answer.unapplied],
        "suppressed": [asdict(s) for o in swept.observations for s in o.answer.suppressed],
        "shared": [
            {"resource_id": one.resource_id, "part": one.part or None, "addresses": list(one.addresses)}
            for one in shared_of(swept)
        ],
        "unseen": [
            {"target": o.target, "resource_type": one.resource_type, "reason": one.reason}
            for o in swept.observations
            for one in o.answer.unseen
        ],
        "waived": waived_document(swept),
        "waivers": waivings_document(swept.waivings),
        "summary": {severity: counted.get(severity, 0) for severity in SEVERITIES},
    }


def drift_document(drift: Drift, route: Route | None = None) -> dict[str, Any]:
    """Return one drift as the contract's JSON."""
    names = (
        "drift_id episode fingerprint state kind resource_id resource_type address provider account region "
        "environment severity tier direction rule_id because remedy"
    )
    lists = ("aliases", "layers", "targets", "controls")
    routed = {"route": route.kind, "route_reason": route.reason} if route else {}
    return {
        **{name: getattr(drift, name) for name in names.split()},
        **{name: list(getattr(drift, name)) for name in lists},
        **routed,
        "changes": [_change_document(change) for change in drift.changes],
        "author": {"name": None, "confidence": "unknown"},
    }


def _change_document(change: DriftChange) -> dict[str, Any]:
    source = {"file": change.source_file, "line": change.source_line} if change.source_file else None
    return {
        "attribute": change.attribute,
        "kind": change.kind,
        "declared": change.declared,
        "actual": change.actual,
        **parts_document(change.declared, change.actual),
        "redacted": change.redacted,
        "class": change.drift_class,
        "layer": change.layer,
        "direction": change.direction,
        "severity": change.severity,
        "tier": change.tier,
        "rule_id": change.rule_id,
        "controls": list(change.controls),
        "waived_by": change.waived_by,
        "overridden_by": list(change.overridden_by),
        "source": source,
    }


def parts_document(declared: Any, actual: Any) -> dict[str, Any]:
    """Return what was added and removed between two lists or policies; null where the sides are neither."""
    parts = elements(declared, actual)
    return {
        "added": list(parts.added) if parts else None,
        "removed": list(parts.removed) if parts else None,
    }


def _instant(value: Any) -> str:
    return str(value.isoformat().replace("+00:00", "Z"))


def shared_of(swept: Swept) -> list[Shared]:
    """Return what stands in two states, each once, by id."""
    found = {one for observation in swept.observations for one in observation.answer.shared}
    return sorted(found, key=lambda one: (one.resource_id, one.part))


def dumps(value: Any) -> str:
    """Return one JSON document as a pipe reads it."""
    return json.dumps(value, indent=2, ensure_ascii=False)
