"""Which network traffic a list of rules admits, and which of it is new.

Exact over protocols, ports and addresses: two lists that admit the same are equal however they are cut.
Where rules have an order, what an allowing rule admits is compared only with rules that stand behind
no more prohibitions than it does; that errs towards "weakened".
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from taxonomy.addresses import ALL, Addresses, UnreadableRulesError, named, union
from taxonomy.drift import Direction
from taxonomy.network_rule import NetworkRule, addresses_of, port_ranges, read_rules

__all__ = [
    "Opening",
    "UnreadableRulesError",
    "judge_end",
    "judge_ports",
    "judge_rules",
    "judge_sources",
    "newly_admitted",
]

_REST = "any other protocol"
_PATIENCE = 8_000_000
"""How many pairs of a rule and a range of ports may be looked at; about a second."""
_ORDERED = 250
"""More ordered rules than this are not compared."""


class Opening(NamedTuple):
    """What is let in on one range of ports, and was not.

    Args:
        protocol: ``tcp``, ``udp``, ``icmp``, another name or number; ``any other protocol`` stands for those
            that no rule names.
        first: port; of ICMP, type * 256 + code.
        last: likewise, included.
        new: sources that were not let in before; of rules that lead outwards, where to.
        admitted: all sources that are let in there, new ones and old ones.
    """

    protocol: str
    first: int
    last: int
    new: Addresses
    admitted: Addresses


def newly_admitted(declared: Any, actual: Any) -> tuple[Opening, ...]:
    """Return the traffic that the actual rules let through and the declared ones do not, in order.

    Args:
        declared: a list of rule objects, one of them, a list of CIDRs, one CIDR, or None for none.
        actual: likewise.

    Raises:
        UnreadableRulesError: it is none of these, so nothing is known of what it admits.
    """
    return tuple(_gained(_any_shape(actual), _any_shape(declared)))


def judge_rules(declared: Any, actual: Any) -> Direction:
    """Return the direction of a change of rule objects, such as ``ingress`` of a security group.

    Args:
        declared: list of objects with ``protocol``, ``from_port``, ``to_port`` and sources; or with an order
            and ``action`` or ``access``; None is empty.
        actual: likewise.

    Raises:
        UnreadableRulesError: a rule is not such an object, or an address is none.
    """
    return _compare(read_rules(declared), read_rules(actual))


def judge_sources(declared: Any, actual: Any, *, empty_is_nobody: bool = False) -> Direction:
    """Return the direction of a change of a plain list of CIDRs (or one CIDR) that are let in.

    An empty list lets nobody in for some services and everybody for others, so it is not judged unless
    somebody said which, or the whole internet stands on the other side of it.

    Raises:
        UnreadableRulesError: an address is none.
    """
    before, after = addresses_of(declared), addresses_of(actual)
    if not (empty_is_nobody or (before and after)):
        whole = after.four == ALL.four or after.six == ALL.six
        return "weakened" if whole else "unknown"
    return _compare([NetworkRule(sources=before)], [NetworkRule(sources=after)])


def judge_ports(declared: Any, actual: Any) -> Direction:
    """Return the direction of a change of ports that are let in: numbers, ranges, ``*`` or lists of these.

    Raises:
        UnreadableRulesError: it is none of these, or nothing stands on one side.
    """
    before, after = (
        [NetworkRule(first=first, last=last, sources=named("x")) for first, last in port_ranges(side)]
        for side in (declared, actual)
    )
    return _compare(before, after)


def judge_end(declared: Any, actual: Any, *, first: bool) -> Direction:
    """Return the direction of a change of the first or the last address that is let in.

    Raises:
        UnreadableRulesError: either is no single address, or stands for the services of the cloud (0.0.0.0).
    """
    before, after = (_single(side) for side in (declared, actual))
    if before.version != after.version or (not first and int(after) == 0):
        raise UnreadableRulesError("expected addresses of one internet, and a last one")
    if int(before) == int(after):
        return "lateral"
    return "strengthened" if (int(after) > int(before)) is first else "weakened"


def _single(side: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(str(side).strip())
    except ValueError as error:
        raise UnreadableRulesError(f"expected one address, got {side!r}") from error


def _any_shape(side: Any) -> list[NetworkRule]:
    listed = side if isinstance(side, list | tuple) else [] if side is None else [side]
    if any(isinstance(entry, Mapping) for entry in listed):
        return read_rules(listed)
    return [NetworkRule(sources=addresses_of(listed))]


def _compare(declared: list[NetworkRule], actual: list[NetworkRule]) -> Direction:
    gained, lost = _gained(actual, declared), _gained(declared, actual)
    if gained and lost and _moved_inside_private(gained, lost):
        return "lateral"
    if gained:
        return "weakened"
    return "strengthened" if lost else "lateral"


def _gained(actual: list[NetworkRule], declared: list[NetworkRule]) -> list[Opening]:
    """Return what the actual rules admit and the declared ones don't."""
    if all(rule.allow and rule.scope[1:] == ("*", "*") for rule in actual + declared):
        found: list[Opening] = []
        for way in sorted({rule.scope[0] for rule in actual}):
            these, those = ([rule for rule in side if rule.scope[0] == way] for side in (actual, declared))
            found += _beyond(these, those)
        return found
    ends = _ends(actual + declared)
    return _gained_in_order(actual + ends, declared + ends)


