"""Where drifts go within the estate's limits, its freeze, its windows and what people said before."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from made import NOW, drift

from tasks.history import Past
from tasks.memory import Memory
from tasks.routing import Policy, choose, choose_all
from taxonomy.drift import Drift
from taxonomy.route import AutoClass

POLICY = Policy(
    enabled=True,
    auto_classes=(
        AutoClass(rules=("aws-tags-*",), approved_by="oncall", reason="cosmetic", review_by=date(2027, 1, 1)),
    ),
    open_now=True,
    per_sweep=25,
    percent_of_target=10,
    ask_again_after=timedelta(days=7),
)


def past(one: Drift, **more: Any) -> Memory:
    told: dict[str, Any] = {
        "drift_id": one.drift_id,
        "episode": one.episode,
        "state": one.state,
        "attempt": 1,
        "closed": False,
        "last_state": one.state,
        "asked_run": None,
        "fingerprint": one.fingerprint,
        "first_seen": NOW,
        "rejected_at": None,
        "rejected_fingerprint": None,
        "waived_until": None,
        "waived_fingerprint": None,
        **more,
    }
    return Memory(pasts={one.drift_id: Past(**told)})


def drifts(count: int, **more: Any) -> list[Drift]:
    return [drift(f"arn:{number:03}", **more) for number in range(count)]


def kinds(
    many: list[Drift], policy: Policy = POLICY, memory: Memory | None = None, **looked: int
) -> list[str]:
    counts = looked or {"network": 1000}
    return [
        chosen.kind for _, chosen in choose_all(many, policy, memory or Memory(), looked_at=counts, now=NOW)
    ]


def test_an_approved_class_is_put_right_by_itself() -> None:
    assert kinds(drifts(3)) == ["auto"] * 3


def test_a_sweep_puts_no_more_right_by_itself_than_the_limit() -> None:
    assert kinds(drifts(5), replace(POLICY, per_sweep=3)) == ["auto"] * 3 + ["review"] * 2
    assert kinds(drifts(2), replace(POLICY, per_sweep=0)) == ["review"] * 2


def test_no_more_of_a_target_than_its_share_but_always_one() -> None:
    assert kinds(drifts(5), network=30) == ["auto"] * 3 + ["review"] * 2
    assert kinds(drifts(2), network=4) == ["auto", "review"]
    assert kinds(drifts(2), other=100) == ["auto", "review"]


def test_each_target_of_a_drift_counts() -> None:
    many = [
        drift("arn:a", targets=("one", "two")),
        drift("arn:b", targets=("two",)),
        drift("arn:c", targets=("one",)),
    ]
    assert kinds(many, one=20, two=10) == ["auto", "review", "auto"]


def test_what_goes_to_a_person_takes_no_room() -> None:
    many = [*drifts(3, tier="review"), drift("arn:z")]
    assert kinds(many, replace(POLICY, per_sweep=1)) == ["review"] * 3 + ["auto"]


def test_the_limit_is_said() -> None:
    (_, first), (_, second) = choose_all(
        drifts(2), replace(POLICY, per_sweep=1), Memory(), looked_at={"network": 1000}, now=NOW
    )
    assert first.kind == "auto"
    assert second.reason == "over limit: this sweep puts 1 right by itself, no more"


def test_what_a_sweep_had_no_room_for_stays_with_people_in_its_branch() -> None:
    one = drift()
    chosen = choose(one, POLICY, past(one, over_limit=True), now=NOW)
    assert chosen.kind == "review"


@pytest.mark.parametrize("tier", ["auto", "review"])
def test_frozen_opens_nothing(tier: Any) -> None:
    chosen = choose(drift(tier=tier), POLICY, Memory(frozen="frozen by oncall: incident"), now=NOW)
    assert chosen.kind == "none"
    assert "frozen" in chosen.reason


def test_off_in_the_estate_opens_nothing() -> None:
    assert choose(drift(), replace(POLICY, enabled=False), Memory(), now=NOW).kind == "none"


def test_outside_of_a_window_nothing_is_put_right_by_itself_and_people_are_asked_all_the_same() -> None:
    closed = replace(POLICY, open_now=False)
    assert choose(drift(), closed, Memory(), now=NOW).kind == "none"
    assert choose(drift(tier="review"), closed, Memory(), now=NOW).kind == "review"


def test_a_closed_episode_is_not_worked_on() -> None:
    one = drift()
    chosen = choose(one, POLICY, past(one, episode=2, last_state="restored", closed=True), now=NOW)
    assert (chosen.kind, chosen.reason) == ("none", "episode 1 is over: restored")


@pytest.mark.parametrize(
    ("since", "fingerprint", "kind"),
    [
        (timedelta(days=6, hours=23), None, "none"),
        (timedelta(days=7), None, "review"),
        (timedelta(0), "another", "review"),
    ],
)
def test_a_rejected_drift_is_asked_again_when_its_time_has_come_or_it_moved(
    since: timedelta, fingerprint: str | None, kind: str
) -> None:
    one = drift(state="rejected", tier="review")
    memory = past(one, rejected_at=NOW - since, rejected_fingerprint=fingerprint or one.fingerprint)
    assert choose(one, POLICY, memory, now=NOW).kind == kind


def test_a_class_that_is_overdue_for_review_puts_nothing_right() -> None:
    chosen = choose(drift(), POLICY, Memory(), now=NOW + timedelta(days=60))
    assert chosen.kind == "review"
