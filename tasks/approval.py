"""Ask, sign and check decisions: who approved exactly what, until when.

Anybody with access to the Prefect API can resume a run, so nothing that comes back through it counts
by itself. A decision is a DSSE envelope (https://github.com/secure-systems-lab/dsse) over everything
that the question named, signed with Ed25519 by the person's own enrolled key; the resumed run checks
it against the question that it asked itself and against the estate as it is now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal, Self

from evidence import dsse
from evidence.canonical import canonical_json
from evidence.errors import EvidenceError, TamperError
from evidence.keys import PublicKey, SigningKey
from tasks.errors import ApprovalError
from taxonomy.waivers import LONGEST

Verdict = Literal["approve", "reject", "waive"]
VERDICTS: tuple[Verdict, ...] = ("approve", "reject", "waive")

REASON_CHARACTERS = range(10, 501)
"""How long a reason may be."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked, whole: an answer to anything else does not count.

    Args:
        run_id: the flow run that asks.
        round: 1 for the first time it asks; no round moves `expires_at`.
        nonce: random; an answer to another round can't be used again.
        preview_sha256: digest of exactly what approving would do.
        snapshot_sha256: digest of the sealed state before anybody touched it.
        role: whose members may answer.
        quorum: how many distinct approvals are wanted.
        expires_at: ISO 8601, UTC; an answer after it does not count.
    """

    estate: str
    target: str
    run_id: str
    round: int
    nonce: str
    drift_id: str
    episode: int
    fingerprint: str
    preview_sha256: str
    snapshot_sha256: str
    taxonomy_digest: str
    role: str
    quorum: int
    expires_at: str

    def to_document(self) -> dict[str, Any]:
        """Return the question as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the question that `to_document` wrote down.

        Raises:
            TypeError: a key is missing or not known.
        """
        return cls(**document)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One person's answer to one question.

    Args:
        approver: the person's id in the estate file.
        until: for a waiver, the instant it ends; ISO 8601, UTC.
        decided_at: ISO 8601, UTC.
        key_id: the key that signed it.
    """

    question: Question
    decision: Verdict
    approver: str
    reason: str
    decided_at: str
    key_id: str
    until: str | None = None

    def payload(self) -> bytes:
        """Return what is signed: canonical JSON of every field."""
        return canonical_json(asdict(self)).encode()


@dataclass(frozen=True, kw_only=True)
class Electorate:
    """Who may answer, as the estate says now.

    Args:
        members: ids of the people in each role.
        keys: each person's enrolled public key.
        trusted: ids of the keys that count for approvals.
    """

    members: Mapping[str, frozenset[str]]
    keys: Mapping[str, PublicKey]
    trusted: frozenset[str]


def answer(
    question: Question,
    *,
    decision: Verdict,
    approver: str,
    reason: str,
    now: datetime,
    key: SigningKey,
    until: datetime | None = None,
) -> bytes:
    """Return a signed decision, as the envelope that a run is resumed with.

    Raises:
        ApprovalError: the question has expired, the reason is too short or too long, or a waiver has no end.
    """
    check_reason(reason)
    _check_waiver(decision, until.isoformat() if until else None, now)
    if now > datetime.fromisoformat(question.expires_at):
        raise ApprovalError(f"the question expired at {question.expires_at}; the next sweep asks again")
    decided = Decision(
        question=question,
        decision=decision,
        approver=approver,
        reason=reason,
        decided_at=now.isoformat(),
        key_id=key.key_id,
        until=until.isoformat() if until else None,
    )
    return dsse.sign(dsse.DECISION, decided.payload(), key)


def check(envelope: bytes, question: Question, electorate: Electorate, *, now: datetime) -> Decision:
    """Return the decision of an envelope that counts as an answer to the question.

    Raises:
        ApprovalError: it does not count, and why: not signed by an enrolled key that is trusted for
            approvals, for another question, late, or by somebody who may not answer.
    """
    decided = _open(envelope, electorate)
    _check_question(decided.question, question)
    _check_person(decided, question, electorate)
    check_reason(decided.reason)
    when = _instant(decided.decided_at, "decided_at")
    if when > now or now > _instant(question.expires_at, "expires_at"):
        raise ApprovalError(
            f"the answer of {decided.approver} is late, or from the future: {decided.decided_at}"
        )
    _check_waiver(decided.decision, decided.until, now)
    return decided


