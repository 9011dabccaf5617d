"""Turn nouns into rows of evidence; `evidence.store` writes them.

A record is fanned out: one row per control that it speaks of. `record.sql` does the same for the many
changes of a sweep without leaving DuckDB.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib import resources
from typing import Any

import duckdb

from evidence.batch import Batch
from evidence.canonical import canonical_json
from evidence.schema import Row, record_id
from taxonomy.drift import Drift
from taxonomy.observation import Observation

UNMAPPED = "none:unmapped"
"""Where a record without a control is filed."""

CHANGES_AT_ONCE = 150_000
"""How many changes go into the store in one statement: a partitioned write holds all its rows in memory."""

HOLDFAST = {"actor": "holdfast", "actor_kind": "holdfast"}
"""The actor of every step that no person took."""


def drift_rows(
    drift: Drift,
    *,
    step: str,
    now: datetime,
    estate: str,
    details: Mapping[str, Any] | None = None,
    **columns: Any,
) -> list[Row]:
    """Return the rows of one step in the life of one drift: one record, a row per control.

    Args:
        drift: what the step is about.
        step: one of the contract's steps.
        now: when it happened.
        estate: whose drift it is.
        details: what has no column.
        columns: any other columns of the contract, by name.
    """
    shared: dict[str, Any] = {
        "record_id": record_id(now),
        "step": step,
        "occurred_at": now,
        "estate": estate,
        "target": "+".join(drift.targets),
        "layer": "+".join(drift.layers),
        "drift_id": drift.drift_id,
        "episode": drift.episode,
        "fingerprint": drift.fingerprint,
        "provider": drift.provider,
        "account": drift.account,
        "region": drift.region,
        "resource_id": drift.resource_id,
        "resource_type": drift.resource_type,
        "address": drift.address,
        "kind": drift.kind,
        "severity": drift.severity,
        "tier": drift.tier,
        "rule_id": drift.rule_id,
        "details": canonical_json(dict(details or {})),
        **HOLDFAST,
        **columns,
    }
    return fan_out(shared, drift.controls)


def fan_out(shared: Mapping[str, Any], controls: Iterable[str]) -> list[Row]:
    """Return one row per control, all of one record; without any control, one filed as unmapped."""
    pairs = [control.split(":", 1) for control in sorted(set(controls)) or [UNMAPPED]]
    return [Row(**shared, framework=framework, control_id=control_id) for framework, control_id in pairs]


def swept_rows(
    observation: Observation,
    *,
    controls: Iterable[str],
    drifted: Iterable[str],
    now: datetime,
    estate: str,
    details: Mapping[str, Any],
    **columns: Any,
) -> list[Row]:
    """Return the rows that say a target was looked at: one per control, met or not.

    Args:
        observation: what came of the look.
        controls: every control that this look speaks of.
        drifted: those of them under which it found drift; the others are clean, if it could look.
        now: when the sweep was recorded.
        estate: whose target it is.
        details: the sweep's id, its schedule and due time, and how much was looked at.
        columns: any other columns of the contract, by name.
    """
    record = record_id(now)
    found = set(drifted)
    rows: list[Row] = []
    for control in sorted(set(controls) | found) or [UNMAPPED]:
        outcome = "drifted" if control in found else "clean"
        shared = {
            "record_id": record,
            "step": "swept",
            "occurred_at": now,
            "estate": estate,
            "target": observation.target,
            "layer": observation.layer,
            "outcome": "could-not-look" if observation.outcome == "could-not-look" else outcome,
            "reason": observation.reason,
            "details": canonical_json(dict(details)),
            **HOLDFAST,
            **columns,
        }
        rows += fan_out(shared, [control])
    return rows


def append_sweep(
    batch: Batch,
    connection: duckdb.DuckDBPyConnection,
    *,
    now: datetime,
    sweep_id: str,
    run_id: str | None,
    taxonomy_digest: str,
) -> int:
    """Add what a sweep found, straight from its tables; return the number of rows."""
    changes = connection.table("classified").count("*").fetchall()[0][0]
    slices = 1 + changes // CHANGES_AT_ONCE
    values = {"now": now, "sweep": sweep_id, "run_id": run_id, "taxonomy_digest": taxonomy_digest}
    for name, value in {**values, "slices": slices}.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    select = resources.files("tasks").joinpath("record.sql").read_text("utf-8")
    rows = 0
    for number in range(slices):
        connection.execute("SET VARIABLE slice = ?", [number])
        rows += batch.append_query(connection, select)
    return rows
