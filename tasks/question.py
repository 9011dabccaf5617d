"""Put one drift to people, and count what comes back.

Every round asks anew with its own nonce; none extends the deadline. What comes back is recorded,
whether it counts or not, and what counts is checked again from the sealed envelope each time.
"""

import base64
import contextlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from evidence.objects import read_object
from tasks.approval import Decision, Electorate, Question, Verdict, check, tally
from tasks.errors import ApprovalError
from tasks.story import Story

MAX_ENVELOPES = 20
"""How many answers one resume may bring; more is not how anybody answers."""

DECIDED = {"approve": "approved", "reject": "rejected", "waive": "approved"}
"""The outcome of each decision; a waiver is told by its `decision`."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the estate says of who decides a drift, and until when.

    Args:
        role: whose members may answer.
        quorum: how many distinct approvals are wanted.
        expires_after: from the first time it is asked.
    """

    role: str
    quorum: int
    expires_after: timedelta


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """What the answers so far come to.

    Args:
        verdict: None while the quorum is not reached.
        decisions: those that count, in the order given; one person may have given several.
        refused: how many answers of this run did not count.
    """

    verdict: Verdict | None
    decisions: tuple[Decision, ...]
    refused: int


def put(story: Story, terms: Terms, *, preview_sha256: str, snapshot_sha256: str) -> Question:
    """Return the question that is open now, recording it first where this run has not asked it yet."""
    asked = [Question.from_document(row["details"]["question"]) for row in story.told("asked")]
    if asked and len(asked) > _answered(story):
        return asked[-1]
    drift = story.case.drift
    deadline = asked[0].expires_at if asked else (story.clock() + terms.expires_after).isoformat()
    question = Question(
        estate=story.store.estate,
        target="+".join(drift.targets),
        run_id=story.run_id,
        round=len(asked) + 1,
        nonce=secrets.token_hex(16),
        drift_id=drift.drift_id,
        episode=drift.episode,
        fingerprint=drift.fingerprint,
        preview_sha256=preview_sha256,
        snapshot_sha256=snapshot_sha256,
        taxonomy_digest=story.case.taxonomy_digest,
        role=terms.role,
        quorum=terms.quorum,
        expires_at=deadline,
    )
    story.tell(
        "asked",
        details={"question": question.to_document()},
        preview_sha256=preview_sha256,
        snapshot_sha256=snapshot_sha256,
    )
    return question


def receive(story: Story, question: Question, envelopes: Iterable[str], electorate: Electorate) -> None:
    """Record what came back for a question: `decided` where it counts, `refused` where it doesn't.

    Args:
        story: of the run that asked.
        question: what was asked.
        envelopes: base64 of DSSE envelopes, as the run was resumed with; untrusted.
        electorate: who may answer, as the estate says now.
    """
    given = list(envelopes)[:MAX_ENVELOPES]
    story.tell_all([_judged(story, question, text, electorate) for text in given or [""]])


def count(story: Story, electorate: Electorate) -> Ballot:
    """Return what the answers of this run come to, each checked again from its sealed envelope."""
    questions = {
        row["details"]["question"]["round"]: row["details"]["question"] for row in story.told("asked")
    }
    counted: list[Decision] = []
    for row in story.told("decided"):
        envelope = read_object(story.store.root, "decisions", row["decision_sha256"])
        question = Question.from_document(questions[row["details"]["round"]])
        # whoever has lost the role or the key since then no longer counts
        with contextlib.suppress(ApprovalError):
            counted.append(check(envelope, question, electorate, now=row["occurred_at"]))
    quorum = max((question["quorum"] for question in questions.values()), default=1)
    refused = [row for row in story.told("refused") if row["outcome"] == "unauthorised"]
    return Ballot(verdict=tally(counted, quorum), decisions=tuple(counted), refused=len(refused))


def expired(question: Question, *, now: datetime) -> bool:
    """Return whether nobody may answer any more."""
    return now >= datetime.fromisoformat(question.expires_at)


def _answered(story: Story) -> int:
    rows = story.told("decided") + story.told("refused")
    return max((row["details"].get("round", 0) for row in rows), default=0)


def _judged(story: Story, question: Question, text: str, electorate: Electorate) -> dict[str, Any]:
    try:
        envelope = base64.b64decode(text, validate=True)
        decided = check(envelope, question, electorate, now=story.clock())
    except (ApprovalError, ValueError) as error:
        return {
            "step": "refused",
            "details": {"round": question.round},
            "reason": str(error)[:500] if text else "resumed without an answer",
            "outcome": "unauthorised",
            "actor": "unknown",
            "actor_kind": "unknown",
        }
    return {
        "step": "decided",
        "details": {
            "round": question.round,
            "role": question.role,
            "key_id": decided.key_id,
            "until": decided.until,
        },
        "envelope": envelope,
        "actor": decided.approver,
        "actor_kind": "person",
        "decision": decided.decision,
        "reason": decided.reason,
        "outcome": DECIDED[decided.decision],
        "preview_sha256": question.preview_sha256,
        "snapshot_sha256": question.snapshot_sha256,
    }
