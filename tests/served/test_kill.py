"""Killed with SIGKILL in the middle: the evidence verifies, the next sweep goes on, nothing is done twice.

A process is stopped at a point by the store's own means: whoever holds the commit lock of the writer lets it
get no further than its next step. So no code of ours knows that it is being tested.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from host import Host
from played import wait_for
from prefect_api import Served, kill, processes

pytestmark = pytest.mark.prefect


@contextmanager
def lock(served: Served) -> Iterator[None]:
    """Hold the writer's commit lock: nobody begins or ends a batch meanwhile."""
    place = served.estate.evidence / "_staging" / "served"
    place.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place / "commit.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def stopped(served: Served, reached: Callable[[], bool], *, within: float = 120.0) -> Iterator[None]:
    """Hold the lock from the first time that a point is seen to be reached."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with lock(served):
            if reached():
                yield
                return
        time.sleep(0.005)
    raise AssertionError(f"the point was not reached within {within:.0f} s")


def run_of(served: Served, drift: str, *, other_than: str | None = None) -> str:
    runs = wait_for(
        lambda: [r["id"] for r in served.prefect.runs(drift) if r["id"] != other_than],
        lambda found: len(found) == 1,
        "the branch's run",
    )
    return str(runs[0])


def kill_run(served: Served, run: str) -> None:
    """Kill the processes of a run, its worker not included; the worker tells Prefect."""
    kill(processes(PREFECT__FLOW_RUN_ID=run))
    served.prefect.until(run, "Crashed")


def told(host: Host, drift: str, run: str) -> list[str]:
    return [step.step for step in host.steps(drift) if step.run_id == run]


def check_goes_on(host: Host, drift: str, dead: str) -> None:
    """The evidence verifies, and the next sweep opens the next attempt, which a person can end."""
    served = host.served
    served.estate.verify()
    host.sweep()
    question = served.question(drift)
    assert question.question.run_id != dead
    host.fails()
    host.answer(question)
    served.prefect.until(question.question.run_id, "Restored")
    steps = host.steps(drift)
    assert [step.step for step in steps].count("closed") == 1
    assert [step.run_id for step in steps if step.step == "refused" and step.outcome == "failed"] == [dead]
    for run in (dead, question.question.run_id):
        mine = told(host, drift, run)
        assert len([s for s in mine if s != "refused"]) == len({s for s in mine if s != "refused"})
    served.estate.verify()


def check_killed_before_answer(host: Host, point: str) -> None:
    served = host.served
    host.fails("door-01")
    ((found, _),) = served.estate.look(host.name).drifts
    drift = found.drift_id
    process = served.estate.start("--quiet", "detect", "--remediate", "--target", host.name)
    try:
        with stopped(served, lambda: point in {s.step for s in host.steps(drift)}):
            assert [step.step for step in host.steps(drift) if step.run_id][-1] == point
            run = run_of(served, drift)
            kill_run(served, run)
    finally:
        process.communicate(timeout=60)
    check_goes_on(host, drift, run)


def check_killed_after_answer(host: Host, point: str) -> None:
    question = host.asked()
    drift, run = question.case.drift.drift_id, question.question.run_id
    host.answer(question)
    with stopped(host.served, lambda: point in told(host, drift, run)):
        assert told(host, drift, run)[-1] == point
        kill_run(host.served, run)
    check_goes_on(host, drift, run)


@pytest.mark.prove
def test_a_branch_killed_after_its_snapshot_is_opened_again(host: Host) -> None:
    check_killed_before_answer(host, "snapshotted")


def test_a_branch_killed_after_the_decision_is_asked_again(host: Host) -> None:
    check_killed_after_answer(host, "decided")


@pytest.mark.prove
def test_a_branch_killed_after_its_preview_is_opened_again(host: Host) -> None:
    check_killed_before_answer(host, "previewed")


@pytest.mark.prove
def test_a_branch_killed_after_the_remedy_is_asked_again(host: Host) -> None:
    check_killed_after_answer(host, "remediated")


@pytest.mark.prove
def test_a_branch_killed_while_it_asks_is_opened_again(served: Served, host: Host) -> None:
    host.fails("door-01")
    ((found, _),) = served.estate.look(host.name).drifts
    drift = found.drift_id
    host.sweep()
    run = run_of(served, drift)
    wait_for(lambda: told(host, drift, run), lambda steps: "asked" in steps, "the question")
    if alive := processes(PREFECT__FLOW_RUN_ID=run):
        # also where Prefect has it down as suspended already, the worker says how its process ended
        kill(alive)
        served.prefect.until(run, "Crashed")
        check_goes_on(host, drift, run)
    else:
        host.fails()
        host.answer(served.question(drift))
        served.prefect.until(run, "Restored")


def check_sweep_killed(host: Host, reached: Callable[[], bool]) -> None:
    served = host.served
    host.fails("door-01")
    swept = "SELECT count(DISTINCT record_id) FROM records WHERE step = 'swept'"
    before = served.estate.count(swept)
    process = served.estate.start("--quiet", "detect", "--remediate", "--target", host.name)
    with stopped(served, reached):
        time.sleep(1)
        assert process.poll() is None, "the sweep waits for the lock"
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    served.estate.verify()
    assert served.estate.count(swept) == before
    (drift,) = host.sweep()["drift"]
    served.question(drift["drift_id"])
    assert served.estate.count(swept) == before + 1
    assert len(served.prefect.runs(drift["drift_id"])) == 1


@pytest.mark.prove
def test_a_sweep_killed_before_it_records_leaves_nothing(host: Host) -> None:
    looks = {"name": {"any_": [f"look at {host.name}"]}, "state": {"type": {"any_": ["COMPLETED"]}}}
    check_sweep_killed(
        host, lambda: bool(host.served.prefect.call("POST", "/task_runs/filter", {"task_runs": looks}))
    )


@pytest.mark.prove
def test_a_sweep_killed_before_it_commits_leaves_nothing(host: Host) -> None:
    staging = host.served.estate.evidence / "_staging" / "served"
    check_sweep_killed(host, lambda: any(path.is_dir() for path in staging.iterdir()))


@pytest.mark.prove
def test_a_sweep_killed_while_it_opens_branches_is_completed_by_the_next(served: Served, host: Host) -> None:
    host.fails("door-01", "door-02", "door-03")
    drifts = [drift.drift_id for drift, _ in served.estate.look(host.name).drifts]
    process = served.estate.start("--quiet", "detect", "--remediate", "--target", host.name)
    wait_for(lambda: [r for d in drifts for r in served.prefect.runs(d)], bool, "the first branch")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    served.estate.verify()
    host.sweep()
    for drift in drifts:
        served.question(drift)
        assert len(served.prefect.runs(drift)) == 1
        assert [step.step for step in host.steps(drift)].count("asked") == 1
