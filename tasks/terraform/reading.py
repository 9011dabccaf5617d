"""All resources of one plan, judged and merged: sub-resources into the resource that they belong to."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from tasks.terraform.baseline import Approved, Baseline
from tasks.terraform.code import Code
from tasks.terraform.document import Document
from tasks.terraform.held import held_by
from tasks.terraform.in_code import InCode
from tasks.terraform.judge import Case
from tasks.terraform.mask import Conceals, Mask
from tasks.terraform.members import Member, members_of
from tasks.terraform.mirrors import Family
from tasks.terraform.neighbours import Neighbours
from tasks.terraform.noise import volatile
from tasks.terraform.place import Place, place_of, region_of
from tasks.terraform.promise import PAYLOADS
from tasks.terraform.source.places import Places
from tasks.terraform.verdict import Told, Untold
from taxonomy.holding import Held
from taxonomy.observation import Change, Finding, Suppressed
from taxonomy.target import TerraformTarget

_CONCEALED = re.compile(r"hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}")

NOWHERE = Places()


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one plan tells.

    Args:
        managed: ids and aliases' ids of all resources that the state knows.
        live: by address: ``resource_id``, ``resource_type``, masked ``attributes``, and their ``digest``.
        held: what the state holds, resources and parts of them.
        fresh: addresses in `live` that the baseline does not hold, and that have no drift.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    managed: frozenset[str]
    live: Mapping[str, Mapping[str, Any]]
    held: tuple[Held, ...]
    fresh: tuple[str, ...] = ()


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
    in_code: InCode
    neighbours: Neighbours
    live: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_id: dict[str, list[Member]] = field(default_factory=dict)
    fresh: list[Member] = field(default_factory=list)
    found: set[int] = field(default_factory=set)

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Of all that the plan speaks of."""
        return frozenset(member.resource.address for member in self.members)

    def verdicts(self) -> Iterator[tuple[Member, Told | Untold]]:
        """Yield what each resource has to tell, and keep what is live on the way."""
        for member in self.members:
            whole = self._keep(member)
            for verdict in self.case(member, whole).verdicts():
                yield member, verdict

    def case(self, member: Member, live_masked: dict[str, Any]) -> Case:
        resource, identity = member.resource, member.identity
        approved = self._approved(member, live_masked)
        if approved is not None and live_masked:
            if approved.resource_id != identity.resource_id:
                # its address or its plan's place named it: its secrets were told apart by that name
                live_masked = self._masked(member, approved.resource_id)
            approved = replace(approved, attributes=self._over(member, approved))
        return Case(
            resource=resource,
            prefix=identity.prefix,
            mask=self._mask(member, identity.resource_id),
            family=self.families[identity.resource_id],
            code=self.code,
            approved=approved,
            live_masked=live_masked,
            in_code=self.in_code,
            neighbours=self.neighbours,
        )

    def _keep(self, member: Member) -> dict[str, Any]:
        """Return what is live as a baseline keeps it: as approved where it still is that, else masked."""
        resource, identity = member.resource, member.identity
        if resource.live is None:
            return {}
        steady = {key: value for key, value in resource.live.items() if not volatile(resource.type, (key,))}
        digest = self.redactor.digest(steady, resource=identity.resource_id)
        approved = self.baseline.resources.get(resource.address) if self.baseline else None
        same = approved is not None and approved.digest == digest
        kept = (
            self._over(member, approved) if approved and same else self._masked(member, identity.resource_id)
        )
        self.live[resource.address] = {
            "resource_id": identity.resource_id,
            "resource_type": identity.resource_type,
            "attributes": kept,
            "digest": digest,
        }
        return kept

    def _over(self, member: Member, approved: Approved) -> dict[str, Any]:
        return self._mask(member, approved.resource_id).over(approved.attributes)

    def _mask(self, member: Member, resource_id: str) -> Mask:
        return Mask(resource=member.resource, resource_id=resource_id, redactor=self.redactor)

    def _masked(self, member: Member, resource_id: str) -> dict[str, Any]:
        whole = self._mask(member, resource_id).whole().items()
        return {key: value for key, value in whole if volatile(member.resource.type, (key,)) is None}

    def _approved(self, member: Member, live_masked: dict[str, Any]) -> Approved | None:
        """Return the resource as approved; another one at the same address was never approved as this one."""
        if self.baseline is None:
            return None
        address = member.resource.address
        stood = self.baseline.resources.get(address)
        if not live_masked:
            return stood
        approved = self.baseline.find(
            address,
            resource_id=member.identity.resource_id,
            own_id=live_masked.get("id"),
            here=self.addresses,
        )
        if approved is None and stood is not None:
            # an id that is a secret is told apart by the name that it was approved under
            own_id = self._masked(member, stood.resource_id).get("id")
            approved = stood if own_id == stood.attributes.get("id") else None
        if approved is None:
            self.fresh.append(member)
        else:
            self.found.add(id(approved))
        return approved


