"""What the commands over rules share: which directories they are about, and how they speak."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from flows import report
from flows.cli.context import Context
from taxonomy.rulebook import BUILTIN, Rulebook, load

places_argument = click.argument("directories", nargs=-1, type=click.Path(path_type=Path))

output_option = click.option(
    "-o", "--output", "form", type=click.Choice(["table", "json"]), default="table", help="table or json."
)


def laid(directories: Iterable[Path]) -> Rulebook:
    """Return the built-in rules with directories over them.

    Raises:
        RuleError: everything that is wrong with them.
    """
    return load((BUILTIN, *directories))


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Return a table whose numbers stand to the right."""
    made = Table(title=title, box=None, pad_edge=False, header_style="bold", title_justify="left")
    listed = [[str(cell) for cell in row] for row in rows]
    for number, name in enumerate(columns):
        right = bool(listed) and all(row[number].isdigit() for row in listed)
        made.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in listed:
        made.add_row(*row)
    return made


def say(context: Context, form: str, document: Any, tables: Iterable[Table | str]) -> None:
    """Print one JSON document, or tables and lines for people."""
    if form == "json":
        click.echo(report.dumps(document))
        return
    for one in tables:
        context.out.print(one, markup=False, soft_wrap=isinstance(one, str))
