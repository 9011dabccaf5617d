"""Rows to Parquet: one partitioned COPY into a staging folder, and a check of what came out.

DuckDB takes the time zone of the session when it shows a time, so everything here says UTC itself.
"""

import json
import os
import urllib.parse
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from evidence.digest import file_sha256, in_threads
from evidence.errors import EvidenceError
from evidence.ledger import Entry
from evidence.schema import COLUMNS, OUTCOMES, PARTITIONS, SCHEMA_VERSION, STEPS, Row, check_control_id

_CHUNK = 5000


def quoted(text: str | Path) -> str:
    """Return the text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def private_connection(scratch: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection in memory that is silent, in UTC, and never goes to the network for an extension.

    Args:
        scratch: where it may spill; None forbids it.
    """
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": "" if scratch is None else str(scratch),
        }
    )
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _projection(connection: duckdb.DuckDBPyConnection, select: str) -> str:
    found = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {select}").fetchall()}
    missing = [name for name in COLUMNS if name not in found and name != "month"]
    surplus = [name for name in found if name not in COLUMNS]
    if missing or surplus:
        raise EvidenceError(
            f"expected the contract's columns: missing {missing}, not in the contract {surplus}"
        )
    if found["occurred_at"] != COLUMNS["occurred_at"]:
        raise EvidenceError(f"occurred_at: expected {COLUMNS['occurred_at']}, got {found['occurred_at']}")
    month = "month" if "month" in found else "strftime(timezone('UTC', occurred_at), '%Y-%m')"
    return ", ".join(
        f"({month if name == 'month' else name})::{kind} AS {name}" for name, kind in COLUMNS.items()
    )


def copy_query(
    connection: duckdb.DuckDBPyConnection, select: str, *, store: Path, name: str, estate: str
) -> list[Entry]:
    """Write a SELECT below ``<store>/records/`` and return an entry for every file, hashed and on the disk.

    Args:
        connection: where the SELECT runs.
        select: yields the contract's columns by name; `month` may be left out.
        store: the staging folder that mirrors the store.
        name: the first part of the files' names.
        estate: the only estate that rows may be of.

    Raises:
        EvidenceError: the rows break the contract.
        duckdb.Error: the SELECT failed, or the disk refused.
    """
    records = store / "records"
    connection.execute("SET enable_progress_bar = false")
    columns = _projection(connection, select)
    records.mkdir(exist_ok=True)
    written = connection.execute(
        f"COPY (SELECT {columns} FROM ({select}) ORDER BY resource_id, occurred_at) TO {quoted(records)} "
        f"(FORMAT parquet, PARTITION_BY ({', '.join(PARTITIONS)}), COMPRESSION zstd, WRITE_PARTITION_COLUMNS true, "
        f"OVERWRITE_OR_IGNORE, FILENAME_PATTERN {quoted(name + '_{i}')}, RETURN_STATS, "
        f"KV_METADATA {{holdfast_schema: {quoted(SCHEMA_VERSION)}}})"
    ).fetchall()
    rows = {Path(line[0]): int(line[1]) for line in written}
    if not rows:
        return []
    _check_partitions(line[5] for line in written)
    _check_words(sorted(rows), estate)
    return _entries(rows, store)


def _entries(rows: dict[Path, int], store: Path) -> list[Entry]:
    paths = sorted(rows)

    def digest(path: Path) -> str:
        with path.open("rb") as file:
            os.fsync(file.fileno())
        return file_sha256(path)

    return [
        Entry(path=str(path.relative_to(store)), sha256=sha256, size=path.stat().st_size, rows=rows[path])
        for path, sha256 in zip(paths, in_threads(digest, paths), strict=True)
    ]


def _check_partitions(keys: Iterable[dict[str, str | None]]) -> None:
    for key in keys:
        check_control_id(key["framework"], "framework")
        check_control_id(key["control_id"], "control id")


def _check_words(paths: Sequence[Path], estate: str) -> None:
    files = "[" + ", ".join(quoted(path) for path in paths) + "]"
    with private_connection() as connection:
        groups = connection.execute(
            "SELECT step, outcome, estate, month, year(at_utc), month(at_utc), count(*) - count(record_id) FROM ("
            "SELECT step, outcome, estate, month, record_id, timezone('UTC', occurred_at) AS at_utc "
            f"FROM read_parquet({files}, hive_partitioning = false)) GROUP BY ALL"
        ).fetchall()
    for step, outcome, of_estate, month, year, number, nameless in groups:
        if step not in STEPS or (outcome is not None and outcome not in OUTCOMES):
            raise EvidenceError(f"step {step!r}, outcome {outcome!r}: expected words of the contract")
        if of_estate != estate:
            raise EvidenceError(f"expected rows of the estate {estate!r}, got some of {of_estate!r}")
        if nameless or year is None or f"{year:04}-{number:02}" != month:
            raise EvidenceError(
                f"{step} rows of month {month!r}: expected a record_id, and an occurred_at in that month (UTC)"
            )


def copy_rows(rows: Sequence[Row], *, store: Path, name: str, estate: str) -> list[Entry]:
    """Write rows as `copy_query` writes a SELECT.

    Raises:
        EvidenceError: a text that UTF-8 can't hold.
        duckdb.Error: the disk refused.
    """
    columns = ", ".join(f"{column} {kind}" for column, kind in COLUMNS.items())
    shape = json.dumps([COLUMNS])
    with private_connection(store.parent / "spill") as connection:
        connection.execute(f"CREATE TABLE rows ({columns})")
        for start in range(0, len(rows), _CHUNK):
            chunk = json.dumps([row.as_record() for row in rows[start : start + _CHUNK]])
            connection.execute(
                f"INSERT INTO rows SELECT unnest(from_json(?, {quoted(shape)}), recursive := true)", [chunk]
            )
        return copy_query(connection, "SELECT * FROM rows", store=store, name=name, estate=estate)


def partition_folder(framework: str, control_id: str, month: str) -> str:
    """Return where the rows of a control and month lie, below the store; ids are percent-encoded as DuckDB does."""
    parts = zip(PARTITIONS, (framework, control_id, month), strict=True)
    return "records/" + "/".join(f"{name}={urllib.parse.quote(value, safe='')}" for name, value in parts)
