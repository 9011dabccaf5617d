"""Which runs were due: schedules as sweeps recorded them, and clocks that are set back and forward."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from exported import rows
from kept_store import NOW

from evidence.cli import main
from evidence.expected import Run, expected
from evidence.keys import new_key
from evidence.schedule import Schedule
from evidence.store import Store

HOURLY = {"slug": "hourly", "interval": 3600, "anchor": "2026-01-01T00:00:00+00:00", "timezone": "UTC"}
NIGHTLY = {"slug": "nightly", "cron": "30 1 * * *", "timezone": "Europe/London"}


def due(said: dict[str, object], begin: str, end: str) -> list[str]:
    schedule = Schedule.read("sweep", said)
    assert schedule is not None
    moments = schedule.due(datetime.fromisoformat(begin), datetime.fromisoformat(end))
    return [moment.strftime("%d %H:%M") for moment in moments]


def run(
    hour: int, *, minute: int = 0, schedules: list[dict[str, object]] | None = None, late: int = 1
) -> Run:
    at = datetime(2026, 11, 2, hour, minute, tzinfo=UTC)
    said = None if schedules is None else json.dumps(schedules)
    return Run(at=at + timedelta(minutes=late), due=at, deployment="sweep", schedules=said)


def missing(runs: list[Run], *, hours: int = 6) -> list[str]:
    begin = datetime(2026, 11, 2, tzinfo=UTC)
    found = expected(runs, begin=begin, end=begin + timedelta(hours=hours), as_of=begin + timedelta(hours=4))
    return [
        f"{one.due:%H:%M} {one.schedule}{'?' if one.after_the_last_batch else ''}" for one in found.missing
    ]


def test_a_nightly_run_is_due_once_in_the_night_that_has_an_hour_twice_and_in_the_one_that_misses_it() -> (
    None
):
    assert due(NIGHTLY, "2026-10-24T00:00+00:00", "2026-10-27T00:00+00:00") == [
        "24 00:30",
        "25 00:30",
        "26 01:30",
    ]
    assert due(NIGHTLY, "2026-03-28T00:00+00:00", "2026-03-31T00:00+00:00") == [
        "28 01:30",
        "29 01:00",
        "30 00:30",
    ]


def test_an_hourly_run_is_due_every_hour_that_passes() -> None:
    london = {**HOURLY, "timezone": "Europe/London"}
    for said in (london, {"slug": "h", "cron": "0 * * * *", "timezone": "Europe/London"}):
        assert len(due(said, "2026-10-25T00:00+00:00", "2026-10-26T00:00+00:00")) == 24
        assert len(due(said, "2026-03-29T00:00+00:00", "2026-03-30T00:00+00:00")) == 24


def test_a_daily_interval_keeps_its_hour_on_the_wall() -> None:
    daily = {
        "slug": "d",
        "interval": 86400,
        "anchor": "2026-01-01T09:00:00+00:00",
        "timezone": "Europe/London",
    }
    assert due(daily, "2026-03-28T00:00+00:00", "2026-03-31T00:00+00:00") == [
        "28 09:00",
        "29 08:00",
        "30 08:00",
    ]


@pytest.mark.parametrize(
    "cron", ["15 2 * * *", "*/20 9-17 * * 1-5", "0 0 1 * *", "0 0 1 * 1", "5 4 * * sun", "@daily"]
)
def test_what_is_due_is_what_prefect_would_schedule(cron: str) -> None:
    from prefect.server.schemas.schedules import CronSchedule  # noqa: PLC0415 - slow to import

    begin, end = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 20, tzinfo=UTC)
    theirs = CronSchedule(cron=cron, timezone="Europe/London")._get_dates_generator(
        n=5000, start=begin, end=end
    )
    ours = Schedule.read("sweep", {"slug": "x", "cron": cron, "timezone": "Europe/London"})
    if cron == "@daily":
        assert ours is None  # told as one that can't be foretold, never as nothing due
    else:
        assert ours is not None
        assert list(ours.due(begin, end)) == [
            one.astimezone(UTC) for one in theirs if one.astimezone(UTC) < end
        ]


def test_a_run_that_did_not_happen_is_named_and_one_after_the_last_batch_is_told_apart() -> None:
    runs = [run(0, schedules=[HOURLY]), run(1, schedules=[HOURLY]), run(3, schedules=[HOURLY], late=50)]
    assert missing(runs) == ["02:00 sweep/hourly", "04:00 sweep/hourly", "05:00 sweep/hourly?"]


def test_a_schedule_counts_from_the_run_that_records_it_to_the_one_that_records_another() -> None:
    half = {**HOURLY, "slug": "half", "anchor": "2026-01-01T00:30:00+00:00"}
    runs = [run(0, schedules=[HOURLY]), run(2, minute=30, schedules=[half])]
    assert missing(runs, hours=4) == ["01:00 sweep/hourly", "02:00 sweep/hourly", "03:30 sweep/half"]


def test_a_run_by_hand_stands_for_none_that_was_due() -> None:
    by_hand = Run(at=datetime(2026, 11, 2, 1, tzinfo=UTC), due=None, deployment=None, schedules=None)
    assert missing([run(0, schedules=[HOURLY]), by_hand], hours=2) == ["01:00 sweep/hourly"]


def test_a_run_planned_before_the_clocks_changed_is_not_missing() -> None:
    moved = Run(
        at=datetime(2026, 10, 26, 0, 31, tzinfo=UTC), due=datetime(2026, 10, 26, 0, 30, tzinfo=UTC),
        deployment="sweep", schedules=json.dumps([NIGHTLY]),
    )  # fmt: skip
    found = expected(
        [moved], begin=datetime(2026, 10, 26, tzinfo=UTC), end=datetime(2026, 10, 27, tzinfo=UTC), as_of=NOW
    )
    assert (found.due, found.missing) == (1, ())


def test_what_can_not_be_foretold_is_said_and_never_counts_as_nothing_due() -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    odd = [
        run(
            0,
            schedules=[
                {"slug": "odd", "rrule": "FREQ=DAILY"},
                {"slug": "bad", "cron": "x", "timezone": "Nowhere"},
            ],
        )
    ]
    found = expected(odd, begin=begin, end=NOW, as_of=NOW)
    assert found.due == 0
    assert [one for one in found.untold if "odd" in one]
    assert [one for one in found.untold if "bad" in one]
    assert [one for one in found.untold if "no schedule is recorded before" in one]
    assert "nobody can tell" in expected([], begin=begin, end=NOW, as_of=NOW).untold[0]


def test_the_population_names_runs_batches_heads_and_what_did_not_happen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "evidence"
    store = Store(root, estate="acme", writer="one", key=new_key())
    daily = {"slug": "nightly", "cron": "30 9 * * *", "timezone": "UTC"}
    for number, day in enumerate((0, 1, 3)):
        minutes = day * 1440
        when = NOW + timedelta(minutes=minutes)
        said = {"sweep_id": f"s{number}", "due": when.isoformat(), "schedule": "sweep", "schedules": [daily]}
        outcome = "could-not-look" if day == 1 else "clean"
        with store.batch(when) as batch:
            batch.append(rows(number, "swept", minutes, outcome=outcome, target="network", details=said))
    ask = [
        "population",
        "--control",
        "soc2:CC7.1",
        "--from",
        "2026-11",
        "--to",
        "2026-11",
        "--path",
        str(root),
    ]
    answers = []
    for compacted in (False, True):
        if compacted:
            assert main(["compact", "--path", str(root)]) == 0
            capsys.readouterr()
        assert main([*ask, "-o", "json"]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    told = answers[0]
    assert answers[1] == told
    assert told["counts"]["looks"] == told["counts"]["runs"] == told["counts"]["records"] == 3
    assert told["counts"]["looks: could not look"] == 1
    assert told["first_batch"]["sequence"] == 1
    assert told["last_batch"]["sequence"] == told["heads"][0]["sequence"] == 3
    assert [one["due"][:10] for one in told["missing"]] == [
        "2026-11-25", "2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30"
    ]  # fmt: skip
    assert [one["after_the_last_batch"] for one in told["missing"]] == [False, True, True, True, True]
    assert told["schedules"] == ["sweep/nightly"]
    assert main([*ask, "-o", "csv"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 4
    assert "2026-11-25" in said.err
