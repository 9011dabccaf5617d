"""What the state behind a plan holds: what code only plans to make is not in it."""

from collections.abc import Iterable, Iterator

import jmespath

from tasks.terraform.members import Member
from taxonomy.holding import Held
from taxonomy.resources import identify

INSIDE = {
    "aws_eks_cluster": (("aws_security_group", "vpc_config[].cluster_security_group_id"),),
    "aws_instance": (
        ("aws_ebs_volume", "root_block_device[].volume_id"),
        ("aws_ebs_volume", "ebs_block_device[].volume_id"),
        ("aws_network_interface", "[primary_network_interface_id]"),
    ),
    "aws_spot_instance_request": (("aws_instance", "[spot_instance_id]"),),
}
"""Resources of their own that a state holds inside another, by its type: what, and where their ids stand."""


def held_by(members: Iterable[Member]) -> tuple[Held, ...]:
    """Return every resource, and part of one, of a plan that its state knows; also what is gone since."""
    return tuple(
        Held(
            address=member.resource.address,
            type=member.resource.type,
            resource_id=member.identity.resource_id,
            prefix=member.identity.prefix,
            names=(member.identity.resource_id, *member.identity.aliases),
            inside=tuple(_inside(member)),
            number=str(member.resource.attributes.get("id") or ""),
        )
        for member in members
        if member.resource.live is not None or member.resource.gone
    )


def _inside(member: Member) -> Iterator[str]:
    for kind, place in INSIDE.get(member.resource.type, ()):
        for number in jmespath.search(place, dict(member.resource.attributes)) or ():
            if isinstance(number, str) and number:
                identity = identify(kind, {"id": number}, account=None, region=None)
                yield from (identity.resource_id, *identity.aliases)
