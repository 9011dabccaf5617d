"""JSON inside strings, compared by what it means.

IAM reads a scalar and a list of one as the same, and lists of actions, resources and principals as sets
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html); AWS itself answers with
either. Other JSON keeps its order, for there it may count.
"""

import json
from functools import lru_cache
from typing import Any

from evidence.canonical import canonical_json

UNORDERED = frozenset(
    {
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "AWS",
        "Service",
        "Federated",
        "CanonicalUser",
        "Statement",
    }
)


def is_policy_text(value: Any) -> bool:
    """Say whether a value is a string that spells a JSON object or list."""
    return isinstance(value, str) and value[:1] in ("{", "[") and _parsed(value) is not None


def meaning(text: str) -> Any:
    """Return the JSON that a string spells, with IAM's freedoms of spelling taken away where it is a policy.

    Raises:
        ValueError: it spells none.
    """
    document = json.loads(text)
    return (
        _normal(document, inside="") if isinstance(document, dict) and "Statement" in document else document
    )


@lru_cache(maxsize=4096)
def _parsed(text: str) -> str | None:
    try:
        document = json.loads(text)
        return canonical_json(document) if isinstance(document, (dict, list)) else None
    except (ValueError, RecursionError):
        return None


def _normal(value: Any, *, inside: str) -> Any:
    if isinstance(value, dict):
        condition = inside in ("Condition", "operator")
        return {
            key: _normal(item, inside="operator" if inside == "Condition" else "values" if condition else key)
            for key, item in value.items()
        }
    if not isinstance(value, list):
        return value
    items = [_normal(item, inside="") for item in value]
    if inside in UNORDERED or inside == "values":
        items = sorted(items, key=canonical_json)
    return items[0] if len(items) == 1 and (inside in UNORDERED or inside == "values") else items
