"""`holdfast taxonomy controls`: what a control is, which rules cite it, what a crosswalk relates to it."""

from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from flows import report
from flows.cli.context import Context
from taxonomy.cited import ANY, cited
from taxonomy.controls import Control
from taxonomy.crosswalk import related
from taxonomy.rulebook import BUILTIN, Rulebook, load


@click.command()
@click.argument("name", metavar="[ID]", required=False)
@click.argument("directories", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def controls(ctx: click.Context, *, name: str | None, directories: tuple[Path, ...], form: str) -> None:
    """Show a control as FRAMEWORK:ID, or as tools spell it; without one, count all by framework.

    What cites a control is a rule. What a crosswalk relates to it is shown as such and cited by nothing.
    """
    context: Context = ctx.obj
    rulebook = load((BUILTIN, *directories))
    if name is None:
        found = [framework_document(rulebook, framework) for framework in _frameworks(rulebook)]
        context.out.print(_overview(found)) if form == "table" else click.echo(report.dumps(found))
        return
    document = control_document(rulebook, _named(rulebook, name))
    if form == "json":
        click.echo(report.dumps(document))
        return
    for label in ("control", "title", "family", "framework", "url"):
        context.out.print(f"{label:10} {document[label] or ''}", markup=False)
    context.out.print(f"{'cited by':10} {', '.join(document['cited_by']) or 'no rule'}", markup=False)
    context.out.print(f"{'for':10} {_extent(document)}", markup=False)
    context.out.print(_related(document["related"]) if document["related"] else "related to no other")


def control_document(rulebook: Rulebook, control: Control) -> dict[str, Any]:
    """Return a control with what it is cited for and what the crosswalk relates, as plain JSON values.

    Rules that cite a control below it count: ``2.2.1`` is a part of ``2.2``.
    """
    found = cited(rulebook, control.name)
    known = rulebook.catalogue.controls
    others = [
        {
            "control": one.name,
            "title": known[one.name].title,
            "vendors": one.vendors,
            "checks": one.checks,
            "backing": one.backing,
        }
        for one in related(control.name)
        if one.name in known
    ]
    return {
        "control": control.name,
        "title": control.title,
        "family": control.family,
        "framework": control.framework,
        "url": control.url,
        "cited_by": [rule.id for rule in found.rules],
        "patterns": found.patterns,
        "cited_for": {kind: list(attributes) for kind, attributes in found.attributes.items()},
        "related": others,
    }


def framework_document(rulebook: Rulebook, framework: str) -> dict[str, Any]:
    """Return how many controls of a framework may be cited, are cited, and were withdrawn."""
    catalogue = rulebook.catalogue
    of_it = {name for name, control in catalogue.controls.items() if control.framework == framework}
    cited = Counter(name for rule in rulebook.rules for name in rule.controls if name in of_it)
    withdrawn = [name for name in catalogue.withdrawn if name.startswith(f"{framework}:")]
    return {
        "framework": framework,
        "controls": len(of_it),
        "cited": len(cited),
        "citations": cited.total(),
        "withdrawn": len(withdrawn),
    }


def _frameworks(rulebook: Rulebook) -> list[str]:
    return sorted({control.framework for control in rulebook.catalogue.controls.values()})


def _named(rulebook: Rulebook, name: str) -> Control:
    catalogue = rulebook.catalogue
    if heirs := catalogue.withdrawn.get(name):
        raise click.UsageError(f"{name} was withdrawn; see {', '.join(heirs)}")
    if name in catalogue:
        return catalogue.controls[name]
    if (read := catalogue.normalise(name)) is not None:
        return catalogue.controls[read]
    frameworks = ", ".join(_frameworks(rulebook))
    raise click.UsageError(f"{name} is not a known control; expected FRAMEWORK:ID of one of {frameworks}")


def _extent(document: dict[str, Any]) -> str:
    types = [kind for kind in document["cited_for"] if kind != ANY]
    anything = ", and of any type" if ANY in document["cited_for"] else ""
    return f"{document['patterns']} attributes of {len(types)} resource types{anything}"


def _overview(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("framework")
    for column in ("controls", "cited", "citations", "withdrawn"):
        table.add_column(column, justify="right")
    for one in found:
        table.add_row(*(str(value) for value in one.values()))
    return table


def _related(others: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("related, cited by nothing", "backed by", "title"):
        table.add_column(column, overflow="fold")
    for one in others:
        table.add_row(one["control"], one["backing"], Text(one["title"]))
    return table
