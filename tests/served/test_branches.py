"""A sweep opens branches, they suspend, people decide, and what follows is proven by another look."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from host import Host
from played import wait_for
from prefect_api import Served, processes

from examples.clouds import simulate

pytestmark = pytest.mark.prefect

ORDER = ["snapshotted", "previewed", "asked", "decided", "remediated", "verified", "closed"]


def test_a_review_drift_waits_suspended_without_a_process_or_a_slot(served: Served, host: Host) -> None:
    host.fails("door-01", "door-02", "door-03")
    drifts = [drift["drift_id"] for drift in host.sweep()["drift"]]
    assert len(drifts) == 3
    runs = {drift: served.question(drift).question.run_id for drift in drifts}
    for drift, run in runs.items():
        assert [found["id"] for found in served.prefect.runs(drift)] == [run]
        wait_for(partial(processes, PREFECT__FLOW_RUN_ID=run), lambda left: not left, "its process's end")
    # three wait at a worker that runs two at once; opening again gives the same runs, and asks nobody twice
    host.sweep()
    for drift, run in runs.items():
        assert [found["id"] for found in served.prefect.runs(drift)] == [run]
        assert [step.step for step in host.steps(drift)].count("asked") == 1


def test_nothing_is_opened_by_a_look_alone(served: Served, host: Host) -> None:
    host.fails("door-01")
    (drift,) = host.sweep(remediate=False)["drift"]
    assert served.prefect.runs(drift["drift_id"]) == []
    assert {step.step for step in host.steps(drift["drift_id"])} == {"detected"}


def test_an_approved_drift_is_proven_by_a_look_that_no_longer_finds_it(served: Served, host: Host) -> None:
    host.fails("door-01")
    (found,) = host.sweep()["drift"]
    question = served.question(found["drift_id"])
    drift, run = question.case.drift.drift_id, question.question.run_id
    host.fails()
    host.answer(question)
    served.prefect.until(run, "Restored")
    told = [step.step for step in host.steps(drift) if step.run_id == run]
    assert [step for step in told if step in ORDER] == ORDER
    assert host.steps(drift)[-1].outcome == "restored"
    assert not host.served.estate.look(host.name).drifts
    served.estate.verify()


def test_what_a_look_still_finds_is_not_restored_and_is_asked_again(served: Served, host: Host) -> None:
    question = host.asked()
    drift, run = question.case.drift.drift_id, question.question.run_id
    host.answer(question)
    served.prefect.until(run, "NotRestored")
    assert [(s.step, s.outcome) for s in host.steps(drift) if s.run_id == run][-1] == ("verified", "failed")
    (again,) = host.sweep()["drift"]
    assert (again["state"], again["episode"]) == ("open", 1)
    second = served.question(drift)
    assert second.question.run_id != run
    assert served.prefect.run(second.question.run_id)["parameters"]["attempt"] == 2
    assert len(served.prefect.runs(drift)) == 2


def test_a_rejected_drift_stays_open_and_is_asked_again_only_when_it_moves(
    served: Served, host: Host
) -> None:
    url = served.estate.environment["HOLDFAST_AZURE_BASE_URL"]
    simulate(url, compliance={"archive-https": "NonCompliant"})
    (drift,) = served.estate.sweep("cloud")["drift"]
    question = served.question(drift["drift_id"])
    host.answer(question, "reject")
    served.prefect.until(question.question.run_id, "Rejected")
    (left,) = served.estate.sweep("cloud")["drift"]
    assert (left["state"], left["route"]) == ("rejected", "none")
    assert len(served.prefect.runs(drift["drift_id"])) == 1

    simulate(url, compliance={"archive-minimum-tls": "NonCompliant"})
    (moved,) = served.estate.sweep("cloud")["drift"]
    assert (moved["drift_id"], moved["route"]) == (drift["drift_id"], "review")
    assert moved["fingerprint"] != drift["fingerprint"]
    again = served.question(drift["drift_id"])
    assert again.question.run_id != question.question.run_id
    # a person ended the first branch: nothing of it may be told as a failure
    assert not [step for step in host.steps(drift["drift_id"]) if step.outcome == "failed"]


def test_a_waived_drift_is_not_open_until_its_instant(served: Served, host: Host) -> None:
    question = host.asked()
    drift = question.case.drift.drift_id
    until = datetime.now(UTC) + timedelta(seconds=30)
    host.answer(question, "waive", until=until)
    served.prefect.until(question.question.run_id, "Waived")
    (waived,) = host.served.estate.look(host.name).drifts
    assert (waived[0].state, waived[1].kind) == ("waived", "none")
    wait_for(lambda: datetime.now(UTC), lambda now: now > until, "the end of the waiver")
    (open_,) = host.sweep()["drift"]
    assert (open_["state"], open_["route"]) == ("open", "review")
    assert served.question(drift).question.run_id != question.question.run_id
