"""Where two trees of attributes differ, and where they only look different.

A path is a tuple of keys. The one element of a block list goes by its index ``0``; longer lists, and sets
however long, are compared whole, for Terraform writes sets as lists in any order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evidence.canonical import canonical_json
from tasks.terraform.policy import is_policy_text, meaning

Path = tuple[str, ...]

SETS = frozenset(
    {
        "attribute",
        "cidr_blocks",
        "egress",
        "filter",
        "ingress",
        "inline_policy",
        "ipv6_cidr_blocks",
        "route",
        "setting",
    }
)
"""Block lists that are sets in the AWS provider's schema though they often hold one element."""

PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
"""https://www.iana.org/assignments/protocol-numbers; the provider reads numbers where code says names."""

EMPTY_AND_NULL = "null and empty are the same"
SAME_ELEMENTS = "the same elements in another order or spelling"
SAME_MEANING = "the same JSON by meaning"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where two trees differ.

    Args:
        alike: why the two sides mean the same; None where they don't.
    """

    path: Path
    declared: Any
    actual: Any
    alike: str | None = None


def differences(declared: Any, actual: Any, unknown: Any = None, path: Path = ()) -> Iterator[Difference]:
    """Yield every place where `actual` differs from `declared`, in order of path.

    Args:
        declared: one tree of JSON values.
        actual: the other.
        unknown: Terraform's ``after_unknown`` for `declared`: what it marks is no difference.
        path: where the two trees hang.
    """
    if unknown is True or declared == actual:
        return
    left, right = _as_objects(declared, actual)
    if isinstance(left, dict) and isinstance(right, dict):
        marks = unknown if isinstance(unknown, dict) else {}
        for key in sorted(left.keys() | right.keys()):
            yield from differences(left.get(key), right.get(key), marks.get(key, False), (*path, key))
    elif _is_block(left, right, path):
        inner = unknown[0] if isinstance(unknown, list) and unknown else None
        yield from differences(left[0], right[0], inner, (*path, "0"))
    else:
        yield Difference(path=path, declared=declared, actual=actual, alike=_alike(declared, actual))


def at(tree: Any, path: Path) -> Any:
    """Return the value at a path; None where there is none.

    Raises:
        KeyError: the path leads through something that holds no such key.
    """
    for key in path:
        if tree is None:
            return None
        if isinstance(tree, Mapping):
            tree = tree.get(key)
        elif isinstance(tree, (list, tuple)) and key.isdigit() and int(key) < len(tree):
            tree = tree[int(key)]
        else:
            raise KeyError(key)
    return tree


def shown(declared: Any, actual: Any) -> tuple[Any, Any]:
    """Return both sides as judges should see them: sets sorted, elements and policies in one spelling."""
    if _lists(declared, actual):
        return normal_elements(declared or [], actual or [])
    return _spelled(declared), _spelled(actual)


def normal_elements(declared: list[Any], actual: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return both lists sorted, their elements without what is empty.

    A zero counts as empty only for keys that are null in some element: there the provider fills zeros in.
    """
    nullable = {
        key
        for element in (*declared, *actual)
        if isinstance(element, dict)
        for key, value in element.items()
        if value is None
    }
    return _sorted(declared, nullable), _sorted(actual, nullable)


def is_empty(value: Any) -> bool:
    """Say whether a value holds nothing: null, empty, zero, false, or blocks of nothing else."""
    if isinstance(value, dict):
        return all(is_empty(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(is_empty(item) for item in value)
    return value is None or value == "" or value is False or (value == 0 and not isinstance(value, str))


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Paths, to be asked whether another path lies in, above or below one of them."""

    paths: frozenset[Path]
    above: frozenset[Path] = frozenset()

    @classmethod
    def of(cls, found: list[Difference]) -> "Paths":
        """Return the paths of real differences."""
        return cls.at([difference.path for difference in found if difference.alike is None])

    @classmethod
    def at(cls, found: list[Path]) -> "Paths":
        """Return these paths, ready to be asked."""
        paths = frozenset(found)
        return cls(paths=paths, above=frozenset(path[:end] for path in paths for end in range(1, len(path))))

    def touches(self, path: Path) -> bool:
        """Say whether the path is one of them, or lies in or above one."""
        return path in self.above or any(path[:end] in self.paths for end in range(1, len(path) + 1))


def _alike(declared: Any, actual: Any) -> str | None:
    if is_empty(declared) and is_empty(actual):
        return EMPTY_AND_NULL
    if _lists(declared, actual):
        left, right = normal_elements(declared or [], actual or [])
        return SAME_ELEMENTS if left == right else None
    if is_policy_text(declared) and is_policy_text(actual) and meaning(declared) == meaning(actual):
        return SAME_MEANING
    return None


def _as_objects(declared: Any, actual: Any) -> tuple[Any, Any]:
    """An absent map next to a filled one is an empty map, so that its keys are told one by one."""
    if declared is None and isinstance(actual, dict) and actual:
        return {}, actual
    if actual is None and isinstance(declared, dict) and declared:
        return declared, {}
    return declared, actual


def _is_block(declared: Any, actual: Any, path: Path) -> bool:
    if not (isinstance(declared, list) and isinstance(actual, list) and len(declared) == len(actual) == 1):
        return False
    return (
        isinstance(declared[0], dict)
        and isinstance(actual[0], dict)
        and path[-1:] not in {(s,) for s in SETS}
    )


def _lists(declared: Any, actual: Any) -> bool:
    sides = (declared, actual)
    return all(side is None or isinstance(side, list) for side in sides) and sides != (None, None)


def _sorted(elements: list[Any], nullable: set[str]) -> list[Any]:
    return sorted((_normal(element, nullable) for element in elements), key=canonical_json)


def _normal(element: Any, nullable: set[str]) -> Any:
    if not isinstance(element, dict):
        return _spelled(element)
    return {
        key: _protocol(_spelled(value))
        if key in ("protocol", "ip_protocol")
        else _scalar_set(_spelled(value))
        for key, value in sorted(element.items())
        if not (value in (None, "", [], {}) or value is False or (key in nullable and value == 0))
    }


def _scalar_set(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(value)
    return value


def _protocol(value: Any) -> Any:
    return PROTOCOLS.get(str(value), value)


def _spelled(value: Any) -> Any:
    return canonical_json(meaning(value)) if is_policy_text(value) else value
