"""`holdfast taxonomy`: work on rules."""

from collections import Counter
from pathlib import Path

import click
from rich.table import Table

from flows.cli.context import Context
from taxonomy import lint as linting
from taxonomy import schema as schemas
from taxonomy.rulebook import BUILTIN, load

places_argument = click.argument("directories", nargs=-1, type=click.Path(path_type=Path))


@click.group()
def taxonomy() -> None:
    """Check rules, prove their examples, and show what they cover."""


@taxonomy.command()
@places_argument
def lint(directories: tuple[Path, ...]) -> None:
    """Read the built-in rules, then DIRECTORIES over them, and list everything that is wrong."""
    rulebook = linting.lint((BUILTIN, *directories))
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


@taxonomy.command()
def schema() -> None:
    """Print the form of a file of rules as JSON Schema, for editors."""
    click.echo(schemas.text(), nl=False)
