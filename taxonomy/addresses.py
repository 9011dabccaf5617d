"""Sets of addresses: ranges of both internets, and names that stand for addresses nobody here knows.

Ranges are kept as numbers, sorted and merged: two sets that hold the same are equal however they were cut.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

Range = tuple[int, int]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_ANYWHERE = frozenset({"*", "any"})
_PUBLIC = "internet"
_TAG = re.compile(r"[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)?")
_PRIVATE_TEXTS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")


class UnreadableRulesError(ValueError):
    """A list of rules that can't be read; so nothing is known of what it admits."""


class Addresses(NamedTuple):
    """A set of addresses.

    Args:
        four: ranges of IPv4, first and last both included, sorted and apart.
        six: ranges of IPv6, likewise.
        names: security groups, prefix lists, service tags: addresses that only the cloud knows.
    """

    four: tuple[Range, ...] = ()
    six: tuple[Range, ...] = ()
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anybody is in it."""
        return bool(self.four or self.six or self.names)

    def minus(self, other: "Addresses") -> "Addresses":
        """Return what the other does not hold; whoever holds all of IPv4 holds what the names stand for."""
        names = frozenset() if other.four == ALL.four else self.names - other.names
        return Addresses(_without(self.four, other.four), _without(self.six, other.six), names)

    def private(self) -> bool:
        """Whether all of it lies in ranges that no public network routes."""
        return not self.minus(PRIVATE)

    def sizes(self) -> tuple[int, int]:
        """Return how many addresses of IPv4 and IPv6 it holds."""
        four, six = (sum(last - first + 1 for first, last in ranges) for ranges in self[:2])
        return four, six

    def shown(self) -> Iterator[str]:
        """Return it as CIDRs and names, in order."""
        yield from (str(network) for network in _networks(self.four, ipaddress.IPv4Address))
        yield from (str(network) for network in _networks(self.six, ipaddress.IPv6Address))
        yield from sorted(self.names)


def union(parts: Iterable[Addresses]) -> Addresses:
    """Return what any of them holds."""
    listed = list(parts)
    return Addresses(
        _merged(chain.from_iterable(part.four for part in listed)),
        _merged(chain.from_iterable(part.six for part in listed)),
        frozenset(chain.from_iterable(part.names for part in listed)),
    )


def named(text: str) -> Addresses:
    """Return the addresses that a name stands for."""
    return Addresses(names=frozenset({text}))


def read_addresses(text: str) -> Addresses:
    """Return the addresses of a CIDR, an address, a range ``a-b``, ``*``, or a service tag of Azure.

    Raises:
        UnreadableRulesError: it is none of these.
    """
    word = text.strip()
    if word.lower() in _ANYWHERE:
        return ALL
    if word.lower() == _PUBLIC:
        return ALL.minus(PRIVATE)
    try:
        return _of_network(ipaddress.ip_network(word, strict=False))
    except ValueError as error:
        first, dash, last = word.partition("-")
        if dash and (found := _between(first, last)) is not None:
            return found
        if _TAG.fullmatch(word):
            return named(f"tag:{word}")
        raise UnreadableRulesError(f"expected an address range, got {text!r}") from error


def _between(first: str, last: str) -> Addresses | None:
    try:
        ends = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
    except ValueError:
        return None
    if ends[0].version != ends[1].version or int(ends[0]) > int(ends[1]):
        return None
    ranges = ((int(ends[0]), int(ends[1])),)
    return Addresses(four=ranges) if isinstance(ends[0], ipaddress.IPv4Address) else Addresses(six=ranges)


def _of_network(network: Network) -> Addresses:
    first, last = int(network[0]), int(network[-1])
    if isinstance(network, ipaddress.IPv4Network):
        return Addresses(four=((first, last),))
    if network.subnet_of(_MAPPED):
        base = int(_MAPPED[0])
        return Addresses(four=((first - base, last - base),))
    return Addresses(six=((first, last),))


def _merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def _without(ranges: tuple[Range, ...], holes: tuple[Range, ...]) -> tuple[Range, ...]:
    left: list[Range] = []
    at = 0
    for first, last in ranges:
        start = first
        while at < len(holes) and holes[at][1] < start:
            at += 1
        hole = at
        while hole < len(holes) and holes[hole][0] <= last:
            if holes[hole][0] > start:
                left.append((start, holes[hole][0] - 1))
            start = max(start, holes[hole][1] + 1)
            hole += 1
        if start <= last:
            left.append((start, last))
    return tuple(left)


def _networks(
    ranges: Iterable[Range], kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]
) -> Iterator[Network]:
    for first, last in ranges:
        yield from ipaddress.summarize_address_range(kind(first), kind(last))


ALL = union(_of_network(ipaddress.ip_network(text)) for text in ("0.0.0.0/0", "::/0"))
"""Every address of both internets."""
PRIVATE = union(_of_network(ipaddress.ip_network(text)) for text in _PRIVATE_TEXTS)
