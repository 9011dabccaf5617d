"""The commands that answer questions, and the one that makes the copy for speed.

They read ``query/`` for what it covers, unless told not to, and say so on standard error.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import duckdb

from evidence import ledger
from evidence.compacted import Copy, Unusable, find
from evidence.compaction import check, compact
from evidence.errors import EvidenceError
from evidence.options import form_option, path_option, root_of, trust_option, trusted
from evidence.population import Population, Scope, population, sample
from evidence.query import VIEWS, Answer, ask, connect, define_views
from evidence.show import as_json, show
from evidence.verify import verify

_records = click.option(
    "--records", "only_records", is_flag=True, help="Read the evidence itself, not query/."
)

EFFECTIVENESS = Path(__file__).with_name("effectiveness_summed.sql")


def _scoped(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--to", "last", metavar="MONTH", required=True, help="The last month, included."),
        click.option("--from", "first", metavar="MONTH", required=True, help="The first month: 2026-10."),
        click.option("--control", metavar="FRAMEWORK:ID", required=True, help="Such as soc2:CC7.1."),
    ):
        command = option(command)
    return command


def _scope(control: str, first: str, last: str) -> Scope:
    framework, colon, control_id = control.partition(":")
    if not (framework and colon and control_id):
        raise click.UsageError(f"--control: expected FRAMEWORK:ID such as soc2:CC7.1, got {control!r}")
    return Scope(framework=framework, control_id=control_id, first=first, last=last)


@contextlib.contextmanager
def _opened(
    root: Path, *, only_records: bool, asked: str = ""
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Copy | None]]:
    copy = None if only_records else _copy(root)
    with contextlib.closing(connect(root, copy=copy)) as connection:
        if any(name in asked.lower() for name in VIEWS):
            define_views(connection)
        yield connection, copy


def _copy(root: Path) -> Copy | None:
    found = find(root)
    if isinstance(found, Unusable):
        click.echo(f"query/ is not used: {found.reason}; run: evidence compact", err=True)
        return None
    if found is not None:
        heads = ", ".join(f"{head.writer}/{head.sequence}" for head in found.heads)
        click.echo(f"up to {heads} from query/, which is derived and proves nothing", err=True)
    return found


@click.command()
@click.argument("sql")
@_records
@path_option
@form_option
@click.pass_context
def query(context: click.Context, sql: str, *, only_records: bool, folder: str | None, form: str) -> None:
    """Answer one SELECT over the views records, drifts, decisions and effectiveness."""
    with _opened(root_of(context, folder), only_records=only_records, asked=sql) as (connection, _):
        click.echo(show(ask(connection, sql), form))


@click.command(name="population")
@_scoped
@_records
@path_option
@form_option
@click.pass_context
def population_command(
    context: click.Context, /, *, only_records: bool, folder: str | None, form: str, **asked: str
) -> None:
    """List every record about one control in a period, each run, and what was due and did not happen."""
    scope, root = _scope(**asked), root_of(context, folder)
    with _opened(root, only_records=only_records) as (connection, copy):
        found = population(root, connection, scope, copy=copy)
    if form == "json":
        click.echo(as_json(document(found)))
        return
    # the records alone go to standard output as CSV: they are what a sample is drawn from
    for part in (_summary(found), _missing(found)):
        click.echo(show(part, "table"), err=form == "csv")
    click.echo(show(found.records, form))


def document(found: Population) -> dict[str, object]:
    """Return a population as plain values."""
    return {
        "control": f"{found.scope.framework}:{found.scope.control_id}",
        "from": found.scope.first,
        "to": found.scope.last,
        "as_of": found.as_of,
        "heads": [vars(head) for head in found.heads],
        "first_batch": {**vars(found.first.head), "made_at": found.first.made_at} if found.first else None,
        "last_batch": {**vars(found.last.head), "made_at": found.last.made_at} if found.last else None,
        "counts": found.counts,
        "schedules": found.expected.schedules,
        "untold": found.expected.untold,
        "missing": [vars(one) for one in found.expected.missing],
        "runs": found.runs.as_dicts(),
        "records": found.records.as_dicts(),
    }


def _summary(found: Population) -> Answer:
    marks = {"first batch": found.first, "last batch": found.last}
    said = {
        **found.counts,
        **{
            name: f"{one.head.writer}/{one.head.sequence} {one.head.digest}"
            for name, one in marks.items()
            if one
        },
        **{f"head of {head.writer}": f"{head.sequence} {head.digest}" for head in found.heads},
        "as of": found.as_of.isoformat(),
        "schedules": ", ".join(found.expected.schedules) or "none recorded",
        **{f"not known {number}": text for number, text in enumerate(found.expected.untold, 1)},
    }
    return Answer(columns=("what", "value"), rows=tuple(said.items()))


def _missing(found: Population) -> Answer:
    rows = tuple((one.due, one.schedule, one.after_the_last_batch) for one in found.expected.missing)
    return Answer(columns=("run due that did not happen", "schedule", "after the last batch"), rows=rows)


@click.command(name="sample")
@_scoped
@click.option("--size", type=click.IntRange(min=1), required=True, help="How many records.")
@click.option("--seed", required=True, help="Any text; the same seed draws the same records.")
@_records
@path_option
@form_option
@click.pass_context
def sample_command(
    context: click.Context,
    /,
    *,
    size: int,
    seed: str,
    only_records: bool,
    folder: str | None,
    form: str,
    **asked: str,
) -> None:
    """Draw records from the population so that anybody can repeat it."""
    with _opened(root_of(context, folder), only_records=only_records) as (connection, _):
        click.echo(show(sample(connection, _scope(**asked), size=size, seed=seed), form))


@click.command()
@_scoped
@_records
@path_option
@form_option
@click.pass_context
def effectiveness(
    context: click.Context, /, *, only_records: bool, folder: str | None, form: str, **asked: str
) -> None:
    """Say how well one control worked in a period, month by month and in all."""
    scope, sql = _scope(**asked), EFFECTIVENESS.read_text("utf-8")
    with _opened(root_of(context, folder), only_records=only_records, asked=sql) as (connection, _):
        connection.execute("SET VARIABLE framework = ?", [scope.framework])
        connection.execute("SET VARIABLE control_id = ?", [scope.control_id])
        connection.execute("SET VARIABLE first = ?", [scope.first])
        connection.execute("SET VARIABLE last = ?", [scope.last])
        click.echo(show(ask(connection, sql), form))


@click.command(name="compact")
@click.option(
    "--check", "checking", is_flag=True, help="Hold query/ against the records row by row; write nothing."
)
@path_option
@trust_option
@click.pass_context
def compact_command(
    context: click.Context, *, checking: bool, folder: str | None, trust_file: Path | None
) -> None:
    """Verify the evidence, then make query/ of it: a copy for speed that is derived and proves nothing."""
    root = root_of(context, folder)
    heads = ledger.heads(root)
    verify(root, trust=trusted(context, trust_file))
    if checking:
        found = find(root)
        if not isinstance(found, Copy):
            raise EvidenceError(
                f"{root}: {found.reason if found else 'no query/ is there'}; run: evidence compact"
            )
        check(root, found, rows=True)
        click.echo("query/ holds the rows of the records that it covers, no more and no fewer")
        return
    if not heads:
        raise EvidenceError(f"{root}: no evidence yet: the ledger is empty, so there is nothing to compact")
    copy = compact(root, heads)
    click.echo(f"query/: {sum(part.rows for part in copy.parts)} rows in {len(copy.parts)} files")


def tell_copy(root: Path) -> None:
    """Say of ``query/`` that it is derived.

    Raises:
        EvidenceError: it is not what its index says; the evidence itself is another matter.
    """
    found = find(root)
    if isinstance(found, Unusable):
        click.echo(f"query/ is derived, and no more used: {found.reason}; run: evidence compact", err=True)
    elif found is not None:
        check(root, found, rows=False)
        click.echo("query/ is derived: it was not verified, and is no evidence", err=True)
