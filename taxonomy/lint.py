"""Hold the taxonomy to its word: it loads, each rule decides its examples, no meaning moved unsaid."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from taxonomy import oracle
from taxonomy.classify import classify
from taxonomy.direction import judge
from taxonomy.errors import Problem, RuleError
from taxonomy.meaning import Meanings
from taxonomy.rule import Example, Rule
from taxonomy.rulebook import BUILTIN, Rulebook, load

LOCK = Path(__file__).with_name("rules.lock")
"""One line per built-in rule: its id and the digest of its meaning."""

_COLUMNS = (
    "layer",
    "provider",
    "resource_type",
    "attribute",
    "kind",
    "environment",
    "declared",
    "actual",
    "direction",
    "drift_class",
    "reported_severity",
    "tags",
)


def lint(directories: Iterable[str | Path] = (BUILTIN,)) -> Rulebook:
    """Load the taxonomy and prove it; return it.

    Raises:
        RuleError: a file is wrong, or a rule does not decide its own examples; all problems at once.
    """
    rulebook = load(directories)
    prove(rulebook)
    return rulebook


def prove(rulebook: Rulebook) -> None:
    """Let every rule decide its own examples, among all rules, in SQL and by the oracle.

    Raises:
        RuleError: an example that should match is decided by another rule, or one that should not
            match is decided by this one, or the two ways differ.
    """
    cases = [
        (rule, example, row)
        for rule in rulebook.rules
        for example in rule.examples
        for row in changes_of(rule, example, rulebook.meanings)
    ]
    by_sql = classified_as(rulebook, [row for _, _, row in cases])
    problems: list[Problem] = []
    for (rule, example, row), decided in zip(cases, by_sql, strict=True):
        if wrong := _wrong(rule, example, row, decided, rulebook):
            place = rulebook.places.get(rule.id)
            file, line = (place.file, place.line) if place else (BUILTIN, 0)
            problems.append(Problem(file=file, line=line, where=_told(rule, example, row), message=wrong))
    if problems:
        raise RuleError(problems)


def changes_of(rule: Rule, example: Example, meanings: Meanings) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table `changes` that the example stands for, their direction judged."""
    sides = example.declared, example.actual
    for row in example.rows(rule.when):
        about = row["resource_type"], row["attribute"], row["kind"]
        yield row | {"direction": judge(*about, *sides, meanings=meanings)}


def classified_as(rulebook: Rulebook, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the rule id that the SQL gives each row, in order."""
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} VARCHAR" for name in _COLUMNS)
        connection.execute(f"CREATE TABLE changes (n INTEGER, {columns}, reported_controls VARCHAR[])")
        insert = f"INSERT INTO changes VALUES ({', '.join('?' * (len(_COLUMNS) + 2))})"  # noqa: S608 - only marks
        written = [(n, *(row[name] for name in _COLUMNS), []) for n, row in enumerate(rows)]
        if written:
            connection.executemany(insert, written)
        classify(connection, rulebook)
        return [
            rule_id for (rule_id,) in connection.sql("SELECT rule_id FROM classified ORDER BY n").fetchall()
        ]


def write_lock(rulebook: Rulebook, path: Path = LOCK) -> None:
    """Write down what every rule means now."""
    digests = _digests(rulebook)
    path.write_text(json.dumps(digests, indent=1, sort_keys=True) + "\n", "utf-8")


def check_lock(rulebook: Rulebook, path: Path = LOCK) -> None:
    """Compare what every rule means with what was written down.

    Raises:
        RuleError: a rule is new, gone, or means something else; all of them at once.
    """
    try:
        locked: dict[str, str] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError(
            [Problem(file=path.name, line=0, where="", message=f"can't be read: {error}")]
        ) from error
    digests = _digests(rulebook)
    problems = [
        Problem(
            file=path.name, line=0, where=rule_id, message=f"{moved}; if it is meant, write the lock anew"
        )
        for rule_id in sorted(digests.keys() | locked.keys())
        if (moved := _moved(digests.get(rule_id), locked.get(rule_id)))
    ]
    if problems:
        raise RuleError(problems)


def _digests(rulebook: Rulebook) -> dict[str, str]:
    """Return the digest of each rule by id, and of what values mean, which decides what rules match."""
    return {rule.id: rule.digest for rule in rulebook.rules} | {"directions": rulebook.meanings.digest}


def _moved(digest: str | None, locked: str | None) -> str | None:
    if digest == locked:
        return None
    if locked is None:
        return "is a new rule"
    return "is gone; ids are never used again" if digest is None else "means something else than before"


def _told(rule: Rule, example: Example, row: Mapping[str, Any]) -> str:
    """Return which example is meant, and of one that stands for several changes, which of them."""
    several = len(list(example.rows(rule.when))) > 1
    which = f" ({row['resource_type']}, {row['attribute']})" if several else ""
    return f"{rule.id}: example {example.name!r}{which}"


def _wrong(rule: Rule, example: Example, row: dict[str, Any], decided: str, rulebook: Rulebook) -> str | None:
    by_oracle = oracle.decide(row, rulebook).rule_id
    if by_oracle != decided:
        return f"the SQL says {decided}, the oracle says {by_oracle}; please report this"
    if example.match and decided != rule.id:
        failed = [p for p in oracle.predicates(rule.when, row) if not p.holds]
        why = "; ".join(f"{p.key} wants {p.wanted}, got {p.got}" for p in failed) or "it outranks this rule"
        return f"expected this rule to decide, but {decided} did: {why}"
    if not example.match and decided == rule.id:
        return "expected this rule not to decide, but it did"
    return None
