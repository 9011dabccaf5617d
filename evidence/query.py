"""Questions to the evidence: a view over exactly the files that the ledger lists, and nothing else.

The connection can't read another file, load an extension, or be reconfigured. `ask` takes one SELECT
and nothing that writes. Whether the files are what was signed is `verify`'s to say.
"""

# ruff: noqa: S608 - CREATE VIEW takes no parameters; every literal goes through `quoted`.

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from evidence import ledger
from evidence.compacted import QUERY, Copy
from evidence.errors import EvidenceError
from evidence.manifest import Manifest
from evidence.parquet import private_connection, quoted
from evidence.schema import COLUMNS, PARTITIONS


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Column names, and rows in the order asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return each row by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def connect(root: Path, *, copy: Copy | None = None) -> duckdb.DuckDBPyConnection:
    """Return a locked connection with the view `records` and the macros of evidence; close it after use.

    Args:
        root: the store.
        copy: read the batches that it covers from ``query/``, which proves nothing; None reads evidence only.

    Raises:
        EvidenceError: there is no store, or a listed file is gone.
        TamperError: a manifest is damaged.
    """
    if not root.is_dir():
        raise EvidenceError(f"{root}: expected the folder of an evidence store, found none")
    root = root.absolute()
    copied = [str(root / part.path) for part in copy.parts] if copy else []
    files = [str(root / entry.path) for manifest in beyond(root, copy) for entry in manifest.files]
    connection = private_connection()
    try:
        connection.execute(_view(copied, files))
        define_state(connection)
        connection.execute(Path(__file__).with_name("fingerprint.sql").read_text("utf-8"))
        connection.execute(f"SET allowed_directories = [{quoted(root / QUERY) if copied else ''}]")
        connection.execute(f"SET allowed_paths = [{', '.join(quoted(path) for path in files)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise EvidenceError(
            f"{root}: the listed records can't be read ({one_line(error)}); run: evidence verify"
        ) from error
    return connection


VIEWS = ("told", "drifts", "decisions", "effectiveness", "as_of")
"""What `define_views` adds. Binding takes a second over thousands of files, so only where one is named."""


def define_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the views that auditors ask for over `records`: told, drifts, decisions, effectiveness."""
    for name in ("views.sql", "effectiveness.sql"):
        connection.execute(Path(__file__).with_name(name).read_text("utf-8"))


def define_state(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the macro `state_after`: what each step makes of the state of its drift."""
    connection.execute(Path(__file__).with_name("state.sql").read_text("utf-8"))


def beyond(root: Path, copy: Copy | None) -> list[Manifest]:
    """Return the batches that the copy does not cover."""
    if copy is None:
        return ledger.read_manifests(root)
    last = {head.writer: head.sequence for head in copy.heads}
    return [
        ledger.read_manifest(root, writer, sequence)
        for writer in ledger.writers(root)
        for sequence in ledger.sequences(root, writer)
        if sequence > last.get(writer, 0)
    ]


def _view(*sources: list[str]) -> str:
    columns = ", ".join(f"{name}::{kind} AS {name}" for name, kind in COLUMNS.items())
    types = ", ".join(f"{quoted(name)}: VARCHAR" for name in PARTITIONS)
    nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
    parts = [
        f"SELECT {columns} FROM read_parquet([{', '.join(quoted(path) for path in listed)}], "
        f"hive_partitioning = true, hive_types = {{{types}}})"
        for listed in sources
        if listed
    ]
    return f"CREATE VIEW records AS {' UNION ALL '.join(parts) or f'SELECT {nothing} WHERE false'}"


def one_line(error: Exception) -> str:
    """Return what DuckDB says as one line that is not too long."""
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
            return answer(connection.execute(statements[0]))
    except duckdb.Error as error:
        raise EvidenceError(f"the query failed: {one_line(error)}") from error
    raise EvidenceError(f"expected exactly one SELECT, got {' and '.join(kinds) or 'nothing'}")


def answer(result: duckdb.DuckDBPyConnection) -> Answer:
    """Return what a statement gave."""
    columns = tuple(column[0] for column in result.description or ())
    return Answer(columns=columns, rows=tuple(result.fetchall()))
