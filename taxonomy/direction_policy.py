"""Whether a policy document grants more or less than another, by meaning and not by text.

Every grant is taken apart into (principal, action, resource, condition). A grant is new unless one old
grant covers it; that errs towards "weakened", never towards "strengthened".

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from taxonomy.drift import Direction
from taxonomy.rule import canonical

_LIMIT = 4096
"""More grants than this in one document are not compared: it stays `unknown`."""

_ANY_OF = re.compile(r"(String|Arn|Numeric|Date)(Equals|Like|EqualsIgnoreCase)|Bool|IpAddress|BinaryEquals")
"""Condition operators of which any listed value may hold, so that fewer values are narrower."""


class UnreadablePolicyError(ValueError):
    """A document that can't be read; so nothing is known of what it grants."""


class _Grant(NamedTuple):
    principal: str
    action: str
    resource: str
    condition: str
    whole: str
    """The canonical statement where it is told by exclusion (NotAction …); such are equal or not at all."""


class _Grants(NamedTuple):
    allow: frozenset[_Grant]
    deny: frozenset[_Grant]


class Grant(NamedTuple):
    """One thing that a policy lets somebody do.

    Args:
        principal: who, such as ``AWS:arn:aws:iam::111122223333:root``, ``Service:sns.amazonaws.com`` or
            ``*`` for everybody; empty in a policy that names nobody (it hangs on a role, user or group).
        action: lower-case pattern, such as ``s3:get*``.
        resource: pattern, such as ``arn:aws:s3:::logs/*``.
        condition: canonical JSON of the conditions, ``{}`` where there is none.
        besides: what is excepted, where it is told by exclusion: ``action iam:*``, ``principal AWS:…``,
            ``resource …``; that part of the grant then stands as ``*``.
    """

    principal: str
    action: str
    resource: str
    condition: str = "{}"
    besides: tuple[str, ...] = ()


def newly_granted(declared: Any, actual: Any) -> tuple[Grant, ...]:
    """Return what the actual policy allows that the declared one does not, in order; Deny is not regarded.

    Args:
        declared: a document, its JSON text, or None for none.
        actual: likewise.

    Raises:
        UnreadablePolicyError: either is no policy document, or too large to compare.
    """
    before, after = _grants(_document(declared)).allow, _grants(_document(actual)).allow
    new = [grant for grant in after - before if not any(_covers(wide, grant) for wide in before)]
    return tuple(sorted(_shown(grant) for grant in new))


def _shown(grant: _Grant) -> Grant:
    if grant.whole:
        return Grant("*", "*", "*", "{}", (grant.whole,))
    return Grant(grant.principal, grant.action, grant.resource, grant.condition)


def judge_policy(declared: Any, actual: Any) -> Direction:
    """Return the direction from one policy document to another.

    Args:
        declared: a document, its JSON text, or None for none.
        actual: likewise.

    Raises:
        UnreadablePolicyError: either is no policy document, or too large to compare.
    """
    old, new = _document(declared), _document(actual)
    if old.get("Version") != new.get("Version") and "${" in canonical([old, new]):
        raise UnreadablePolicyError("variables mean nothing before version 2012-10-17")
    before, after = _grants(old), _grants(new)
    if not _covered(after.allow, before.allow) or not _covered(before.deny, after.deny):
        return "weakened"
    if not _covered(before.allow, after.allow) or not _covered(after.deny, before.deny):
        return "strengthened"
    return "lateral"


def _covered(these: frozenset[_Grant], those: frozenset[_Grant]) -> bool:
    rest = these - those
    return all(any(_covers(wide, narrow) for wide in those) for narrow in rest)


def _covers(wide: _Grant, narrow: _Grant) -> bool:
    if wide.whole or narrow.whole:
        return wide == narrow
    return (
        (wide.principal in {"*", narrow.principal})
        and _glob_covers(wide.action, narrow.action)
        and _glob_covers(wide.resource, narrow.resource)
        and (
            wide.condition == narrow.condition
            or _looser(json.loads(wide.condition), json.loads(narrow.condition))
        )
    )


def _looser(
    wide: Mapping[str, Mapping[str, list[str]]], narrow: Mapping[str, Mapping[str, list[str]]]
) -> bool:
    """Whether everything that satisfies `narrow` satisfies `wide`: it asks for less, of the same keys."""
    for operator, keys in wide.items():
        for key, values in keys.items():
            asked = narrow.get(operator, {}).get(key)
            if asked is None:
                return False
            fewer = _ANY_OF.fullmatch(operator) is not None and set(asked) <= set(values)
            if not fewer and sorted(asked) != sorted(values):
                return False
    return True