def tally(decisions: Iterable[Decision], quorum: int) -> Verdict | None:
    """Return what the decisions come to: one reject or waiver ends it, approvals of distinct people count.

    Two names over one key are one person.

    Raises:
        ValueError: a quorum of less than one.
    """
    if quorum < 1:
        raise ValueError(f"expected a quorum of at least 1, got {quorum}")
    approvers: set[str] = set()
    signers: set[str] = set()
    for decided in decisions:
        if decided.decision != "approve":
            return decided.decision
        approvers.add(decided.approver)
        signers.add(decided.key_id)
        if min(len(approvers), len(signers)) >= quorum:
            return "approve"
    return None


def signed_by_a_person(
    envelope: bytes,
    electorate: Electorate,
    payload_type: str,
    *,
    known: Iterable[str],
    words: Iterable[str],
    noun: str = "answer",
) -> dict[str, Any]:
    """Return what a person's enrolled key signed; who that is stands in its `approver` and `key_id`.

    Args:
        envelope: as stored or received; untrusted.
        electorate: whose signatures count.
        payload_type: the kind of envelope that is expected.
        known: the keys that the signed object has, all of them.
        words: those that must be text.
        noun: what an error calls the signed object.

    Raises:
        ApprovalError: it does not count, and why.
    """
    keys = {key.key_id: key for key in electorate.keys.values() if key.key_id in electorate.trusted}
    try:
        body = dsse.load_json(dsse.open_envelope(envelope, keys, payload_type), noun)
        signer = dsse.claimed_key_id(envelope)
    except (TamperError, EvidenceError, ValueError) as error:
        raise ApprovalError(f"the {noun} is not signed by an enrolled key: {error}") from None
    if not isinstance(body, dict) or set(body) != set(known):
        raise ApprovalError(f"the signed {noun} has not the keys of this version")
    if not all(isinstance(body[name], str) for name in ("approver", "key_id", *words)):
        raise ApprovalError(f"the signed {noun} does not say in words who, why, when and with which key")
    enrolled = electorate.keys.get(body["approver"])
    if enrolled is None or not (signer == body["key_id"] == enrolled.key_id):
        raise ApprovalError(
            f"the {noun} of {body['approver']!r} is not signed with that person's enrolled key"
        )
    return body


def _open(envelope: bytes, electorate: Electorate) -> Decision:
    known = [field.name for field in fields(Decision)]
    words = ("reason", "decided_at")
    body = signed_by_a_person(envelope, electorate, dsse.DECISION, known=known, words=words)
    if body["decision"] not in VERDICTS:
        raise ApprovalError("the signed answer is not a decision of this version")
    try:
        return Decision(**{**body, "question": Question.from_document(body["question"])})
    except TypeError:
        raise ApprovalError("the signed answer does not name the whole question that it is for") from None


def _check_question(given: Question, asked: Question) -> None:
    differing = [
        field.name for field in fields(Question) if getattr(given, field.name) != getattr(asked, field.name)
    ]
    if differing:
        raise ApprovalError(f"the answer is for something else: {', '.join(differing)} differ")


def _check_person(decided: Decision, question: Question, electorate: Electorate) -> None:
    if decided.approver not in electorate.members.get(question.role, frozenset()):
        raise ApprovalError(f"{decided.approver} is not in the role {question.role} that may answer this")


def check_reason(reason: str) -> None:
    """Return only where a reason says enough, and not too much.

    Raises:
        ApprovalError: it is too short or too long.
    """
    if len(reason.strip()) not in REASON_CHARACTERS:
        raise ApprovalError(
            f"expected a reason of {REASON_CHARACTERS.start} to {REASON_CHARACTERS.stop - 1} characters, "
            f"got {len(reason.strip())}"
        )


def _check_waiver(decision: str, until: str | None, now: datetime) -> None:
    if decision != "waive":
        if until is not None:
            raise ApprovalError(f"expected an end only for a waiver, got one for {decision}")
        return
    if until is None:
        raise ApprovalError("expected the instant at which the waiver ends, got none")
    if _instant(until, "until") <= now:
        raise ApprovalError(f"expected a waiver that ends in the future, got {until}")
    if _instant(until, "until") > now + LONGEST:
        raise ApprovalError(f"expected a waiver that ends within {LONGEST.days} days, got {until}")


def _instant(text: str, name: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ApprovalError(f"{name}: expected an ISO 8601 instant, got {text!r}") from None
    if instant.utcoffset() is None:
        raise ApprovalError(f"{name}: expected an instant with its offset from UTC, got {text!r}")
    return instant
