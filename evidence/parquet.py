"""Rows to Parquet: one partitioned COPY into a staging folder, and a check of what came out.

DuckDB takes the time zone of the session when it shows a time, so everything here says UTC itself.
"""

# ruff: noqa: S608 - COPY and CREATE VIEW take no parameters; every literal goes through `quoted`.

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from evidence.digest import file_sha256, fsync, in_threads
from evidence.errors import EvidenceError
from evidence.manifest import Entry
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


def copy_query(connection: duckdb.DuckDBPyConnection, select: str, *, store: Path, name: str) -> list[Entry]:
    """Write a SELECT below ``<store>/records/`` and return an entry for every file, hashed and on the disk.

    Args:
        connection: where the SELECT runs.
        select: yields the contract's columns by name; `month` may be left out. Its order is kept
            within each control, nearly so where several threads write.
        store: the staging folder that mirrors the store.
        name: the first part of the files' names.

    Raises:
        EvidenceError: other columns, or a control id that can't name a folder.
        duckdb.Error: the SELECT failed, or the disk refused.
    """
    records = store / "records"
    connection.execute("SET enable_progress_bar = false")
    columns = _projection(connection, select)
    records.mkdir(exist_ok=True)
    written = connection.execute(
        f"COPY (SELECT {columns} FROM ({select})) TO {quoted(records)} (FORMAT parquet, COMPRESSION zstd, "
        f"PARTITION_BY ({', '.join(PARTITIONS)}), WRITE_PARTITION_COLUMNS true, OVERWRITE_OR_IGNORE, "
        f"FILENAME_PATTERN {quoted(name + '_{i}')}, RETURN_STATS, "
        f"KV_METADATA {{holdfast_schema: {quoted(SCHEMA_VERSION)}}})"
    ).fetchall()
    for line in written:
        check_control_id(line[5]["framework"], "framework")
        check_control_id(line[5]["control_id"], "control id")
    return _entries({Path(line[0]): int(line[1]) for line in written}, store)


def _entries(rows: dict[Path, int], store: Path) -> list[Entry]:
    paths = sorted(rows)

    def digest(path: Path) -> str:
        fsync(path)
        return file_sha256(path)

    return [
        Entry(path=str(path.relative_to(store)), sha256=sha256, size=path.stat().st_size, rows=rows[path])
        for path, sha256 in zip(paths, in_threads(digest, paths), strict=True)
    ]


def check_words(files: Sequence[Path], estate: str) -> None:
    """Return if freshly written files hold only what the contract allows, as `Row` sees to for single rows.

    Raises:
        EvidenceError: a word outside its list, another estate, no record id, or a time outside its month.
    """
    paths = [str(path) for path in files]
    with private_connection() as connection:
        groups = connection.execute(
            "SELECT DISTINCT step, outcome, estate FROM read_parquet(?, hive_partitioning = false)", [paths]
        ).fetchall()
        nameless = [foot.path for foot in read_footers(connection, paths) if foot.nameless or not foot.dated]
    for step, outcome, of_estate in groups:
        if step not in STEPS or (outcome is not None and outcome not in OUTCOMES):
            raise EvidenceError(f"step {step!r}, outcome {outcome!r}: expected words of the contract")
        if of_estate != estate:
            raise EvidenceError(f"expected rows of the estate {estate!r}, got some of {of_estate!r}")
    if nameless:
        raise EvidenceError(
            f"{Path(nameless[0]).parent.name}: expected every row to have a record_id "
            f"and an occurred_at in its month"
        )


@dataclass(frozen=True, kw_only=True)
class Footer:
    """What the footer of one Parquet file says; DuckDB writes it from the rows.

    Args:
        path: the file.
        rows: how many rows.
        nameless: how many rows without a record id.
        framework: smallest and largest value; likewise `control_id` and `month`.
        occurred_at: earliest and latest month.
        undated: how many rows without a time.
    """

    path: str
    rows: int
    nameless: int
    framework: tuple[str | None, str | None]
    control_id: tuple[str | None, str | None]
    month: tuple[str | None, str | None]
    occurred_at: tuple[str | None, str | None]
    undated: int

    @property
    def partition(self) -> tuple[str, str, str] | None:
        """The one framework, control id and month of all rows; None if there is more than one, or a gap."""
        (framework, control_id, month) = (self.framework[0], self.control_id[0], self.month[0])
        if framework is None or control_id is None or month is None:
            return None
        alike = (self.framework, self.control_id, self.month) == (
            (framework,) * 2,
            (control_id,) * 2,
            (month,) * 2,
        )
        return (framework, control_id, month) if alike else None

    @property
    def dated(self) -> bool:
        """Whether every row's time lies in the file's month, in UTC."""
        return self.undated == 0 and self.occurred_at == self.month and self.month[0] == self.month[1]


_FOOTED = ("record_id", "occurred_at", *PARTITIONS)


def read_footers(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> list[Footer]:
    """Return the footers of the files; much cheaper than reading a column.

    Raises:
        duckdb.Error: a file is no Parquet.
    """
    if not paths:
        return []
    parts = ", ".join(
        f"coalesce(sum(nulls) {of}, sum(rows))::BIGINT, min(low) {of}, max(high) {of}"
        for of in (f"FILTER (path_in_schema = {quoted(name)})" for name in _FOOTED)
    )
    found = connection.execute(
        f"SELECT file_name, (sum(rows) FILTER (path_in_schema = 'month'))::BIGINT, {parts} FROM ("
        "SELECT file_name, path_in_schema, row_group_num_rows AS rows, stats_min_value AS low, "
        "stats_max_value AS high, coalesce(stats_null_count, row_group_num_rows) AS nulls "
        "FROM parquet_metadata(?)) GROUP BY file_name",
        [list(paths)],
    ).fetchall()
    return [_footer(line) for line in found]


def _footer(line: tuple[Any, ...]) -> Footer:
    path, rows, nameless, _, _, undated, earliest, latest, *rest = line
    return Footer(
        path=path,
        rows=rows or 0,
        nameless=nameless,
        undated=undated,
        occurred_at=(earliest and earliest[:7], latest and latest[:7]),
        framework=(rest[1], rest[2]),
        control_id=(rest[4], rest[5]),
        month=(rest[7], rest[8]),
    )


def copy_rows(rows: Sequence[Row], *, store: Path, name: str) -> list[Entry]:
    """Write rows as `copy_query` writes a SELECT, sorted by resource and time.

    Raises:
        EvidenceError: a control id that can't name a folder.
        duckdb.Error: a text that UTF-8 can't hold, or the disk refused.
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
        ordered = "SELECT * FROM rows ORDER BY resource_id, occurred_at, record_id"
        return copy_query(connection, ordered, store=store, name=name)
