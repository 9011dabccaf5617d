"""Classify the table `changes` by a rulebook: one SQL CASE over what the rules can tell apart.

The rules become one CASE, in deciding order; its number finds the rule's severity, tier and controls.
It is asked once for each distinct signature (what rules look at, values only as the answers to the tests that
some rule makes), and each row finds its signature's answer: many rows drift alike. A join with a table
of rules would be twenty times slower.

What no rule can loosen: a change goes to a person, and not to the auto tier, where the remedy
would weaken what is live (`strengthened`), where nobody judged it (`unknown`), where the rule does not
itself name `weakened`, where something is missing, unmanaged or noncompliant, and where applying the
code would not undo it.
"""

from collections.abc import Iterable
from typing import Any

import duckdb

from taxonomy.controls import UNMAPPED
from taxonomy.drift import SEVERITIES, UNCLASSIFIED, Severity
from taxonomy.rule import Rule, ValueTest, When, canonical
from taxonomy.rulebook import Rulebook

UNMATCHED_SEVERITY: Severity = "medium"
"""How bad a change is that no rule matches and no tool has graded."""

LOOKED_AT = {
    "layer": "layer",
    "provider": "provider",
    "lowered": "lower(resource_type)",
    "attribute": "attribute",
    "kind": "kind",
    "environment": "environment",
    "direction": "direction",
    "drift_class": "drift_class",
    "reported_severity": "reported_severity",
    "reported_controls": "coalesce(reported_controls, [])",
}
"""What a signature holds beside the answers to value tests: name to SQL over a row of `changes`."""

_DECIDED = """
CREATE OR REPLACE TEMP TABLE decided AS
WITH signatures AS MATERIALIZED (
    SELECT DISTINCT {signature} AS signature FROM changes
), numbered AS MATERIALIZED (
    SELECT *, {case} AS ord FROM (SELECT signature, signature.* FROM signatures)
), cited AS MATERIALIZED (
    SELECT ord, reported_controls,
           list_intersect(reported_controls, (SELECT list(name) FROM known_controls)) AS known
    FROM (SELECT DISTINCT ord, reported_controls FROM numbered)
)
SELECT n.signature, m.rule_id,
       CASE WHEN m.severity IS NOT NULL THEN m.severity
            WHEN n.reported_severity IN ({severities}) THEN n.reported_severity
            ELSE '{unmatched}' END AS severity,
       CASE WHEN m.tier = 'auto' AND NOT coalesce(
                n.kind = 'changed' AND n.drift_class = 'A'
                AND (n.direction = 'lateral' OR (n.direction = 'weakened' AND m.says_weakened)), false)
            THEN 'review' ELSE m.tier END AS tier,
       CASE WHEN len(m.controls) + len(c.known) = 0 THEN ['{unmapped}']
            ELSE list_sort(list_distinct(list_concat(m.controls, c.known))) END AS controls
FROM numbered AS n
JOIN meaning AS m USING (ord)
JOIN cited AS c ON c.ord = n.ord AND c.reported_controls = n.reported_controls
"""

_CLASSIFIED = """
CREATE OR REPLACE TABLE classified AS
SELECT n.*, d.rule_id, d.severity, d.tier, d.controls
FROM changes AS n JOIN decided AS d ON {signature} = d.signature
"""


def classify(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook) -> None:
    """Make the table `classified` from `changes`: its columns, then rule_id, severity, tier, controls.

    Args:
        connection: holds the table `changes` of `tasks.merge`, `direction` included.
        rulebook: what decides.

    A change that no rule matches is ``unclassified``: review, as severe as its tool says, else medium.
    Controls are the rule's and those the tool reported that the catalogue knows; never an empty list.

    Raises:
        duckdb.Error: the table `changes` is not there or lacks a column.
    """
    tests: dict[str, str] = {}
    case = compiled(rulebook.ordered, tests)
    signature = _signature(tests)
    _write_meaning(connection, rulebook)
    connection.execute(
        _DECIDED.format(
            signature=signature,
            case=case,
            severities=", ".join(quoted(severity) for severity in SEVERITIES),
            unmatched=UNMATCHED_SEVERITY,
            unmapped=UNMAPPED,
        )
    )
    connection.execute(_CLASSIFIED.format(signature=signature))


