"""Routes: nothing is put right by itself unless everything about it allows that."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from taxonomy.drift import Drift, DriftChange
from taxonomy.route import AutoClass, route

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TAGS = AutoClass(
    rules=("aws-tags-*",), approved_by="platform-lead", reason="cosmetic", review_by=date(2027, 5, 1)
)
CHANGE = DriftChange(
    attribute="tags.Owner",
    kind="changed",
    declared="a",
    actual="b",
    redacted=False,
    drift_class="A",
    layer="terraform",
    direction="lateral",
    severity="low",
    tier="auto",
    rule_id="aws-tags-001",
    controls=("nist-800-53-r5:CM-8",),
)
DRIFT = Drift(
    drift_id="d" * 32,
    fingerprint="f" * 64,
    episode=1,
    state="open",
    kind="changed",
    resource_id="arn:aws:s3:::x",
    resource_type="aws_s3_bucket",
    address="aws_s3_bucket.x",
    aliases=(),
    provider="aws",
    account="111122223333",
    region="eu-west-1",
    environment="prod",
    layers=("terraform",),
    targets=("network",),
    severity="low",
    tier="auto",
    direction="lateral",
    rule_id="aws-tags-001",
    because="A tag changes nothing that runs.",
    remedy="terraform-apply",
    controls=("nist-800-53-r5:CM-8",),
    changes=(CHANGE,),
)


def routed(drift: Drift = DRIFT, **how: Any) -> str:
    settings = {"auto_classes": (TAGS,), "frozen": False, "remediation_enabled": True, "now": NOW} | how
    return route(drift, **settings).kind


def test_an_approved_class_is_put_right_by_itself_and_says_who_answers_for_it() -> None:
    answer = route(DRIFT, auto_classes=(TAGS,), frozen=False, remediation_enabled=True, now=NOW)
    assert answer.kind == "auto"
    assert "platform-lead" in answer.reason
    assert "cosmetic" in answer.reason


def test_nothing_is_put_right_before_a_person_has_approved_its_class() -> None:
    assert routed(auto_classes=()) == "review"
    assert routed(auto_classes=(replace(TAGS, rules=("aws-text-*",)),)) == "review"
    assert routed(auto_classes=(replace(TAGS, approved_by=""),)) == "review"


def test_an_overdue_class_holds_nothing_and_is_named() -> None:
    overdue = replace(TAGS, review_by=date(2026, 11, 22))
    answer = route(DRIFT, auto_classes=(overdue,), frozen=False, remediation_enabled=True, now=NOW)
    assert answer.kind == "review"
    assert "2026-11-22" in answer.reason
    assert routed(auto_classes=(replace(TAGS, review_by=date(2026, 11, 23)),)) == "auto"


def test_a_class_must_cover_every_rule_of_the_drift() -> None:
    other = replace(CHANGE, attribute="description", rule_id="aws-text-001")
    mixed = replace(DRIFT, changes=(CHANGE, other))
    assert routed(mixed) == "review"
    assert routed(mixed, auto_classes=(replace(TAGS, rules=("aws-tags-*", "aws-text-*")),)) == "auto"


@pytest.mark.parametrize(
    "unfit",
    [
        {"tier": "review"},
        {"tier": "record"},
        {"kind": "missing"},
        {"kind": "unmanaged"},
        {"kind": "noncompliant"},
        {"drift_class": "B"},
        {"drift_class": None},
        {"direction": "strengthened"},
        {"direction": "unknown"},
    ],
)
def test_one_change_that_must_be_seen_keeps_the_whole_drift_from_auto(unfit: dict[str, Any]) -> None:
    drift = replace(DRIFT, changes=(CHANGE, replace(CHANGE, **unfit)))
    assert routed(drift) == "review"


def test_a_drift_whose_remedy_is_by_hand_is_never_auto() -> None:
    assert routed(replace(DRIFT, remedy="by-hand")) == "review"


def test_a_drift_that_says_nothing_of_what_changed_is_never_auto() -> None:
    assert routed(replace(DRIFT, changes=())) == "review"


def test_frozen_opens_no_branch_and_puts_nothing_right() -> None:
    assert routed(frozen=True) == "none"
    assert routed(replace(DRIFT, tier="review"), frozen=True) == "none"
    held = route(DRIFT, auto_classes=(TAGS,), frozen=True, remediation_enabled=True, now=NOW)
    assert held.reason.startswith("held")


def test_where_remediation_is_off_no_branch_opens() -> None:
    assert routed(remediation_enabled=False) == "none"
    assert routed(replace(DRIFT, tier="review"), remediation_enabled=False) == "none"


def test_the_record_tier_is_recorded_even_when_frozen() -> None:
    assert routed(replace(DRIFT, tier="record")) == "record"
    assert routed(replace(DRIFT, tier="record"), frozen=True) == "record"


@pytest.mark.parametrize("state", ["waived", "restored", "adopted", "gone"])
def test_what_is_not_open_goes_nowhere(state: Any) -> None:
    assert routed(replace(DRIFT, state=state)) == "none"
    assert routed(replace(DRIFT, state=state, tier="review")) == "none"


def test_a_rejected_drift_is_not_asked_again_until_it_may_be() -> None:
    rejected = replace(DRIFT, state="rejected", tier="review")
    assert routed(rejected) == "none"
    assert routed(rejected, ask_again=True) == "review"


@pytest.mark.parametrize("state", ["waiting", "approved"])
def test_a_drift_in_a_persons_hands_is_not_taken_out_of_them(state: Any) -> None:
    assert routed(replace(DRIFT, state=state)) == "review"


def test_a_review_says_why_the_rule_wants_it() -> None:
    answer = route(
        replace(DRIFT, tier="review"), auto_classes=(TAGS,), frozen=False, remediation_enabled=True, now=NOW
    )
    assert answer.reason == DRIFT.because