def _gained_in_order(actual: list[NetworkRule], declared: list[NetworkRule]) -> list[Opening]:
    if len(actual) + len(declared) > _ORDERED:
        raise UnreadableRulesError(f"expected at most {_ORDERED} rules in order")
    kept = _kept_out(declared, actual)
    found: list[Opening] = []
    for rule in (rule for rule in actual if rule.allow):
        still = {
            at for at, deny in enumerate(actual) if _stands_before(deny, rule) and deny.order < rule.order
        }
        old_ones = [
            old
            for old in declared
            if old.allow
            and _scope_covers(old.scope, rule.scope)
            and all(
                kept[deny] & still for deny in kept if _stands_before(deny, old) and _may_meet(deny, rule)
            )
        ]
        found += _beyond([rule], old_ones)
    return found


def _kept_out(declared: list[NetworkRule], actual: list[NetworkRule]) -> dict[NetworkRule, set[int]]:
    """Return the places of the actual prohibitions that keep out all that each declared one does."""
    return {
        deny: {
            at
            for at, other in enumerate(actual)
            if not other.allow and _scope_covers(other.scope, deny.scope) and not _beyond([deny], [other])
        }
        for deny in declared
        if not deny.allow
    }


def _stands_before(deny: NetworkRule, rule: NetworkRule) -> bool:
    return not deny.allow and deny.order <= rule.order and deny.scope[0] == rule.scope[0]


def _may_meet(deny: NetworkRule, rule: NetworkRule) -> bool:
    """Whether a prohibition may speak of traffic that a rule admits; names may stand for any address."""
    protocols = {deny.protocol, rule.protocol}
    if len(protocols) > 1 and "all" not in protocols:
        return False
    if deny.last < rule.first or rule.last < deny.first:
        return False
    if deny.sources.names or rule.sources.names:
        return True
    return rule.sources.minus(deny.sources) != rule.sources


def _scope_covers(wide: tuple[str, str, str], narrow: tuple[str, str, str]) -> bool:
    return wide[0] == narrow[0] and all(w in {"*", n} for w, n in zip(wide[1:], narrow[1:], strict=True))


def _ends(rules: list[NetworkRule]) -> list[NetworkRule]:
    """Return the rules that admit at the end of every Azure network security group, if these are of one."""
    if not any(rule.scope[0] in {"inbound", "outbound"} for rule in rules):
        return []
    ours, balancer = named("tag:VirtualNetwork"), named("tag:AzureLoadBalancer")
    inside, outside = (repr(list(where.shown())) for where in (ours, addresses_of("Internet")))
    return [
        NetworkRule(order=65000, scope=("inbound", inside, "*"), sources=ours),
        NetworkRule(order=65001, scope=("inbound", "*", "*"), sources=balancer),
        NetworkRule(order=65000, scope=("outbound", inside, "*"), sources=ours),
        NetworkRule(order=65001, scope=("outbound", outside, "*")),
    ]


def _beyond(these: list[NetworkRule], those: list[NetworkRule]) -> list[Opening]:
    """Return what these speak of and those do not, whatever their order."""
    protocols = sorted(({rule.protocol for rule in these + those} | {_REST}) - {"all"})
    cuts = sorted({cut for rule in these + those for cut in (rule.first, rule.last + 1)})
    if len(protocols) * len(cuts) * (len(these) + len(those)) > _PATIENCE:
        raise UnreadableRulesError("too many rules to compare")
    found: list[Opening] = []
    for protocol in protocols:
        ours, theirs = ([r for r in side if r.protocol in {protocol, "all"}] for side in (these, those))
        for first, end in pairwise(cuts) if ours else ():
            whole = _at(ours, first)
            if left := whole.minus(_at(theirs, first)):
                found.append(Opening(protocol, first, end - 1, left, whole))
    return found


def _at(rules: Iterable[NetworkRule], port: int) -> Addresses:
    return union(rule.sources for rule in rules if rule.first <= port <= rule.last)


def _moved_inside_private(gained: list[Opening], lost: list[Opening]) -> bool:
    """Whether a private range only moved: the same ports, from no more addresses than before."""
    if not all(opening.new.private() for opening in gained + lost):
        return False
    before, after = _sizes(lost), _sizes(gained)
    return all(
        all(new <= old for new, old in zip(size, before.get(where, (0, 0)), strict=True))
        for where, size in after.items()
    )


def _sizes(pieces: list[Opening]) -> Mapping[tuple[str, int, int], tuple[int, int]]:
    sizes: dict[tuple[str, int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for protocol, first, last, sources, _ in pieces:
        four, six = sources.sizes()
        known = sizes[protocol, first, last]
        sizes[protocol, first, last] = known[0] + four, known[1] + six
    return sizes
