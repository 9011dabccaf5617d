"""`holdfast taxonomy try`: what the rules make of a file."""

from datetime import UTC, datetime
from pathlib import Path

import click

from flows import sides
from flows.cli.context import Context
from flows.cli.taxonomy.places import laid, output_option, places_argument, say
from tasks.tried import changes_in
from taxonomy import explained


@click.command(name="try")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@places_argument
@output_option
@click.pass_context
def try_(ctx: click.Context, *, file: Path, directories: tuple[Path, ...], form: str) -> None:
    """Classify the changes of FILE: a plan as JSON, a document of detect or drift, or changes as YAML.

    Nothing is recorded.
    """
    context: Context = ctx.obj
    rulebook = laid(directories)
    tried = changes_in(file, now=datetime.now(UTC))
    if form == "json":
        document = [{"resource": one.resource, **explained.document(one.row, rulebook)} for one in tried]
        say(context, form, document, ())
        return
    for one in tried:
        named = sides.plain(f"{one.resource}  {one.row['attribute']}  ({one.row['direction']})")
        context.out.print(named, style="bold", markup=False)
        for line in explained.lines(one.row, rulebook):
            context.out.print(f"  {sides.plain(line)}", markup=False)
    if not tried:
        context.out.print("nothing in it has drifted")
