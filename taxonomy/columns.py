"""What rules ask of names, as columns: bit n of `fits_…` is set where the n-th rule's predicates hold.

Three tables say it: `of_type` and `of_attribute` for each distinct resource type and attribute, and
`circumstances` for each distinct combination of the other names, which have few values each. A row fits
a rule where all three say so.
"""

from collections.abc import Sequence
from functools import reduce

import duckdb

from taxonomy.condition import attributes, of_circumstances
from taxonomy.fits import Fits
from taxonomy.rule import Rule

CIRCUMSTANCES = (
    "layer",
    "provider",
    "kind",
    "environment",
    "direction",
    "drift_class",
    "reported_severity",
    "reported_controls",
)
"""The names beside type and attribute: what rules ask for, and what decides beside the rule."""

WORD = 64
"""How many rules one column holds: the bits of an UBIGINT."""

_ALL = (1 << WORD) - 1

_SAME = " AND ".join(f"k.{name} IS NOT DISTINCT FROM c.{name}" for name in CIRCUMSTANCES)

JOINS = f"""
JOIN of_type AS t ON t.name IS NOT DISTINCT FROM c.resource_type
JOIN of_attribute AS a ON a.name IS NOT DISTINCT FROM c.attribute
JOIN circumstances AS k ON {_SAME}
"""
"""How a change, `c`, finds its columns."""

_CIRCUMSTANCES = """
CREATE OR REPLACE TEMP TABLE circumstances AS
SELECT *, row_number() OVER () AS circumstance, {columns} FROM (SELECT DISTINCT {names} FROM changes)
"""


class Columns:
    """The columns of some rules.

    Args:
        rules: in deciding order, which numbers their bits.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self.names = tuple(f"fits_{number}" for number in range(-(-len(rules) // WORD) or 1))

    @property
    def fits(self) -> str:
        """SQL of the columns of a row that `JOINS` has found."""
        return ", ".join(f"t.{name} & a.{name} & k.{name} AS {name}" for name in self.names)

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the three tables from `changes`.

        Raises:
            duckdb.Error: `changes` is not there or lacks a column.
        """
        types = Fits(rule.when.resource_type or () for rule in self._rules)
        named = Fits(attributes(rule.when) for rule in self._rules)
        found = {name: types.of(name and name.lower()) for name in _distinct(connection, "resource_type")}
        self._insert(connection, "of_type", found)
        found = {name: named.of(name) for name in _distinct(connection, "attribute")}
        self._insert(connection, "of_attribute", found)
        self._circumstances(connection)

    def _insert(
        self, connection: duckdb.DuckDBPyConnection, table: str, found: dict[str | None, int]
    ) -> None:
        columns = [[fits >> WORD * word & _ALL for fits in found.values()] for word in range(len(self.names))]
        lists = ", ".join(f"unnest(?::UBIGINT[]) AS {name}" for name in self.names)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest(?::VARCHAR[]) AS name, {lists}",
            [list(found), *columns],
        )

    def _circumstances(self, connection: duckdb.DuckDBPyConnection) -> None:
        asked: dict[str, int] = {}
        for number, rule in enumerate(self._rules):
            condition = of_circumstances(rule.when) or "true"
            asked[condition] = asked.get(condition, 0) | 1 << number
        parts: list[list[str]] = [["0::UBIGINT"] for _ in self.names]
        for condition, fits in asked.items():
            for part, word in zip(parts, words(fits, len(parts)), strict=True):
                if word:
                    part.append(f"CASE WHEN {condition} THEN {word}::UBIGINT ELSE 0 END")
        columns = ", ".join(f"{_or(part)} AS {name}" for name, part in zip(self.names, parts, strict=True))
        connection.execute(_CIRCUMSTANCES.format(columns=columns, names=", ".join(CIRCUMSTANCES)))


def words(bits: int, count: int) -> list[int]:
    """Return bits as so many words, the lowest first."""
    return [bits >> WORD * number & _ALL for number in range(count)]


def _or(parts: Sequence[str]) -> str:
    return reduce("{} | {}".format, parts)


def _distinct(connection: duckdb.DuckDBPyConnection, column: str) -> list[str | None]:
    rows = connection.execute(f"SELECT DISTINCT {column} FROM changes").fetchall()  # noqa: S608 - a name of ours
    return [name for (name,) in rows]
