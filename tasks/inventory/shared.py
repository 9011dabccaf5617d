"""What stands twice in the states of an estate: two applies fight over it, each undoing the other's."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tasks.inventory.knowledge import States
from tasks.terraform.baseline import Baseline
from tasks.terraform.document import block_address
from taxonomy.holding import Held, Shared
from taxonomy.observation import Observation

SAME: Mapping[str, str] = {
    "aws_alb": "aws_lb",
    "aws_alb_listener": "aws_lb_listener",
    "aws_alb_target_group": "aws_lb_target_group",
    "aws_default_network_acl": "aws_network_acl",
    "aws_default_route_table": "aws_route_table",
    "aws_default_security_group": "aws_security_group",
    "aws_default_subnet": "aws_subnet",
    "aws_default_vpc": "aws_vpc",
    "aws_elasticsearch_domain": "aws_opensearch_domain",
    "aws_iam_service_linked_role": "aws_iam_role",
    "aws_s3_bucket_object": "aws_s3_object",
}
"""Terraform's words that mean the same resource."""

SEVERAL = frozenset({"aws_iam_policy_attachment", "aws_iam_user_group_membership"})
"""Types of which several may speak of one resource, each of a share of its own."""

_NUMBERED = ("_rule", "_membership")
"""Parts that their prefix does not tell apart, but their id does."""


def with_shared(observations: Sequence[Observation], states: States) -> tuple[Observation, ...]:
    """Return the looks, each with what its target shares with another, or holds twice.

    Of a state that was not looked at, its last baseline says what it holds.
    """
    held = {o.target: o.answer.held for o in observations if o.outcome != "could-not-look"}
    for target in states.targets:
        if target.name not in held and target.name in states.baselines:
            held[target.name] = tuple(_held(states.baselines[target.name]))
    found = shared(held)
    return tuple(
        replace(o, answer=replace(o.answer, shared=mine)) if (mine := _of(o.target, found)) else o
        for o in observations
    )


def shared(held: Mapping[str, Iterable[Held]]) -> tuple[Shared, ...]:
    """Return what stands twice, by id; parts of one resource are not the resource.

    Args:
        held: what each state holds, by target.
    """
    places: dict[tuple[str, ...], list[tuple[str, Held]]] = defaultdict(list)
    for target, several in sorted(held.items()):
        for one in several:
            if one.type not in SEVERAL:
                places[_key(one)].append((f"{target}:{one.address}", one))
    return tuple(_shared(found) for _, found in sorted(places.items()) if len(found) > 1)


def _held(baseline: Baseline) -> Iterator[Held]:
    """Yield the resources that a baseline names; its parts bear the type of what they belong to."""
    for address, one in baseline.resources.items():
        if block_address(address).split(".")[-2:][0] == one.resource_type:
            yield Held(
                address=address,
                type=one.resource_type,
                resource_id=one.resource_id,
                prefix="",
                names=(one.resource_id,),
            )


def _shared(found: Sequence[tuple[str, Held]]) -> Shared:
    first = found[0][1]
    return Shared(
        resource_id=first.resource_id,
        part=first.prefix,
        addresses=tuple(sorted(address for address, _ in found)),
        names=tuple(sorted({name for _, one in found for name in one.names})),
    )


def _key(one: Held) -> tuple[str, ...]:
    number = one.number if one.prefix and one.type.endswith(_NUMBERED) else ""
    return one.resource_id, one.prefix, SAME.get(one.type, one.type), number


def _of(target: str, found: Iterable[Shared]) -> tuple[Shared, ...]:
    mark = f"{target}:"
    return tuple(one for one in found if any(address.startswith(mark) for address in one.addresses))
