"""What waivers came to in a sweep: which hold, which have ended, which accept nothing and why."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from taxonomy.waivers import SOON, Filed, Standing, Waiver, Waiving, standing

Sort = Literal["decision", "noise", "unread", "waiver"]


@dataclass(frozen=True, kw_only=True)
class Waived:
    """What one waiver came to in a sweep, as reports and evidence tell it.

    Args:
        sort: a ``waiver`` or ``noise`` rule of a file, a signed ``decision`` of the ledger, or what is
            ``unread`` because it is written wrong; then `id` is the key path.
        why: why it does not hold, or what else to know; may be empty.
        place: ``file:line``; None for a decision.
        waived: how many changes of this sweep it has waived.
        soon: it ends within `SOON`.
    """

    id: str
    sort: Sort
    standing: Standing
    why: str = ""
    resource: str | None = None
    attribute: str | None = None
    reason: str | None = None
    owner: str | None = None
    approver: str | None = None
    expires: datetime | None = None
    place: str | None = None
    waived: int = 0
    soon: bool = False


def waived_by(filed: Filed[Any], sort: Sort, *, people: Collection[str], now: datetime) -> Waived:
    """Return a waiver or noise rule of a file as it stands, before it has met any drift."""
    what: Waiving = filed.what
    stands, why = standing(what, people=people, now=now)
    pinned = what if isinstance(what, Waiver) else None
    return Waived(
        id=what.id,
        sort=sort,
        standing=stands,
        why=why,
        resource=pinned.resource if pinned else None,
        attribute=pinned.attribute if pinned else None,
        reason=what.reason,
        owner=what.owner,
        approver=what.approver,
        expires=what.expires,
        place=filed.place,
        soon=stands == "holds" and what.expires - now <= SOON,
    )


def met(one: Waived, *, covered: int, waived: int, concealed: bool = False) -> Waived:
    """Return what stands together with what it met.

    Args:
        one: a waiver that may be used.
        covered: how many changes it speaks of, whatever their values.
        waived: how many of them it has waived.
        concealed: one of the others is a secret, so its digest would have to be pinned.
    """
    if not covered:
        return replace(one, standing="idle", why="nothing that it speaks of has drifted where we looked")
    if waived:
        more = covered - waived
        return replace(one, waived=waived, why=f"{more} more that it speaks of are reported" if more else "")
    why = "the value is not the one accepted, so it is reported"
    if concealed:
        why += "; a concealed value is pinned by its digest, as `holdfast drift show` prints it"
    return replace(one, standing="moved", why=why)
