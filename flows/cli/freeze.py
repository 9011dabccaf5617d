"""`holdfast freeze` and `thaw`: the kill switch for every remedy, itself evidence."""

import getpass
from datetime import UTC, datetime

import click

from evidence.canonical import canonical_json
from evidence.schema import record_id
from flows.cli.context import Context
from tasks.record import fan_out

CONTROLS = ("nist-800-53-r5:CM-5", "nist-800-53-r5:IR-4")
"""Access restrictions for change, and incident handling: what a kill switch speaks of."""

reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why; it is recorded.")


@click.command()
@reason_option
@click.pass_context
def freeze(ctx: click.Context, *, reason: str) -> None:
    """Stop every remedy, at once and until thawed; looking goes on."""
    _record(ctx.obj, "frozen", reason)


@click.command()
@reason_option
@click.pass_context
def thaw(ctx: click.Context, *, reason: str) -> None:
    """Let remedies go on."""
    _record(ctx.obj, "thawed", reason)


def _record(context: Context, step: str, reason: str) -> None:
    if not reason.strip():
        raise click.UsageError("--reason: expected why, got nothing")
    settings = context.settings
    now = datetime.now(UTC)
    shared = {
        "record_id": record_id(now),
        "step": step,
        "occurred_at": now,
        "estate": settings.estate.estate,
        "actor": getpass.getuser(),
        "actor_kind": "person",
        "reason": settings.redactor.scrub(reason.strip()),
        "details": canonical_json({}),
    }
    with settings.store().batch(now) as batch:
        batch.append(fan_out(shared, CONTROLS))
    context.err.print(f"{step}: recorded in {settings.root}")
