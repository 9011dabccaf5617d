"""A plan made elsewhere is not clean for ever: its age is shown, and limited where the estate says so."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from made_plan import REDACTOR, Made, document

from tasks.detectors import DETECTORS
from tasks.look import look
from tasks.reach import Reach
from taxonomy.observation import Observation
from taxonomy.target import TerraformTarget

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)

Look = Callable[..., Observation]


@pytest.fixture
def looked(tmp_path: Path) -> Look:
    def of(timestamp: Any, max_age: timedelta | None = DAY) -> Observation:
        plan = document(Made(address="aws_vpc.a", live={"id": "vpc-0a"}))
        (tmp_path / "plan.json").write_text(json.dumps({**plan, "timestamp": timestamp}))
        target = TerraformTarget(name="t", plan_json=tmp_path / "plan.json", max_age=max_age)
        return look(
            target, reach=Reach(scratch=tmp_path), redactor=REDACTOR, baseline=None, clock=lambda: NOW
        )

    return of


@pytest.mark.parametrize(
    ("timestamp", "said"),
    [
        ("2026-11-23T08:59:59Z", "is too old: it was made at 2026-11-23T08:59:59+00:00, 1.0 days ago"),
        ("2024-01-01T00:00:00Z", "correct `max_age` of target t"),
        ("2026-11-24T09:06:00Z", "which is to come"),
        (None, "does not say when it was made"),
        ("yesterday", "does not say when it was made"),
        ("2026-11-24T08:00:00", "does not say when it was made"),
        (7, "does not say when it was made"),
    ],
)
def test_a_plan_that_is_too_old_or_of_no_known_age_is_no_look(
    looked: Look, timestamp: Any, said: str
) -> None:
    seen = looked(timestamp)
    assert seen.outcome == "could-not-look"
    assert said in str(seen.reason)
    assert looked(timestamp, None).outcome == "clean"


@pytest.mark.parametrize("timestamp", ["2026-11-23T09:00:00Z", "2026-11-24T10:30:00+02:00"])
def test_a_plan_that_is_new_enough_is_looked_at_and_its_age_is_known(looked: Look, timestamp: str) -> None:
    seen = looked(timestamp)
    assert seen.outcome == "clean"
    assert seen.answer.made_at == datetime.fromisoformat(timestamp)


def test_the_detector_is_told_the_time_and_reads_no_clock() -> None:
    assert "now" in DETECTORS["terraform"].wants
