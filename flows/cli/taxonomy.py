"""`holdfast taxonomy`: work on rules."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.table import Table

from flows.cli.context import Context
from flows.cli.controls import controls
from taxonomy import lint as linting
from taxonomy.rulebook import BUILTIN, load
from taxonomy.waiver_files import read_waivers, refuse_wrong

places_argument = click.argument("directories", nargs=-1, type=click.Path(path_type=Path))


@click.group()
def taxonomy() -> None:
    """Check rules, prove their examples, and show what they cover."""


taxonomy.add_command(controls)


@taxonomy.command()
@places_argument
def lint(directories: tuple[Path, ...]) -> None:
    """Read the built-in rules, then DIRECTORIES over them, waivers too; list all that is wrong."""
    rulebook = linting.lint((BUILTIN, *directories))
    refuse_wrong(read_waivers((folder, str(folder)) for folder in directories), now=datetime.now(UTC))
    click.echo(f"{len(rulebook.rules)} rules, {rulebook.digest[:12]}: nothing wrong")


@taxonomy.command()
@places_argument
def test(directories: tuple[Path, ...]) -> None:
    """Let every rule decide its own examples, in SQL and in Python."""
    rulebook = load((BUILTIN, *directories))
    linting.prove(rulebook)
    examples = sum(len(rule.examples) for rule in rulebook.ordered)
    click.echo(f"{len(rulebook.rules)} rules decide their {examples} examples")


@taxonomy.command()
@places_argument
@click.pass_context
def coverage(ctx: click.Context, *, directories: tuple[Path, ...]) -> None:
    """Count the rules by layer, and the controls that they cite by framework."""
    context: Context = ctx.obj
    rulebook = load((BUILTIN, *directories))
    layers = Counter(layer for rule in rulebook.ordered for layer in (rule.when.layer or ("any layer",)))
    cited = {control for rule in rulebook.ordered for control in rule.controls}
    frameworks = Counter(control.split(":")[0] for control in cited)
    for title, counted in (("rules by layer", layers), ("controls cited, by framework", frameworks)):
        table = Table(title=title, header_style="bold", title_justify="left")
        table.add_column("")
        table.add_column("count", justify="right")
        for name, count in sorted(counted.items()):
            table.add_row(name, str(count))
        context.out.print(table)
