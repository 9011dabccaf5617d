"""Terraform: what is live against what the code declares and what was approved.

One plain ``terraform plan`` refreshes what is live and says what an apply would change. Both of its lists
are read: an apply would undo what stands in ``resource_changes`` (class A); what stands only in
``resource_drift`` was never declared and stays (class B). Live values are also compared with the target's
baseline, because Terraform's state absorbs drift with any apply.

What can't be seen from here: write-only arguments and passwords, resources that no state knows
(`tasks.inventory` lists them, for the whole estate), what a provider takes as equal, and attributes that
`ignore_changes` names (these are counted as suppressed).

Format: https://developer.hashicorp.com/terraform/internals/json-format.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from evidence.canonical import sha256_hex
from tasks import aws
from tasks.errors import ToolError
from tasks.program.run import Ended
from tasks.reach import Reach
from tasks.terraform import document as plans
from tasks.terraform import reading, workspace
from tasks.terraform.age import check_age, made_at
from tasks.terraform.agreement import check_agreement
from tasks.terraform.baseline import Baseline
from tasks.terraform.mask import Conceals
from tasks.terraform.place import check_place
from tasks.terraform.recorded import read_plan, unpacked
from tasks.terraform.region import check_region
from tasks.terraform.source.modules import Modules
from tasks.terraform.source.places import Places
from taxonomy.observation import Answer
from taxonomy.target import TerraformTarget

NAME = "terraform"

_SHAPE = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, kw_only=True)
class RawPlan:
    """A plan as Terraform wrote it, with what was asked beside it.

    Args:
        document: what ``terraform show -json`` wrote, or the same as plain JSON values. It holds secrets in
            clear and is never stored.
        digest: SHA-256 of its bytes, as they are stored, in hex.
        targeted: made with ``-target``: it speaks of some resources only.
        places: finds the lines of code; without any it finds none.
    """

    document: Mapping[str, Any] = field(repr=False)
    digest: str
    targeted: bool = False
    places: Places = field(default_factory=Places)


def collect(target: TerraformTarget, reach: Reach) -> RawPlan:
    """Return the plan of the target's workspace, freshly made, or read from its `plan_json`.

    Nothing is changed, no lock is taken, and the plan file is deleted again.

    Raises:
        ToolError: there is no plan that can be believed; the message says why and what to do.
    """
    if target.plan_json is not None:
        return _recorded(target, reach)
    return look(target, reach)


def look(target: TerraformTarget, reach: Reach, *, addresses: tuple[str, ...] = ()) -> RawPlan:
    """Return a fresh plan of a workspace, or of some of its resources.

    Args:
        target: with a `path`.
        reach: how the world is reached.
        addresses: passed as ``-target``; empty for all.

    Raises:
        ToolError: as `collect`.
    """
    aws.expect_account(reach, account=target.account, region=target.region, role_arn=target.read_role_arn)
    with workspace.opened(target, reach, role_arn=target.read_role_arn) as opened:
        check_region(target, opened.modules)
        plan = opened.plan(addresses=addresses)
        said, data = opened.said(plan), opened.show(plan)
        places = opened.places()
    document = _checked(data, target, name=f"the plan of {target.name}", targeted=bool(addresses), said=said)
    return RawPlan(
        document=document,
        digest=sha256_hex(data),
        targeted=bool(addresses),
        places=places,
    )


def parse(
    raw: RawPlan,
    target: TerraformTarget,
    *,
    redactor: Conceals,
    baseline: Baseline | None = None,
    now: datetime | None = None,
) -> Answer:
    """Return what the plan says has drifted, one finding per resource, without secrets.

    Args:
        raw: what `collect` returned.
        target: what was looked at.
        redactor: conceals secrets by mark, name and shape.
        baseline: the target's approved state; without one, what an apply has absorbed can't be seen.
        now: the time of the look; only needed where the target has a `max_age`.

    Returns:
        Answer: its `live` is by Terraform address, each with ``resource_id``, ``resource_type`` and
        ``attributes``: what a `Baseline` seals.

    Raises:
        ToolError: the document does not have the shape of a plan, or it is older than the target allows.
    """
    check_age(raw.document, target, now=now, name=f"the plan of {target.name}")
    try:
        return _parse(raw, target, redactor=redactor, baseline=baseline)
    except _SHAPE as error:
        raise ToolError(
            f"the plan of {target.name} does not have the shape of a Terraform plan "
            f"({type(error).__name__}: {error}); "
            "make it anew with `terraform show -json PLAN`"
        ) from error


def _parse(
    raw: RawPlan,
    target: TerraformTarget,
    *,
    redactor: Conceals,
    baseline: Baseline | None,
) -> Answer:
    name = f"the plan of {target.name}"
    document = plans.document_of(raw.document, name=name)
    plans.check_whole(document, name=name, targeted=True)
    if baseline is not None and not raw.targeted:
        plans.check_absorbed(document, known=frozenset(baseline.resources), limit=target.mass_deletion)
    read = reading.read(
        document,
        target,
        redactor=redactor,
        baseline=baseline,
        targeted=raw.targeted,
        places=raw.places,
    )
    return Answer(
        findings=read.findings,
        suppressed=read.suppressed,
        looked_at=tuple(sorted(read.managed)),
        live=read.live,
        held=read.held,
        fresh=read.fresh,
        made_at=made_at(document) if target.plan_json is not None else None,
    )


def _recorded(target: TerraformTarget, reach: Reach) -> RawPlan:
    data = read_plan(target, reach)
    name = target.plan_json.name if isinstance(target.plan_json, Path) else str(target.plan_json)
    document = _checked(unpacked(data, name=name), target, name=name, targeted=False)
    return RawPlan(document=document, digest=sha256_hex(data), places=_places(target))


def _places(target: TerraformTarget) -> Places:
    """Return what finds the lines of the code that a recorded plan was made of."""
    if target.code is None:
        return Places()
    if not target.code.is_dir():
        raise ToolError(
            f"no folder {target.code}: expected the code of the plan there; correct `code` of {target.name}"
        )
    return Places(modules=Modules.of(target.code, target.code / ".terraform"))


def _checked(
    data: bytes, target: TerraformTarget, *, name: str, targeted: bool, said: Ended | None = None
) -> plans.Document:
    document = plans.load(data, name=name)
    try:
        plans.check_whole(document, name=name, targeted=targeted, limit=target.mass_deletion)
        check_place(document, target, name=name)
        if said is not None:
            check_agreement(said, document, name=name)
    except _SHAPE as error:
        raise ToolError(
            f"{name} does not have the shape of a Terraform plan ({type(error).__name__}: {error}); "
            "make it anew with `terraform show -json PLAN`"
        ) from error
    return document
