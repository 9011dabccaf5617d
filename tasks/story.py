"""What one branch has done so far, kept in the evidence and nowhere else.

Prefect replays a resumed flow from its first line, in a new process and maybe on another machine. So
every step of a branch first asks its story whether it has been told, and a step that has is not done
again: the evidence is what makes a branch's steps happen once (ARCHITECTURE.md, decision 2).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from evidence.batch import Batch, Kind
from evidence.keys import Trust
from evidence.query import connect
from evidence.store import Store
from evidence.verify import verify
from tasks.acceptance import Acceptors
from tasks.case import Case, load_case
from tasks.memory import Memory, keep, recall
from tasks.record import drift_rows

TOLD = """
SELECT DISTINCT record_id, step, occurred_at, decision, reason, outcome, actor, snapshot_sha256,
       preview_sha256, decision_sha256, details
FROM records
WHERE run_id = ? AND drift_id = ? AND attribute IS NULL
ORDER BY occurred_at, record_id
"""

MATTERS = "drift_id = ? OR step IN ('swept', 'baselined', 'frozen', 'thawed')"
"""What a branch needs of the evidence: its drift, the answers that saw it, baselines and the freeze."""

SEALED: Mapping[str, tuple[str, Kind]] = {
    "snapshot": ("snapshot", "snapshots"),
    "preview": ("preview", "snapshots"),
    "envelope": ("decision", "decisions"),
}
"""What a step may seal: the column that its digest goes into, and the folder."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """The steps that one run has recorded for one drift.

    Args:
        store: where they are written.
        run_id: the flow run.
        case: the drift, as the run's first step found it.
        memory: what the evidence knew of everything when the story was opened.
        clock: returns the time, in UTC.
        rows: what this run has recorded, oldest first; `tell_all` adds to it.
    """

    store: Store
    run_id: str
    case: Case
    memory: Memory
    clock: Callable[[], datetime]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def told(self, step: str) -> list[dict[str, Any]]:
        """Return what this run has recorded of a step, oldest first, `details` as plain values."""
        return [row for row in self.rows if row["step"] == step]

    def tell(self, step: str, **telling: Any) -> dict[str, str]:
        """Record one step, as `tell_all` does; return the digests of what was sealed with it."""
        return self.tell_all([{"step": step, **telling}])[0]

    def tell_all(self, tellings: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
        """Record steps in one signed batch: all of them or none.

        Args:
            tellings: each with `step`; `details` for what has no column; `snapshot`, `preview` (documents)
                and `envelope` (bytes) to seal, whose digests go into their columns; and any other
                columns of the contract.

        Returns:
            For each, the digests of what was sealed, by column.

        Raises:
            EvidenceError: they could not be recorded, so they count as not done.
        """
        now = self.clock()
        with self.store.batch(now) as batch:
            # a microsecond apart, so that whoever sorts by time reads them in the order they were told
            sealed = [
                self._append(batch, now + timedelta(microseconds=place), dict(telling))
                for place, telling in enumerate(tellings)
            ]
        self.rows.extend(row for _, row in sealed)
        return [digests for digests, _ in sealed]

    def _append(
        self, batch: Batch, now: datetime, telling: dict[str, Any]
    ) -> tuple[dict[str, str], dict[str, Any]]:
        sealed = {
            f"{column}_sha256": batch.seal(kind, telling.pop(part))
            for part, (column, kind) in SEALED.items()
            if part in telling
        }
        columns = {"run_id": self.run_id, "taxonomy_digest": self.case.taxonomy_digest, **sealed, **telling}
        rows = drift_rows(self.case.drift, now=now, estate=self.store.estate, **columns)
        batch.append(rows)
        return sealed, {**asdict(rows[0]), "details": json.loads(rows[0].details or "{}")}


def open_story(
    store: Store,
    trust: Trust | None,
    *,
    run_id: str,
    drift_id: str,
    episode: int,
    clock: Callable[[], datetime],
    acceptors: Acceptors | None = None,
) -> Story:
    """Return the story of a run, its drift taken from evidence that verifies.

    A run that has taken its snapshot stays with the sweep that it was taken from, whatever later sweeps saw.

    Raises:
        TamperError: the evidence does not verify, so nothing may be done on its word.
        EvidenceError: it holds no such drift.
    """
    verify(store.root, trust=trust)
    with closing(connect(store.root)) as connection:
        keep(connection, MATTERS, [drift_id])
        rows = _told(connection, run_id, drift_id)
        pinned = [row["details"]["sweep_id"] for row in rows if row["step"] == "snapshotted"]
        case = load_case(
            connection, drift_id=drift_id, episode=episode, sweep_id=pinned[0] if pinned else None
        )
        memory = recall(connection, store.root, acceptors)
    return Story(store=store, run_id=run_id, case=case, memory=memory, clock=clock, rows=rows)


def _told(connection: duckdb.DuckDBPyConnection, run_id: str, drift_id: str) -> list[dict[str, Any]]:
    result = connection.execute(TOLD, [run_id, drift_id])
    names = [column[0] for column in result.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return [{**row, "details": json.loads(row["details"] or "{}")} for row in rows]
