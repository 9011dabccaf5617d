"""What a sweep found, as tables for people."""

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from flows import aside, report, sides, twice, waived
from flows.swept import Swept
from taxonomy.drift import OPEN_STATES, Drift, DriftChange
from taxonomy.observation import Observation
from taxonomy.route import Route

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}


def print_tables(swept: Swept, console: Console, *, suppressed: bool = False) -> None:
    """Print the sweep for people: what was looked at, what drifted, worst first, and what was put aside.

    Args:
        swept: what it came to.
        console: where.
        suppressed: list what was put aside, instead of only counting it.
    """
    console.print(targets_table(swept))
    for blind in (o for o in swept.observations if o.reason is not None):
        console.print(Text(sides.plain(f"{blind.target}: {blind.reason}"), style="bold red"))
    for line in (*_unseen(swept), *_untold(swept)):
        console.print(Text(sides.plain(line), style="bold red"))
    if told := [one for one in swept.drifts if suppressed or not waived.hidden(one[0], swept.waivings)]:
        console.print(drift_table(told))
    for line, style in waived.lines(swept):
        console.print(Text(sides.plain(line), style=style))
    for line in twice.lines(report.shared_of(swept)):
        console.print(Text(sides.plain(line), style="yellow"))
    for target in swept.unsealed:
        console.print(Text(sides.plain(_no_baseline(target)), style="dim"))
    _print_aside(swept, console, suppressed=suppressed)
    console.print(_closing(swept))


def _unseen(swept: Swept) -> Iterator[str]:
    """Yield what could not be looked for beside each target, by reason."""
    for observation in swept.observations:
        reasons: dict[str, list[str]] = {}
        for one in observation.answer.unseen:
            reasons.setdefault(one.reason, []).append(one.resource_type)
        for reason, types in reasons.items():
            yield f"{observation.target}: could not look for undeclared {', '.join(types)}: {reason}"


def _untold(swept: Swept) -> Iterator[str]:
    """Yield of how many live resources nobody could say whether a state holds them."""
    for observation in swept.observations:
        untold = {name for listed in observation.answer.listed for name in listed.untold}
        count = sum(one.address in untold for one in observation.answer.suppressed)
        if count:
            yield (
                f"{observation.target}: could not look whether {count} live "
                f"{'resource is' if count == 1 else 'resources are'} unmanaged; "
                f"the suppressed say why"
            )


def _print_aside(swept: Swept, console: Console, *, suppressed: bool) -> None:
    waits = list(aside.unapplied_lines(swept.observations))
    if waits:
        console.print(Text("unapplied code, which is no drift: somebody has yet to apply it", style="bold"))
    for line in waits:
        console.print(Text(f"  {sides.plain(line)}"))
    counted = aside.counted(swept.observations)
    if counted:
        how = "" if suppressed else "; --suppressed lists them"
        console.print(Text(f"suppressed: {counted}{how}", style="dim"))
    for one in aside.put_aside(swept.observations) if suppressed else ():
        said = f"{one.category}  {one.target}  {one.address}  {one.attribute}: {one.reason}"
        console.print(Text(f"  {sides.plain(said)}"))


def targets_table(swept: Swept) -> Table:
    """Return one row per target: what came of looking at it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("target", overflow="fold")
    for name in ("layer", "looked"):
        table.add_column(name, no_wrap=True)
    for name in ("resources", "drifted", "unapplied", "suppressed", "s"):
        table.add_column(name, justify="right", no_wrap=True)
    colour = {"clean": "green", "drifted": "yellow", "could-not-look": "bold red"}
    for o in swept.observations:
        answer = o.answer
        seen = (answer.looked_at, answer.findings, answer.unapplied, answer.suppressed)
        seconds = f"{(o.ended_at - o.started_at).total_seconds():.1f}"
        table.add_row(
            Text(o.target),
            o.layer,
            Text(f"{o.outcome}{_age(o)}", style=colour[o.outcome]),
            *(str(len(some)) for some in seen),
            seconds,
        )
    return table


def _age(look: Observation) -> str:
    """Return how old a plan was that was made elsewhere, where it is a day or more."""
    days = (look.started_at - look.answer.made_at).days if look.answer.made_at else 0
    return f" (plan of {days} day{'' if days == 1 else 's'} ago)" if days > 0 else ""


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
    name = sides.plain(drift.address or drift.resource_id)
    yield Text.assemble((name, "bold"), (f"  {drift.kind}{state}  {drift.drift_id[:12]}", "dim"))
    grid = Table.grid(padding=(0, 1), expand=True)
    for ratio in (3, 4, 0, 4):
        grid.add_column(ratio=ratio or None, overflow="fold")
    for change in drift.changes:
        grid.add_row(*_sides(change, drift))
    yield grid
    known = f"seen by {', '.join(drift.layers)}", in_code(drift.changes), _controls(drift.controls)
    yield Text("; ".join(filter(None, known)), style="dim")


def in_code(changes: Iterable[DriftChange]) -> str:
    """Return where changes are declared, file by file with their lines; empty where that is not known."""
    lines: dict[str, set[int]] = {}
    for change in changes:
        if change.source_file and change.source_line:
            lines.setdefault(change.source_file, set()).add(change.source_line)
    files = (f"{sides.plain(file)}:{','.join(map(str, sorted(at)))}" for file, at in sorted(lines.items()))
    return f"in code {' '.join(files)}" if lines else ""


def _controls(controls: Iterable[str]) -> str:
    """Return controls for people: enhancements folded into their control, frameworks in short."""
    shorts = {"nist-800-53-r5": "NIST", "pci-dss-4.0.1": "PCI", "soc2": "SOC 2", "none": "no control"}
    named: dict[str, set[str]] = {}
    for control in controls:
        framework, _, name = control.partition(":")
        named.setdefault(shorts.get(framework, framework), set()).add(name.split("(")[0])
    return ", ".join(f"{framework} {' '.join(sorted(names))}" for framework, names in sorted(named.items()))


def _sides(change: DriftChange, drift: Drift) -> tuple[RenderableType, ...]:
    arrows = {"weakened": ("↓", "red"), "strengthened": ("↑", "green"), "lateral": ("→", "dim")}
    mark, style = arrows.get(change.direction, ("?", "yellow"))
    kind = "" if change.kind in {"changed", drift.kind} else f" ({change.kind})"
    kind += f" (waived by {change.waived_by})" if change.waived_by else ""
    declared, actual = sides.differing(change.declared, change.actual)
    return (
        Text(sides.plain(change.attribute) + kind),
        Text(sides.shown(declared)),
        Text(mark, style=style),
        Text(sides.shown(actual)),
    )


def _closing(swept: Swept) -> Text:
    open_drift = [drift for drift, _ in swept.drifts if drift.state in OPEN_STATES]
    blind = [o.target for o in swept.observations if o.outcome == "could-not-look"]
    seen = f"{len(open_drift)} open drift" + (" seen now" if blind else "")
    parts = [seen + (f", {len(swept.gone)} gone" if swept.gone else "")]
    if swept.unlooked:
        parts.append(f"{len(swept.unlooked)} open from earlier looks")
    if blind:
        parts.append(f"could not look at {', '.join(blind)}: how it is now, nobody knows")
    return Text(sides.plain("; ".join(parts)), style="bold")


def _no_baseline(target: str) -> str:
    return (
        f"{target}: no baseline yet, so drift that an apply absorbs can't be seen; "
        f"a clean look takes one, or `holdfast baseline accept {target}`"
    )
