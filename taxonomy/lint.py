"""Hold the taxonomy to its word: it loads, each rule decides its examples, no meaning moved unsaid."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from taxonomy import oracle
from taxonomy.classify import classify
from taxonomy.direction import judge
from taxonomy.drift import UNCLASSIFIED
from taxonomy.errors import Problem, RuleError
from taxonomy.meaning import Meanings
from taxonomy.place import Place
from taxonomy.rule import Example, Rule
from taxonomy.rulebook import BUILTIN, Rulebook, load

_COLUMNS = {
    "n": "INTEGER",
    "layer": "VARCHAR",
    "provider": "VARCHAR",
    "account": "VARCHAR",
    "resource_type": "VARCHAR",
    "attribute": "VARCHAR",
    "kind": "VARCHAR",
    "environment": "VARCHAR",
    "declared": "VARCHAR",
    "actual": "VARCHAR",
    "direction": "VARCHAR",
    "drift_class": "VARCHAR",
    "reported_severity": "VARCHAR",
    "tags": "VARCHAR",
    "recurrence": "DOUBLE",
    "hours_open": "DOUBLE",
    "reported_controls": "VARCHAR[]",
}
"""What the table `changes` must have to be classified."""


def lint(directories: Iterable[str | Path] = (BUILTIN,)) -> Rulebook:
    """Load the taxonomy and prove it; return it.

    Raises:
        RuleError: a file is wrong, or a rule does not decide its own examples; all problems at once.
    """
    rulebook = load(directories)
    prove(rulebook)
    return rulebook


def prove(rulebook: Rulebook, rules: Iterable[Rule] | None = None) -> int:
    """Let rules decide their own examples, among all rules, in SQL and by the oracle.

    Args:
        rulebook: all rules.
        rules: whose examples; None for those of all.

    Returns:
        How many changes the examples stand for.

    Raises:
        RuleError: an example that should match is decided by another rule, or one that should not
            match is decided by this one, or the two ways differ.
    """
    cases = [
        (rule, example, row)
        for rule in (rulebook.rules if rules is None else rules)
        for example in rule.examples
        for row in changes_of(rule, example, rulebook.meanings)
    ]
    rows = [row for _, _, row in cases]
    by_sql, by_oracle = classified_as(rulebook, rows), decided_by_oracle(rulebook, rows)
    problems: list[Problem] = []
    for (rule, example, row), *decided in zip(cases, by_sql, by_oracle, strict=True):
        if wrong := _wrong(rule, example, row, decided):
            place = _blamed(rule, rulebook)
            where = _told(rule, example, row)
            problems.append(Problem(file=place.file, line=place.line, where=where, message=wrong))
    if problems:
        raise RuleError(problems)
    return len(cases)


def changes_of(rule: Rule, example: Example, meanings: Meanings) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table `changes` that the example stands for, their direction judged."""
    sides = example.declared, example.actual
    for row in example.rows(rule.when):
        judged = judge(row["resource_type"], row["attribute"], row["kind"], *sides, meanings=meanings)
        yield row | {"direction": judged}


def classified_as(rulebook: Rulebook, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the rule id that the SQL gives each row, in order."""
    written = [
        {name: row.get(name) for name in _COLUMNS} | {"n": n, "reported_controls": []}
        for n, row in enumerate(rows)
    ]
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE changes ({columns})")
        # one statement with all rows: a statement a row takes a second for a thousand
        connection.execute(
            "INSERT INTO changes SELECT unnest(from_json(?, ?), recursive := true)",
            [json.dumps(written), json.dumps([_COLUMNS])],
        )
        classify(connection, rulebook)
        decided = connection.sql("SELECT rule_id FROM classified ORDER BY n").fetchall()
    return [rule_id for (rule_id,) in decided]


def decided_by_oracle(rulebook: Rulebook, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the rule id that the oracle gives each row, in order.

    Rules that name other resource types than a row's are passed over; the oracle is asked of all others.
    """
    return [_decided(rulebook.typed.of(row["resource_type"]), row) for row in rows]


def _decided(rules: Iterable[Rule], row: Mapping[str, Any]) -> str:
    return next((rule.id for rule in rules if oracle.holds(rule.when, row)), UNCLASSIFIED)


def _blamed(rule: Rule, rulebook: Rulebook) -> Place:
    """Return where to look first: what an overlay last changed of the rule, else the rule."""
    changed = [place for one in rulebook.revisions if one.rule_id == rule.id for place in one.places.values()]
    return changed[-1] if changed else rulebook.places.get(rule.id) or Place(file=BUILTIN, line=0)


def _told(rule: Rule, example: Example, row: Mapping[str, Any]) -> str:
    """Return which example is meant, and of one that stands for several changes, which of them."""
    several = len(list(example.rows(rule.when))) > 1
    which = f" ({row['resource_type']}, {row['attribute']})" if several else ""
    return f"{rule.id}: example {example.name!r}{which}"


def _wrong(rule: Rule, example: Example, row: dict[str, Any], decided: Sequence[str]) -> str | None:
    by_sql, by_oracle = decided
    if by_oracle != by_sql:
        return f"the SQL says {by_sql}, the oracle says {by_oracle}; please report this"
    if example.match and by_sql != rule.id:
        failed = [p for p in oracle.predicates(rule.when, row) if not p.holds]
        why = "; ".join(f"{p.key} wants {p.wanted}, got {p.got}" for p in failed) or "it outranks this rule"
        return f"expected this rule to decide, but {by_sql} did: {why}"
    if not example.match and by_sql == rule.id:
        return "expected this rule not to decide, but it did"
    return None
