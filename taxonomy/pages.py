"""The pages about the rules, made from them: one an area, and one of what is covered and what is not."""

from collections.abc import Iterator

from taxonomy.coverage import Coverage, area_of, coverage
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook

INDEX = "README.md"

MADE = "<!-- made by `holdfast taxonomy docs`; write the rules, not this page -->"
"""Stands in each page that is made, and tells it from pages that people wrote."""


def pages(rulebook: Rulebook) -> dict[str, str]:
    """Return the text of each page, by file name.

    Raises:
        RuleError: the installation is damaged.
    """
    by_area: dict[str, list[Rule]] = {}
    for rule in rulebook.rules:
        by_area.setdefault(area_of(rule, rulebook), []).append(rule)
    made = {f"{area}.md": "\n".join(_page(area, rules)) + "\n" for area, rules in sorted(by_area.items())}
    return {INDEX: "\n".join(_index(coverage(rulebook), rulebook)) + "\n", **made}


def _index(covered: Coverage, rulebook: Rulebook) -> Iterator[str]:
    yield from ("# The built-in rules", "", MADE, "")
    yield f"{covered.rules} rules with {covered.patterns} attribute patterns over {covered.resource_types}"
    yield "resource types and families of them."
    yield from ("", "| area | rules | types | patterns | controls |", "|---|--:|--:|--:|--:|")
    for a in covered.areas:
        yield f"| [{a.area}]({a.area}.md) | {a.rules} | {a.resource_types} | {a.patterns} | {a.controls} |"
    yield from ("", "| framework | controls cited | of |", "|---|--:|--:|")
    for name, (cited, known) in covered.frameworks.items():
        yield f"| {name} | {cited} | {known} |"
    yield from ("", "## Not covered", "")
    yield f"Of the {covered.most_checked} resource types that the most public checks are about, no rule names"
    yield f"{len(covered.not_covered)}. There only rules for any type hold; what none matches goes to review."
    yield from ("", *(f"- `{name}`" for name in covered.not_covered))
    yield from ("", f"The ranking: {' '.join(covered.source.split())}.")
    if rulebook.retired:
        yield from ("", "## Retired", "", "| id | reason | decided now by |", "|---|---|---|")
        for one in rulebook.retired.values():
            yield f"| `{one.id}` | {_cell(one.reason)} | {' '.join(f'`{heir}`' for heir in one.heirs)} |"


def _page(area: str, rules: list[Rule]) -> Iterator[str]:
    yield from (f"# Rules: {area}", "", MADE, "")
    yield from ("| id | title | severity | tier | controls |", "|---|---|---|---|---|")
    for rule in rules:
        controls = " ".join(f"`{name}`" for name in rule.controls)
        named = f"[{rule.id}](#{rule.id})"
        yield f"| {named} | {_cell(rule.title)} | {rule.severity} | {rule.tier} | {controls} |"
    for rule in rules:
        yield from ("", f"## {rule.id}", "", f"**{rule.title}**", "", _text(rule.because), "")
        yield from _when(rule)
        yield from (f"- When it is wrong: {_text(said)}" for said in rule.false_positives)


def _when(rule: Rule) -> Iterator[str]:
    for key, value in rule.meaning()["when"].items():
        shown = value if isinstance(value, list) else [value]
        yield f"- `{key}`: {', '.join(f'`{one}`' for one in shown)}"


def _text(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")
