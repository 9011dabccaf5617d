"""Live resources that no state of the estate knows, told once, and only where somebody can know that.

A state that was not looked at may hold anything in its account that was made since its last baseline. Of
such resources nobody can say whether they are unmanaged: that is told, and nothing is concluded from it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tasks.inventory.knowledge import Knowledge, States
from tasks.inventory.listing import with_tags
from tasks.inventory.live import Inventory, Live, Place
from tasks.terraform.mask import Conceals
from taxonomy.drift import Drift
from taxonomy.holding import Listed, Unseen
from taxonomy.observation import Category, Change, Finding, Observation, Suppressed

ATTRIBUTE = "resource"
"""The attribute of a change that speaks of a whole resource."""

_STRANGERS = "{count} tagged there, of a kind that nothing here knows: not looked for"


def with_unmanaged(
    observations: Sequence[Observation],
    inventories: Sequence[Inventory],
    states: States,
    *,
    redactor: Conceals,
) -> tuple[Observation, ...]:
    """Return the looks, each with what its account holds that no state of the estate knows.

    What an inventory tells is told with one look: the first by name that was made at a live workspace there.

    Args:
        observations: all of the sweep.
        inventories: of the places of the targets that were looked at.
        states: of the whole estate, also of what this sweep left out.
        redactor: conceals secrets in names and tags.
    """
    knowledge = Knowledge.of(observations, states)
    tags: dict[str, dict[str, Mapping[str, str]]] = defaultdict(dict)
    for inventory in inventories:
        tags[inventory.place.account].update(inventory.tags)
    told = {o.target: o for o in observations}
    for inventory in inventories:
        host = knowledge.host(inventory.place)
        if host is not None:
            whole = _tagged(inventory, tags[inventory.place.account])
            told[host] = _told(told[host], whole, knowledge, redactor)
    return tuple(told[o.target] for o in observations)


def settled(drift: Drift, observations: Iterable[Observation]) -> bool:
    """Return whether looks that did not tell of a drift would have, were it there: only then it is gone."""
    if drift.kind != "unmanaged":
        return True
    names = {drift.resource_id, *drift.aliases}
    return any(
        listed.settles(
            account=drift.account, region=drift.region, resource_type=drift.resource_type, names=names
        )
        for observation in observations
        for listed in observation.answer.listed
    )


def _told(
    observation: Observation, inventory: Inventory, knowledge: Knowledge, redactor: Conceals
) -> Observation:
    """Return a look with what an inventory holds that no state knows: as drift, or with why it is none."""
    name, place = observation.target, inventory.place
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    untold: set[str] = set()
    unseen = list(inventory.unseen)
    for live in inventory.live:
        if live.names & knowledge.known:
            continue
        reason = knowledge.reason(live, place)
        doubt = knowledge.doubt(live, place) if reason is None else None
        if doubt is not None:
            untold |= live.names
            if live.doubt is not None:
                unseen.append(Unseen(resource_type=live.identity.resource_type, reason=live.doubt))
        if reason or doubt:
            category: Category = "known" if reason else "unjudged"
            suppressed.append(_suppressed(name, live.identity.resource_id, category, reason or doubt or ""))
        else:
            findings.append(_finding(live, name, place, redactor))
    for kind, count in inventory.strangers.items():
        suppressed.append(_suppressed(name, kind, "unjudged", _STRANGERS.format(count=count)))
    listed = Listed(
        account=place.account,
        region=None if place.scope == "account" else place.region,
        resource_types=inventory.listed,
        live=len(inventory.live),
        untold=frozenset(untold),
    )
    return _with(observation, findings, suppressed, listed, unseen)


def _with(
    observation: Observation,
    findings: Sequence[Finding],
    suppressed: Sequence[Suppressed],
    listed: Listed,
    unseen: Sequence[Unseen],
) -> Observation:
    answer = observation.answer
    every = sorted((*answer.findings, *findings), key=lambda finding: finding.resource_id)
    return replace(
        observation,
        outcome="drifted" if every else observation.outcome,
        answer=replace(
            answer,
            findings=tuple(every),
            suppressed=(*answer.suppressed, *suppressed),
            listed=(*answer.listed, listed),
            unseen=(*answer.unseen, *unseen),
        ),
    )


def _finding(live: Live, target: str, place: Place, redactor: Conceals) -> Finding:
    identity = live.identity
    described = {
        "name": live.name,
        "created": live.created.isoformat() if live.created else None,
        "tags": dict(live.tags),
    }
    actual, redacted = redactor.conceal(
        {key: value for key, value in described.items() if value},
        resource=identity.resource_id,
        attribute=ATTRIBUTE,
    )
    change = Change(
        attribute=ATTRIBUTE,
        declared=None,
        actual=actual,
        kind="unmanaged",
        redacted=redacted,
        source=target,
    )
    return Finding(
        resource_id=identity.resource_id,
        resource_type=identity.resource_type,
        provider="aws",
        account=place.account,
        region=live.region,
        aliases=identity.aliases,
        tags=actual.get("tags", {}),
        state={ATTRIBUTE: actual},
        changes=(change,),
    )


def _tagged(inventory: Inventory, tags: Mapping[str, Mapping[str, str]]) -> Inventory:
    """Return an inventory with what the tagging API tells of it in any region of its account."""
    return replace(inventory, live=tuple(with_tags(one, tags, inventory.place) for one in inventory.live))


def _suppressed(target: str, address: str, category: Category, why: str) -> Suppressed:
    return Suppressed(target=target, address=address, attribute=ATTRIBUTE, category=category, reason=why)
