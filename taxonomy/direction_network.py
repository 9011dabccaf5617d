"""Which network traffic a list of rules admits, and which of it is new.

Exact over protocols, ports and addresses: two lists that admit the same are equal however they are cut.
Shapes: the rule objects of Terraform's ``aws_security_group`` (``ingress``, ``egress``), and plain
lists of CIDRs.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from taxonomy.drift import Direction

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Source = Network | str

_NAMES = {"-1": "all", "all": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_REST = "any other protocol"
_ANYWHERE = frozenset({"*", "Any", "Internet"})
"""How Azure writes every address."""
_PORTS = 1 << 16
_TYPES = 256
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)


class UnreadableRulesError(ValueError):
    """A list of rules that can't be read; so nothing is known of what it admits."""


class _Admits(NamedTuple):
    protocol: str
    first: int
    last: int
    source: Source


class Admitted(NamedTuple):
    """One part of the traffic that a list of rules lets through.

    Args:
        protocol: ``tcp``, ``udp``, ``icmp``, another name or number; ``any other protocol`` stands for those
            that no rule names.
        first, last: ports, both included; of ICMP, type * 256 + code.
        source: a CIDR, or ``security_groups:sg-…``, ``prefix_list_ids:pl-…``, ``self``, a service tag.
    """

    protocol: str
    first: int
    last: int
    source: str


def newly_admitted(declared: Any, actual: Any) -> tuple[Admitted, ...]:
    """Return the traffic that the actual rules let through and the declared ones do not, in order.

    Args:
        declared: a list of rule objects, one of them, a list of CIDRs, one CIDR, or None for none.
        actual: likewise.

    Raises:
        UnreadableRulesError: it is none of these, so nothing is known of what it admits.
    """
    gained = _beyond(_any_shape(actual), _any_shape(declared))
    return tuple(sorted(Admitted(part.protocol, part.first, part.last, str(part.source)) for part in gained))


def _any_shape(side: Any) -> list[_Admits]:
    listed = side if isinstance(side, list | tuple) else [] if side is None else [side]
    if any(isinstance(entry, Mapping) for entry in listed):
        return _read(listed)
    return [_Admits("all", 0, _PORTS - 1, network) for network in _networks_of(listed)]


def judge_rules(declared: Any, actual: Any) -> Direction:
    """Return the direction of a change of rule objects, such as ``ingress`` of a security group.

    Args:
        declared: list of objects with ``protocol``, ``from_port``, ``to_port`` and sources; None is empty.
        actual: likewise.

    Raises:
        UnreadableRulesError: a rule is not such an object, or an address is none.
    """
    return _compare(_read(declared), _read(actual))


def judge_sources(declared: Any, actual: Any) -> Direction:
    """Return the direction of a change of a plain list of CIDRs (or one CIDR) that are let in.

    An empty list lets nobody in for some services and everybody for others, so it is not judged,
    unless the whole internet stands on the other side of it.

    Raises:
        UnreadableRulesError: an address is none.
    """
    before, after = (list(_networks_of(side)) for side in (declared, actual))
    if not before or not after:
        return "weakened" if any(network.prefixlen == 0 for network in after) else "unknown"
    return _compare(*([_Admits("all", 0, _PORTS - 1, net) for net in side] for side in (before, after)))


def judge_ports(declared: Any, actual: Any) -> Direction:
    """Return the direction of a change of ports that are let in: numbers, ranges, ``*`` or lists of these.

    Raises:
        UnreadableRulesError: it is none of these, or nothing stands on one side.
    """
    before, after = (_port_set(side) for side in (declared, actual))
    if after - before:
        return "weakened"
    return "strengthened" if before - after else "lateral"


def _port_set(side: Any) -> set[int]:
    listed = side if isinstance(side, list) else [side]
    found: set[int] = set()
    for written in listed:
        first, last = _port_range(written)
        found.update(range(first, last + 1))
    return found


