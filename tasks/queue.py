"""What waits for a person: the open questions, from evidence that verifies."""

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from evidence.errors import EvidenceError
from evidence.keys import Trust
from evidence.objects import read_document
from evidence.query import connect
from evidence.verify import verify
from tasks import history
from tasks.approval import Question
from tasks.case import Case, load_case
from tasks.memory import keep
from tasks.remedies import Preview

ASKED = """
SELECT occurred_at, details, (
    SELECT arg_max(s.details->>'sweep_id', s.occurred_at) FROM records AS s
    WHERE s.step = 'snapshotted' AND s.run_id = asked.run_id AND s.drift_id = asked.drift_id
)
FROM records AS asked
WHERE step = 'asked' AND drift_id = ? AND run_id = ?
ORDER BY occurred_at DESC, record_id DESC LIMIT 1
"""

ANSWERED = """
SELECT DISTINCT record_id, occurred_at, actor, decision, outcome, reason FROM records
WHERE drift_id = ? AND run_id = ? AND step IN ('decided', 'refused')
ORDER BY occurred_at
"""

SHORTEST = 6
"""Characters of a drift id that may name it, if no other begins so."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One drift that waits for a decision.

    Args:
        answers: what came back so far: actor, decision, outcome, reason.
    """

    question: Question
    case: Case
    asked_at: datetime
    preview: Preview
    answers: tuple[dict[str, Any], ...]


def waiting(root: Path, *, trust: Trust | None) -> list[Waiting]:
    """Return every open question, the oldest first.

    Raises:
        TamperError: the evidence does not verify, so no question of it may be answered.
    """
    if not root.is_dir():
        return []
    verify(root, trust=trust)
    with closing(connect(root)) as connection:
        keep(connection, "drift_id IS NOT NULL OR step = 'swept'")
        history.build(connection)
        pasts = [past for past in history.pasts(connection).values() if past.state == "waiting"]
        found = [_waiting(root, connection, past.drift_id, past.asked_run or "") for past in pasts]
    return sorted(found, key=lambda one: one.asked_at)


def named(queue: list[Waiting], name: str) -> Waiting:
    """Return the one whose drift id begins with `name`.

    Raises:
        EvidenceError: none does, several do, or the name is too short to say.
    """
    hits = [one for one in queue if one.case.drift.drift_id.startswith(name)]
    if len(name) < SHORTEST or len(hits) != 1:
        known = ", ".join(one.case.drift.drift_id[:12] for one in queue) or "none"
        raise EvidenceError(
            f"{name}: expected {SHORTEST} or more characters that begin one waiting drift's id: {known}"
        )
    return hits[0]


def _waiting(root: Path, connection: duckdb.DuckDBPyConnection, drift_id: str, run_id: str) -> Waiting:
    row = connection.execute(ASKED, [drift_id, run_id]).fetchone()
    if row is None:
        raise EvidenceError(f"drift {drift_id}: no question of run {run_id} is recorded")
    question = Question.from_document(json.loads(row[1])["question"])
    case = load_case(connection, drift_id=drift_id, episode=question.episode, sweep_id=row[2])
    answers = connection.execute(ANSWERED, [drift_id, run_id]).fetchall()
    return Waiting(
        question=question,
        case=case,
        asked_at=row[0],
        preview=Preview.from_document(read_document(root, "snapshots", question.preview_sha256)),
        answers=tuple(
            {"actor": actor, "decision": decision, "outcome": outcome, "reason": reason}
            for _, _, actor, decision, outcome, reason in answers
        ),
    )
