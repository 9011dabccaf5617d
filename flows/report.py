"""What a sweep found, as one JSON document for programs and as tables for people.

The document's keys are contract.md's, section 2: more may come, none goes.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from evidence.canonical import canonical_json
from flows import aside
from flows.elements import elements
from flows.exits import CLEAN, DRIFT, ERROR, SEVERE
from flows.swept import Swept
from taxonomy.drift import OPEN_STATES, SEVERITIES, Drift, DriftChange, Severity
from taxonomy.route import Route

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
DIGEST = re.compile(r"hmac-sha256:[0-9a-f]+:[0-9a-f]+")
"""How a secret stands."""

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
                "suppressed_by": o.answer.suppressed_by,
                "unapplied": len(o.answer.unapplied),
                "looked_at": len(o.answer.looked_at),
                "seconds": round((o.ended_at - o.started_at).total_seconds(), 1),
            }
            for o in swept.observations
        ],
        "drift": [drift_document(drift, route) for drift, route in swept.drifts],
        "gone": [drift.drift_id for drift in swept.gone],
        "unapplied": [asdict(s) for o in swept.observations for s in o.answer.unapplied],
        "suppressed": [asdict(s) for o in swept.observations for s in o.answer.suppressed],
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


def print_tables(swept: Swept, console: Console, *, suppressed: bool = False) -> None:
    """Print the sweep for people: what was looked at, what drifted, worst first, and what was put aside.

    Args:
        swept: what it came to.
        console: where.
        suppressed: list what was put aside, instead of only counting it.
    """
    console.print(targets_table(swept))
    for blind in (o for o in swept.observations if o.reason is not None):
        console.print(Text(plain(f"{blind.target}: {blind.reason}"), style="bold red"))
    if swept.drifts:
        console.print(drift_table(swept.drifts))
    _print_aside(swept, console, suppressed=suppressed)
    console.print(_closing(swept))


def _print_aside(swept: Swept, console: Console, *, suppressed: bool) -> None:
    waits = list(aside.unapplied_lines(swept.observations))
    if waits:
        console.print(Text("unapplied code, which is no drift: somebody has yet to apply it", style="bold"))
    for line in waits:
        console.print(Text(f"  {plain(line)}"))
    counted = aside.counted(swept.observations)
    if counted:
        how = "" if suppressed else "; --suppressed lists them"
        console.print(Text(f"suppressed: {counted}{how}", style="dim"))
    for one in aside.put_aside(swept.observations) if suppressed else ():
        said = f"{one.category}  {one.target}  {one.address}  {one.attribute}: {one.reason}"
        console.print(Text(f"  {plain(said)}"))


def targets_table(swept: Swept) -> Table:
    """Return one row per target: what came of looking at it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("target", "layer", "looked"):
        table.add_column(name)
    for name in ("resources", "drifted", "unapplied", "suppressed", "seconds"):
        table.add_column(name, justify="right")
    colour = {"clean": "green", "drifted": "yellow", "could-not-look": "bold red"}
    for o in swept.observations:
        answer = o.answer
        seen = (answer.looked_at, answer.findings, answer.unapplied, answer.suppressed)
        seconds = f"{(o.ended_at - o.started_at).total_seconds():.1f}"
        table.add_row(
            Text(o.target),
            o.layer,
            Text(o.outcome, style=colour[o.outcome]),
            *(str(len(some)) for some in seen),
            seconds,
        )
    return table


def drift_table(drifts: Iterable[tuple[Drift, Route]]) -> Table:
    """Return a row per drift: how bad, where it goes, both sides of each attribute, who saw it, controls."""
    table = Table(box=box.HORIZONTALS, show_header=False, show_lines=True, expand=True, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for drift, route in drifts:
        severity = Text(drift.severity, style=COLOURS[drift.severity])
        table.add_row(Group(severity, _goes_to(drift, route)), Group(*_lines(drift)))
    return table


def _goes_to(drift: Drift, route: Route) -> Text:
    return Text(route.kind if drift.state == "open" and route.kind != "none" else drift.tier)


def _lines(drift: Drift) -> Iterator[RenderableType]:
    state = "" if drift.state == "open" else f"  {drift.state}"
    name = plain(drift.address or drift.resource_id)
    yield Text.assemble((name, "bold"), (f"  {drift.kind}{state}  {drift.drift_id[:12]}", "dim"))
    sides = Table.grid(padding=(0, 1), expand=True)
    for ratio in (3, 4, 0, 4):
        sides.add_column(ratio=ratio or None, overflow="fold")
    for change in drift.changes:
        sides.add_row(*_sides(change))
    yield sides
    yield Text(f"seen by {', '.join(drift.layers)}; {_controls(drift.controls)}", style="dim")


def _controls(controls: Iterable[str]) -> str:
    """Return controls for people: enhancements folded into their control, frameworks in short."""
    shorts = {"nist-800-53-r5": "NIST", "pci-dss-4.0.1": "PCI", "soc2": "SOC 2", "none": "no control"}
    named: dict[str, set[str]] = {}
    for control in controls:
        framework, _, name = control.partition(":")
        named.setdefault(shorts.get(framework, framework), set()).add(name.split("(")[0])
    return ", ".join(f"{framework} {' '.join(sorted(names))}" for framework, names in sorted(named.items()))


def _sides(change: DriftChange) -> tuple[RenderableType, ...]:
    arrows = {"weakened": ("↓", "red"), "strengthened": ("↑", "green"), "lateral": ("→", "dim")}
    mark, style = arrows.get(change.direction, ("?", "yellow"))
    declared, actual = differing(change.declared, change.actual)
    return Text(plain(change.attribute)), Text(shown(declared)), Text(mark, style=style), Text(shown(actual))


def differing(declared: Any, actual: Any) -> tuple[Any, Any]:
    """Return both sides without what they share: elements of lists that stand on both are left out."""
    parts = elements(declared, actual)
    if parts is None:
        return declared, actual
    return list(parts.removed) or None, list(parts.added) or None


def side_lines(
    declared: Any, actual: Any, *, words: tuple[str, str] = ("declared", "actual")
) -> Iterator[str]:
    """Yield both sides whole, or of two lists or policies what was removed and added, an element a line.

    Args:
        declared: one side.
        actual: the other.
        words: what the sides are called.
    """
    parts = elements(declared, actual)
    if parts is None:
        yield f"{words[0]:9} {dumps(declared)}"
        yield f"{words[1]:9} {dumps(actual)}"
        return
    for word, count in zip(words, (parts.declared, parts.actual), strict=True):
        yield f"{word:9} {count} {parts.unit}{'' if count == 1 else 's'}"
    for word, these in (("removed", parts.removed), ("added", parts.added)):
        for element in these:
            yield f"  {word:7} {plain(element if isinstance(element, str) else canonical_json(element))}"


def shown(value: Any) -> str:
    """Return a value as a table shows it: canonical JSON, cut, never inside a digest of a secret."""
    if value is None:
        return "nothing"
    text = plain(value if isinstance(value, str) else canonical_json(value))
    if len(text) <= SHOWN:
        return text
    if isinstance(value, list) and len(value) > 1:
        return f"{shown(value[0])} and {len(value) - 1} more"
    digests = (found.span() for found in DIGEST.finditer(text))
    end = next((end for start, end in digests if start < SHOWN - 1 < end), SHOWN - 1)
    return text[:end] + ("…" if end < len(text) else "")


def plain(text: str) -> str:
    """Return a text without what steers a terminal: whoever names a tag could hide a row with it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


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
