"""`holdfast review waivers`: what people have accepted for a while, and which of it holds no more."""

from contextlib import closing
from datetime import UTC, datetime

import click
from rich.table import Table
from rich.text import Text

from evidence.query import connect
from evidence.verify import verify
from flows import policy as policies
from flows import report, sides
from flows.cli.context import Context
from flows.settings import Settings
from flows.waived import waivings_document
from tasks import history, waiving
from tasks.history import Past
from tasks.memory import keep
from taxonomy.waived import Waived


@click.command()
@click.option("-o", "--output", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def waivers(ctx: click.Context, *, form: str) -> None:
    """List waivers and noise rules of files, and waivers that were signed, with how each stands now."""
    context: Context = ctx.obj
    settings = context.settings
    found = waiving.listed(policies.waivers(settings), _pasts(settings), now=datetime.now(UTC))
    if form == "json":
        click.echo(report.dumps(waivings_document(found)))
        return
    context.out.print(_table(found) if found else "nobody has waived anything")


def _pasts(settings: Settings) -> dict[str, Past]:
    """Return what the evidence remembers.

    Raises:
        TamperError: it does not verify.
    """
    if not settings.root.is_dir():
        return {}
    verify(settings.root, trust=settings.trust)
    with closing(connect(settings.root)) as connection:
        keep(connection, "attribute IS NULL")
        history.build(connection)
        return history.pasts(connection)


def _table(found: list[Waived]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("sort", "stands", "until", "approver"):
        table.add_column(column, no_wrap=True)
    for column in ("id", "what"):
        table.add_column(column, overflow="fold")
    for one in found:
        until = f"{one.expires.astimezone(UTC):%Y-%m-%d %H:%M}Z" if one.expires else ""
        what = " ".join(filter(None, (one.resource, one.attribute))) or one.reason or ""
        told = f"{what}: {one.why}" if one.why else what
        stands = "ends soon" if one.soon else one.standing
        words = (one.sort, stands, until, one.approver or "", f"{one.id} {one.place or ''}".strip(), told)
        table.add_row(*(Text(sides.plain(word)) for word in words))
    return table
