"""Whether what a changed policy newly grants is what a rule asks for.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
for which conditions keep a grant to everybody from being public.
"""

import json
import re
from collections.abc import Iterator, Sequence

from taxonomy.direction_policy import Grant
from taxonomy.glob import covers, overlap
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


def asked(test: NewlyGrants, new: Sequence[Grant], account: str | None) -> bool:
    """Whether some one of the grants is what the test asks for.

    Args:
        test: of a rule.
        new: what is newly granted.
        account: the resource's own; where it is None, every account counts as another.
    """
    return any(_is_asked(test, one, account) for one in new)


def _is_asked(test: NewlyGrants, one: Grant, account: str | None) -> bool:
    wanted = [
        test.every_action_of is None or any(_every(one, glob) for glob in test.every_action_of),
        test.any_action_of is None or any(_any(one, glob) for glob in test.any_action_of),
        test.to is None or any(_reaches(one, word, account) for word in test.to),
    ]
    return all(wanted)


def _reaches(one: Grant, word: str, account: str | None) -> bool:
    return _anyone(one) if word == "anyone" else _another(one, account)


def _every(one: Grant, glob: str) -> bool:
    return covers(one.action, glob) and not any(overlap(but, glob) for but in _besides(one, "action"))


def _any(one: Grant, glob: str) -> bool:
    return overlap(one.action, glob) and not any(covers(but, glob) for but in _besides(one, "action"))


def _besides(one: Grant, part: str) -> Iterator[str]:
    """Yield what is excepted of a part of the grant."""
    start = f"{part} "
    return (besides.removeprefix(start) for besides in one.besides if besides.startswith(start))


def _anyone(one: Grant) -> bool:
    return one.principal == "*" and not any(True for _ in _limits(one))


def _another(one: Grant, account: str | None) -> bool:
    own = [account]
    if account and any(values == own for key, values in _limits(one) if _ACCOUNT.fullmatch(key)):
        return False
    return _elsewhere(one.principal, account)


def _elsewhere(principal: str, account: str | None) -> bool:
    if principal == "*":
        return True
    kind, _, name = principal.partition(":")
    own = re.match(r"arn:[^:]*:(iam|sts)::([0-9]{12}):", name)
    return kind in {"AWS", "CanonicalUser"} and (own is None or own[2] != account)


def _limits(one: Grant) -> Iterator[tuple[str, list[str]]]:
    """Yield the conditions that keep it to somebody who is named."""
    for operator, keys in json.loads(one.condition).items():
        for key, values in keys.items():
            fixed = values and not any(_WIDE.search(value) for value in values)
            if _MUST.fullmatch(operator) and _WHO.fullmatch(key) and fixed:
                yield key, values