def _signature(tests: dict[str, str]) -> str:
    fields = {**LOOKED_AT, **{name: test for test, name in tests.items()}}
    return "{" + ", ".join(f"'{name}': {sql}" for name, sql in fields.items()) + "}"


def compiled(rules: Iterable[Rule], tests: dict[str, str]) -> str:
    """Return the CASE that numbers each signature by the first rule that holds, from 0; -1 is none.

    Args:
        rules: in deciding order.
        tests: gets each test of a value or tag as SQL over `changes`, with the name it has in the signature.
    """
    lines = [f"WHEN {condition(rule.when, tests)} THEN {number}" for number, rule in enumerate(rules)]
    return "CASE {} ELSE -1 END".format("\n".join(lines)) if lines else "-1"


def condition(when: When, tests: dict[str, str]) -> str:
    """Return the SQL condition over a signature; tests of values are added to `tests` and asked by name."""
    parts = [
        _any(f"contains(layer, {quoted(layer)})" for layer in when.layer or ()),
        _any(_like("provider", glob) for glob in when.provider or ()),
        _any(_like("lowered", glob) for glob in when.resource_type or ()),
        _any(_like("attribute", glob) for glob in _with_parents(when.attribute or ())),
        _among("kind", when.kind or ()),
        _among("direction", when.direction or ()),
        _any(_like("environment", glob) for glob in when.environment or ()),
        _among("reported_severity", when.reported_severity or ()),
    ]
    asked = [
        *_value("declared", when.declared),
        *_value("actual", when.actual),
        *(_any(_like(_tag(key), glob) for glob in globs) for key, globs in (when.tags or {}).items()),
    ]
    parts += [tests.setdefault(test, f"test_{len(tests)}") for test in asked]
    return " AND ".join(part for part in parts if part)


def quoted(text: str) -> str:
    """Return the text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def _any(conditions: Iterable[str]) -> str:
    found = list(conditions)
    return f"({' OR '.join(found)})" if len(found) > 1 else "".join(found)


def _among(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(quoted(word) for word in words)
    return f"{column} IN ({listed})" if words else ""


def _like(column: str, glob: str) -> str:
    if glob == "*":
        return f"{column} IS NOT NULL"
    return f"{column} GLOB {quoted(glob)}" if "*" in glob else f"{column} = {quoted(glob)}"


def _with_parents(globs: tuple[str, ...]) -> Iterable[str]:
    for glob in globs:
        yield glob
        if glob.endswith(".*"):
            yield glob.removesuffix(".*")


def _value(column: str, test: ValueTest | None) -> Iterable[str]:
    """Both NULL and the JSON null say that nothing stands there."""
    if test is None:
        return
    text = f"coalesce({column}, 'null')"
    if test.equals is not None:
        yield f"{text} = {quoted(canonical(test.equals))}"
    if test.one_of is not None:
        yield _among(text, tuple(canonical(value) for value in test.one_of))
    if test.contains is not None:
        yield _any(f"contains({text}, {quoted(part)})" for part in test.contains)
    if test.null is not None:
        yield f"{text} {'=' if test.null else '<>'} 'null'"


def _tag(key: str) -> str:
    pointer = key.replace("~", "~0").replace("/", "~1")
    return f"json_extract_string(tags, {quoted('/' + pointer)})"


def _write_meaning(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook) -> None:
    rows: list[tuple[Any, ...]] = [
        (
            number,
            rule.id,
            rule.severity,
            rule.tier,
            "weakened" in (rule.when.direction or ()),
            list(rule.controls),
        )
        for number, rule in enumerate(rulebook.ordered)
    ]
    rows.append((-1, UNCLASSIFIED, None, "review", False, []))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE meaning "
        "(ord INTEGER, rule_id VARCHAR, severity VARCHAR, tier VARCHAR, "
        "says_weakened BOOLEAN, controls VARCHAR[])"
    )
    connection.executemany("INSERT INTO meaning VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known_controls AS SELECT unnest(?::VARCHAR[]) AS name",
        [sorted(rulebook.catalogue.controls)],
    )
