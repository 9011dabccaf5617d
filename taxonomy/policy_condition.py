"""Conditions of policies: whether whatever meets one surely meets another.

A condition is a set of clauses, all of which must hold; of a clause's values any may. Three answers:
True (surely), False (surely not), None (nobody can tell from the documents).

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from taxonomy.glob import covers, overlap

_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")
_SAME = {"arnequals": "arnlike", "arnnotequals": "arnnotlike"}
_EXACT = frozenset(
    {"stringequals", "stringequalsignorecase", "bool", "binaryequals", "numericequals", "dateequals"}
)
_NOT = {
    "stringnotequals": "stringequals", "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike", "arnnotlike": "arnlike", "notipaddress": "ipaddress",
    "numericnotequals": "numericequals", "datenotequals": "dateequals",
}  # fmt: skip
_BOUNDED = {
    "numericlessthan": -1,
    "numericlessthanequals": -1,
    "numericgreaterthan": 1,
    "numericgreaterthanequals": 1,
}
_KNOWN = _EXACT | {*_NOT, *_BOUNDED, "stringlike", "arnlike", "ipaddress", "null"}
_OF_AN_ORGANISATION = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid"})
_TEXTS = frozenset({"stringequals", "stringlike", "arnlike"})
_COLONS = 5
"""An ARN is five parts and all the rest."""
_ACCOUNT = re.compile(r"AWS:arn:[\w-]+:(?:iam|sts)::(\d{12}):(.+)")


class Clause(NamedTuple):
    """One thing that a condition asks for.

    Args:
        operator: as it is written, such as ``StringEqualsIfExists``.
        key: lower-case.
        values: any of these.
    """

    operator: str
    key: str
    values: frozenset[str]


Condition = frozenset[Clause]


class _Asked(NamedTuple):
    """A clause in few words: quantifier, operator without case, and whether a missing key is fine."""

    quantifier: str
    operator: str
    if_exists: bool
    values: frozenset[str]


def implied(wide: Condition, narrow: Condition, principal: str = "") -> bool | None:
    """Return whether all that meets `narrow`, asked for by a principal, meets `wide`."""
    known = narrow | _of_principal(principal)
    answers = {_clause_implied(clause, known, principal) for clause in wide - narrow}
    return False if False in answers else None if None in answers else True


@lru_cache(maxsize=8192)
def letters(condition: Condition) -> int:
    """Return how long a condition's values are together: two take the product of theirs to compare."""
    return sum(len(value) for clause in condition for value in clause.values)


def values_left(wide: Condition, narrow: Condition) -> tuple[Clause, frozenset[str]] | None:
    """Return the one clause of `narrow` of which `wide` meets some values, and the values it does not.

    None where that is not all in which `wide` asks for more.
    """
    unmet = [clause for clause in wide - narrow if not implied(frozenset({clause}), narrow)]
    if len(unmet) != 1:
        return None
    same = [clause for clause in narrow if clause[:2] == unmet[0][:2]]
    if len(same) != 1 or not _splits(same[0]) or not same[0].values & unmet[0].values:
        return None
    return same[0], same[0].values - unmet[0].values


def _splits(clause: Clause) -> bool:
    """Whether a clause of several values is the same as several clauses of one, in grants of their own."""
    asked = _asked(clause)
    return (
        asked is not None
        and not asked.quantifier
        and asked.operator in _EXACT | {"stringlike", "arnlike", "ipaddress"}
    )


def _of_principal(principal: str) -> Condition:
    found = _ACCOUNT.fullmatch(principal)
    if not found:
        return frozenset()
    clauses = {Clause("StringEquals", "aws:principalaccount", frozenset({found[1]}))}
    if found[2] != "root":
        clauses.add(Clause("StringEquals", "aws:principalarn", frozenset({principal.removeprefix("AWS:")})))
    return frozenset(clauses)


def _clause_implied(wide: Clause, narrow: Condition, principal: str) -> bool | None:
    asked = _asked(wide)
    same_key = [clause for clause in narrow if clause.key == wide.key]
    if not same_key:
        named = principal not in {"", "*"} and wide.key in _OF_AN_ORGANISATION
        # without the key in the request, an IfExists is met; whether it may be there nobody can tell
        return (
            None if named or asked is None or asked.if_exists or asked.quantifier == "ForAllValues" else False
        )
    answers = {_meets(asked, _asked(clause)) for clause in same_key}
    return True if True in answers else None if None in answers else False


def _meets(wide: _Asked | None, narrow: _Asked | None) -> bool | None:
    if wide is None or narrow is None:
        return None
    if wide.operator == "null":
        sure = wide.values == {"false"} and narrow.operator != "null" and not narrow.if_exists
        return True if sure and narrow.operator not in _NOT and narrow.quantifier != "ForAllValues" else None
    if wide.quantifier != narrow.quantifier or narrow.operator == "null":
        return None
    met = _values_meet(wide, narrow)
    if met and narrow.if_exists and not wide.if_exists and wide.operator not in _NOT:
        return False
    return met


