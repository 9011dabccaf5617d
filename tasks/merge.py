"""Merge the findings of all layers into one drift per resource, in DuckDB.

`merge.sql` holds the whole logic and reads on its own; here are only its ways in.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb

from evidence.canonical import canonical_json
from taxonomy.direction import judge
from taxonomy.meaning import Meanings
from taxonomy.observation import Change, Finding, Observation

MEMORY = "1GB"
"""What DuckDB may hold in memory; a million findings need no more."""

FINDINGS = {
    "target": "VARCHAR",
    "layer": "VARCHAR",
    "environment": "VARCHAR",
    "provider": "VARCHAR",
    "account": "VARCHAR",
    "region": "VARCHAR",
    "resource_id": "VARCHAR",
    "resource_type": "VARCHAR",
    "address": "VARCHAR",
    "aliases": "VARCHAR[]",
    "kind": "VARCHAR",
    "attribute": "VARCHAR",
    "declared": "VARCHAR",
    "actual": "VARCHAR",
    "redacted": "BOOLEAN",
    "drift_class": "VARCHAR",
    "direction": "VARCHAR",
    "source": "VARCHAR",
    "source_file": "VARCHAR",
    "source_line": "INTEGER",
    "reported_severity": "VARCHAR",
    "reported_controls": "VARCHAR[]",
    "tags": "VARCHAR",
}
"""The columns of the table `findings`, one row per change of each finding; both sides are canonical JSON."""


def connect() -> duckdb.DuckDBPyConnection:
    """Return a fresh in-memory DuckDB: no network, no progress bar, and what is too large goes to disk."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": MEMORY,
            "preserve_insertion_order": False,
            "temp_directory": str(Path(tempfile.gettempdir()) / f"holdfast-{os.getpid()}.duckdb"),
        }
    )
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def load(
    connection: duckdb.DuckDBPyConnection,
    observations: Iterable[Observation],
    *,
    meanings: Meanings | None = None,
) -> None:
    """Fill the table `findings` from what the detectors said, and judge each change's direction.

    Which way each attribute is stronger, `meanings` say; Holdfast's own where none are given.

    Where two looks of one layer describe a resource differently, the first target by name is believed.
    """
    seen = sorted(observations, key=lambda observation: observation.target)
    rows = list(_rows(seen, meanings))
    columns = ", ".join(f"{name} {kind}" for name, kind in FINDINGS.items())
    connection.execute(f"CREATE OR REPLACE TABLE findings ({columns})")
    if rows:
        import pandas as pd  # noqa: PLC0415 - takes 0.3 s, and a clean sweep needs none

        frame = pd.DataFrame(rows, columns=list(FINDINGS), dtype=object)
        connection.register("incoming", frame)
        connection.execute("INSERT INTO findings SELECT * FROM incoming")
        connection.unregister("incoming")


def merge(connection: duckdb.DuckDBPyConnection, *, estate: str) -> None:
    """Turn the table `findings` into the tables `resources` and `changes`, as `merge.sql` says."""
    connection.execute("SET VARIABLE estate = ?", [estate])
    connection.execute(resources.files("tasks").joinpath("merge.sql").read_text("utf-8"))


def _rows(observations: Iterable[Observation], meanings: Meanings | None) -> Iterator[tuple[Any, ...]]:
    for observation in observations:
        for finding in observation.answer.findings:
            for change in finding.changes:
                yield _row(observation, finding, change, meanings)


def _row(
    observation: Observation, finding: Finding, change: Change, meanings: Meanings | None
) -> tuple[Any, ...]:
    sides = change.declared, change.actual
    return (
        observation.target,
        observation.layer,
        observation.environment,
        finding.provider,
        finding.account,
        finding.region,
        finding.resource_id,
        finding.resource_type,
        finding.address,
        list(finding.aliases),
        change.kind,
        change.attribute,
        canonical_json(change.declared),
        canonical_json(change.actual),
        change.redacted,
        change.drift_class,
        judge(finding.resource_type, change.attribute, change.kind, *sides, meanings=meanings),
        change.source,
        change.source_file,
        change.source_line,
        change.reported_severity,
        list(change.reported_controls),
        canonical_json(dict(finding.tags)),
    )
