"""What a sweep found, as one JSON document for programs and as tables for people.

The document's keys are contract.md's, section 2: more may come, none goes.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from evidence.canonical import canonical_json
from flows.exits import CLEAN, DRIFT, ERROR, SEVERE
from flows.swept import Swept
from taxonomy.drift import OPEN_STATES, SEVERITIES, Drift, DriftChange, Severity
from taxonomy.route import Route

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
SHOWN = 60
"""Characters of a value that a table shows; a digest of a secret is never cut."""


def exit_code(swept: Swept, fail_on: Severity | None) -> int:
    """Return what a sweep's command ends with."""
    if any(o.outcome == "could-not-look" for o in swept.observations):
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
                "looked_at": len(o.answer.looked_at),
                "seconds": round((o.ended_at - o.started_at).total_seconds(), 1),
            }
            for o in swept.observations
        ],
        "drift": [drift_document(drift, route) for drift, route in swept.drifts],
        "gone": [drift.drift_id for drift in swept.gone],
        "suppressed": [
            {"target": s.target, "address": s.address, "attribute": s.attribute, "reason": s.reason}
            for o in swept.observations
            for s in o.answer.suppressed
        ],
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
        "redacted": change.redacted,
        "class": change.drift_class,
        "layer": change.layer,
        "direction": change.direction,
        "severity": change.severity,
        "tier": change.tier,
        "rule_id": change.rule_id,
        "controls": list(change.controls),
        "source": source,
    }


def _instant(value: Any) -> str:
    return str(value.isoformat().replace("+00:00", "Z"))


def print_tables(swept: Swept, console: Console) -> None:
    """Print the sweep for people: what was looked at, then what drifted, worst first."""
    console.print(targets_table(swept))
    if swept.drifts:
        console.print(drift_table(swept.drifts))
    console.print(_closing(swept))


def targets_table(swept: Swept) -> Table:
    """Return one row per target: what came of looking at it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (("target", "left"), ("layer", "left"), ("looked", "left"), ("resources", "right")):
        table.add_column(name, justify="right" if justify == "right" else "left")
    table.add_column("drifted", justify="right")
    table.add_column("suppressed", justify="right")
    table.add_column("seconds", justify="right")
    colour = {"clean": "green", "drifted": "yellow", "could-not-look": "bold red"}
    for o in swept.observations:
        said = o.outcome if o.reason is None else f"{o.outcome}: {o.reason}"
        answer = o.answer
        counts = (len(answer.looked_at), len(answer.findings), len(answer.suppressed))
        seconds = f"{(o.ended_at - o.started_at).total_seconds():.1f}"
        table.add_row(
            Text(o.target), o.layer, Text(said, style=colour[o.outcome]), *map(str, counts), seconds
        )
    return table


def drift_table(drifts: Iterable[tuple[Drift, Route]]) -> Table:
    """Return the drifts, a row per attribute: how bad, where it goes, what differs, who saw it, controls."""
    table = Table(box=box.HORIZONTALS, header_style="bold", expand=True, pad_edge=False)
    table.add_column("severity", no_wrap=True)
    table.add_column("resource", ratio=5, overflow="fold")
    table.add_column("attribute", ratio=4, overflow="fold")
    table.add_column("declared", ratio=4, overflow="fold")
    table.add_column("", width=1)
    table.add_column("actual", ratio=4, overflow="fold")
    for drift, route in drifts:
        first = [
            Group(Text(drift.severity, style=COLOURS[drift.severity]), _goes_to(drift, route)),
            _resource(drift),
        ]
        for change in drift.changes:
            table.add_row(*(first or ["", ""]), *_sides(change))
            first = []
        table.add_section()
    return table


def _goes_to(drift: Drift, route: Route) -> Text:
    moved = {"auto": "auto", "review": "review", "record": "record"}.get(route.kind, drift.tier)
    return Text(moved if drift.state == "open" else drift.state)


def _resource(drift: Drift) -> RenderableType:
    controls = " ".join(_short(control) for control in drift.controls)
    return Group(
        Text(drift.address or drift.resource_id, style="bold"),
        Text(f"{drift.kind} {drift.drift_id[:12]}"),
        Text(f"seen by {', '.join(drift.layers)}"),
        Text(controls, style="dim"),
    )


def _sides(change: DriftChange) -> tuple[RenderableType, ...]:
    arrows = {"weakened": ("↓", "red"), "strengthened": ("↑", "green"), "lateral": ("→", "dim")}
    mark, style = arrows.get(change.direction, ("?", "yellow"))
    declared, actual = shown(change.declared), shown(change.actual)
    return Text(change.attribute), Text(declared), Text(mark, style=style), Text(actual)


def shown(value: Any) -> str:
    """Return a value as a table shows it: canonical JSON, cut, never inside a digest of a secret."""
    text = value if isinstance(value, str) else canonical_json(value)
    if value is None:
        return "nothing"
    if len(text) <= SHOWN or text.startswith("hmac-sha256:"):
        return text
    return f"{text[: SHOWN - 1]}…"


def _short(control: str) -> str:
    framework, _, name = control.partition(":")
    return name if framework.startswith("nist") else f"{framework.split('-')[0]}:{name}"


def _closing(swept: Swept) -> Text:
    open_drift = [drift for drift, _ in swept.drifts if drift.state in OPEN_STATES]
    blind = [o.target for o in swept.observations if o.outcome == "could-not-look"]
    parts = [f"{len(open_drift)} open drift" + (f", {len(swept.gone)} gone" if swept.gone else "")]
    if blind:
        parts.append(f"could not look at {', '.join(blind)}: nothing is known of it")
    return Text("; ".join(parts), style="bold")


def dumps(value: Any) -> str:
    """Return one JSON document as a pipe reads it."""
    return json.dumps(value, indent=2, ensure_ascii=False)