@lru_cache(maxsize=8192)
def _pattern(glob: str) -> re.Pattern[str]:
    # a ? of the wider pattern stands for one letter, and a * of the narrower may be many
    return re.compile(
        "".join({"*": ".*", "?": "[^*]"}.get(letter, re.escape(letter)) for letter in glob), re.DOTALL
    )


def _glob_covers(wide: str, narrow: str) -> bool:
    return wide == narrow or _pattern(wide).fullmatch(narrow) is not None


def _grants(document: Mapping[str, Any]) -> _Grants:
    sides: dict[str, set[_Grant]] = {"Allow": set(), "Deny": set()}
    for statement in _statements(document):
        effect = statement.get("Effect")
        if effect not in sides:
            raise UnreadablePolicyError(f"expected Effect Allow or Deny, got {effect!r}")
        sides[effect].update(_taken_apart(statement))
        if len(sides[effect]) > _LIMIT:
            raise UnreadablePolicyError(f"more than {_LIMIT} grants")
    return _Grants(frozenset(sides["Allow"]), frozenset(sides["Deny"]))


def _document(written: Any) -> Mapping[str, Any]:
    if isinstance(written, str) and written.strip():
        try:
            written = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise UnreadablePolicyError("expected JSON") from error
    if not written or isinstance(written, str):
        return {"Statement": []}
    if not isinstance(written, Mapping) or "Statement" not in written:
        raise UnreadablePolicyError("expected a policy document with Statement")
    return written


def _statements(document: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found = document["Statement"]
    listed = [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, list) or not all(isinstance(entry, Mapping) for entry in listed):
        raise UnreadablePolicyError("expected Statement to be an object or a list of objects")
    return listed


def _taken_apart(statement: Mapping[str, Any]) -> Iterable[_Grant]:
    if any(key in statement for key in ("NotAction", "NotResource", "NotPrincipal")):
        told = {key: value for key, value in statement.items() if key != "Sid"}
        yield _Grant("", "", "", "", canonical(_ordered(told)))
        return
    if "Action" not in statement:
        raise UnreadablePolicyError("expected Action in a statement")
    condition = canonical(_condition(statement.get("Condition")))
    parts = (
        _principals(statement.get("Principal")),
        [action.lower() for action in _texts(statement["Action"])],
        _texts(statement.get("Resource", "*")),
    )
    if len(parts[0]) * len(parts[1]) * len(parts[2]) > _LIMIT:
        raise UnreadablePolicyError(f"more than {_LIMIT} grants")
    for principal, action, resource in product(*parts):
        yield _Grant(principal, action, resource, condition, "")


def _principals(written: Any) -> list[str]:
    if written is None:
        return [""]
    if isinstance(written, str):
        return [_principal("AWS", written)]
    if not isinstance(written, Mapping):
        raise UnreadablePolicyError("expected Principal to be text or an object")
    return [_principal(kind, name) for kind, names in written.items() for name in _texts(names)]


def _principal(kind: str, name: str) -> str:
    if kind == "AWS" and name == "*":
        return "*"
    if kind == "AWS" and re.fullmatch(r"\d{12}", name):
        name = f"arn:aws:iam::{name}:root"
    return f"{kind}:{name}"


def _condition(written: Any) -> dict[str, dict[str, list[str]]]:
    if not written:
        return {}
    if not isinstance(written, Mapping) or not all(isinstance(keys, Mapping) for keys in written.values()):
        raise UnreadablePolicyError("expected Condition as an object of operators")
    return {
        operator: {key.lower(): sorted(_texts(values)) for key, values in keys.items()}
        for operator, keys in written.items()
    }


def _texts(written: Any) -> list[str]:
    values = written if isinstance(written, list) else [written]
    plain = [str(value).lower() if isinstance(value, bool) else value for value in values]
    texts = [str(value) if isinstance(value, int | float) else value for value in plain]
    if not all(isinstance(text, str) for text in texts):
        raise UnreadablePolicyError("expected text or a list of texts")
    return texts


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _ordered(inner) for key, inner in value.items()}
    return sorted(_texts(value)) if isinstance(value, list) else value
