"""Whoever can reach Prefect can resume a run, or start one with any parameters: nothing follows from it."""

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from host import Host
from played import OUTSIDER
from prefect_api import Served

pytestmark = pytest.mark.prefect

CHANGES = {"decided", "remediated", "verified", "closed"}


def text(envelope: bytes) -> str:
    return base64.b64encode(envelope).decode()


def test_no_answer_counts_but_a_signed_one_to_this_question(served: Served, host: Host, other: Host) -> None:
    question, foreign = host.asked(), other.asked()
    drift, run = question.case.drift.drift_id, question.question.run_id
    good = served.estate.envelope(question)
    forged = good.replace(good[60:64], b"AAAA")
    answers = [
        "", "%%%", text(b"{}"), text(forged), text(served.estate.envelope(question, by=OUTSIDER)),
        text(served.estate.envelope(foreign)),
    ]  # fmt: skip
    assert served.prefect.resume(run, {"envelopes": answers})["status"] == "ACCEPT"
    second = served.question(drift, round_=2)
    refused = [step for step in host.steps(drift) if step.step == "refused"]
    assert [step.outcome for step in refused] == ["unauthorised"] * len(answers)
    assert {step.actor for step in refused} == {"unknown"}

    # the button of the UI, with the form left empty; then an answer to the first round, too late
    assert served.prefect.resume(run, {})["status"] == "ACCEPT"
    served.question(drift, round_=3)
    assert served.prefect.resume(run, {"envelopes": [text(good)]})["status"] == "ACCEPT"
    fourth = served.question(drift, round_=4)
    assert fourth.question.expires_at == second.question.expires_at == question.question.expires_at
    deadline = served.prefect.run(run)["state"]["state_details"]["pause_timeout"]
    assert deadline[:18] <= question.question.expires_at[:18]
    assert not CHANGES & {step.step for step in host.steps(drift)}

    host.fails()
    host.answer(fourth)
    served.prefect.until(run, "Restored")
    # what was copied from the other question has not used it up
    assert served.question(foreign.case.drift.drift_id).question == foreign.question
    served.estate.verify()


def test_a_state_set_past_all_rules_changes_nothing(served: Served, host: Host) -> None:
    question = host.asked()
    drift, run = question.case.drift.drift_id, question.question.run_id
    served.prefect.set_state(run, "SCHEDULED")
    served.question(drift, round_=2)
    # an input that no schema has seen
    key = served.prefect.run(run)["state"]["state_details"]["run_input_keyset"]["response"]
    served.prefect.write_input(run, key, {"envelopes": {"approve": True}, "decision": "approve"})
    served.prefect.set_state(run, "SCHEDULED")
    third = served.question(drift, round_=3)
    assert not CHANGES & {step.step for step in host.steps(drift)}
    assert [s.outcome for s in host.steps(drift) if s.step == "refused"] == ["unauthorised"] * 2
    host.fails()
    host.answer(third)
    served.prefect.until(run, "Restored")


def test_a_run_started_by_hand_with_forged_parameters_changes_nothing(served: Served, host: Host) -> None:
    host.fails("door-01")
    ((found, _),) = served.estate.look(host.name).drifts
    drift = found.drift_id
    host.fails()
    served.estate.look(host.name)
    before = host.steps(drift)
    assert before[-1].outcome == "gone"
    unknown = served.prefect.start(drift_id="f" * 64, episode=1, attempt=1)
    other = served.prefect.start(drift_id=drift, episode=7, attempt=1)
    closed = served.prefect.start(drift_id=drift, episode=1, attempt=1)
    rows = served.prefect.start(drift_id=f"{drift}' OR true --", episode=1, attempt=1)
    served.prefect.until(closed, "Held")
    for run in (unknown, other, rows):
        served.prefect.until(run, "Failed")
    assert host.steps(drift) == before
    assert host.steps("f" * 64) == []


def test_of_two_who_resume_at_once_one_wins_and_a_retry_acts_once(served: Served, host: Host) -> None:
    question = host.asked()
    drift, run = question.case.drift.drift_id, question.question.run_id
    answers = {"envelopes": [text(served.estate.envelope(question))]}

    def resumed(_number: int) -> Any:
        return served.prefect.resume(run, answers)["status"]

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(resumed, range(2))) == ["ABORT", "ACCEPT"]
    served.prefect.until(run, "NotRestored")

    # Retry in the UI: the approval counts still, nobody is asked again, and the remedy is not done again
    host.fails()
    served.prefect.set_state(run, "SCHEDULED")
    served.prefect.until(run, "Restored")
    told = [step.step for step in host.steps(drift) if step.run_id == run]
    assert {step: told.count(step) for step in ("asked", "decided", "remediated")} == {
        "asked": 1, "decided": 1, "remediated": 1,
    }  # fmt: skip
    assert told[-2:] == ["verified", "closed"]
