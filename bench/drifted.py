"""A million changes of many kinds, as the table `changes`: what the rules' own examples show, in many places.

Each example is told of every type and attribute that its rule names, with other numbers, addresses and
accounts each time; one in six is of a type that no rule knows. Deterministic, and never stored.
"""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from taxonomy.direction import judge
from taxonomy.rule import Rule, canonical
from taxonomy.rulebook import Rulebook

VARIANTS = 250
"""How often each example is told, of other types and attributes and with other values."""

_MADE = ("resource_type", "attribute", "kind", "declared", "actual", "provider", "layer", "reported_severity")

# A few of what is told stands in many places, most of it in few.
_CHANGES = """
CREATE OR REPLACE TABLE undirected AS
WITH drawn AS (
    SELECT i, hash(i) AS h,
           1 + floor({made} * pow((hash(i, 'which') % 1000003) / 1000003.0, 2))::INTEGER AS place,
           '{prefix}' || lpad((hash(i, 'account') % 37)::VARCHAR, 2, '0') AS account
    FROM range({count}) AS t(i)
)
SELECT md5(i::VARCHAR) AS drift_id, 'arn:aws:' || account || ':' || i AS resource_id, m.resource_type,
       'module.service["' || i % 4000 || '"].' || m.resource_type || '.this' AS address,
       m.provider, d.account, 'eu-west-' || 1 + h % 3 AS region,
       ['prod', 'stage', 'test'][1 + (h % 3)::INTEGER] AS environment,
       '{{"Owner":"team-' || h % 50 || '","Service":"svc-' || i % 4000 || '"}}' AS tags,
       m.attribute, m.kind, m.declared, m.actual, false AS redacted,
       CASE WHEN m.layer = 'terraform' THEN ['A', 'A', 'A', 'B'][1 + (h % 4)::INTEGER] END AS drift_class,
       'target-' || h % 40 AS source, 'main.tf' AS source_file, (1 + h % 500)::INTEGER AS source_line,
       m.reported_severity,
       CASE WHEN m.layer IN ('inspec', 'azure_policy')
            THEN ['nist-800-53-r5:CM-6', 'nist-800-53-r5:AC-17'] ELSE [] END::VARCHAR[] AS reported_controls,
       m.layer, [m.layer] AS layers, ['target-' || h % 40] AS targets,
       CASE WHEN h % 10 = 0 THEN (h % 7)::INTEGER ELSE 0 END AS recurrence, (h % 900)::DOUBLE AS hours_open
FROM drawn AS d JOIN made AS m USING (place)
"""

_DIRECTED = """
CREATE OR REPLACE TABLE changes AS
SELECT u.*, d.direction FROM undirected AS u
JOIN directions AS d USING (resource_type, attribute, kind, declared, actual)
"""


def fill(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, *, count: int) -> None:
    """Make the table `undirected`: `changes` but for the column `direction`."""
    chance = random.Random(20261124)  # noqa: S311 - a seed, not a secret
    made = list(dict.fromkeys(row for rule in rulebook.rules for row in _told(rule, chance)))
    chance.shuffle(made)
    insert(connection, "made", ("place", *_MADE), [(place, *row) for place, row in enumerate(made, 1)])
    connection.execute(_CHANGES.format(made=len(made), count=count, prefix="1234567890"))


def direct(connection: duckdb.DuckDBPyConnection) -> int:
    """Judge each distinct change once, make the table `changes`, and return how many were judged."""
    columns = ("resource_type", "attribute", "kind", "declared", "actual")
    rows = connection.table("undirected").select(*columns).distinct().fetchall()
    judged = [(*row, judge(*row[:3], *(json.loads(side) for side in row[3:]))) for row in rows]
    insert(connection, "directions", (*columns, "direction"), judged)
    connection.execute(_DIRECTED)
    # what is only there to make the table would push it out of memory
    for table in ("undirected", "directions", "made"):
        connection.execute(f"DROP TABLE {table}")
    return len(rows)


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    """Make a table of texts, the column `place` being a number."""
    lists = ", ".join(
        f"unnest(?::{'INTEGER' if name == 'place' else 'VARCHAR'}[]) AS {name}" for name in columns
    )
    values = [list(column) for column in zip(*rows, strict=True)]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {lists}", values)


def _told(rule: Rule, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    types = [glob.replace("*", "x") for glob in rule.when.resource_type or ("aws_thing",)]
    attributes = [glob.replace("*", "x") for glob in rule.when.attribute or ()]
    for example in rule.examples:
        rows = list(example.rows(rule.when))
        for _ in range(VARIANTS):
            row = chance.choice(rows)
            known = chance.random() > 1 / 6
            told = row | {
                "resource_type": chance.choice([row["resource_type"], *types]) if known else _unknown(chance),
                "attribute": chance.choice([row["attribute"], *attributes]),
                "declared": canonical(_varied(example.declared, chance)),
                "actual": canonical(_varied(example.actual, chance)),
            }
            yield tuple(told[name] for name in _MADE)


def _unknown(chance: random.Random) -> str:
    return f"acme_thing_{chance.randrange(150)}"


def _varied(value: Any, chance: random.Random) -> Any:
    """Return the same kind of value with other numbers in it; what decides by being 0, 1 or true stays."""
    if isinstance(value, dict):
        return {key: _varied(inner, chance) for key, inner in value.items()}
    if isinstance(value, list):
        return [_varied(inner, chance) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and value > 1:
        return value + chance.randrange(9)
    return _varied_text(value, chance) if isinstance(value, str) else value


def _varied_text(text: str, chance: random.Random) -> str:
    if text.startswith("10."):
        return f"10.{chance.randrange(256)}.{chance.randrange(256)}.0/24"
    if text.islower() and "-" in text:
        return f"{text}-{chance.randrange(999)}"
    return re.sub(r"[0-9]{6,}", lambda found: str(chance.randrange(10 ** len(found[0]))), text)
