"""Route the drifts of a sweep: what the taxonomy says of one, within the estate's limits for all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tasks.history import Past
from tasks.memory import Memory
from taxonomy.drift import Drift
from taxonomy.route import AutoClass, Route, route


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the estate file says of remedies, as it stands now.

    Args:
        enabled: False: nothing is ever changed here.
        open_now: whether a maintenance window is open; outside of one nothing is put right by itself.
        per_sweep: how many drifts one sweep may put right by itself.
        percent_of_target: how much of a target's resources one sweep may put right by itself; at least one.
        ask_again_after: how long a rejected drift is not asked again.
    """

    enabled: bool
    auto_classes: tuple[AutoClass, ...]
    open_now: bool
    per_sweep: int
    percent_of_target: int
    ask_again_after: timedelta


def choose(drift: Drift, policy: Policy, memory: Memory, *, now: datetime) -> Route:
    """Return where one drift goes, whatever else there is."""
    past = memory.pasts.get(drift.drift_id)
    if past is not None and past.episode != drift.episode:
        return Route(kind="none", reason=f"episode {drift.episode} is over: {past.last_state}")
    chosen = route(
        drift,
        auto_classes=policy.auto_classes,
        frozen=memory.frozen is not None,
        remediation_enabled=policy.enabled,
        now=now,
        ask_again=_ask_again(drift, past, policy, now),
    )
    if chosen.kind == "auto" and past is not None and past.over_limit:
        return Route(kind="review", reason="over limit: a sweep had no room for it, so a person decides")
    if chosen.kind == "auto" and not policy.open_now:
        return Route(kind="none", reason="held: outside the estate's maintenance windows")
    return chosen


def choose_all(
    drifts: Sequence[Drift], policy: Policy, memory: Memory, *, looked_at: Mapping[str, int], now: datetime
) -> list[tuple[Drift, Route]]:
    """Return where each drift goes; what the limits leave no room for goes to review.

    Args:
        drifts: worst first.
        policy: the estate's.
        memory: what was known before the sweep.
        looked_at: how many resources each target has.
        now: an aware instant.
    """
    taken: Counter[str] = Counter()
    routed = []
    for drift in drifts:
        chosen = choose(drift, policy, memory, now=now)
        if chosen.kind == "auto":
            over = _over(drift, policy, taken, looked_at)
            chosen = replace(chosen, kind="review", reason=over, over_limit=True) if over else chosen
            taken.update(() if over else ("", *drift.targets))
        routed.append((drift, chosen))
    return routed


def _over(drift: Drift, policy: Policy, taken: Counter[str], looked_at: Mapping[str, int]) -> str | None:
    if taken[""] >= policy.per_sweep:
        return f"over limit: this sweep puts {policy.per_sweep} right by itself, no more"
    for name in drift.targets:
        room = max(1, looked_at.get(name, 0) * policy.percent_of_target // 100)
        if taken[name] >= room:
            return f"over limit: {policy.percent_of_target} % of target {name} is {room}"
    return None


def _ask_again(drift: Drift, past: Past | None, policy: Policy, now: datetime) -> bool:
    if past is None or past.rejected_at is None:
        return False
    return past.rejected_fingerprint != drift.fingerprint or now - past.rejected_at >= policy.ask_again_after
