"""Terraform: what is live against what the code declares and what was approved.

One plain ``terraform plan`` refreshes what is live and says what an apply would change. Both of its lists
are read: an apply would undo what stands in ``resource_changes`` (class A); what stands only in
``resource_drift`` was never declared and stays (class B). Live values are also compared with the target's
baseline, because Terraform's state absorbs drift with any apply.

What can't be seen from here: write-only arguments and passwords, resources that no state knows (only S3
buckets are listed), what a provider takes as equal, and attributes that `ignore_changes` names (these are
counted as suppressed).

Format: https://developer.hashicorp.com/terraform/internals/json-format.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from evidence.canonical import sha256_hex
from tasks import aws
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.terraform import document as plans
from tasks.terraform import estate, workspace
from tasks.terraform.baseline import Baseline
from tasks.terraform.mask import Conceals
from tasks.terraform.place import check_place
from tasks.terraform.source import Places
from taxonomy.observation import Answer, Change, Finding
from taxonomy.resources import identify
from taxonomy.target import TerraformTarget

NAME = "terraform"

_SHAPE = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, kw_only=True)
class RawPlan:
    """A plan as Terraform wrote it, with what was asked beside it.

    Args:
        document: what ``terraform show -json`` wrote. It holds secrets in clear and is never stored.
        digest: SHA-256 of its bytes, in hex.
        buckets: names of all live S3 buckets in the target's region; empty where nobody asked.
        caller: whose credentials were used; None where nobody asked.
        targeted: made with ``-target``: it speaks of some resources only.
        places: where each block stands in code, by its address without indexes.
    """

    document: Mapping[str, Any] = field(repr=False)
    digest: str
    buckets: tuple[str, ...] = ()
    caller: aws.Caller | None = None
    targeted: bool = False
    places: Places = field(default_factory=dict)


def collect(target: TerraformTarget, reach: Reach) -> RawPlan:
    """Return the plan of the target's workspace, freshly made, or read from its `plan_json` file.

    Nothing is changed, no lock is taken, and the plan file is deleted again.

    Raises:
        ToolError: there is no plan that can be believed; the message says why and what to do.
    """
    if target.plan_json is not None:
        return _recorded(target)
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
    caller = aws.expect_account(
        reach, account=target.account, region=target.region, role_arn=target.read_role_arn
    )
    buckets = (
        ()
        if caller is None or addresses
        else aws.buckets(reach, region=target.region, role_arn=target.read_role_arn)
    )
    with workspace.opened(target, reach, role_arn=target.read_role_arn) as opened:
        data = opened.show(opened.plan(addresses=addresses))
        places = opened.places()
    document = _checked(data, target, name=f"the plan of {target.name}", targeted=bool(addresses))
    return RawPlan(
        document=document,
        digest=sha256_hex(data),
        buckets=buckets,
        caller=caller,
        targeted=bool(addresses),
        places=places,
    )


def parse(
    raw: RawPlan,
    target: TerraformTarget,
    *,
    redactor: Conceals,
    baseline: Baseline | None = None,
    known: frozenset[str] = frozenset(),
) -> Answer:
    """Return what the plan says has drifted, one finding per resource, without secrets.

    Args:
        raw: what `collect` returned.
        target: what was looked at.
        redactor: conceals secrets by mark, name and shape.
        baseline: the target's approved state; without one, what an apply has absorbed can't be seen.
        known: ids of resources that other states of the estate manage: they are not unmanaged.

    Returns:
        Answer: its `live` is by Terraform address, each with ``resource_id``, ``resource_type`` and
        ``attributes``: what a `Baseline` seals.

    Raises:
        ToolError: the document does not have the shape of a plan.
    """
    try:
        return _parse(raw, target, redactor=redactor, baseline=baseline, known=known)
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
    known: frozenset[str],
) -> Answer:
    plans.check_whole(raw.document, name=f"the plan of {target.name}", targeted=True)
    read = estate.read(
        raw.document,
        target,
        redactor=redactor,
        baseline=baseline,
        targeted=raw.targeted,
        places=raw.places,
    )
    unmanaged = tuple(_unmanaged(raw, target, read.managed | known))
    findings = sorted((*read.findings, *unmanaged), key=lambda finding: finding.resource_id)
    return Answer(
        findings=tuple(findings),
        suppressed=read.suppressed,
        looked_at=tuple(sorted(read.managed)),
        live=read.live,
        fresh=read.fresh,
    )


def _unmanaged(raw: RawPlan, target: TerraformTarget, known: frozenset[str]) -> Iterator[Finding]:
    account = raw.caller.account if raw.caller else target.account
    for name in raw.buckets:
        identity = identify("aws_s3_bucket", {"bucket": name}, account=account, region=target.region)
        if identity.resource_id in known:
            continue
        change = Change(
            attribute="resource", declared=None, actual={"bucket": name}, kind="unmanaged", source=target.name
        )
        yield Finding(
            resource_id=identity.resource_id,
            resource_type=identity.resource_type,
            provider="aws",
            account=account,
            region=target.region,
            aliases=identity.aliases,
            changes=(change,),
        )


def _recorded(target: TerraformTarget) -> RawPlan:
    path = target.plan_json
    if path is None:
        raise ToolError(f"target {target.name} has neither path nor plan_json; give it one of them")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ToolError(
            f"can't read {path} ({error.strerror}); expected the output of `terraform show -json PLAN` there"
        ) from error
    document = _checked(data, target, name=path.name, targeted=False)
    return RawPlan(document=document, digest=sha256_hex(data))


def _checked(data: bytes, target: TerraformTarget, *, name: str, targeted: bool) -> dict[str, Any]:
    document = plans.load(data, name=name)
    try:
        plans.check_whole(document, name=name, targeted=targeted)
        check_place(document, target, name=name)
    except _SHAPE as error:
        raise ToolError(
            f"{name} does not have the shape of a Terraform plan ({type(error).__name__}: {error}); "
            "make it anew with `terraform show -json PLAN`"
        ) from error
    return document
