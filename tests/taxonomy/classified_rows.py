"""Rows of the table `changes` and rules about them, for the laws of classification."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd

from taxonomy import oracle
from taxonomy.classify import classify
from taxonomy.example import Example
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook

COLUMNS = {
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
    "reported_controls": "VARCHAR[]",
    "tags": "VARCHAR",
    "recurrence": "INTEGER",
    "hours_open": "DOUBLE",
}
ROW: dict[str, Any] = {
    "layer": "terraform",
    "provider": "aws",
    "account": "123456789012",
    "resource_type": "aws_s3_bucket",
    "attribute": "tags.Owner",
    "kind": "changed",
    "environment": None,
    "declared": '"a"',
    "actual": '"b"',
    "direction": "lateral",
    "drift_class": "A",
    "reported_severity": None,
    "reported_controls": [],
    "tags": "{}",
    "recurrence": 0,
    "hours_open": 0.0,
}


def filled(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(f"CREATE TABLE changes ({', '.join(f'{n} {t}' for n, t in COLUMNS.items())})")
    values = [[n, *(row[name] for name in list(COLUMNS)[1:])] for n, row in enumerate(rows)]
    connection.register("rows", pd.DataFrame(values, columns=list(COLUMNS), dtype=object))
    connection.execute("INSERT INTO changes SELECT * FROM rows")


def classified(rulebook: Rulebook, *rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        filled(connection, rows)
        classify(connection, rulebook)
        result = connection.sql("SELECT * FROM classified ORDER BY n")
        return [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]


def rule(**fields: Any) -> Rule:
    told = {
        "id": "x-001",
        "title": "A rule of a test",
        "status": "stable",
        "severity": "high",
        "tier": "review",
        "controls": ["nist-800-53-r5:CM-6"],
        "when": {"resource_type": "aws_*"},
        "because": "Because this test wants it to be so.",
        "remedy": "terraform-apply",
        "false_positives": ["None in a test."],
        "examples": [Example(name="yes", match=True), Example(name="not", match=False)],
    }
    return Rule.model_validate(told | fields)


def book(builtin: Rulebook, *rules: Rule) -> Rulebook:
    return Rulebook(rules=rules, catalogue=builtin.catalogue)


def assert_equal(rulebook: Rulebook, rows: list[dict[str, Any]]) -> None:
    for row, by_sql in zip(rows, classified(rulebook, *rows), strict=True):
        decision = oracle.decide(row, rulebook)
        told = (by_sql["rule_id"], by_sql["severity"], by_sql["tier"], tuple(by_sql["controls"]))
        assert told == (decision.rule_id, decision.severity, decision.tier, decision.controls), row
