"""Whether a policy document grants more or less than another, by meaning and not by text.

A grant is new unless the old ones cover it, alone or together. What can't be told from the documents
(a condition that no operator here understands) is unknown; errors go towards "weakened".

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from taxonomy.drift import Direction
from taxonomy.glob import covers, overlap
from taxonomy.policy_condition import Condition, implied, letters, values_left
from taxonomy.policy_document import Part, Single, UnreadablePolicyError, take_apart
from taxonomy.rule import canonical

__all__ = ["Grant", "UnreadablePolicyError", "judge_policy", "newly_granted"]

_PATIENCE = 250_000
"""How many steps, of 64 pairs of letters each, a comparison may take; about a second."""
_DEPTH = 3
"""How many grants may cover one together, one covering what another leaves."""

_OF_ACCOUNT = re.compile(r"AWS:arn:[\w-]+:(?:iam|sts)::(\d{12}):.+")


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
    """Return what the actual policy allows that the declared one does not, in order.

    A prohibition that is lost grants whatever is allowed besides and may have been under it.

    Args:
        declared: a document, its JSON text, or None for none.
        actual: likewise.

    Raises:
        UnreadablePolicyError: either is no policy document, or too large to compare.
    """
    before, after = take_apart(declared, actual)
    compare = _Comparison()
    new = set(compare.let_in(before.allow, after.allow))
    for lost in compare.beyond(before.deny, after.deny):
        new |= {single for single in after.allow - new if compare.meet(lost, single)}
    return tuple(sorted(_shown(single) for single in new))


def judge_policy(declared: Any, actual: Any) -> Direction:
    """Return the direction from one policy document to another.

    Args:
        declared: a document, its JSON text, or None for none.
        actual: likewise.

    Raises:
        UnreadablePolicyError: either is no policy document, or too large to compare.
    """
    before, after = take_apart(declared, actual)
    compare = _Comparison()
    let_in = compare.let_in(before.allow, after.allow), before.allow
    let_go = compare.beyond(before.deny, after.deny), after.deny
    if let_in[0] or let_go[0]:
        unsure = all(compare.unsure(single, known) for found, known in (let_in, let_go) for single in found)
        return "unknown" if unsure else "weakened"
    if compare.beyond(before.allow, after.allow) or compare.beyond(after.deny, before.deny):
        return "strengthened"
    return "lateral"


class _Comparison:
    """Compares grants, and loses its patience rather than take long over a hostile document."""

    def __init__(self) -> None:
        self._steps = 0

    def beyond(self, these: frozenset[Single], those: frozenset[Single]) -> list[Single]:
        """Return which of these those don't cover."""
        return [single for single in these - those if not self._covered(single, those, _DEPTH)]

    def let_in(self, before: frozenset[Single], after: frozenset[Single]) -> list[Single]:
        """Return what is allowed after and was not before.

        An account that is still granted the same only delegates to its own administrators: whoever is named
        beside it needs no policy of theirs any more. In place of the account, the same name is narrower.
        """
        direct = before - {single for single in before & after if _is_account(single.principal.glob)}
        return [
            single
            for single in after - before
            if not self._covered(single, before if _is_account(single.principal.glob) else direct, _DEPTH)
        ]

    def unsure(self, single: Single, those: Iterable[Single]) -> bool:
        """Whether one of those may cover it, but for a condition that can't be told."""
        return any(
            self._parts_left(single, wide) == [] and self._implied(wide, single) is None for wide in those
        )

    def meet(self, one: Single, other: Single) -> bool:
        """Whether both may speak of one request; what either excepts or asks for is not regarded."""
        return (
            _same_account(one.principal.glob, other.principal.glob)
            and self._meet(one.action.glob, other.action.glob)
            and self._meet(one.resource.glob, other.resource.glob)
        )

    def _covered(self, single: Single, those: frozenset[Single], depth: int) -> bool:
        if single in those:
            return True
        for wide in those:
            rest = self._left(single, wide)
            if rest == []:
                return True
            if rest and depth and all(self._covered(left, those, depth - 1) for left in rest):
                return True
        return False

    def _left(self, single: Single, wide: Single) -> list[Single] | None:
        """Return what of a grant another leaves uncovered; None where that is all of it, or can't be told."""
        rest = self._parts_left(single, wide)
        if rest is None or wide.condition <= single.condition:
            return rest
        if self._implied(wide, single):
            return rest
        values = values_left(wide.condition, single.condition)
        if values is None:
            return None
        clause, left = values
        others = single.condition - {clause}
        return [*rest, single._replace(condition=others | {clause._replace(values=left)})]

    def _implied(self, wide: Single, single: Single) -> bool | None:
        self._spend(letters(wide.condition) * letters(single.condition) // 32)
        return implied(wide.condition, single.condition, single.principal.glob)

    def _parts_left(self, single: Single, wide: Single) -> list[Single] | None:
        principals = self._part_left(single.principal, wide.principal, _stands_for, _same_account)
        if principals is None:
            return None
        actions = self._part_left(single.action, wide.action, self._wider, self._meet)
        if actions is None:
            return None
        resources = self._part_left(single.resource, wide.resource, self._wider, self._meet)
        if resources is None:
            return None
        return [
            *(single._replace(principal=part) for part in principals),
            *(single._replace(action=part) for part in actions),
            *(single._replace(resource=part) for part in resources),
        ]

    def _part_left(
        self,
        narrow: Part,
        wide: Part,
        contains: Callable[[str, str], bool],
        meets: Callable[[str, str], bool],
    ) -> list[Part] | None:
        self._spend(1)
        if not contains(wide.glob, narrow.glob):
            return None
        left = []
        for out in wide.besides - narrow.besides:
            if contains(out, narrow.glob):
                return None
            if meets(out, narrow.glob) and not any(contains(kept, out) for kept in narrow.besides):
                left.append(Part(out, narrow.besides))
        return left

    def _wider(self, wide: str, narrow: str) -> bool:
        if wide in {"*", narrow}:
            return True
        fixed = re.split(r"[*?]", wide, maxsplit=1)[0]
        if len(fixed) == len(wide) or not narrow.startswith(fixed):
            return False
        self._spend(len(wide) * len(narrow) // 64)
        return covers(wide, narrow)

    def _meet(self, one: str, other: str) -> bool:
        self._spend(len(one) * len(other) // 16)
        return overlap(_open(one), _open(other))

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _PATIENCE:
            raise UnreadablePolicyError("too large to compare")


def _open(glob: str) -> str:
    """Return a pattern in which a variable of the policy stands for any text."""
    return re.sub(r"\$\{[^}]*\}", "*", glob)


def _stands_for(wide: str, narrow: str) -> bool:
    """Whether one principal stands for another too: everybody, or an account for its own."""
    if wide in {"*", narrow}:
        return True
    found = _OF_ACCOUNT.fullmatch(narrow)
    return found is not None and wide == f"AWS:arn:aws:iam::{found[1]}:root"


def _is_account(principal: str) -> bool:
    return principal.startswith("AWS:") and principal.endswith(":root")


def _same_account(one: str, other: str) -> bool:
    return _stands_for(one, other) or _stands_for(other, one)


def _shown(single: Single) -> Grant:
    excluded = [
        f"{name} {glob}"
        for name, part in zip(("principal", "action", "resource"), single[:3], strict=True)
        for glob in sorted(part.besides)
    ]
    parts = (single.principal.glob, single.action.glob, single.resource.glob)
    return Grant(*parts, canonical(_written(single.condition)), tuple(excluded))


def _written(condition: Condition) -> dict[str, dict[str, list[str]]]:
    written: dict[str, dict[str, list[str]]] = {}
    for clause in condition:
        written.setdefault(clause.operator, {})[clause.key] = sorted(clause.values)
    return written
