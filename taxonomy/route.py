"""Where a drift goes: put right by itself, to a person, into the record, or nowhere.

Pure: it starts nothing and reads no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Literal

from taxonomy.drift import Drift, DriftChange

RouteKind = Literal["auto", "review", "record", "none"]

_OVER = {
    "waived": "waived: accepted until its waiver expires",
    "restored": "restored already",
    "adopted": "adopted into code already",
    "gone": "no longer there",
}


@dataclass(frozen=True, kw_only=True)
class AutoClass:
    """A class of drift that a named person lets Holdfast put right by itself.

    Args:
        rules: globs over rule ids.
        approved_by: who answers for it.
        review_by: the last day on which it holds; an overdue class holds nothing.
    """

    rules: tuple[str, ...]
    approved_by: str
    reason: str
    review_by: date


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a drift goes, and why, in words for people.

    Args:
        over_limit: it would have gone to `auto`, had the estate's limits left room for it.
    """

    kind: RouteKind
    reason: str
    over_limit: bool = False


def route(
    drift: Drift,
    *,
    auto_classes: Sequence[AutoClass],
    frozen: bool,
    remediation_enabled: bool,
    now: datetime,
    ask_again: bool = False,
) -> Route:
    """Return where the drift goes.

    Args:
        drift: merged and classified, with its present state.
        auto_classes: of the estate; the first that holds for all of the drift counts.
        frozen: the kill switch: no branch opens and no remedy runs, whatever else holds.
        remediation_enabled: False: nothing is ever put right here, so no branch opens.
        now: an aware instant; decides which classes are overdue.
        ask_again: a rejected drift may be asked about anew (its fingerprint moved or its time has come).

    What can't be shown to be fit for `auto` goes to review.
    """
    if closed := _closed(drift, ask_again=ask_again):
        return Route(kind="none", reason=closed)
    if drift.tier == "record":
        return Route(kind="record", reason=f"{drift.rule_id}: recorded, nobody is asked")
    if frozen or not remediation_enabled:
        held = (
            "held: Holdfast is frozen; thaw it to go on"
            if frozen
            else "remediation is off in the estate file"
        )
        return Route(kind="none", reason=held)
    if drift.state in {"waiting", "approved"}:
        return Route(kind="review", reason="its branch is open and waits for an answer or an outcome")
    return _by_tier(drift, auto_classes, now.date())


def _closed(drift: Drift, *, ask_again: bool) -> str | None:
    if drift.state == "rejected" and not ask_again:
        return "rejected: asked again when it changes or ask_again_after has passed"
    return _OVER.get(drift.state)


def _by_tier(drift: Drift, auto_classes: Sequence[AutoClass], today: date) -> Route:
    if drift.tier == "review":
        return Route(kind="review", reason=drift.because)
    if unfit := _unfit(drift):
        return Route(kind="review", reason=f"not put right by itself: {unfit}")
    for approved in auto_classes:
        if _covers(approved, drift) and approved.approved_by and today <= approved.review_by:
            reason = (
                f"class {', '.join(approved.rules)} approved by {approved.approved_by}: {approved.reason}"
            )
            return Route(kind="auto", reason=reason)
    overdue = [entry for entry in auto_classes if _covers(entry, drift) and today > entry.review_by]
    if overdue:
        return Route(kind="review", reason=f"its auto class was due for review by {overdue[0].review_by}")
    return Route(kind="review", reason=f"no person has approved an auto class for {drift.rule_id}")


def _covers(approved: AutoClass, drift: Drift) -> bool:
    decided = {drift.rule_id, *(change.rule_id for change in drift.changes)}
    return all(any(fnmatchcase(rule_id, glob) for glob in approved.rules) for rule_id in decided)


def _unfit(drift: Drift) -> str | None:
    """Say what keeps a drift out of auto, again, so that no earlier slip can let it through."""
    if not drift.changes:
        return "it says nothing of what changed"
    if drift.remedy != "terraform-apply":
        return f"its remedy is {drift.remedy}"
    return next((reason for change in drift.changes if (reason := _unfit_change(change))), None)


def _unfit_change(change: DriftChange) -> str | None:
    if change.tier != "auto":
        return f"{change.attribute} is for {change.tier}"
    if change.kind != "changed":
        return f"{change.attribute} is {change.kind}"
    if change.drift_class != "A":
        return f"applying the code would not undo {change.attribute}"
    if change.direction == "strengthened":
        return f"restoring {change.attribute} would weaken what is live"
    if change.direction == "unknown":
        return f"nobody has judged {change.attribute}"
    return None
