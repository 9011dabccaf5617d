"""Terraform apply: undoes declared drift by applying the code to the drifted resources, and to nothing else.

``-target`` widens to ancestors, and a saved plan knows nothing of what changed after it was made. So every
plan is read before it counts: all that it would do must be what the drift says, address, attribute and both
values. What it would do besides, other drift and unapplied code, is held still in a copy of the workspace,
and planned again. A preview is approved, and right before the apply a fresh plan must still do no more than
that, and be made from the workspace's own state.

A preview may say that a resource would be destroyed and created anew; that is never done without a person.

What can't be done from here: undeclared drift (class B), and what can't be held still
(`tasks.terraform.hold`): these are refused with a reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evidence.canonical import canonical_json
from tasks import aws
from tasks.detectors import terraform as detector
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.remedies.preview import Outcome, Preview, RefusedError, StaleError
from tasks.remedies.proof import Approved, Proof, addresses_of, approved_of, prove
from tasks.terraform import apply as applying
from tasks.terraform import document as plans
from tasks.terraform import reading, workspace
from tasks.terraform.baseline import Baseline
from tasks.terraform.effects import Effect, effects_beside, effects_of
from tasks.terraform.hold import Hold, InseparableError, holding
from tasks.terraform.mask import Conceals
from tasks.terraform.place import check_place
from tasks.terraform.workspace import Opened
from taxonomy.drift import Drift
from taxonomy.observation import Finding
from taxonomy.target import AnyTarget, TerraformTarget

NAME = "terraform-apply"

_ROUNDS = 5
"""How often more is held still before it is given up: what is held may uncover what it had hidden."""


def preview(drift: Drift, target: AnyTarget, reach: Reach, *, redactor: Conceals) -> Preview:
    """Return exactly what an apply kept to this drift would do. Nothing is changed and no lock is taken.

    Raises:
        RefusedError: an apply can't undo it, or can't be kept from touching something else.
        StaleError: live or code are no longer as the drift says.
        ToolError: Terraform or the cloud did not answer.
    """
    where = _workspace_of(target)
    approved = approved_of(drift, where.name)
    _expect_account(where, reach, role_arn=where.read_role_arn)
    with workspace.opened(where, reach, role_arn=where.read_role_arn) as opened:
        applying.expect_saved(opened)
        proof, held = _separated(opened, approved, redactor)
        _expect_no_orphan(opened, proof)
    document = {
        "remedy": NAME,
        "target": where.name,
        "drift_id": drift.drift_id,
        "fingerprint": drift.fingerprint,
        "resource_id": drift.resource_id,
        "changes": [_row(effect) for effect in proof.within],
        "destroys": list(proof.destroys),
        "as_saved": list(proof.as_saved),
        "held": [hold.to_document() for hold in held],
    }
    return Preview.of(NAME, document, (*_lines(proof), *_held_lines(held)))


def apply(drift: Drift, preview: Preview, target: AnyTarget, reach: Reach, *, redactor: Conceals) -> Outcome:
    """Plan afresh, prove that the plan does no more than was approved, and apply it.

    Args:
        drift: what drifted, as it was when the preview was made.
        preview: what was approved.
        target: where.
        reach: how the world is reached.
        redactor: the same key as at the preview, or nothing will compare.

    Raises:
        StaleError: the fresh plan would do something else than what was approved, or nothing.
        RefusedError: as `preview`.
        ToolError: somebody holds the lock, or the apply failed; look again at what it has done.
    """
    where = _workspace_of(target)
    preview.check(drift)
    approved = approved_of(drift, where.name)
    _expect_account(where, reach, role_arn=where.remedy_role_arn)
    with workspace.opened(where, reach, role_arn=where.remedy_role_arn) as opened:
        recovered = applying.recover(opened)
        applying.expect_saved(opened)
        with applying.telling(recovered):
            held = applying.held_still(opened, _holds(preview))
            plan = held.plan(addresses=addresses_of(approved))
            proof = prove(_effects(held.show(plan), where, redactor), approved)
            _expect_approved(proof, preview)
            _expect_no_orphan(opened, proof)
            applying.expect_state(plan, opened)
            applying.carry_out(plan, held, original=opened, drift_id=drift.drift_id, creates=proof.creates)
    changes = tuple(_row(effect) for effect in proof.within)
    return Outcome(remedy=NAME, changes=changes, summary=(*recovered, *_lines(proof)))


def look_again(
    drift: Drift,
    target: TerraformTarget,
    reach: Reach,
    *,
    redactor: Conceals,
    baseline: Baseline | None = None,
) -> Finding | None:
    """Return what is still drifted of the same resource; None where a fresh look finds nothing.

    Where the drift has addresses in this target only these are planned, which takes seconds in a workspace
    of any size.

    Raises:
        ToolError: it could not be looked at, which is not "restored".
    """
    addresses = tuple(sorted(_known_addresses(drift, target)))
    live = target.path is not None and bool(addresses)
    raw = detector.look(target, reach, addresses=addresses) if live else detector.collect(target, reach)
    answer = detector.parse(raw, target, redactor=redactor, baseline=baseline)
    names = {drift.resource_id, *drift.aliases}
    return next((found for found in answer.findings if names & {found.resource_id, *found.aliases}), None)


def _workspace_of(target: AnyTarget) -> TerraformTarget:
    if not isinstance(target, TerraformTarget) or target.path is None:
        raise RefusedError(f"target {target.name} is no Terraform workspace, so there is nothing to apply")
    return target


def _expect_account(target: TerraformTarget, reach: Reach, *, role_arn: str | None) -> None:
    aws.expect_account(reach, account=target.account, region=target.region, role_arn=role_arn)


def _known_addresses(drift: Drift, target: TerraformTarget) -> Iterator[str]:
    """Yield the addresses in this target that the drift's changes were seen at; `parse` writes them so."""
    mark = f"{target.name}:"
    for text in (*(change.source or "" for change in drift.changes), *drift.aliases):
        if text.startswith(mark):
            yield text.removeprefix(mark)
    if drift.address is not None and drift.targets == (target.name,):
        yield drift.address


