"""One spelling for what the cloud spells in several ways: sets, protocols, ranges, names and policies."""

import re
from ipaddress import ip_network
from typing import Any

from evidence.canonical import canonical_json
from tasks.terraform.policy import is_policy_text, readable

PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
"""https://www.iana.org/assignments/protocol-numbers; the provider reads numbers where code says names."""

_HOST = re.compile(r"(?:[a-z0-9_*-]{1,63}\.)+[a-z0-9-]{1,63}\.?", re.IGNORECASE)
_RANGE = re.compile(r"[0-9a-f:.]+/\d{1,3}", re.IGNORECASE)


def normal_elements(declared: list[Any], actual: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return both lists sorted, their elements without what is empty.

    A zero counts as empty only for keys that are null in some element: there the provider fills zeros in.
    """
    left, right = in_order(declared, actual)
    return sorted(left, key=canonical_json), sorted(right, key=canonical_json)


def in_order(declared: list[Any], actual: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return both lists as `normal_elements` does, in the order that they have."""
    nullable = {
        key
        for element in (*declared, *actual)
        if isinstance(element, dict)
        for key, value in element.items()
        if value is None
    }
    return [_normal(one, nullable) for one in declared], [_normal(one, nullable) for one in actual]


def spelled(value: Any) -> Any:
    """Return a policy in one spelling; anything else as it is."""
    return canonical_json(readable(value)) if is_policy_text(value) else value


def protocol(value: Any) -> Any:
    """Return a protocol's name for its number or its name in any case; -1 for all."""
    text = str(value).lower()
    return PROTOCOLS.get(text, text if isinstance(value, str) else value)


def plain_range(value: str) -> str:
    """Return a range of addresses in its normal form; other texts as they are."""
    if not _RANGE.fullmatch(value):
        return value
    try:
        return str(ip_network(value, strict=False))
    except ValueError:
        return value


def same_name(left: Any, right: Any) -> bool:
    """Say whether two texts are one range of addresses, or one host name with and without its final dot."""
    if not (isinstance(left, str) and isinstance(right, str)):
        return False
    if _RANGE.fullmatch(left) and _RANGE.fullmatch(right):
        return plain_range(left) == plain_range(right)
    dotted = left.endswith(".") != right.endswith(".") and _HOST.fullmatch(left) and _HOST.fullmatch(right)
    return bool(dotted) and left.rstrip(".").lower() == right.rstrip(".").lower()


def _normal(element: Any, nullable: set[str]) -> Any:
    if not isinstance(element, dict):
        return plain_range(element) if isinstance(element, str) and "/" in element else spelled(element)
    return {
        key: protocol(spelled(value)) if key in ("protocol", "ip_protocol") else _scalar_set(spelled(value))
        for key, value in sorted(element.items())
        if not (value in (None, "", [], {}) or value is False or (key in nullable and value == 0))
    }


def _scalar_set(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(plain_range(item) for item in value)
    return value
