"""Branches that end without an answer, and the kill switch."""

import pytest
from host import Host
from played import wait_for
from prefect_api import Served

pytestmark = pytest.mark.prefect


def test_an_expired_question_is_recorded_and_asked_again(served: Served, host: Host, other: Host) -> None:
    question, second = host.asked(severity="info"), other.asked(severity="info")
    drift, run = question.case.drift.drift_id, question.question.run_id
    served.prefect.until(run, "Failed")
    served.prefect.until(second.question.run_id, "Failed")
    assert host.steps(drift)[-1].step == "asked", "Prefect runs no code of ours when a run expires"

    # a sweep records it, and opens the next attempt
    host.fails("door-01")
    host.sweep()
    ended = [step for step in host.steps(drift) if step.outcome == "expired"]
    assert [(step.step, step.run_id) for step in ended] == [("refused", run)]
    fresh = served.question(drift)
    assert fresh.question.run_id != run
    assert served.prefect.run(fresh.question.run_id)["parameters"]["attempt"] == 2
    # for the other one, the first of sweep and audit has recorded it, once
    assert [s.run_id for s in other.steps(second.case.drift.drift_id) if s.outcome == "expired"] == [
        second.question.run_id
    ]


def test_the_audit_records_what_expired_and_anchors_the_heads(served: Served, host: Host) -> None:
    question = host.asked(severity="info")
    drift, run = question.case.drift.drift_id, question.question.run_id
    served.prefect.until(run, "Failed")
    deployment = served.prefect.call("GET", "/deployments/name/audit/audit")
    audit = served.prefect.call("POST", f"/deployments/{deployment['id']}/create_flow_run", {})["id"]
    served.prefect.until(audit, "Completed")
    assert [s.run_id for s in host.steps(drift) if s.outcome == "expired"] == [run]
    body = {"artifacts": {"flow_run_id": {"any_": [audit]}}}
    (anchored,) = served.prefect.call("POST", "/artifacts/filter", body)
    assert '"writer": "served"' in anchored["data"]


def test_a_freeze_after_the_approval_stops_the_remedy(served: Served, host: Host, other: Host) -> None:
    question = host.asked()
    drift, run = question.case.drift.drift_id, question.question.run_id
    other.fails("door-01")
    served.estate.holdfast("freeze", "--reason", "an incident is being handled")
    try:
        host.answer(question)
        state = served.prefect.until(run, "Refused", "Held")
        assert not {"remediated", "verified", "closed"} & {step.step for step in host.steps(drift)}
        (held,) = other.sweep()["drift"]
        assert (held["route"], served.prefect.runs(held["drift_id"])) == ("none", [])
    finally:
        served.estate.holdfast("thaw", "--reason", "the incident is over")
    assert state
    host.sweep()
    assert (
        wait_for(served.estate.queue, lambda q: drift in q, "the next attempt")[drift].question.run_id != run
    )
