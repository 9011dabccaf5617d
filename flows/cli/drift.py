"""`holdfast drift`: what is open, and why it was classified so."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import click
from rich.panel import Panel

from evidence.errors import EvidenceError
from evidence.query import connect
from evidence.verify import verify
from flows import policy as policies
from flows import report, sides, tables
from flows.cli.context import Context
from flows.exits import CLEAN, DRIFT
from flows.settings import Settings
from tasks import history
from tasks.case import load_case
from tasks.memory import keep
from taxonomy import explained
from taxonomy.drift import OPEN_STATES, SEVERITIES, Drift
from taxonomy.oracle import row_of
from taxonomy.overrides import told
from taxonomy.route import Route

CLASSES = {"A": "class A: an apply would undo it", "B": "class B: no apply undoes it"}


@click.group()
def drift() -> None:
    """Open drift, both sides of it, and why it was classified so."""


@drift.command(name="list")
@click.option("-o", "--output", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def list_(ctx: click.Context, *, form: str) -> int:
    """List what is open, worst first, as the evidence last recorded it."""
    context: Context = ctx.obj
    found = recorded(context.settings)
    if form == "json":
        click.echo(report.dumps([report.drift_document(one) for one in found]))
    elif found:
        context.out.print(tables.drift_table((one, Route(kind="none", reason="")) for one in found))
    else:
        context.out.print("no open drift is recorded")
    return DRIFT if found else CLEAN


@drift.command()
@click.argument("name", metavar="ID")
@click.option("-o", "--output", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def show(ctx: click.Context, *, name: str, form: str) -> None:
    """Show one drift with both sides of every attribute. ID is the beginning of its id."""
    context: Context = ctx.obj
    one = _named(context.settings, name)
    if form == "json":
        click.echo(report.dumps(report.drift_document(one)))
        return
    context.out.print(Panel(one.because, title=f"{one.severity} · {one.tier} · {one.state}", expand=False))
    for label in ("drift_id", "episode", "fingerprint", "resource_id", "resource_type", "address", "remedy"):
        context.out.print(f"{label:14} {sides.plain(str(getattr(one, label)))}", markup=False)
    context.out.print(f"{'controls':14} {' '.join(one.controls)}", markup=False)
    for change in one.changes:
        known = (change.kind, change.direction, CLASSES.get(change.drift_class or ""), change.rule_id)
        said = f"{sides.plain(change.attribute)}  ({', '.join(filter(None, known))})"
        context.out.print(f"\n{said}", style="bold", markup=False)
        for line in sides.both_sides(change):
            context.out.print(f"  {line}", markup=False)


@drift.command()
@click.argument("name", metavar="ID")
@click.pass_context
def explain(ctx: click.Context, *, name: str) -> None:
    """Say which rule decided each attribute, which nearly did, and what would have changed the outcome."""
    context: Context = ctx.obj
    one = _named(context.settings, name)
    for change in one.changes:
        named_as = f"{sides.plain(change.attribute)}  {tables.in_code([change])}".rstrip()
        context.out.print(named_as, style="bold", markup=False)
        for line in explained.lines(row_of(one, change), context.settings.rulebook):
            context.out.print(f"  {sides.plain(line)}", markup=False)
        overrides = context.settings.rulebook.overrides
        for line in told(overrides, change.overridden_by, severity=change.severity, tier=change.tier):
            context.out.print(f"  {line}", markup=False)


def recorded(settings: Settings) -> list[Drift]:
    """Return what is open, worst first, from evidence that verifies.

    Raises:
        TamperError: it does not.
    """
    if not settings.root.is_dir():
        return []
    verify(settings.root, trust=settings.trust)
    now, people = datetime.now(UTC), policies.people(settings)
    with closing(connect(settings.root)) as connection:
        keep(connection, "drift_id IS NOT NULL OR step = 'swept'")
        history.build(connection)
        found = [
            replace(load_case(connection, drift_id=p.drift_id, episode=p.episode).drift, state=state)
            for p in history.pasts(connection).values()
            if not p.closed and (state := p.state_at(now, people=people)) in OPEN_STATES
        ]
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), one.resource_id))


def _named(settings: Settings, name: str) -> Drift:
    hits = [one for one in recorded(settings) if one.drift_id.startswith(name)]
    if not name or len(hits) != 1:
        raise EvidenceError(
            f"{name!r}: expected the beginning of one open drift's id, which {len(hits)} have; "
            "see `holdfast drift list`"
        )
    return hits[0]
