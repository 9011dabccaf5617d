"""Accept what is live at a target as its approved state: look afresh, show what is new in it, sign and seal.

What an apply would undo (class A) is never accepted. Approved, it would pass for unapplied code from the next
refresh of the state on, and nobody would hear of it again; a baseline that kept the declared value for such
attributes would be a state that nobody has seen, under a person's signature. So it is refused, with a list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence.canonical import canonical_json
from evidence.keys import SigningKey
from evidence.schema import record_id
from evidence.store import Store
from tasks.acceptance import Acceptance, Acceptors, check, check_acceptor
from tasks.baselines import CONTROLS, Held
from tasks.errors import ApprovalError, ToolError
from tasks.look import ask
from tasks.reach import Reach
from tasks.record import fan_out
from tasks.redaction import Redactor
from tasks.redaction.shapes import REDACTED
from tasks.terraform.baseline import Approved, Baseline
from tasks.terraform.difference import differences, shown
from taxonomy.observation import Answer, Finding, Suppressed
from taxonomy.target import AnyTarget

NAMED = 3
"""How many attributes of class A a refusal names; it counts the others."""


@dataclass(frozen=True, kw_only=True)
class Newly:
    """One attribute that would be approved otherwise than before; values are masked."""

    address: str
    attribute: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a person would accept, and how it differs from what was approved.

    Args:
        baseline: what is live now.
        held: what the evidence holds so far.
        changed: attributes of resources that were approved otherwise.
        added: addresses that no baseline holds yet.
        moved: address as approved and address now of what was moved in code.
        dropped: addresses that were approved and are no longer there.
        findings: all drift that the look told, of the state so far or of what was approved; none is class A.
        unapplied: where live is not what the code says, though nobody is known to have changed it.
    """

    baseline: Baseline
    held: Held
    changed: tuple[Newly, ...]
    added: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...]
    unapplied: tuple[Suppressed, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A baseline that a person has accepted, as it was sealed."""

    acceptance: Acceptance
    decision_sha256: str


def propose(target: AnyTarget, held: Held, *, reach: Reach, redactor: Redactor, now: datetime) -> Proposal:
    """Return what accepting a target's live state would approve, after a look of its own.

    Args:
        target: a Terraform target.
        held: what the evidence holds of its approved state; what does not count is not compared with.
        reach: how the world is reached.
        redactor: conceals secrets.
        now: the time of the look.

    Raises:
        ToolError: it could not be looked at, or has no baseline.
        ApprovalError: something in it can't be accepted, and what to do.
    """
    if target.layer != "terraform":
        raise ToolError(
            f"target {target.name} is of layer {target.layer}; only Terraform targets have a baseline"
        )
    before = held.standing.baseline if held.standing else Baseline(target=target.name, taken_at=now)
    compared = before if held.standing else None
    answer = ask(target, reach=reach, redactor=redactor, baseline=compared, now=now).answer
    _refuse_declared(answer, target.name)
    baseline = Baseline.of(target.name, answer.live, taken_at=now)
    if not baseline.resources:
        raise ApprovalError(f"target {target.name} manages nothing yet, so there is nothing to accept")
    return _compared(before, baseline, held, answer, redactor)


def accept(
    store: Store,
    proposal: Proposal,
    acceptors: Acceptors,
    *,
    approver: str,
    reason: str,
    key: SigningKey,
    now: datetime,
) -> Accepted:
    """Seal the proposed baseline with a person's signed acceptance, in one batch.

    Raises:
        ApprovalError: the person may not accept it, or the reason says too little.
        EvidenceError: it could not be recorded; then nothing was.
    """
    held, baseline = proposal.held, proposal.baseline
    with store.batch(now) as batch:
        acceptance = Acceptance(
            estate=acceptors.estate,
            target=baseline.target,
            baseline_sha256=batch.seal("baselines", baseline.to_document()),
            previous_sha256=held.standing.sha256 if held.standing else None,
            overrules=tuple(one.record_id for one in held.refused),
            role=check_acceptor(acceptors, approver, key.key_id),
            approver=approver,
            reason=reason,
            accepted_at=now.isoformat(),
            key_id=key.key_id,
        )
        envelope = acceptance.signed(key)
        # what a reader would refuse is refused here already, where it can be mended
        check(
            envelope,
            acceptors,
            target=baseline.target,
            baseline_sha256=acceptance.baseline_sha256,
            actor=approver,
            at=now,
        )
        decision = batch.seal("decisions", envelope)
        batch.append(fan_out(_row(acceptance, decision, proposal, now), CONTROLS))
    return Accepted(acceptance=acceptance, decision_sha256=decision)


def _row(acceptance: Acceptance, decision: str, proposal: Proposal, now: datetime) -> dict[str, Any]:
    details = {
        "resources": len(proposal.baseline.resources),
        "extends": None,
        "previous_sha256": acceptance.previous_sha256,
        "overrules": list(acceptance.overrules),
        "changed": len(proposal.changed),
        "added": len(proposal.added),
        "dropped": len(proposal.dropped),
        "role": acceptance.role,
        "key_id": acceptance.key_id,
    }
    return {
        "record_id": record_id(now),
        "step": "baselined",
        "occurred_at": now,
        "estate": acceptance.estate,
        "target": acceptance.target,
        "layer": "terraform",
        "actor": acceptance.approver,
        "actor_kind": "person",
        "decision": "approve",
        "outcome": "approved",
        "reason": acceptance.reason,
        "snapshot_sha256": acceptance.baseline_sha256,
        "decision_sha256": decision,
        "details": canonical_json(details),
    }


def _refuse_declared(answer: Answer, target: str) -> None:
    declared = [
        f"{(change.source or '').removeprefix(f'{target}:')} {change.attribute}"
        for finding in answer.findings
        for change in finding.changes
        if change.drift_class == "A"
    ]
    if declared:
        more = f", and {len(declared) - NAMED} more" if len(declared) > NAMED else ""
        raise ApprovalError(
            f"what is live at {target} can't be accepted: the code says otherwise of "
            f"{', '.join(declared[:NAMED])}{more}; put it right, or change the code and apply it, then accept"
        )


def _compared(before: Baseline, after: Baseline, held: Held, answer: Answer, redactor: Redactor) -> Proposal:
    changed: list[Newly] = []
    added: list[str] = []
    moved: list[tuple[str, str]] = []
    places = {id(one): address for address, one in (*before.replaced, *before.resources.items())}
    kept: set[int] = set()
    for address, one in sorted(after.resources.items()):
        own_id = one.attributes.get("id")
        known = before.find(address, resource_id=one.resource_id, own_id=own_id, here=after.resources)
        if known is None:
            added.append(address)
            continue
        kept.add(id(known))
        if places[id(known)] != address:
            moved.append((places[id(known)], address))
        changed.extend(_newly(address, known, one, redactor))
    return Proposal(
        baseline=after,
        held=held,
        changed=tuple(changed),
        added=tuple(added),
        moved=tuple(moved),
        dropped=tuple(sorted(at for at, one in before.resources.items() if id(one) not in kept)),
        unapplied=answer.unapplied,
        findings=answer.findings,
    )


def _newly(address: str, before: Approved, after: Approved, redactor: Redactor) -> Iterator[Newly]:
    for difference in differences(before.attributes, after.attributes):
        attribute, declared = ".".join(difference.path), difference.declared
        if isinstance(difference.actual, str) and REDACTED.fullmatch(difference.actual):
            # a mark may be newer than the approval: then only the form of the value is another
            declared, _ = redactor.conceal(
                declared, resource=after.resource_id, attribute=attribute, sensitive=True, again=True
            )
        if difference.alike is None and declared != difference.actual:
            was, now = shown(declared, difference.actual)
            yield Newly(address=address, attribute=attribute, before=was, after=now)
