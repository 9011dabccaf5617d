"""Take one drift out of the evidence again, whole: what a branch is opened with are ids, nothing else."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from evidence.errors import EvidenceError
from taxonomy.drift import Drift, DriftChange

DETECTED = """
SELECT * EXCLUDE (framework, control_id, month), list_sort(list(framework || ':' || control_id)) AS controls
FROM records
WHERE step = 'detected' AND drift_id = ? AND episode = ? AND coalesce(details->>'sweep_id' = ?, true)
GROUP BY ALL
ORDER BY occurred_at DESC, record_id DESC
LIMIT 1
"""

CLASSIFIED = """
SELECT DISTINCT attribute, kind, declared, actual, layer, severity, tier, rule_id, source, details
FROM records
WHERE step = 'classified' AND drift_id = ? AND details->>'sweep_id' = ?
ORDER BY attribute, kind, layer
"""

OF_THE_DRIFT = (
    "drift_id",
    "fingerprint",
    "episode",
    "kind",
    "resource_id",
    "resource_type",
    "address",
    "provider",
    "account",
    "region",
    "severity",
    "tier",
    "rule_id",
)

ANSWERS = """
SELECT DISTINCT target, snapshot_sha256
FROM records
WHERE step = 'swept' AND details->>'sweep_id' = ? AND snapshot_sha256 IS NOT NULL
ORDER BY target
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One drift as a sweep recorded it.

    Args:
        seen_at: when it was recorded.
        sweep_id: the sweep that did.
        taxonomy_digest: the taxonomy that classified it.
        answers: digests of the sealed answers of the sweep, by target, for the drift's targets.
    """

    drift: Drift
    seen_at: datetime
    sweep_id: str
    taxonomy_digest: str
    answers: dict[str, str]


def load_case(
    connection: duckdb.DuckDBPyConnection, *, drift_id: str, episode: int, sweep_id: str | None = None
) -> Case:
    """Return a drift as the evidence recorded it in that episode, by that sweep or the last one.

    Args:
        connection: with the view `records`.
        drift_id: whole, not a prefix.
        episode: of that drift.
        sweep_id: None for the last that saw it.

    Raises:
        EvidenceError: nothing is recorded of it.
    """
    found = _rows(connection, DETECTED, [drift_id, episode, sweep_id])
    if not found:
        raise EvidenceError(f"drift {drift_id}, episode {episode}: no sweep has recorded it")
    seen = found[0]
    more = json.loads(seen["details"])
    changes = tuple(_change(row) for row in _rows(connection, CLASSIFIED, [drift_id, more["sweep_id"]]))
    answers = {
        row["target"]: row["snapshot_sha256"] for row in _rows(connection, ANSWERS, [more["sweep_id"]])
    }
    return Case(
        drift=_drift(seen, more, changes),
        seen_at=seen["occurred_at"],
        sweep_id=more["sweep_id"],
        taxonomy_digest=seen["taxonomy_digest"],
        answers={target: digest for target, digest in answers.items() if target in more["targets"]},
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> list[dict[str, Any]]:
    result = connection.execute(sql, values)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _drift(seen: dict[str, Any], more: dict[str, Any], changes: tuple[DriftChange, ...]) -> Drift:
    return Drift(
        **{column: seen[column] for column in OF_THE_DRIFT},
        state="open",
        aliases=tuple(more["aliases"]),
        environment=more["environment"],
        layers=tuple(more["layers"]),
        targets=tuple(more["targets"]),
        direction=more["direction"],
        because=more["because"],
        remedy=more["remedy"],
        controls=tuple(seen["controls"]),
        tags=more["tags"] or {},
        changes=changes,
    )


def _change(row: dict[str, Any]) -> DriftChange:
    more = json.loads(row.pop("details"))
    return DriftChange(
        **{**row, "declared": json.loads(row["declared"]), "actual": json.loads(row["actual"])},
        redacted=more["redacted"],
        drift_class=more["class"],
        direction=more["direction"],
        controls=tuple(more["controls"]),
        source_file=more["source_file"],
        source_line=more["source_line"],
        # older evidence does not say these two
        recurrence=more.get("recurrence", 0),
        hours_open=more.get("hours_open", 0.0),
    )
