"""A person's word that what is live at a target is its approved state, signed over exactly that state.

Whoever signs evidence could otherwise seal a baseline that holds a backdoor, and hide it for good. So a
baseline that claims a person counts only with an envelope of its own kind, signed by that person's enrolled
key, and the envelope is checked each time the baseline is read (`tasks.baselines`).
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from evidence import dsse
from evidence.canonical import canonical_json
from evidence.keys import SigningKey
from tasks.approval import Electorate, check_reason, signed_by_a_person
from tasks.errors import ApprovalError


@dataclass(frozen=True, kw_only=True)
class Acceptors:
    """Who may accept a baseline, as the estate says now.

    Args:
        estate: whose baselines they are.
        role: whose members may; None where the estate names nobody for decisions by default.
        electorate: people, their keys and roles.
    """

    estate: str
    role: str | None
    electorate: Electorate


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What a person signs.

    Args:
        baseline_sha256: digest of the sealed baseline.
        previous_sha256: of the one that it replaces; None where there was none.
        overrules: record ids of baselines that claim a person and did not count, which this person has seen.
        role: in which the person accepts.
        approver: the person's id in the estate file.
        accepted_at: ISO 8601, UTC.
        key_id: the key that signed it.
    """

    estate: str
    target: str
    baseline_sha256: str
    previous_sha256: str | None
    overrules: tuple[str, ...]
    role: str
    approver: str
    reason: str
    accepted_at: str
    key_id: str

    def signed(self, key: SigningKey) -> bytes:
        """Return the envelope with the person's signature over every field."""
        return dsse.sign(dsse.BASELINE, canonical_json(asdict(self)).encode(), key)


def check_acceptor(acceptors: Acceptors, approver: str, key_id: str) -> str:
    """Return the role in which a person may accept baselines.

    Raises:
        ApprovalError: the person may not, and why.
    """
    role, electorate = acceptors.role, acceptors.electorate
    if role is None:
        raise ApprovalError("nobody may accept a baseline: the estate file has no approvals.default")
    if approver not in electorate.members.get(role, frozenset()):
        raise ApprovalError(
            f"{approver} is not in the role {role} of approvals.default, which accepts baselines"
        )
    if key_id not in electorate.trusted:
        raise ApprovalError(f"key {key_id} of {approver} is not trusted for approval; add it to `trust:`")
    return role


def check(
    envelope: bytes,
    acceptors: Acceptors,
    *,
    target: str,
    baseline_sha256: str,
    actor: str | None,
    at: datetime,
) -> Acceptance:
    """Return what a person signed, where it is the acceptance of this very baseline.

    Args:
        envelope: as sealed; whoever signs evidence may have forged it.
        acceptors: who may accept.
        target: what the row that names the envelope speaks of.
        baseline_sha256: of the baseline that it names.
        actor: who it says has accepted.
        at: when it says so.

    Raises:
        ApprovalError: it does not count, and why.
    """
    words = ("estate", "target", "baseline_sha256", "role", "reason", "accepted_at")
    known = [field.name for field in fields(Acceptance)]
    body = signed_by_a_person(
        envelope, acceptors.electorate, dsse.BASELINE, known=known, words=words, noun="acceptance"
    )
    accepted = Acceptance(**{**body, "overrules": _names(body["overrules"])})
    said = (accepted.estate, accepted.target, accepted.baseline_sha256, accepted.approver)
    if said != (acceptors.estate, target, baseline_sha256, actor) or _instant(accepted) != at:
        raise ApprovalError(f"what {accepted.approver} signed is not the acceptance of this baseline")
    check_acceptor(acceptors, accepted.approver, accepted.key_id)
    check_reason(accepted.reason)
    return accepted


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ApprovalError("the signed acceptance does not name what it overrules")
    return tuple(value)


def _instant(accepted: Acceptance) -> datetime:
    try:
        return datetime.fromisoformat(accepted.accepted_at)
    except ValueError:
        raise ApprovalError("the signed acceptance does not say when it was given") from None
