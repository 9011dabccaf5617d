"""What one branch has done so far, kept in the evidence and nowhere else.

Prefect replays a resumed flow from its first line, in a new process and maybe on another machine. So
every step of a branch first asks its story whether it has been told, and a step that has is not done
again: the evidence is what makes a branch's steps happen once (ARCHITECTURE.md, decision 2).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence.query import connect
from evidence.store import Store
from tasks.case import Case
from tasks.record import drift_rows

TOLD = """
SELECT DISTINCT record_id, step, occurred_at, decision, reason, outcome, actor, snapshot_sha256,
       preview_sha256, decision_sha256, details
FROM records
WHERE run_id = ? AND drift_id = ? AND step = ? AND attribute IS NULL
ORDER BY occurred_at, record_id
"""


@dataclass(frozen=True, kw_only=True)
class Story:
    """The steps that one run has recorded for one drift.

    Args:
        store: where they are written.
        run_id: the flow run.
        case: the drift, as the run's first step found it.
        clock: returns the time, in UTC.
    """

    store: Store
    run_id: str
    case: Case
    clock: Callable[[], datetime]

    def told(self, step: str) -> list[dict[str, Any]]:
        """Return what this run has recorded of a step, oldest first, `details` as plain values."""
        connection = connect(self.store.root)
        try:
            result = connection.execute(TOLD, [self.run_id, self.case.drift.drift_id, step])
            names = [column[0] for column in result.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        finally:
            connection.close()
        return [{**row, "details": json.loads(row["details"])} for row in rows]

    def tell(
        self,
        step: str,
        *,
        details: Mapping[str, Any] | None = None,
        snapshot: Mapping[str, Any] | None = None,
        preview: Mapping[str, Any] | None = None,
        decision: bytes | None = None,
        **columns: Any,
    ) -> dict[str, str]:
        """Record a step, with what it seals, in one signed batch; return the digests of what was sealed.

        Args:
            step: one of the contract's steps.
            details: what has no column.
            snapshot: sealed under ``snapshots/``; its digest goes into its column.
            preview: likewise.
            decision: an envelope, sealed under ``decisions/``.
            columns: other columns of the contract.

        Raises:
            EvidenceError: it could not be recorded, so the step counts as not done.
        """
        now = self.clock()
        sealed: dict[str, str] = {}
        with self.store.batch(now) as batch:
            if snapshot is not None:
                sealed["snapshot_sha256"] = batch.seal("snapshots", snapshot)
            if preview is not None:
                sealed["preview_sha256"] = batch.seal("snapshots", preview)
            if decision is not None:
                sealed["decision_sha256"] = batch.seal("decisions", decision)
            shared: dict[str, Any] = {
                "run_id": self.run_id,
                "taxonomy_digest": self.case.taxonomy_digest,
                **sealed,
                **columns,
            }
            estate = self.store.estate
            rows = drift_rows(self.case.drift, step=step, now=now, estate=estate, details=details, **shared)
            batch.append(rows)
        return sealed
