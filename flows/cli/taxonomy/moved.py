"""`holdfast taxonomy diff` and `preview`: what an edit of the rules says otherwise, and would have done."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.table import Table

from evidence.query import connect
from evidence.verify import verify
from flows.cli.context import Context
from flows.cli.taxonomy.places import laid, output_option, say, table
from flows.settings import Settings
from tasks.errors import ToolError
from tasks.rehearsal import Move, Rehearsal, rehearse
from taxonomy.diff import RuleChange, compare_rulebooks
from taxonomy.rulebook import BUILTIN, Rulebook, load


@click.command()
@click.argument("directories", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@output_option
@click.pass_context
def diff(ctx: click.Context, *, directories: tuple[Path, ...], form: str) -> None:
    """Say what DIR_B says otherwise than DIR_A, each over the built-in rules; of one, than these alone."""
    if len(directories) > 2:  # noqa: PLR2004 - two sides
        raise click.UsageError("expected one directory or two")
    *first, second = directories
    found = compare_rulebooks(laid(first), laid([second]))
    lines = [_line(change) for change in found] or ["no rule means anything else"]
    say(ctx.obj, form, [change.document() for change in found], lines)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--days", default=90, show_default=True, type=click.IntRange(min=1), help="How far back.")
@output_option
@click.pass_context
def preview(ctx: click.Context, *, directory: Path, days: int, form: str) -> None:
    """Say what the rules with DIRECTORY would have made of the drift recorded in the estate's evidence.

    DIRECTORY takes its place among the estate's own, or comes last. Nothing is recorded.
    """
    context: Context = ctx.obj
    settings = context.settings
    rulebook = with_directory(settings, directory)
    if not settings.root.is_dir():
        raise ToolError(f"{settings.root}: no evidence yet, so there is nothing to try the rules on")
    verify(settings.root, trust=settings.trust)
    since = datetime.now(UTC) - timedelta(days=days)
    with closing(connect(settings.root)) as connection:
        found = rehearse(connection, rulebook, since=since)
    document = {
        "since": since.isoformat(),
        "drifts": found.drifts,
        "moved": len(found.moves),
        "counts": [
            {"effect": effect, "move": said, "drifts": number} for effect, said, number in found.counts()
        ],
        "moves": [move.document() for move in found.moves],
    }
    say(context, form, document, _told(found, days))


def with_directory(settings: Settings, directory: Path) -> Rulebook:
    """Return the estate's rules with a directory over them, in its own place where it is one of them.

    Raises:
        RuleError: everything that is wrong with them.
    """
    named = [name if name == BUILTIN else settings.folder / name for name in settings.estate.taxonomy]
    own = {Path(one).resolve() for one in named if one != BUILTIN}
    return load(named if directory.resolve() in own else [*named, directory])


def _told(found: Rehearsal, days: int) -> list[Table | str]:
    lines: list[Table | str] = [
        f"{number} {'drift' if number == 1 else 'drifts'} {said} ({effect})"
        for effect, said, number in found.counts()
    ]
    lines.append(f"{len(found.moves)} of {found.drifts} drifts of the last {days} days would have moved")
    if found.moves:
        columns = ("", "drift", "resource", "was", "would be")
        lines.insert(-1, table("", columns, (_row(move) for move in found.moves)))
    return lines


def _row(move: Move) -> tuple[str, ...]:
    was, now = (f"{one.severity} {one.tier} {one.rule_id}" for one in (move.was, move.now))
    return move.effect, move.drift_id[:12], move.resource_id, was, now


def _line(change: RuleChange) -> str:
    return f"{change}{f': {change.reason}' if change.reason else ''}"
