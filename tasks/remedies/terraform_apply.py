"""Terraform apply: undoes declared drift by applying the code to the drifted resources, and to nothing else.

``-target`` widens to ancestors that drifted too, and a saved plan knows nothing of what changed after it
was made. So every plan is read before it counts: all that it would do must be what the drift says,
address, attribute and both values. A preview is approved, and right before the apply a fresh plan under
the state's lock must still do no more than that.

What can't be done from here: undeclared drift (class B), anything that destroys or replaces, and drift
whose ancestors have drifted too: these are refused with a reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from evidence.canonical import canonical_json
from tasks import aws
from tasks.detectors import terraform as detector
from tasks.reach import Reach
from tasks.remedies.preview import Outcome, Preview, RefusedError, StaleError
from tasks.terraform import document as plans
from tasks.terraform import estate, workspace
from tasks.terraform.baseline import Baseline
from tasks.terraform.effects import Effect, effects_of
from tasks.terraform.mask import Conceals
from tasks.terraform.place import check_place
from taxonomy.drift import Drift, DriftChange
from taxonomy.observation import Finding
from taxonomy.target import AnyTarget, TerraformTarget

NAME = "terraform-apply"

_DESTRUCTIVE = ("delete", "replace")

Approved = Mapping[tuple[str, str], DriftChange]


def preview(drift: Drift, target: AnyTarget, reach: Reach, *, redactor: Conceals) -> Preview:
    """Return exactly what an apply kept to this drift would do. Nothing is changed and no lock is taken.

    Raises:
        RefusedError: an apply can't undo it, or would touch something else, or destroy something.
        StaleError: live or code are no longer as the drift says.
        ToolError: Terraform or the cloud did not answer.
    """
    where = _workspace_of(target)
    approved = _undoable(drift, where)
    _expect_account(where, reach, role_arn=where.read_role_arn)
    with workspace.opened(where, reach, role_arn=where.read_role_arn) as opened:
        data = opened.show(opened.plan(addresses=_addresses(approved)))
    effects = _proven(_effects(data, where, redactor), approved)
    document = {
        "remedy": NAME,
        "target": where.name,
        "drift_id": drift.drift_id,
        "fingerprint": drift.fingerprint,
        "resource_id": drift.resource_id,
        "changes": [_row(effect) for effect in effects],
    }
    return Preview.of(NAME, document, tuple(_lines(effects)))


def apply(drift: Drift, preview: Preview, target: AnyTarget, reach: Reach, *, redactor: Conceals) -> Outcome:
    """Plan afresh under the state's lock, prove the plan does no more than was approved, and apply it.

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
    approved = _undoable(drift, where)
    _expect_account(where, reach, role_arn=where.remedy_role_arn)
    with workspace.opened(where, reach, role_arn=where.remedy_role_arn) as opened:
        plan = opened.plan(addresses=_addresses(approved), lock=True)
        effects = _proven(_effects(opened.show(plan), where, redactor), approved)
        _expect_approved(effects, preview)
        opened.apply(plan)
    return Outcome(
        remedy=NAME, changes=tuple(_row(effect) for effect in effects), summary=tuple(_lines(effects))
    )


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


def _undoable(drift: Drift, target: TerraformTarget) -> Approved:
    """Return the drift's changes by (address, attribute), which are all such that an apply undoes them."""
    mark = f"{target.name}:"
    mine = [change for change in drift.changes if (change.source or "").startswith(mark)]
    if not mine:
        raise RefusedError(f"target {target.name} saw nothing of this drift that an apply could undo")
    left = sorted(change.attribute for change in mine if change.drift_class != "A")
    if left:
        raise RefusedError(
            f"{', '.join(left)} stands in no code, so no apply undoes it; remove it, or declare it in code"
        )
    return {(str(change.source).removeprefix(mark), change.attribute): change for change in mine}


def _addresses(approved: Approved) -> tuple[str, ...]:
    return tuple(sorted({address for address, _ in approved}))


def _effects(data: bytes, target: TerraformTarget, redactor: Conceals) -> list[Effect]:
    """Return all that a plan would do to managed resources."""
    name = f"the plan of {target.name}"
    document = plans.load(data, name=name)
    plans.check_whole(document, name=name, targeted=True)
    check_place(document, target, name=name)
    reading = estate.reading_of(document, target, redactor=redactor)
    return [effect for member in reading.members for effect in effects_of(reading.case(member, {}))]


def _proven(effects: list[Effect], approved: Approved) -> list[Effect]:
    """Return the effects, each of which is what the drift says; none is not enough."""
    if not effects:
        raise StaleError("an apply would change nothing: it is already as declared; look again")
    _refuse_destruction(effects)
    addresses = set(_addresses(approved))
    beyond = sorted({effect.address for effect in effects} - addresses)
    if beyond:
        raise RefusedError(
            f"an apply would also change {', '.join(beyond)}, which this drift depends on and which "
            f"has drifted or changed "
            "in code too; put that right first"
        )
    for effect in effects:
        _expect_drift(effect, approved)
    return effects


def _refuse_destruction(effects: Iterable[Effect]) -> None:
    for effect in effects:
        if any(word in effect.action for word in _DESTRUCTIVE) or effect.action not in ("create", "update"):
            raise RefusedError(
                f"an apply would {effect.action} {effect.address}, which may lose data; a person has to do it"
            )


def _expect_drift(effect: Effect, approved: Approved) -> None:
    if effect.minor is not None:
        return
    change = approved.get((effect.address, effect.attribute))
    if change is None:
        raise RefusedError(
            f"an apply would also change {effect.attribute} of {effect.address}, which is not in this "
            f"drift: unapplied code, "
            "or newer drift; look again, or apply the code first"
        )
    for word, found, expected in (
        ("live", effect.before, change.actual),
        ("declared", effect.after, change.declared),
    ):
        if canonical_json(found) != canonical_json(expected):
            raise StaleError(
                f"{effect.attribute} of {effect.address}: what is {word} is no longer what the drift "
                f"says; look again"
            )


def _expect_approved(effects: Iterable[Effect], preview: Preview) -> None:
    """Return only where every effect stands in the approved preview, value by value."""
    rows = preview.document.get("changes")
    approved = {canonical_json(row) for row in rows} if isinstance(rows, list) else set()
    for effect in effects:
        if canonical_json(_row(effect)) not in approved:
            raise StaleError(
                f"the fresh plan would change {effect.attribute} of {effect.address} otherwise than "
                f"was approved; "
                "preview again"
            )


def _row(effect: Effect) -> dict[str, Any]:
    return {key: value for key, value in asdict(effect).items() if key != "minor"}


def _lines(effects: Iterable[Effect]) -> Iterator[str]:
    for effect in effects:
        if effect.minor is None:
            before, after = canonical_json(effect.before), canonical_json(effect.after)
            yield f"{effect.action} {effect.address}: {effect.attribute} {before} -> {after}"
