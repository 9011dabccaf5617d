"""All resources of one plan, judged and merged: sub-resources into the resource that they belong to."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.terraform import document as plans
from tasks.terraform.baseline import Approved, Baseline
from tasks.terraform.code import Code
from tasks.terraform.document import Values
from tasks.terraform.judge import Case
from tasks.terraform.mask import Conceals, Mask
from tasks.terraform.members import Member, members_of
from tasks.terraform.mirrors import Family
from tasks.terraform.neighbours import Neighbours
from tasks.terraform.noise import volatile
from tasks.terraform.place import Place, place_of
from tasks.terraform.source import Places
from tasks.terraform.verdict import Told, Untold
from taxonomy.observation import Change, Finding, Suppressed
from taxonomy.target import TerraformTarget

_CONCEALED = re.compile(r"hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}")

NOWHERE: Places = {}


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one plan tells.

    Args:
        managed: ids and aliases' ids of all resources that the state knows.
        live: by address: ``resource_id``, ``resource_type`` and masked ``attributes``.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    managed: frozenset[str]
    live: Mapping[str, Mapping[str, Any]]


@dataclass(kw_only=True)
class _Reading:
    """One plan on its way to findings."""

    target: TerraformTarget
    redactor: Conceals
    baseline: Baseline | None
    code: Code
    place: Place
    members: list[Member]
    families: Mapping[str, Family]
    neighbours: Neighbours
    live: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_id: dict[str, list[Member]] = field(default_factory=dict)

    def verdicts(self) -> Iterator[tuple[Member, Told | Untold]]:
        """Yield what each resource has to tell, and keep what is live on the way."""
        for member in self.members:
            whole = self._keep(member)
            for verdict in self.case(member, whole).verdicts():
                yield member, verdict

    def case(self, member: Member, live_masked: dict[str, Any]) -> Case:
        resource, identity = member.resource, member.identity
        return Case(
            resource=resource,
            prefix=identity.prefix,
            mask=Mask(resource=resource, resource_id=identity.resource_id, redactor=self.redactor),
            family=self.families[identity.resource_id],
            code=self.code,
            approved=self._approved(member, live_masked),
            live_masked=live_masked,
            neighbours=self.neighbours,
        )

    def _keep(self, member: Member) -> dict[str, Any]:
        resource, identity = member.resource, member.identity
        if resource.live is None:
            return {}
        mask = Mask(resource=resource, resource_id=identity.resource_id, redactor=self.redactor)
        kept = {key: value for key, value in mask.whole().items() if volatile(resource.type, (key,)) is None}
        self.live[resource.address] = {
            "resource_id": identity.resource_id,
            "resource_type": identity.resource_type,
            "attributes": kept,
        }
        return kept

    def _approved(self, member: Member, live_masked: dict[str, Any]) -> Approved | None:
        """Return the resource as approved; another one at the same address was never approved as this one."""
        approved = self.baseline.resources.get(member.resource.address) if self.baseline else None
        if approved is None or not live_masked:
            return approved
        same = approved.attributes.get("id") == live_masked.get("id")
        return approved if same and approved.resource_id == member.identity.resource_id else None


def read(
    document: Values,
    target: TerraformTarget,
    *,
    redactor: Conceals,
    baseline: Baseline | None,
    targeted: bool = False,
    places: Places = NOWHERE,
) -> Read:
    """Return what a plan tells about its target.

    Args:
        document: a whole plan.
        target: what was looked at.
        redactor: conceals secrets.
        baseline: the target's approved state.
        targeted: the plan speaks of some resources only, so absence from it says nothing.
        places: where each block stands in code.
    """
    reading = reading_of(document, target, redactor=redactor, baseline=baseline)
    told: dict[str, list[tuple[Member, Told]]] = defaultdict(list)
    suppressed: list[Suppressed] = []
    for member, verdict in reading.verdicts():
        if isinstance(verdict, Told):
            told[member.identity.resource_id].append((member, verdict))
        else:
            suppressed.append(_suppressed(target, verdict))
    if baseline is not None and not targeted:
        suppressed.extend(_forgotten(baseline, target, reading.members))
    findings = tuple(_finding(reading, told[resource_id], places) for resource_id in sorted(told))
    return Read(
        findings=findings,
        suppressed=tuple(suppressed),
        managed=frozenset(member.identity.resource_id for member in reading.members),
        live=reading.live,
    )


def reading_of(
    document: Values, target: TerraformTarget, *, redactor: Conceals, baseline: Baseline | None = None
) -> _Reading:
    """Return a plan ready to be judged, resource by resource."""
    place = place_of(document, target)
    members = list(members_of(document, target, place))
    families: dict[str, Family] = defaultdict(Family)
    by_id: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        by_id[member.identity.resource_id].append(member)
        families[member.identity.resource_id].members.append(member.resource)
    return _Reading(
        target=target,
        redactor=redactor,
        baseline=baseline,
        code=Code.of(document),
        place=place,
        members=members,
        families=families,
        neighbours=Neighbours([member.resource for member in members]),
        by_id=by_id,
    )


def _finding(reading: _Reading, told: list[tuple[Member, Told]], places: Places) -> Finding:
    """Return one finding of all that the members of one family told."""
    resource_id = told[0][0].identity.resource_id
    family = reading.by_id[resource_id]
    head = next((member for member in family if not member.identity.prefix), told[0][0])
    address = head.resource.address
    others = sorted({verdict.address for _, verdict in told} - {address})
    aliases = [alias for member in family for alias in member.identity.aliases]
    state = reading.live.get(address, {}).get("attributes", {})
    tags = state.get("tags_all") or state.get("tags") or {}
    return Finding(
        resource_id=resource_id,
        resource_type=head.identity.resource_type,
        provider=head.resource.provider,
        account=reading.place.account,
        region=reading.place.region,
        address=address,
        aliases=tuple(dict.fromkeys((*aliases, *(f"{reading.target.name}:{other}" for other in others)))),
        tags={str(key): str(value) for key, value in tags.items()} if isinstance(tags, Mapping) else {},
        state={
            member.resource.address: reading.live[member.resource.address]["attributes"]
            for member in family
            if member.resource.address in reading.live
        },
        changes=tuple(_change(reading.target, verdict, places) for _, verdict in told),
    )


def _change(target: TerraformTarget, told: Told, places: Places) -> Change:
    file, line = places.get(plans.block_address(told.address), (None, None))
    return Change(
        attribute=told.attribute,
        declared=told.declared,
        actual=told.actual,
        kind=told.kind,
        drift_class=told.drift_class,
        redacted=_CONCEALED.search(f"{told.declared}{told.actual}") is not None,
        source=f"{target.name}:{told.address}",
        source_file=file,
        source_line=line,
    )


def _suppressed(target: TerraformTarget, untold: Untold) -> Suppressed:
    return Suppressed(
        target=target.name, address=untold.address, attribute=untold.attribute, reason=untold.reason
    )


def _forgotten(baseline: Baseline, target: TerraformTarget, members: list[Member]) -> Iterator[Suppressed]:
    here = {member.resource.address for member in members}
    for address in sorted(baseline.resources.keys() - here):
        yield Suppressed(
            target=target.name,
            address=address,
            attribute="resource",
            reason="in the baseline, but no longer in the state nor in the code; accept a new baseline",
        )
