"""`holdfast taxonomy lint`, `test` and `lock`: rules are held to their word."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli.context import Context
from flows.cli.taxonomy.places import laid, output_option, places_argument, say
from taxonomy import lint as linting
from taxonomy import lock as locks
from taxonomy.diff import RuleChange, compare, meanings, reasons
from taxonomy.errors import Problem, RuleError
from taxonomy.patterns import unhit
from taxonomy.rule import Rule
from taxonomy.rulebook import BUILTIN, Rulebook
from taxonomy.waiver_files import read_waivers, refuse_wrong


@click.command()
@places_argument
@output_option
@click.pass_context
def lint(ctx: click.Context, *, directories: tuple[Path, ...], form: str) -> None:
    """Read the rules and waivers, hold rules to their locks, and list everything that is wrong.

    Rules that DIRECTORIES write or change decide their examples too; `test` proves those of all rules. What
    DIRECTORIES loosen is told, and is no error.
    """
    rulebook = laid(directories)
    problems = _problems(rulebook, directories)
    if problems:
        raise RuleError(problems)
    moved = compare(meanings(rulebook.underneath), meanings(rulebook.rules), reasons(rulebook))
    left = [one for one in unhit(rulebook) if one.place.file.startswith(f"{BUILTIN}/")]
    document = {
        "rules": len(rulebook.rules),
        "digest": rulebook.digest,
        "moved": [change.document() for change in moved],
        "unhit": [{"rule_id": one.rule_id, "key": one.key, "glob": one.glob} for one in left],
    }
    lines = [_moved_line(change, rulebook) for change in moved if change.effect in {"loosened", "undecided"}]
    if left:
        lines.append(f"{len(left)} patterns of the built-in rules are hit by no example; -o json lists them")
    lines.append(f"{len(rulebook.rules)} rules, {rulebook.digest[:12]}: nothing wrong")
    say(ctx.obj, form, document, lines)


@click.command()
@places_argument
@output_option
@click.pass_context
def test(ctx: click.Context, *, directories: tuple[Path, ...], form: str) -> None:
    """Let every rule decide its own examples, in SQL and in Python."""
    context: Context = ctx.obj
    rulebook = laid(directories)
    examples = sum(len(rule.examples) for rule in rulebook.rules)
    with context.err.status(f"{len(rulebook.rules)} rules decide {examples} examples"):
        changes = linting.prove(rulebook)
    document = {"rules": len(rulebook.rules), "examples": examples, "changes": changes}
    said = f"{len(rulebook.rules)} rules decide their {examples} examples, which stand for {changes} changes"
    say(context, form, document, [said])


@click.command()
@places_argument
@click.option("--builtin", is_flag=True, help="Of the rules that come with Holdfast: for its developers.")
@click.pass_context
def lock(ctx: click.Context, *, directories: tuple[Path, ...], builtin: bool) -> None:
    """Write down what each rule of the last of DIRECTORIES means, so that none moves unsaid."""
    context: Context = ctx.obj
    if builtin is bool(directories):
        raise click.UsageError("expected the directory whose rules are to be locked, or --builtin alone")
    rulebook = laid(directories)
    path, directory = _lock_of(directories[-1] if directories else None)
    locks.write_lock(rulebook, path, directory=directory)
    context.err.print(f"{path}: {len(locks.read_lock(path).rules)} rules", markup=False, soft_wrap=True)


def _problems(rulebook: Rulebook, directories: tuple[Path, ...]) -> list[Problem]:
    """Return all that is wrong with rules that can be read, not only the first kind of it."""
    own = [rule for rule in rulebook.rules if _written_in(rule, rulebook, directories)]
    checks: list[Callable[[], object]] = [lambda: linting.prove(rulebook, own)] if own else []
    if not directories:
        checks.append(lambda: locks.check_lock(rulebook))
    waivers = read_waivers((folder, str(folder)) for folder in directories)
    checks.append(lambda: refuse_wrong(waivers, now=datetime.now(UTC)))
    for number, one in enumerate(directories, start=1):
        path, name = _lock_of(one)
        if path.is_file():
            below = rulebook if number == len(directories) else laid(directories[:number])
            checks.append(_checking(below, path, name))
    found = [problem for check in checks for problem in _refused(check)]
    bare = [one for one in unhit(rulebook) if not one.place.file.startswith(f"{BUILTIN}/")]
    return [*found, *(one.problem() for one in bare)]


def _written_in(rule: Rule, rulebook: Rulebook, directories: tuple[Path, ...]) -> bool:
    inside = tuple(f"{directory}/" for directory in directories)
    return any(place.file.startswith(inside) for place in rulebook.fields[rule.id].values())


def _checking(rulebook: Rulebook, path: Path, name: str) -> Callable[[], object]:
    return lambda: locks.check_lock(rulebook, path, directory=name)


def _refused(check: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        check()
    except RuleError as error:
        return tuple(problem for problem in error.problems)
    return ()


def _lock_of(directory: Path | None) -> tuple[Path, str]:
    return (locks.LOCK, BUILTIN) if directory is None else (directory / locks.NAME, str(directory))


def _moved_line(change: RuleChange, rulebook: Rulebook) -> str:
    fields = rulebook.fields.get(change.rule_id, {})
    named = next((one.field for one in change.differences if one.effect == change.effect), "id")
    place = fields.get(named) or rulebook.retired_at.get(change.rule_id)
    return f"{place}: {change}{f': {change.reason}' if change.reason else ''}"
