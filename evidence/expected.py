"""The runs that schedules wanted, held against the looks that were recorded: which did not happen."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.schedule import SHIFT, Schedule

EXACT = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One sweep about a control, as its looks recorded it.

    Args:
        at: when it was recorded.
        due: when a schedule wanted it; None for one that nobody scheduled.
        deployment: whose schedules it recorded.
        schedules: what it recorded of them, as JSON; None where it could not know.
    """

    at: datetime
    due: datetime | None
    deployment: str | None
    schedules: str | None


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A run that a schedule wanted and of which no look is recorded.

    Args:
        due: when.
        schedule: ``deployment/slug``.
        after_the_last_batch: due only after anything at all was recorded: it may still come, or nothing runs.
    """

    due: datetime
    schedule: str
    after_the_last_batch: bool


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the schedules wanted in a period.

    Args:
        due: how many runs.
        missing: those that did not happen, in order.
        schedules: names of the schedules that were in force.
        untold: what can't be foretold: schedules of another form, and stretches in which none is recorded.
    """

    due: int
    missing: tuple[Missing, ...]
    schedules: tuple[str, ...]
    untold: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """A time in which the same schedules of a deployment were in force."""

    deployment: str
    schedules: str
    begin: datetime
    end: datetime


def expected(runs: Sequence[Run], *, begin: datetime, end: datetime, as_of: datetime) -> Expected:
    """Return what was due in a period and did not happen.

    Args:
        runs: every run about the control up to the end of the period. The last one before its beginning says
            which schedules were in force then.
        begin: of the period.
        end: of the period, excluded.
        as_of: when the last batch of the evidence was made.
    """
    due: list[tuple[datetime, Schedule]] = []
    untold: list[str] = []
    for stretch in _stretches(runs, end):
        if stretch.end <= begin:
            continue
        for said in json.loads(stretch.schedules):
            schedule = Schedule.read(stretch.deployment, said)
            if schedule is None:
                untold.append(f"{stretch.deployment}/{said.get('slug')}: a form whose runs can't be foretold")
            else:
                due += [(at, schedule) for at in schedule.due(max(begin, stretch.begin), stretch.end)]
    untold += _unrecorded(runs, begin)
    missing = [
        Missing(due=at, schedule=schedule.name, after_the_last_batch=at > as_of)
        for at, schedule in sorted(_unmet(due, runs), key=lambda one: (one[0], one[1].name))
    ]
    return Expected(
        due=len(due),
        missing=tuple(missing),
        schedules=tuple(sorted({schedule.name for _, schedule in due})),
        untold=tuple(sorted(set(untold))),
    )


def _stretches(runs: Iterable[Run], end: datetime) -> Iterator[_Stretch]:
    """Yield how long each deployment's schedules were in force: until a run recorded others."""
    standing: dict[str, tuple[str, datetime]] = {}
    for run in sorted(runs, key=lambda one: one.at):
        if run.deployment is None or run.schedules is None:
            continue
        since = min(run.at, run.due or run.at)
        known = standing.get(run.deployment)
        if known is None:
            standing[run.deployment] = (run.schedules, since)
        elif known[0] != run.schedules:
            yield _Stretch(deployment=run.deployment, schedules=known[0], begin=known[1], end=since)
            standing[run.deployment] = (run.schedules, since)
    for deployment, (schedules, since) in standing.items():
        yield _Stretch(deployment=deployment, schedules=schedules, begin=since, end=end)


def _unrecorded(runs: Sequence[Run], begin: datetime) -> list[str]:
    known = [run.at for run in runs if run.schedules is not None]
    if not known:
        return ["no run recorded a schedule, so nobody can tell from the evidence which were due"]
    if min(known) > begin:
        return [f"no schedule is recorded before {min(known).isoformat()}"]
    return []


def _unmet(due: Iterable[tuple[datetime, Schedule]], runs: Iterable[Run]) -> list[tuple[datetime, Schedule]]:
    """Return what no run was due for; each run stands for one instant, though of several schedules."""
    left = sorted({run.due for run in runs if run.due is not None})
    exact = {round(one.timestamp()) for one in left}
    unmet = [one for one in due if round(one[0].timestamp()) not in exact]
    met = {round(at.timestamp()) for at, _ in due}
    spare = [one for one in left if round(one.timestamp()) not in met]
    still = []
    for at, schedule in unmet:
        moved = [one for one in spare if schedule.shifts and abs(one - at) <= SHIFT + EXACT]
        if moved:
            spare.remove(min(moved, key=lambda one: abs(one - at)))
        else:
            still.append((at, schedule))
    return still