def _port_range(written: Any) -> tuple[int, int]:
    text = str(written).strip()
    if text in {"*", "-1", "Any"}:
        return 0, _PORTS - 1
    found = re.fullmatch(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 0 <= first <= last < _PORTS:
        raise UnreadableRulesError(f"expected ports as 443, 80-443 or *, got {text!r}")
    return first, last


def _compare(declared: list[_Admits], actual: list[_Admits]) -> Direction:
    gained, lost = _beyond(actual, declared), _beyond(declared, actual)
    if gained and lost and _moved_inside_private(gained, lost):
        return "lateral"
    if gained:
        return "weakened"
    return "strengthened" if lost else "lateral"


def _beyond(these: list[_Admits], those: list[_Admits]) -> list[_Admits]:
    """Return what these admit and those do not."""
    protocols = {rule.protocol for rule in these + those} | {_REST}
    cuts = {cut for rule in these + those for cut in (rule.first, rule.last + 1)}
    found: list[_Admits] = []
    for protocol in sorted(protocols - {"all"}):
        for first, end in pairwise(sorted(cuts)):
            inside = _sources(those, protocol, first)
            for source in _sources(these, protocol, first):
                found += [_Admits(protocol, first, end - 1, rest) for rest in _minus(source, inside)]
    return found


def _sources(rules: list[_Admits], protocol: str, port: int) -> list[Source]:
    found = [r.source for r in rules if r.protocol in {protocol, "all"} and r.first <= port <= r.last]
    texts: set[Source] = {source for source in found if isinstance(source, str)}
    four = [source for source in found if isinstance(source, ipaddress.IPv4Network)]
    six = [source for source in found if isinstance(source, ipaddress.IPv6Network)]
    return [*ipaddress.collapse_addresses(four), *ipaddress.collapse_addresses(six), *sorted(texts, key=str)]


def _minus(source: Source, inside: list[Source]) -> list[Source]:
    if isinstance(source, str):
        return [] if source in inside else [source]
    left: list[Source] = [source]
    for known in inside:
        left = [rest for piece in left for rest in _cut(piece, known)]
    return left


def _cut(piece: Source, known: Source) -> Iterable[Source]:
    if isinstance(piece, ipaddress.IPv4Network) and isinstance(known, ipaddress.IPv4Network):
        return _outside(piece, known)
    if isinstance(piece, ipaddress.IPv6Network) and isinstance(known, ipaddress.IPv6Network):
        return _outside(piece, known)
    return [piece]


def _outside(piece: Any, known: Any) -> Iterable[Source]:
    if piece.subnet_of(known):
        return []
    return list(piece.address_exclude(known)) if known.subnet_of(piece) else [piece]


def _moved_inside_private(gained: list[_Admits], lost: list[_Admits]) -> bool:
    """Whether a private range only moved: the same ports, from no more addresses than before."""
    before, after = _sizes(lost), _sizes(gained)
    return all(before.get(where, 0) >= size for where, size in after.items()) and all(
        _private(rule.source) for rule in gained + lost
    )


def _sizes(rules: list[_Admits]) -> Mapping[tuple[str, int, int, int], int]:
    sizes: dict[tuple[str, int, int, int], int] = defaultdict(int)
    for rule in rules:
        if not isinstance(rule.source, str):
            sizes[rule.protocol, rule.first, rule.last, rule.source.version] += rule.source.num_addresses
    return sizes


def _private(source: Source) -> bool:
    return any(
        not isinstance(source, str) and source.version == private.version and source.subnet_of(private)  # type: ignore[arg-type]
        for private in _PRIVATE
    )


def _read(side: Any) -> list[_Admits]:
    rules = [side] if isinstance(side, Mapping) else side or []
    if not isinstance(rules, list | tuple):
        raise UnreadableRulesError(f"expected a list of rules, got {type(side).__name__}")
    return [admits for rule in rules for admits in _rule(rule)]


def _rule(rule: Any) -> Iterable[_Admits]:
    if not isinstance(rule, Mapping) or "protocol" not in rule:
        raise UnreadableRulesError("expected an object with protocol, from_port, to_port and sources")
    protocol = str(rule["protocol"]).lower()
    protocol = _NAMES.get(protocol, protocol)
    first, last = _ports(protocol, rule)
    for source in _rule_sources(rule):
        yield _Admits(protocol, first, last, source)


def _ports(protocol: str, rule: Mapping[str, Any]) -> tuple[int, int]:
    if protocol == "all":
        return 0, _PORTS - 1
    try:
        first, last = int(rule["from_port"]), int(rule["to_port"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableRulesError(f"expected numbers in from_port and to_port: {error}") from error
    if protocol.startswith("icmp"):
        return _icmp(first, last)
    if first == -1 or last == -1:
        return 0, _PORTS - 1
    if not 0 <= first <= last < _PORTS:
        raise UnreadableRulesError(f"expected ports in order, got {first} to {last}")
    return first, last


def _icmp(kind: int, code: int) -> tuple[int, int]:
    """Return ICMP types and codes as one range of numbers; -1 is every one."""
    if kind == -1:
        return 0, _PORTS - 1
    if not 0 <= kind < _TYPES or not -1 <= code < _TYPES:
        raise UnreadableRulesError(f"expected an ICMP type and code, got {kind} and {code}")
    if code == -1:
        return kind * _TYPES, kind * _TYPES + _TYPES - 1
    return kind * _TYPES + code, kind * _TYPES + code


def _rule_sources(rule: Mapping[str, Any]) -> Iterable[Source]:
    for key in ("cidr_blocks", "ipv6_cidr_blocks", "cidr_block", "ipv6_cidr_block", "cidr_ipv4", "cidr_ipv6"):
        yield from _networks_of(rule.get(key))
    for key in ("security_groups", "prefix_list_ids", "referenced_security_group_id", "prefix_list_id"):
        yield from (f"{key}:{text}" for text in _texts(rule.get(key)))
    if rule.get("self"):
        yield "self"


def _texts(side: Any) -> Iterable[str]:
    values = side if isinstance(side, list | tuple) else [] if side in (None, "") else [side]
    if not all(isinstance(value, str) for value in values):
        raise UnreadableRulesError("expected addresses as text")
    return [value for value in values if value]


def _networks_of(side: Any) -> Iterable[Network]:
    for text in _texts(side):
        if text in _ANYWHERE:
            yield from (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
            continue
        try:
            yield ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise UnreadableRulesError(f"expected an address range, got {text!r}") from error
