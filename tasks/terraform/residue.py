"""What a parent shows beyond its sub-resources: elements that belong to nobody are undeclared drift.

A role lists policies, a group rules, a route table routes and a network ACL entries, whether resources of
their own declare them or not. Each element has a name by which its owner is found.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.terraform import group_rules
from tasks.terraform.planned import Planned, Values
from tasks.terraform.spelling import plain_range

Elements = Iterable[Mapping[str, Any]] | None

_DESTINATIONS = {
    "cidr_block": "destination_cidr_block",
    "ipv6_cidr_block": "destination_ipv6_cidr_block",
    "destination_prefix_list_id": "destination_prefix_list_id",
}


CLUSTERS = ("docdb", "neptune", "rds")


@dataclass(frozen=True, kw_only=True)
class Residue:
    """What a parent shows beyond its sub-resources.

    Args:
        attribute: in the drift's words, such as ``inline_policy.<name>``.
        declared: None where nothing was.
        actual: None where nothing is.
    """

    attribute: str
    declared: Any
    actual: Any


@dataclass(frozen=True, kw_only=True)
class Owners:
    """The resources that may declare elements of one parent.

    Args:
        resources: its sub-resources, and all else that names it.
    """

    resources: tuple[Planned, ...]

    def values(self, resource_type: str, key: str) -> frozenset[str]:
        """Return what the resources of one type say under a key, on any side; of lists, each element."""
        found = (side.get(key) for _, side in self.sides(resource_type))
        return frozenset(
            str(item)
            for value in found
            for item in (value if isinstance(value, list) else (value,))
            if item not in (None, "")
        )

    def sides(self, *resource_types: str) -> Iterable[tuple[Planned, Values]]:
        """Yield each resource of these types with each of its sides."""
        for resource in self.resources:
            if resource.type in resource_types:
                for side in (resource.state, resource.live, resource.wanted):
                    if side:
                        yield resource, side


def inline_policies(owners: Owners, attribute: str, declared: Elements, actual: Elements) -> list[Residue]:
    """Return the inline policies of a role that no resource of its own declares or, exclusively, forbids."""
    owned = owners.values("aws_iam_role_policy", "name")
    counted = owners.values("aws_iam_role_policies_exclusive", "policy_names")
    left, right = _policies(declared), _policies(actual)
    return [
        Residue(attribute=f"{attribute}.{name}", declared=left.get(name), actual=right.get(name))
        for name in sorted(left.keys() | right.keys())
        if name not in owned
        and left.get(name) != right.get(name)
        and not (name in counted and (name not in left or name not in right))
    ]


def attached_policies(owners: Owners, attribute: str, declared: Any, actual: Any) -> list[Residue]:  # noqa: ARG001
    """Return the managed policies of a role that nothing else attaches or, exclusively, forbids."""
    owned = (
        owners.values("aws_iam_role_policy_attachment", "policy_arn")
        | owners.values("aws_iam_policy_attachment", "policy_arn")
        | owners.values("aws_iam_role_policy_attachments_exclusive", "policy_arns")
    )
    left, right = set(declared or ()), set(actual or ())
    return [
        Residue(
            attribute=f"policy_attachment.{arn}",
            declared=arn if arn in left else None,
            actual=arn if arn in right else None,
        )
        for arn in sorted(left ^ right)
        if arn not in owned
    ]


def group_rules_of(owners: Owners, attribute: str, declared: Elements, actual: Elements) -> list[Residue]:
    """Return the rules of a security group that no rule resource declares."""
    owned = frozenset(
        atom
        for rule, side in owners.sides(*group_rules.RULE_TYPES)
        if group_rules.direction(rule.type, rule.attributes) == attribute
        for atom in group_rules.of_rule(side)
    )
    left, right = group_rules.of_group(declared), group_rules.of_group(actual)
    added, lost = right - left - owned, left - right - owned
    if not added and not lost:
        return []
    told = (right - added) | lost
    return [
        Residue(attribute=attribute, declared=group_rules.elements(told), actual=group_rules.elements(right))
    ]


def routes(owners: Owners, attribute: str, declared: Elements, actual: Elements) -> list[Residue]:
    """Return the routes of a table that no route resource declares."""
    owned = frozenset(
        plain_range(str(side[key]))
        for _, side in owners.sides("aws_route")
        for key in _DESTINATIONS.values()
        if side.get(key)
    )
    return _whole(attribute, declared, actual, lambda one: _destination(one) in owned)


def entries(owners: Owners, attribute: str, declared: Elements, actual: Elements) -> list[Residue]:
    """Return the entries of a network ACL that no rule resource declares."""
    owned = frozenset(
        str(side.get("rule_number"))
        for _, side in owners.sides("aws_network_acl_rule")
        if (side.get("egress") is True) == (attribute == "egress")
    )
    return _whole(attribute, declared, actual, lambda one: str(one.get("rule_no")) in owned)


def attached_volumes(owners: Owners, attribute: str, declared: Elements, actual: Elements) -> list[Residue]:
    """Return the volumes of an instance that no attachment resource declares."""
    owned = owners.values("aws_volume_attachment", "volume_id")
    return _whole(attribute, declared, actual, lambda one: str(one.get("volume_id")) in owned)


def listed(owners: Owners, attribute: str, declared: Elements, actual: Elements) -> list[Residue]:
    """Return the ranges of a prefix list that no entry resource declares."""
    owned = owners.values("aws_ec2_managed_prefix_list_entry", "cidr")
    return _whole(attribute, declared, actual, lambda one: str(one.get("cidr")) in owned)


def cluster_members(owners: Owners, attribute: str, declared: Any, actual: Any) -> list[Residue]:
    """Return the members of a database cluster that no instance resource declares."""
    owned = frozenset[str]().union(
        *(owners.values(f"aws_{kind}_cluster_instance", "identifier") for kind in CLUSTERS)
    )
    left, right = set(declared or ()) - owned, set(actual or ()) - owned
    return (
        [] if left == right else [Residue(attribute=attribute, declared=sorted(left), actual=sorted(right))]
    )


RESIDUES: Mapping[tuple[str, str], Callable[[Owners, str, Any, Any], list[Residue]]] = {
    ("aws_iam_role", "inline_policy"): inline_policies,
    ("aws_iam_role", "managed_policy_arns"): attached_policies,
    **{
        (kind, side): group_rules_of
        for kind in ("aws_security_group", "aws_default_security_group")
        for side in ("ingress", "egress")
    },
    **{(f"aws_{kind}_cluster", "cluster_members"): cluster_members for kind in CLUSTERS},
    ("aws_ec2_managed_prefix_list", "entry"): listed,
    ("aws_instance", "ebs_block_device"): attached_volumes,
    ("aws_route_table", "route"): routes,
    ("aws_default_route_table", "route"): routes,
    **{
        (kind, side): entries
        for kind in ("aws_network_acl", "aws_default_network_acl")
        for side in ("ingress", "egress")
    },
}
"""(parent's type, its attribute) → what tells its elements from those of its sub-resources."""


def _policies(elements: Elements) -> dict[str, Any]:
    return {str(element.get("name")): element.get("policy") for element in elements or ()}


def _destination(route: Mapping[str, Any]) -> str | None:
    return next((plain_range(str(route[key])) for key in _DESTINATIONS if route.get(key)), None)


def _whole(
    attribute: str, declared: Elements, actual: Elements, owned: Callable[[Mapping[str, Any]], bool]
) -> list[Residue]:
    """Return both sides as they are, what is owned alike on both; nothing where no element is left over."""
    left = [one for one in declared or () if not owned(one)]
    right = [one for one in actual or () if not owned(one)]
    if left == right:
        return []
    same = [one for one in actual or () if owned(one)]
    return [Residue(attribute=attribute, declared=[*left, *same], actual=[*right, *same])]
