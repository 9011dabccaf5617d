"""What a changed policy grants that it did not grant, and whether that is what a rule asks for.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
for which conditions keep a grant to everybody from being public.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from taxonomy.direction_policy import Grant, glob_covers, grants, principals, uncovered
from taxonomy.when import NewlyGrants

_WHO = re.compile(
    r"aws:(source(arn|vpc|vpce|owner|account|ip|orgid)|principal(arn|account|orgid)|userid)"
    r"|s3:dataaccesspoint(account|arn)|kms:calleraccount"
)
"""Condition keys that say who may, in lower case."""

_ACCOUNT = re.compile(r"aws:(source|principal)account|aws:sourceowner|kms:calleraccount")
_MUST = re.compile(r"(String|Arn)(Equals|EqualsIgnoreCase|Like)|IpAddress")
"""Operators that hold only where the key is there and has one of the values."""

_WIDE = re.compile(r"\*|/[0-7]$")


@dataclass(frozen=True, kw_only=True)
class Granted:
    """One new grant.

    Args:
        who: principals as `direction_policy.Grant` has them; None where it is told whom it is not for.
        actions: globs in lower case.
        but: the grant is for every action but these.
        condition: operator to key in lower case to values.
    """

    who: tuple[str, ...] | None
    actions: tuple[str, ...]
    but: bool = False
    condition: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)


def newly_granted(declared: Any, actual: Any) -> Iterator[Granted]:
    """Yield each grant that the actual document makes and the declared one did not.

    A prohibition that is lost grants whatever is allowed besides and may have been under it.

    Args:
        declared: a document, its JSON text, or None for none.
        actual: likewise.

    Raises:
        UnreadablePolicyError: either is no policy document, or grants too much to compare.
    """
    before, after = grants(declared), grants(actual)
    new = dict.fromkeys(uncovered(after.allow, before.allow))
    for lost in uncovered(before.deny, after.deny):
        new |= dict.fromkeys(grant for grant in sorted(after.allow) if _under(lost, grant))
    return (_told(grant) for grant in new)


def asked(test: NewlyGrants, new: Sequence[Granted], account: str | None) -> bool:
    """Whether some one of the grants is what the test asks for.

    Args:
        test: of a rule.
        new: what is newly granted.
        account: the resource's own; where it is None, every account counts as another.
    """
    return any(_is_asked(test, one, account) for one in new)


def _is_asked(test: NewlyGrants, one: Granted, account: str | None) -> bool:
    wanted = [
        test.every_action_of is None or any(_every(one, glob) for glob in test.every_action_of),
        test.any_action_of is None or any(_any(one, glob) for glob in test.any_action_of),
        test.to is None or any(_reaches(one, word, account) for word in test.to),
    ]
    return all(wanted)


def _reaches(one: Granted, word: str, account: str | None) -> bool:
    return _anyone(one) if word == "anyone" else _another(one, account)


def _every(one: Granted, glob: str) -> bool:
    if one.but:
        return not any(globs_meet(action, glob) for action in one.actions)
    return any(glob_covers(action, glob) for action in one.actions)


def _any(one: Granted, glob: str) -> bool:
    if one.but:
        return not any(glob_covers(action, glob) for action in one.actions)
    return any(globs_meet(action, glob) for action in one.actions)


def _anyone(one: Granted) -> bool:
    return (one.who is None or "*" in one.who) and not any(True for _ in _limits(one))


def _another(one: Granted, account: str | None) -> bool:
    own = [account]
    if account and any(values == own for key, values in _limits(one) if _ACCOUNT.fullmatch(key)):
        return False
    return one.who is None or any(_elsewhere(name, account) for name in one.who)


def _elsewhere(principal: str, account: str | None) -> bool:
    if principal == "*":
        return True
    kind, _, name = principal.partition(":")
    own = re.match(r"arn:[^:]*:(iam|sts)::([0-9]{12}):", name)
    return kind in {"AWS", "CanonicalUser"} and (own is None or own[2] != account)


def _limits(one: Granted) -> Iterator[tuple[str, list[str]]]:
    """Yield the conditions that keep it to somebody who is named."""
    for operator, keys in one.condition.items():
        for key, values in keys.items():
            fixed = values and not any(_WIDE.search(value) for value in values)
            if _MUST.fullmatch(operator) and _WHO.fullmatch(key) and fixed:
                yield key, values


def _under(lost: Grant, grant: Grant) -> bool:
    if lost.whole or grant.whole:
        return True
    return lost.principal in {"*", grant.principal} and globs_meet(lost.action, grant.action)


def _told(grant: Grant) -> Granted:
    if not grant.whole:
        return Granted(who=(grant.principal,), actions=(grant.action,), condition=json.loads(grant.condition))
    told = json.loads(grant.whole)
    who = None if "NotPrincipal" in told else tuple(principals(told.get("Principal")))
    written = told.get("NotAction", told.get("Action", "*"))
    actions = written if isinstance(written, list) else [written]
    # its condition is not taken apart: one that says who is not counted on
    lowered = tuple(str(action).lower() for action in actions)
    return Granted(who=who, actions=lowered, but="NotAction" in told)


@lru_cache(maxsize=65536)
def globs_meet(one: str, other: str) -> bool:
    """Whether some text fits both globs; ``*`` is any text, ``?`` any letter."""
    places = {0}
    for letter in one:
        places = _spread(places, other)
        if letter == "*":
            places = set(range(min(places, default=len(other) + 1), len(other) + 1))
            continue
        places = {
            place if other[place] == "*" else place + 1
            for place in places
            if place < len(other) and (letter == "?" or other[place] in {"*", "?", letter})
        }
    return len(other) in _spread(places, other)


def _spread(places: set[int], glob: str) -> set[int]:
    """Return the places, and those behind each ``*`` that stands there, for it may be no text at all."""
    found = set(places)
    for place in range(len(glob)):
        if place in found and glob[place] == "*":
            found.add(place + 1)
    return found
