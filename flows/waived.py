"""What a report says of waivers: how much they hide, how bad it is, and which of them hold no more."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from flows.swept import Swept
from taxonomy.drift import SEVERITIES, Drift, DriftChange
from taxonomy.waived import Waived

SORTS = {"waiver": "by waivers", "decision": "by signed decisions", "noise": "by noise rules"}
"""How each sort is counted, in the order of reports; what is unread waives nothing."""


def waived_document(swept: Swept) -> dict[str, Any]:
    """Return how many changes are waived, by sort and severity, and each that would be critical."""
    sorts = {one.id: one for one in swept.waivings if one.waived}
    counted: dict[str, Counter[str]] = {sort: Counter() for sort in SORTS}
    for _, change, by in _waived(swept, sorts):
        counted[by.sort][change.severity] += 1
    return {
        **{sort: {s: counts.get(s, 0) for s in SEVERITIES} for sort, counts in counted.items()},
        "would_be_critical": [
            {
                "drift_id": drift.drift_id,
                "resource_id": drift.resource_id,
                "attribute": change.attribute,
                "direction": change.direction,
                "waived_by": by.id,
                "approver": by.approver,
                "expires": _instant(by),
            }
            for drift, change, by in _waived(swept, sorts)
            if change.severity == "critical"
        ],
    }


def waivings_document(waivings: Iterable[Waived]) -> list[dict[str, Any]]:
    """Return every waiver with what it came to, as plain JSON values."""
    return [{**asdict(one), "expires": _instant(one)} for one in waivings]


def lines(swept: Swept) -> Iterator[tuple[str, str]]:
    """Yield what people must know of waivers, each with the style it is printed in."""
    document = waived_document(swept)
    for sort, said in SORTS.items():
        if total := sum(document[sort].values()):
            each = ", ".join(f"{count} {severity}" for severity, count in document[sort].items() if count)
            yield f"waived {said}: {total} ({each})", "dim"
    for one in document["would_be_critical"]:
        until = f"until {one['expires']}" if one["expires"] else "without an end"
        yield (
            (
                f"would be critical, but {one['waived_by']} waives it {until}: "
                f"{one['resource_id']} {one['attribute']}"
            ),
            "bold red",
        )
    for waiving in swept.waivings:
        if (due := line(waiving)) is not None:
            yield due, "yellow"


def line(one: Waived) -> str | None:
    """Return what a person has to do about a waiver; None where there is nothing to do."""
    named = f"{one.id} ({one.place})" if one.place else one.id
    if one.standing in {"expired", "refused", "moved"}:
        return f"waiver {named}: {one.standing}: {one.why}"
    if one.soon:
        who = one.owner or one.approver
        return f"waiver {named}: ends {_instant(one)}; {who} has to end the drift, or renew it"
    return None


def hidden(drift: Drift, waivings: Iterable[Waived]) -> bool:
    """Whether noise rules alone hide all of a drift, so that tables only count it."""
    noise = {one.id for one in waivings if one.sort == "noise"}
    return all(change.waived_by in noise for change in drift.changes)


def _waived(swept: Swept, sorts: dict[str, Waived]) -> Iterator[tuple[Drift, DriftChange, Waived]]:
    for drift, _ in swept.drifts:
        for change in drift.changes:
            if change.waived_by is not None:
                yield drift, change, sorts[change.waived_by]


def _instant(one: Waived) -> str | None:
    return one.expires.isoformat().replace("+00:00", "Z") if one.expires else None