def read(
    document: Document,
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
        places: finds the lines of code.
    """
    reading = reading_of(document, target, redactor=redactor, baseline=baseline, places=places)
    told: dict[str, list[tuple[Member, Told]]] = defaultdict(list)
    suppressed: list[Suppressed] = []
    for member, verdict in reading.verdicts():
        if isinstance(verdict, Told):
            told[member.identity.resource_id].append((member, verdict))
        else:
            suppressed.append(_suppressed(target, verdict))
    if baseline is not None and not targeted:
        suppressed.extend(_forgotten(baseline, target, reading))
    findings = tuple(_finding(reading, told[resource_id], places) for resource_id in sorted(told))
    return Read(
        findings=findings,
        suppressed=tuple(suppressed),
        managed=frozenset(member.identity.resource_id for member in reading.members),
        live=reading.live,
        held=held_by(reading.members),
        fresh=tuple(
            member.resource.address for member in reading.fresh if member.identity.resource_id not in told
        ),
    )


def reading_of(
    document: Document,
    target: TerraformTarget,
    *,
    redactor: Conceals,
    baseline: Baseline | None = None,
    places: Places = NOWHERE,
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
        in_code=InCode(modules=places.modules),
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
        region=region_of(head.resource) or reading.place.region,
        address=address,
        aliases=tuple(dict.fromkeys((*aliases, *(f"{reading.target.name}:{other}" for other in others)))),
        tags={str(key): str(value) for key, value in tags.items()} if isinstance(tags, Mapping) else {},
        state={
            member.resource.address: reading.live[member.resource.address]["attributes"]
            for member in family
            if member.resource.address in reading.live
        },
        changes=tuple(_change(reading.target, member, verdict, places) for member, verdict in told),
    )


def _own_words(member: Member, told: Told) -> str:
    """Return the told attribute as its own block would name it; empty for the whole block."""
    prefix, attribute = member.identity.prefix, told.attribute
    if told.kind == "missing" or attribute in ("", "resource"):
        return ""
    if prefix and attribute == prefix:
        return PAYLOADS.get(member.resource.type, prefix)
    return attribute.removeprefix(f"{prefix}.") if prefix else attribute


def _change(target: TerraformTarget, member: Member, told: Told, places: Places) -> Change:
    spot = places.of(told.address, _own_words(member, told))
    return Change(
        attribute=told.attribute,
        declared=told.declared,
        actual=told.actual,
        kind=told.kind,
        drift_class=told.drift_class,
        redacted=_CONCEALED.search(f"{told.declared}{told.actual}") is not None,
        source=f"{target.name}:{told.address}",
        source_file=spot.file if spot else None,
        source_line=spot.line if spot else None,
    )


def _suppressed(target: TerraformTarget, untold: Untold) -> Suppressed:
    return Suppressed(
        target=target.name, address=untold.address, attribute=untold.attribute, **untold.why._asdict()
    )


def _forgotten(baseline: Baseline, target: TerraformTarget, reading: _Reading) -> Iterator[Suppressed]:
    for address in sorted(baseline.resources.keys() - reading.addresses):
        if id(baseline.resources[address]) in reading.found:
            continue
        yield Suppressed(
            target=target.name,
            address=address,
            attribute="resource",
            category="gone",
            reason="in the baseline, but no longer in the state nor in the code; accept a new baseline",
        )
