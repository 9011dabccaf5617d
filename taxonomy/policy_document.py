"""Policy documents taken apart into single grants: who may do which action on what, on what condition.

Order, `Sid`, scalar or list, and the spelling of accounts make no difference. `NotAction`, `NotResource` and
`NotPrincipal` stand as everything besides what they name.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, NamedTuple

from taxonomy.policy_condition import Clause, Condition
from taxonomy.rule import canonical

_LIMIT = 4096
"""More grants than this in one document are not compared: it stays `unknown`."""
_LETTERS = 2048
"""AWS takes no ARN longer than this."""

_ROOT = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")


class UnreadablePolicyError(ValueError):
    """A document that can't be read; so nothing is known of what it grants."""


class Part(NamedTuple):
    """All that a pattern covers, besides what other patterns cover."""

    glob: str
    besides: frozenset[str] = frozenset()


class Single(NamedTuple):
    """One grant or prohibition."""

    principal: Part
    action: Part
    resource: Part
    condition: Condition


class Taken(NamedTuple):
    """A document taken apart."""

    allow: frozenset[Single]
    deny: frozenset[Single]


def take_apart(declared: Any, actual: Any) -> tuple[Taken, Taken]:
    """Return two documents that are to be compared, each taken apart.

    Args:
        declared: a document, its JSON text, or None for none.
        actual: likewise.

    Raises:
        UnreadablePolicyError: either is no policy document, or too large to compare.
    """
    old, new = _document(declared), _document(actual)
    versions = {document.get("Version") or "2008-10-17" for document in (old, new) if document["Statement"]}
    if len(versions) > 1 and "${" in canonical([old, new]):
        raise UnreadablePolicyError("variables mean nothing before version 2012-10-17")
    return _taken(old), _taken(new)


def _taken(document: Mapping[str, Any]) -> Taken:
    sides: dict[str, set[Single]] = {"Allow": set(), "Deny": set()}
    for statement in _statements(document):
        effect = statement.get("Effect")
        if not isinstance(effect, str) or effect not in sides:
            raise UnreadablePolicyError(f"expected Effect Allow or Deny, got {effect!r}")
        sides[effect].update(_singles(statement))
        if len(sides[effect]) > _LIMIT:
            raise UnreadablePolicyError(f"more than {_LIMIT} grants")
    return Taken(frozenset(sides["Allow"]), frozenset(sides["Deny"]))


def _document(written: Any) -> Mapping[str, Any]:
    if isinstance(written, str) and written.strip():
        try:
            written = json.loads(written, parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            raise UnreadablePolicyError("expected JSON") from error
    if not written or isinstance(written, str):
        return {"Statement": []}
    if not isinstance(written, Mapping) or "Statement" not in written:
        raise UnreadablePolicyError("expected a policy document with Statement")
    version = written.get("Version")
    if version is not None and not isinstance(version, str):
        raise UnreadablePolicyError("expected Version as text")
    return written


def _refused(constant: str) -> Any:
    raise UnreadablePolicyError(f"expected JSON, got {constant}")


def _statements(document: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found = document["Statement"]
    listed = [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, list) or not all(isinstance(entry, Mapping) for entry in listed):
        raise UnreadablePolicyError("expected Statement to be an object or a list of objects")
    return listed


def _singles(statement: Mapping[str, Any]) -> Iterable[Single]:
    condition = _condition(statement.get("Condition"))
    parts = (
        _parts(statement, "Principal", _principals, ""),
        _parts(statement, "Action", _actions, None),
        _parts(statement, "Resource", _texts, "*"),
    )
    if len(parts[0]) * len(parts[1]) * len(parts[2]) > _LIMIT:
        raise UnreadablePolicyError(f"more than {_LIMIT} grants")
    for principal, action, resource in product(*parts):
        yield Single(principal, action, resource, condition)


def _parts(statement: Mapping[str, Any], key: str, read: Any, otherwise: str | None) -> list[Part]:
    told, excluded = statement.get(key), statement.get(f"Not{key}")
    if (told is not None) and (excluded is not None):
        raise UnreadablePolicyError(f"expected {key} or Not{key} in a statement, got both")
    if excluded is not None:
        return [Part("*", frozenset(read(excluded)))]
    if told is not None:
        return [Part(glob) for glob in read(told)]
    if otherwise is None:
        raise UnreadablePolicyError(f"expected {key} in a statement")
    return [Part(otherwise)]


def _actions(written: Any) -> list[str]:
    return [action.lower() for action in _texts(written)]


def _principals(written: Any) -> list[str]:
    if isinstance(written, str):
        return [_principal("AWS", written)]
    if not isinstance(written, Mapping):
        raise UnreadablePolicyError("expected Principal to be text or an object")
    return [_principal(kind, name) for kind, names in written.items() for name in _texts(names)]


def _principal(kind: str, name: str) -> str:
    if kind == "AWS" and name == "*":
        return "*"
    if kind == "AWS" and (root := _ROOT.fullmatch(name)):
        name = f"arn:aws:iam::{root[1]}:root"
    return f"{kind}:{name.lower() if kind == 'Service' else name}"


def _condition(written: Any) -> Condition:
    if not written:
        return frozenset()
    if not isinstance(written, Mapping) or not all(isinstance(keys, Mapping) for keys in written.values()):
        raise UnreadablePolicyError("expected Condition as an object of operators")
    clauses = [
        Clause(operator, key.lower(), frozenset(_texts(values)))
        for operator, keys in written.items()
        for key, values in keys.items()
    ]
    if len({clause[:2] for clause in clauses}) < len(clauses) or not all(c.values for c in clauses):
        raise UnreadablePolicyError("expected each key of a condition once, with at least one value")
    return frozenset(clauses)


def _texts(written: Any) -> list[str]:
    values = written if isinstance(written, list) else [written]
    plain = [str(value).lower() if isinstance(value, bool) else value for value in values]
    texts = [str(value) if isinstance(value, int | float) else value for value in plain]
    if not all(isinstance(text, str) and len(text) <= _LETTERS for text in texts):
        raise UnreadablePolicyError(f"expected text or a list of texts, at most {_LETTERS} letters each")
    return texts
