"""Rules of networks as clouds write them: security groups, network ACLs, Azure network security groups.

Shapes: the objects of Terraform's ``aws_security_group`` (``ingress``, ``egress``) and its rules as
resources of their own, ``aws_network_acl``, ``azurerm_network_security_group`` (``security_rule``).

Sources:
    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
    https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from taxonomy.addresses import ALL, Addresses, UnreadableRulesError, named, read_addresses, union

PORTS = 1 << 16
_TYPES = 256
_NAMES = {
    "-1": "all",
    "all": "all",
    "*": "all",
    "any": "all",
    "6": "tcp",
    "17": "udp",
    "1": "icmp",
    "58": "icmpv6",
}
_CIDRS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_block", "ipv6_cidr_block", "cidr_ipv4", "cidr_ipv6")
_REFERENCES = {
    "security_groups": "security group", "referenced_security_group_id": "security group",
    "source_security_group_id": "security group", "prefix_list_ids": "prefix list",
    "prefix_list_id": "prefix list",
}  # fmt: skip
_LAST = 65535
_MOST = 4096


@dataclass(frozen=True, kw_only=True)
class NetworkRule:
    """What one rule lets in or keeps out.

    Args:
        order: the first rule that speaks of a packet decides; 0 where all rules let in.
        allow: whether it lets in.
        scope: what else it is limited to, as (direction, where to, from which ports); ``*`` is no limit.
        first: port, or ICMP type * 256 + code.
        last: likewise, included.
    """

    order: int = 0
    allow: bool = True
    scope: tuple[str, str, str] = ("", "*", "*")
    protocol: str = "all"
    first: int = 0
    last: int = PORTS - 1
    sources: Addresses = ALL


def read_rules(side: Any) -> list[NetworkRule]:
    """Return the rules of a list of rule objects, or of one.

    Raises:
        UnreadableRulesError: it is none, or a rule is not of a known shape.
    """
    rules = [side] if isinstance(side, Mapping) else side or []
    if not isinstance(rules, list | tuple) or len(rules) > _MOST:
        raise UnreadableRulesError(f"expected a list of at most {_MOST} rules, got {type(side).__name__}")
    return [read for rule in rules for read in _rule(rule)]


def addresses_of(side: Any) -> Addresses:
    """Return the addresses of a CIDR, text with commas between several, or a list of these.

    Raises:
        UnreadableRulesError: one is none.
    """
    return union(read_addresses(text) for text in _texts(side))


def port_ranges(side: Any) -> list[tuple[int, int]]:
    """Return ports from ``443``, ``80-443``, ``*``, a number, or a list of these.

    Raises:
        UnreadableRulesError: it is none of these, or nothing.
    """
    listed = side if isinstance(side, list | tuple) else str(side).split(",")
    if not listed:
        raise UnreadableRulesError("expected ports, got nothing")
    return [_port_range(str(written).strip()) for written in listed]


def _rule(rule: Any) -> Iterable[NetworkRule]:
    if isinstance(rule, Mapping) and "access" in rule:
        return _azure(rule)
    if isinstance(rule, Mapping) and ("protocol" in rule or "ip_protocol" in rule):
        return [_aws(rule)]
    raise UnreadableRulesError("expected an object with protocol, from_port, to_port and sources")


def _aws(rule: Mapping[str, Any]) -> NetworkRule:
    protocol = _protocol(rule.get("protocol") or rule.get("ip_protocol"))
    first, last = _aws_ports(protocol, rule)
    sources = union(
        [
            *(addresses_of(rule.get(key)) for key in _CIDRS),
            *(named(f"{kind}:{text}") for key, kind in _REFERENCES.items() for text in _texts(rule.get(key))),
            *([named("self")] if rule.get("self") else []),
        ]
    )
    read = NetworkRule(protocol=protocol, first=first, last=last, sources=sources)
    action = rule.get("action", rule.get("rule_action"))
    if action is None:
        return read
    number = rule.get("rule_no", rule.get("rule_number"))
    way = "egress" if rule.get("egress") is True else ""
    return replace(read, order=_order(number), allow=_allows(action), scope=(way, "*", "*"))


def _azure(rule: Mapping[str, Any]) -> Iterable[NetworkRule]:
    protocol = _protocol(rule.get("protocol", "*"))
    sources = union([addresses_of(_either(rule, "source_address_prefix", "es")), *_groups(rule, "source")])
    target = "*" if not (found := _text_of(rule, "destination")) else found
    from_ports = sorted(port_ranges(_either(rule, "source_port_range", "s") or "*"))
    from_ports_text = "*" if from_ports == [(0, PORTS - 1)] else repr(from_ports)
    for first, last in port_ranges(_either(rule, "destination_port_range", "s") or "*"):
        yield NetworkRule(
            order=_order(rule.get("priority")),
            allow=_allows(rule.get("access")),
            scope=(str(rule.get("direction", "")).lower(), target, from_ports_text),
            protocol=protocol,
            first=first,
            last=last,
            sources=sources,
        )


def _text_of(rule: Mapping[str, Any], side: str) -> str:
    told = union([addresses_of(_either(rule, f"{side}_address_prefix", "es")), *_groups(rule, side)])
    return "" if told in (ALL, Addresses()) else repr(list(told.shown()))


def _groups(rule: Mapping[str, Any], side: str) -> Iterable[Addresses]:
    key = f"{side}_application_security_group_ids"
    return [named(f"application security group:{text}") for text in _texts(rule.get(key))]


def _either(rule: Mapping[str, Any], key: str, plural: str) -> Any:
    return rule.get(key) or rule.get(key + plural)


def _protocol(written: Any) -> str:
    if not isinstance(written, str | int) or isinstance(written, bool):
        raise UnreadableRulesError(f"expected a protocol, got {written!r}")
    protocol = str(written).lower()
    return _NAMES.get(protocol, protocol)


def _allows(written: Any) -> bool:
    word = written.lower() if isinstance(written, str) else ""
    if word not in {"allow", "deny"}:
        raise UnreadableRulesError(f"expected allow or deny, got {written!r}")
    return word == "allow"


def _order(written: Any) -> int:
    try:
        number = int(written)
    except (TypeError, ValueError) as error:
        raise UnreadableRulesError(f"expected the number of a rule, got {written!r}") from error
    if not 0 < number <= _LAST:
        raise UnreadableRulesError(f"expected the number of a rule, got {number}")
    return number


def _aws_ports(protocol: str, rule: Mapping[str, Any]) -> tuple[int, int]:
    if protocol == "all":
        return 0, PORTS - 1
    if protocol.startswith("icmp"):
        kind = rule["icmp_type"] if "icmp_type" in rule else rule.get("from_port")
        code = rule["icmp_code"] if "icmp_code" in rule else rule.get("to_port")
        return _icmp(_number(kind), _number(code))
    first, last = _number(rule.get("from_port")), _number(rule.get("to_port"))
    if first == -1 or last == -1:
        return 0, PORTS - 1
    if not 0 <= first <= last < PORTS:
        raise UnreadableRulesError(f"expected ports in order, got {first} to {last}")
    return first, last


def _number(written: Any) -> int:
    try:
        return int(written)
    except (TypeError, ValueError, OverflowError) as error:
        raise UnreadableRulesError(f"expected numbers in from_port and to_port, got {written!r}") from error


def _icmp(kind: int, code: int) -> tuple[int, int]:
    """Return ICMP types and codes as one range of numbers; -1 is every one."""
    if kind == -1:
        return 0, PORTS - 1
    if not 0 <= kind < _TYPES or not -1 <= code < _TYPES:
        raise UnreadableRulesError(f"expected an ICMP type and code, got {kind} and {code}")
    if code == -1:
        return kind * _TYPES, kind * _TYPES + _TYPES - 1
    return kind * _TYPES + code, kind * _TYPES + code


def _port_range(text: str) -> tuple[int, int]:
    if text.lower() in {"*", "-1", "any"}:
        return 0, PORTS - 1
    found = re.fullmatch(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 0 <= first <= last < PORTS:
        raise UnreadableRulesError(f"expected ports as 443, 80-443 or *, got {text!r}")
    return first, last


def _texts(side: Any) -> Iterable[str]:
    values = side if isinstance(side, list | tuple) else [] if side is None else [side]
    if not all(isinstance(value, str) for value in values):
        raise UnreadableRulesError("expected addresses as text")
    return [text for value in values for text in re.split(r"[,\s]+", value) if text]
