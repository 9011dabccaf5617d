"""`holdfast taxonomy coverage`, `show` and `docs`: what the rules say, for people."""

from collections.abc import Iterator
from pathlib import Path

import click
from rich.table import Table

from flows.cli.context import Context
from flows.cli.taxonomy.places import laid, output_option, places_argument, say, table
from taxonomy import coverage as covering
from taxonomy import pages
from taxonomy import schema as schemas
from taxonomy.coverage import Coverage
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook


@click.command()
@places_argument
@output_option
@click.option("--types", is_flag=True, help="List every resource type, too.")
@click.pass_context
def coverage(ctx: click.Context, *, directories: tuple[Path, ...], form: str, types: bool) -> None:
    """Count what the rules cover, and name what they don't of the resource types that matter most."""
    found = covering.coverage(laid(directories))
    say(ctx.obj, form, found.document(), _tables(found, types=types))


@click.command()
@click.argument("rule_id")
@places_argument
@output_option
@click.pass_context
def show(ctx: click.Context, *, rule_id: str, directories: tuple[Path, ...], form: str) -> None:
    """Show one rule with where each of its fields was written; also why an id is retired."""
    rulebook = laid(directories)
    if (gone := rulebook.retired.get(rule_id)) is not None:
        say(ctx.obj, form, {"id": rule_id, "retired": gone.reason}, [f"{rule_id} is retired: {gone.reason}"])
        return
    rule = rulebook.by_id.get(rule_id)
    if rule is None:
        near = [known for known in sorted(rulebook.by_id) if known.startswith(rule_id[:6])]
        raise click.UsageError(f"no rule is called {rule_id}; near it: {', '.join(near) or 'none'}")
    say(ctx.obj, form, _document(rule, rulebook), _lines(rule, rulebook))


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def docs(ctx: click.Context, *, directory: Path) -> None:
    """Write the pages about the built-in rules into DIRECTORY, one an area; those of areas now gone go."""
    context: Context = ctx.obj
    made = pages.pages(laid(()))
    directory.mkdir(parents=True, exist_ok=True)
    for old in set(directory.glob("*.md")) - {directory / name for name in made}:
        if pages.MADE in old.read_text("utf-8", errors="replace"):
            old.unlink()
    for name, text in made.items():
        (directory / name).write_text(text, "utf-8")
    context.err.print(f"{directory}: {len(made)} pages", markup=False, soft_wrap=True)


def _tables(found: Coverage, *, types: bool) -> Iterator[Table | str]:
    columns = ("area", "rules", "types", "patterns", "controls")
    yield table(
        "by area",
        columns,
        ((a.area, a.rules, a.resource_types, a.patterns, a.controls) for a in found.areas),
    )
    cited = ((name, known, of) for name, (known, of) in found.frameworks.items())
    yield table("controls", ("framework", "cited", "of"), cited)
    if types:
        rows = (
            (one.resource_type, one.rules, one.patterns, one.controls, " ".join(one.areas) or "none")
            for one in found.types
        )
        yield table("by resource type", ("type", "rules", "patterns", "controls", "areas"), rows)
    yield (
        f"{found.rules} rules, {found.resource_types} resource types and families of them, "
        f"{found.patterns} attribute patterns, {found.changes} example changes"
    )
    yield (
        f"of the {found.most_checked} most checked resource types, no rule names {len(found.not_covered)}; "
        f"there only rules for any type hold, else review:"
    )
    yield "  " + (" ".join(found.not_covered) or "none")


def _document(rule: Rule, rulebook: Rulebook) -> dict[str, object]:
    places = {field: str(place) for field, place in rulebook.fields.get(rule.id, {}).items()}
    return {**rule.model_dump(mode="json", by_alias=True, exclude_unset=True), "places": places}


def _lines(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    written = rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
    places = rulebook.fields.get(rule.id, {})
    for field, value in written.items():
        if field != "examples":
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield f"{field:16} {shown}   [{places.get(field, '')}]"
    for example in rule.examples:
        yield f"{'matches' if example.match else 'does not match':16} {example.name}"


@click.command()
def schema() -> None:
    """Print the form of a file of rules as JSON Schema, for editors."""
    click.echo(schemas.text(), nl=False)
