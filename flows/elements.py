"""What was added to a list and what was removed: elements of sets, and statements of policies."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from evidence.canonical import canonical_json
from tasks.terraform.policy import is_policy_text


@dataclass(frozen=True, kw_only=True)
class Elements:
    """How two lists differ; each element as often as it is there more often.

    Args:
        added: in what is, not in what was declared.
        removed: in what was declared, not in what is.
        unit: what an element is: ``element`` or ``statement``.
    """

    added: tuple[Any, ...]
    removed: tuple[Any, ...]
    declared: int
    actual: int
    unit: str


def elements(declared: Any, actual: Any) -> Elements | None:
    """Return how two lists, or the statements of two policies, differ; None where the sides are neither."""
    left, right, unit = _listed(declared), _listed(actual), "element"
    if left is None or right is None:
        left, right, unit = _statements(declared), _statements(actual), "statement"
    if left is None or right is None:
        return None
    return Elements(
        added=_beyond(right, left),
        removed=_beyond(left, right),
        declared=len(left),
        actual=len(right),
        unit=unit,
    )


def _listed(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else None


def _statements(value: Any) -> list[Any] | None:
    """Return the statements of a policy as text; one that stands alone is a list of one."""
    document = json.loads(value) if is_policy_text(value) else None
    if not isinstance(document, dict) or "Statement" not in document:
        return None
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def _beyond(these: list[Any], those: list[Any]) -> tuple[Any, ...]:
    left = Counter(canonical_json(element) for element in those)
    found = []
    for element in these:
        name = canonical_json(element)
        if left[name]:
            left[name] -= 1
        else:
            found.append(element)
    return tuple(found)