def _values_meet(wide: _Asked, narrow: _Asked) -> bool | None:
    if narrow.operator in _NOT:
        # to keep out more is narrower; what is kept out says little of what may be
        otherwise = None if wide.if_exists else False
        return _values_meet(_positive(narrow), _positive(wide)) if wide.operator in _NOT else otherwise
    if wide.operator in _NOT:
        return _keeps_clear(_positive(wide), narrow)
    if wide.operator in _TEXTS:
        return _texts_within(wide, narrow)
    if wide.operator != narrow.operator:
        ignoring = wide.operator == "stringequalsignorecase" and narrow.operator == "stringequals"
        return _ignoring_case(wide, narrow) if ignoring else None
    if wide.operator == "ipaddress":
        return _networks_within(wide, narrow)
    return _within_bound(wide, narrow) if wide.operator in _BOUNDED else narrow.values <= wide.values


def _texts_within(wide: _Asked, narrow: _Asked) -> bool | None:
    if wide.operator == "arnlike":
        return _arns_within(wide, narrow)
    if narrow.operator == "stringequalsignorecase" and wide.operator == "stringequals":
        return all(value in wide.values and value == value.upper() for value in narrow.values)
    if narrow.operator not in _TEXTS:
        return None
    if wide.operator == "stringequals":
        return narrow.values <= wide.values and not _has_globs(narrow)
    return all(any(covers(glob, value) for glob in wide.values) for value in narrow.values)


def _ignoring_case(wide: _Asked, narrow: _Asked) -> bool:
    return {value.lower() for value in narrow.values} <= wide.values


def _arns_within(wide: _Asked, narrow: _Asked) -> bool | None:
    """Compare ARNs part by part: a ``*`` in one does not reach past its colon."""
    if narrow.operator != "arnlike" and (narrow.operator not in _TEXTS or _has_globs(narrow)):
        return None
    return all(any(_arn_covers(glob, value) for glob in wide.values) for value in narrow.values)


def _arn_covers(wide: str, narrow: str) -> bool:
    parts = [text.split(":", _COLONS) for text in (wide, narrow)]
    whole = all(len(split) == _COLONS + 1 for split in parts)
    return wide == narrow or (whole and all(covers(w, n) for w, n in zip(*parts, strict=True)))


def _has_globs(asked: _Asked) -> bool:
    return asked.operator in {"stringlike", "arnlike"} and any(
        letter in value for value in asked.values for letter in "*?"
    )


def _positive(asked: _Asked) -> _Asked:
    return asked._replace(operator=_NOT[asked.operator])


def _keeps_clear(kept_out: _Asked, narrow: _Asked) -> bool | None:
    """Whether no value of a positive clause is among those that a negated one keeps out."""
    if narrow.operator in _TEXTS and kept_out.operator in _TEXTS:
        return not any(
            overlap(_open(value), _open(out)) for value in narrow.values for out in kept_out.values
        )
    if narrow.operator == kept_out.operator and narrow.operator in _EXACT:
        return not narrow.values & kept_out.values
    return None


def _open(value: str) -> str:
    """Return a pattern in which a variable of the policy stands for any text."""
    return re.sub(r"\$\{[^}]*\}", "*", value)


def _within_bound(wide: _Asked, narrow: _Asked) -> bool | None:
    try:
        ends = [[float(value) for value in side.values] for side in (wide, narrow)]
    except ValueError:
        return None
    if _BOUNDED[wide.operator] < 0:
        return max(ends[1]) <= max(ends[0])
    return min(ends[1]) >= min(ends[0])


def _networks_within(wide: _Asked, narrow: _Asked) -> bool | None:
    try:
        outer, inner = (list(_networks(side.values)) for side in (wide, narrow))
    except ValueError:
        return None
    return all(any(n.version == w.version and n.subnet_of(w) for w in outer) for n in inner)  # type: ignore[arg-type]


def _networks(values: Iterable[str]) -> Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    read = [ipaddress.ip_network(value, strict=False) for value in values]
    yield from ipaddress.collapse_addresses(n for n in read if isinstance(n, ipaddress.IPv4Network))
    yield from ipaddress.collapse_addresses(n for n in read if isinstance(n, ipaddress.IPv6Network))


@lru_cache(maxsize=8192)
def _asked(clause: Clause) -> _Asked | None:
    found = _OPERATOR.fullmatch(clause.operator)
    if not found:
        return None
    operator = found[2].lower()
    operator = _SAME.get(operator, operator)
    if operator not in _KNOWN:
        return None
    ignore = operator.endswith("ignorecase") or operator in {"bool", "null"}
    values = frozenset(value.lower() for value in clause.values) if ignore else clause.values
    return _Asked(found[1] or "", operator, found[3] is not None, values)