def _separated(opened: Opened, approved: Approved, redactor: Conceals) -> tuple[Proof, tuple[Hold, ...]]:
    """Return a plan that does nothing beyond the drift, and what had to be held still for that."""
    held: tuple[Hold, ...] = ()
    for _ in range(_ROUNDS):
        place = applying.held_still(opened, held)
        plan = place.plan(addresses=addresses_of(approved))
        proof = prove(_effects(place.show(plan), opened.target, redactor), approved)
        if not proof.beyond:
            return proof, held
        more = _more(held, proof, opened)
        if more == held:
            break
        held = more
    raise RefusedError(
        f"an apply would also change {_named(proof.beyond)}, which nothing in code holds still"
    )


def _more(held: tuple[Hold, ...], proof: Proof, opened: Opened) -> tuple[Hold, ...]:
    try:
        return holding(held, proof.beyond, proof.within, applying.said_of(opened))
    except (InseparableError, ToolError) as error:
        # code that can't be read for sure can't be held still either: then a person does it
        raise RefusedError(str(error)) from error


def _holds(preview: Preview) -> tuple[Hold, ...]:
    return tuple(Hold.from_document(one) for one in preview.document.get("held", ()))


def _effects(data: bytes, target: TerraformTarget, redactor: Conceals) -> list[Effect]:
    """Return all that a plan would do to managed resources."""
    name = f"the plan of {target.name}"
    document = plans.load(data, name=name)
    plans.check_whole(document, name=name, targeted=True)
    check_place(document, target, name=name)
    read = reading.reading_of(document, target, redactor=redactor)
    found = [effect for member in read.members for effect in effects_of(read.case(member, {}))]
    return [*found, *effects_beside(document)]


def _expect_approved(proof: Proof, preview: Preview) -> None:
    """Return only where every effect stands in the approved preview, value by value."""
    rows = preview.document.get("changes")
    approved = {canonical_json(row) for row in rows} if isinstance(rows, list) else set()
    for effect in (*proof.within, *proof.beyond):
        if canonical_json(_row(effect)) not in approved:
            raise StaleError(
                f"the fresh plan would change {effect.attribute} of {effect.address} otherwise than "
                f"was approved; preview again"
            )


def _expect_no_orphan(opened: Opened, proof: Proof) -> None:
    left = applying.orphans(opened, proof.creates)
    if left:
        raise RefusedError(
            f"an apply of Holdfast was killed here while it created {', '.join(left)}, and no state knows "
            f"whether it did: look for it, import or delete it, then remove {applying.note(opened)}"
        )


def _named(effects: Iterable[Effect]) -> str:
    return ", ".join(sorted({effect.address for effect in effects}))


def _row(effect: Effect) -> Mapping[str, Any]:
    return {
        "address": effect.address,
        "attribute": effect.attribute,
        "before": effect.before,
        "after": effect.after,
        "action": effect.action,
    }


def _lines(proof: Proof) -> Iterator[str]:
    for address in proof.destroys:
        yield f"DESTROYS {address} and creates it anew: what it holds is lost, and what uses it loses it"
    if proof.as_saved:
        named = ", ".join(proof.as_saved)
        yield f"a person decides: {named} is live as it was last saved, so the code may have changed since"
    for effect in proof.within:
        if effect.minor is None:
            before, after = canonical_json(effect.before), canonical_json(effect.after)
            yield f"{effect.action} {effect.address}: {effect.attribute} {before} -> {after}"


def _held_lines(held: Iterable[Hold]) -> Iterator[str]:
    for hold in held:
        what = "all of it" if hold.ignore_changes == "all" else ", ".join(hold.ignore_changes)
        yield f"left as it is: {hold.block} ({what}), whose own drift or new code is not decided here"
