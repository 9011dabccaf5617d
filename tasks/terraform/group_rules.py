"""Security-group rules, which Terraform knows inside the group and as two kinds of separate resource.

To compare the shapes, each is taken apart into atoms: one protocol, one range of ports, one source, one
description.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.terraform.spelling import plain_range, protocol

RULE_TYPES = frozenset(
    {"aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule", "aws_security_group_rule"}
)

_LISTS = {
    "cidr_blocks": "cidr",
    "ipv6_cidr_blocks": "cidr6",
    "prefix_list_ids": "prefix",
    "security_groups": "group",
}
_SINGLE = {
    "cidr_ipv4": "cidr",
    "cidr_ipv6": "cidr6",
    "prefix_list_id": "prefix",
    "referenced_security_group_id": "group",
    "source_security_group_id": "group",
}


@dataclass(frozen=True, kw_only=True, order=True)
class Atom:
    """One permission that can't be taken further apart; ``source`` is (kind, value)."""

    protocol: str
    from_port: int
    to_port: int
    source: tuple[str, str]
    description: str


def direction(resource_type: str, attributes: Mapping[str, Any]) -> str:
    """Return the group's attribute that a separate rule belongs to: ``ingress`` or ``egress``."""
    if resource_type == "aws_security_group_rule":
        return str(attributes.get("type", "ingress"))
    return "egress" if "egress" in resource_type else "ingress"


def of_group(elements: Iterable[Mapping[str, Any]] | None) -> frozenset[Atom]:
    """Return the atoms of a group's own ``ingress`` or ``egress``."""
    return frozenset(atom for element in elements or () for atom in _atoms(element, group=None))


def of_rule(attributes: Mapping[str, Any] | None) -> frozenset[Atom]:
    """Return the atoms of one separate rule resource; none where it is not there."""
    if not attributes:
        return frozenset()
    return frozenset(_atoms(attributes, group=attributes.get("security_group_id")))


def elements(atoms: Iterable[Atom]) -> list[dict[str, Any]]:
    """Return atoms as the group itself would list them, one element per ports and description, sorted."""
    grouped: dict[tuple[str, int, int, str], list[Atom]] = {}
    for atom in sorted(atoms):
        grouped.setdefault((atom.protocol, atom.from_port, atom.to_port, atom.description), []).append(atom)
    return [_element(key, members) for key, members in sorted(grouped.items())]


def _element(key: tuple[str, int, int, str], members: list[Atom]) -> dict[str, Any]:
    protocol, from_port, to_port, description = key
    out: dict[str, Any] = {"from_port": from_port, "protocol": protocol, "to_port": to_port}
    if description:
        out["description"] = description
    for name, kind in _LISTS.items():
        values = [atom.source[1] for atom in members if atom.source[0] == kind]
        if values:
            out[name] = values
    if any(atom.source[0] == "self" for atom in members):
        out["self"] = True
    return out


def _atoms(rule: Mapping[str, Any], *, group: Any) -> Iterator[Atom]:
    name = str(protocol(str(rule.get("protocol") or rule.get("ip_protocol") or "-1")))
    ports = (0, 0) if name == "-1" else (int(rule.get("from_port") or 0), int(rule.get("to_port") or 0))
    for source in _sources(rule, group):
        yield Atom(
            protocol=name,
            from_port=ports[0],
            to_port=ports[1],
            source=source,
            description=str(rule.get("description") or ""),
        )


def _sources(rule: Mapping[str, Any], group: Any) -> Iterator[tuple[str, str]]:
    for name, kind in _LISTS.items():
        for value in rule.get(name) or ():
            yield kind, plain_range(str(value))
    for name, kind in _SINGLE.items():
        value = rule.get(name)
        if value and value == group:
            yield "self", ""
        elif value:
            yield kind, str(value).rpartition("/")[2] if kind == "group" else plain_range(str(value))
    if rule.get("self"):
        yield "self", ""
