"""JSON inside strings, compared by what it means.

IAM reads a scalar and a list of one as the same, lists of actions, resources and principals as sets, and
actions in any case (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html); AWS
itself answers with either. An account's number is the account's root, and no ``Version`` is the oldest
(…/reference_policies_elements_principal.html, …_version.html). ``*`` and ``{"AWS": "*"}`` are kept apart:
only the one speaks of services too. Other JSON keeps its order, for there it may count.
"""

import json
import re
from functools import lru_cache
from typing import Any

from evidence.canonical import canonical_json

_ACTIONS = frozenset({"Action", "NotAction"})
_PRINCIPALS = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_UNORDERED = _ACTIONS | _PRINCIPALS | {"Resource", "NotResource", "Statement"}
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")
_FIRST_VERSION = "2008-10-17"


def is_policy_text(value: Any) -> bool:
    """Say whether a value is a string that spells a JSON object or list."""
    return isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and _parsed(value) is not None


def readable(text: str) -> Any:
    """Return the JSON that a string spells; a policy's sets sorted, and of one element without a list.

    Raises:
        ValueError: it spells none.
    """
    document = json.loads(text)
    return _sorted(document, inside="") if _is_policy(document) else document


def meaning(text: str) -> Any:
    """Return the JSON that a string spells, with IAM's freedoms of spelling taken away where it is a policy.

    Raises:
        ValueError: it spells none.
    """
    document = json.loads(text)
    if not _is_policy(document):
        return document
    document = {"Version": _FIRST_VERSION, **document}
    document["Statement"] = _each(document["Statement"], _statement)
    return _sorted(document, inside="")


def _is_policy(document: Any) -> bool:
    return isinstance(document, dict) and "Statement" in document


@lru_cache(maxsize=4096)
def _parsed(text: str) -> str | None:
    try:
        document = json.loads(text)
        return canonical_json(document) if isinstance(document, (dict, list)) else None
    except (ValueError, RecursionError):
        return None


def _statement(statement: Any) -> Any:
    """Return a statement as IAM reads it; an empty ``Sid`` is none."""
    if not isinstance(statement, dict):
        return statement
    out = {key: value for key, value in statement.items() if (key, value) != ("Sid", "")}
    for key in _ACTIONS & out.keys():
        out[key] = _each(out[key], _lower)
    for key in {"Principal", "NotPrincipal"} & out.keys():
        if isinstance(out[key], dict) and "AWS" in out[key]:
            out[key] = {**out[key], "AWS": _each(out[key]["AWS"], _account)}
    if isinstance(out.get("Condition"), dict):
        out["Condition"] = _condition(out["Condition"])
    return out


def _condition(operators: dict[str, Any]) -> dict[str, Any]:
    """Return a condition with all its values as text, for IAM compares them as text."""
    return {
        operator: {key: _each(values, _text) for key, values in tests.items()}
        if isinstance(tests, dict)
        else tests
        for operator, tests in operators.items()
    }


def _each(value: Any, change: Any) -> Any:
    return [change(item) for item in value] if isinstance(value, list) else change(value)


def _lower(action: Any) -> Any:
    return action.lower() if isinstance(action, str) else action


def _account(principal: Any) -> Any:
    root = _ROOT.fullmatch(principal) if isinstance(principal, str) else None
    return root[1] if root else principal


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _sorted(value: Any, *, inside: str) -> Any:
    if isinstance(value, dict):
        condition = inside in ("Condition", "operator")
        return {
            key: _sorted(item, inside="operator" if inside == "Condition" else "values" if condition else key)
            for key, item in value.items()
        }
    if not isinstance(value, list):
        return value
    items = [_sorted(item, inside="") for item in value]
    if inside in _UNORDERED or inside == "values":
        unique = {canonical_json(item): item for item in items}
        items = [unique[text] for text in sorted(unique)]
    return items[0] if len(items) == 1 and (inside in _UNORDERED or inside == "values") else items
