"""Questions to the evidence: a view over exactly the files that the ledger lists, and nothing else.

The connection can't read another file, load an extension, or be reconfigured. `ask` takes one SELECT
and nothing that writes. Whether the files are what was signed is `verify`'s to say.
"""

# ruff: noqa: S608 - CREATE VIEW takes no parameters; every literal goes through `quoted`.

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from evidence import ledger
from evidence.errors import EvidenceError
from evidence.parquet import private_connection, quoted
from evidence.schema import COLUMNS, PARTITIONS

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Column names, and rows in the order asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def connect(root: Path) -> duckdb.DuckDBPyConnection:
    """Return a locked connection with the view `records` and the macro `fingerprint`; close it after use.

    Raises:
        EvidenceError: there is no store, or a listed file is gone.
        TamperError: a manifest is damaged.
    """
    if not root.is_dir():
        raise EvidenceError(f"{root}: expected the folder of an evidence store, found none")
    root = root.absolute()
    files = [str(root / entry.path) for manifest in ledger.read_manifests(root) for entry in manifest.files]
    connection = private_connection()
    try:
        connection.execute(_view(files))
        connection.execute(Path(__file__).with_name("fingerprint.sql").read_text(encoding="utf-8"))
        connection.execute(f"SET allowed_paths = [{', '.join(quoted(path) for path in files)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise EvidenceError(
            f"{root}: the listed records can't be read ({_one_line(error)}); run: evidence verify"
        ) from error
    return connection


def _view(files: list[str]) -> str:
    columns = ", ".join(f"{name}::{kind} AS {name}" for name, kind in COLUMNS.items())
    if not files:
        nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
        return f"CREATE VIEW records AS SELECT {nothing} WHERE false"
    types = ", ".join(f"{quoted(name)}: VARCHAR" for name in PARTITIONS)
    listed = ", ".join(quoted(path) for path in files)
    return (
        f"CREATE VIEW records AS SELECT {columns} "
        f"FROM read_parquet([{listed}], hive_partitioning = true, hive_types = {{{types}}})"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    """Return the answer to one SELECT.

    Raises:
        EvidenceError: it is not exactly one SELECT, or it failed; the message says why.
    """
    try:
        statements = connection.extract_statements(sql)
        kinds = [statement.type.name for statement in statements]
        if kinds == ["SELECT"]:
            return _answer(connection.execute(statements[0]))
    except duckdb.Error as error:
        raise EvidenceError(f"the query failed: {_one_line(error)}") from error
    raise EvidenceError(f"expected exactly one SELECT, got {' and '.join(kinds) or 'nothing'}")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One control over whole months: what an auditor asks for.

    Args:
        framework: such as ``soc2``.
        control_id: such as ``CC7.1``.
        first: the first month, such as ``2026-10``.
        last: the last month, included.
    """

    framework: str
    control_id: str
    first: str
    last: str

    def __post_init__(self) -> None:
        """Refuse months that are none, and a period that ends before it starts."""
        for month in (self.first, self.last):
            if not _MONTH.fullmatch(month):
                raise EvidenceError(f"expected a month such as 2026-11, got {month!r}")
        if self.first > self.last:
            raise EvidenceError(f"expected a period, got one that ends in {self.last} before {self.first}")


_POPULATION = (
    "SELECT record_id, any_value(step) AS step, any_value(occurred_at) AS occurred_at, "
    "any_value(target) AS target, any_value(layer) AS layer, any_value(drift_id) AS drift_id, "
    "any_value(episode) AS episode, any_value(resource_id) AS resource_id, any_value(outcome) AS outcome, "
    "any_value(actor) AS actor, any_value(decision) AS decision, any_value(run_id) AS run_id, "
    "count(*)::INTEGER AS rows FROM records "
    "WHERE framework = $framework AND control_id = $control_id AND month BETWEEN $first AND $last "
    "GROUP BY record_id"
)


def population(connection: duckdb.DuckDBPyConnection, scope: Scope) -> Answer:
    """Return every record about one control in a period, one line each, in time order.

    Raises:
        EvidenceError: a listed file can't be read.
    """
    return _listed(connection, f"{_POPULATION} ORDER BY occurred_at, record_id", dataclasses.asdict(scope))


def sample(connection: duckdb.DuckDBPyConnection, scope: Scope, *, size: int, seed: str) -> Answer:
    """Return `size` records of the population; the same seed gives the same ones to everybody.

    The order is that of SHA-256 over the seed followed by the record id, so the draw can be repeated
    with any tool, and nobody picks what comes out except by picking the seed.

    Raises:
        EvidenceError: the size is not at least one, or a listed file can't be read.
    """
    if size < 1:
        raise EvidenceError(f"expected a sample of at least one record, got {size}")
    drawn = f"{_POPULATION} ORDER BY sha256(concat($seed, record_id)), record_id LIMIT $size"
    return _listed(connection, drawn, {**dataclasses.asdict(scope), "seed": seed, "size": size})


def _listed(connection: duckdb.DuckDBPyConnection, sql: str, given: dict[str, Any]) -> Answer:
    try:
        return _answer(connection.execute(sql, given))
    except duckdb.Error as error:
        raise EvidenceError(f"the query failed: {_one_line(error)}") from error


def _answer(result: duckdb.DuckDBPyConnection) -> Answer:
    columns = tuple(column[0] for column in result.description or ())
    return Answer(columns=columns, rows=tuple(result.fetchall()))
