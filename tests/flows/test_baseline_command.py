"""`holdfast baseline` as people run it: what is accepted is shown first, and what can't be is refused."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from yard import RECORDED, Yard, enrol

from evidence.keys import make_key
from evidence.schema import record_id
from evidence.verify import verify
from tasks.baselines import CONTROLS
from tasks.record import fan_out
from tasks.terraform.baseline import Baseline

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROLE = "aws_iam_role.ledger_writer"
DOOR = {
    "name": "back",
    "policy": '{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}],"Version":"x"}',
}
ACCEPT = ("baseline", "accept", "plan", "--reason", "Looked at with the platform team.", "--yes")


def absorbed(address: str = ROLE) -> Any:
    """A plan after an apply that has absorbed a backdoor: state, live and plan agree on it."""
    document = json.loads((RECORDED / "clean.json").read_bytes())
    (live,) = [
        one
        for one in document["prior_state"]["values"]["root_module"]["resources"]
        if one["address"] == address
    ]
    (planned,) = [one for one in document["resource_changes"] if one["address"] == address]
    for side in (live["values"], planned["change"]["before"], planned["change"]["after"]):
        side["inline_policy"] = [DOOR]
    return document


def test_a_person_is_shown_what_is_new_and_accepts_it_by_name(yard: Yard) -> None:
    enrol(yard)
    first = yard.run(*ACCEPT, "-o", "json")
    assert first.code == 0, first.err
    assert (first.document["approver"], first.document["previous_sha256"]) == ("ada", None)
    assert len(first.document["added"]) == first.document["resources"] == 26
    yard.show_plan(absorbed())
    again = yard.run(*ACCEPT)
    assert again.code == 0, again.err
    assert ROLE in again.out
    assert "inline_policy" in again.out
    last = json.loads(yard.run("baseline", "show", "plan", "-o", "json").out)
    assert (last["approver"], last["previous_sha256"]) == ("ada", first.document["baseline_sha256"])
    assert last["state"][ROLE]["approved_by"] == "ada"
    assert last["last_look"] is None
    overview = yard.run("baseline", "show")
    assert "accepted by ada" in overview.out
    assert "fleet" not in overview.out
    verify(yard.evidence, trust=yard.settings.trust)


def test_who_accepts_a_first_state_is_shown_the_drift_in_it_with_both_sides(yard: Yard) -> None:
    enrol(yard)
    plan = absorbed()
    (planned,) = [one for one in plan["resource_changes"] if one["address"] == ROLE]
    saved = {**planned["change"]["before"], "inline_policy": []}
    change = {"actions": ["update"], "before": saved, "after": planned["change"]["before"]}
    plan["resource_drift"] = [{**planned, "change": change}]
    yard.show_plan(plan)
    first = yard.run(*ACCEPT, "-o", "json")
    assert first.code == 0, first.err
    assert "drift that accepting approves: 1" in first.err
    assert f"{ROLE} inline_policy.back, class B" in first.err
    (told,) = first.document["drift"]
    assert (told["address"], told["attribute"], told["drift_class"]) == (ROLE, "inline_policy.back", "B")
    assert (told["declared"], json.loads(told["actual"])["Statement"]["Action"]) == (None, "*")
    again = yard.run(*ACCEPT)
    assert "drift" not in again.out


def test_what_an_apply_would_undo_is_not_accepted_and_nothing_is_recorded(yard: Yard) -> None:
    enrol(yard)
    yard.show_plan((RECORDED / "drifted.json").read_text())
    done = yard.run(*ACCEPT)
    assert (done.code, done.out) == (1, "")
    assert "can't be accepted: the code says otherwise of " in done.err
    assert "put it right, or change the code and apply it, then accept" in done.err
    assert not yard.evidence.exists()


def test_nothing_is_accepted_unasked_where_there_is_no_terminal(yard: Yard) -> None:
    enrol(yard)
    done = yard.run(*ACCEPT[:-1])
    assert (done.code, done.out) == (64, "")
    assert "or --yes" in done.err
    assert not yard.evidence.exists()


def unenrolled(yard: Yard) -> None:
    make_key(yard.home / "approval.key")


def blind(yard: Yard) -> None:
    enrol(yard)
    (yard.folder / "plan.json").unlink()


def without_a_role(yard: Yard) -> None:
    enrol(yard)
    yard.write(approvals={"roles": {"platform": ["ben"]}, "default": {"approvers": "platform"}})


def untrusted(yard: Yard) -> None:
    enrol(yard)
    yard.write(trust=[{"key_id": yard.settings.evidence_key().key_id, "purpose": "evidence"}])


@pytest.mark.parametrize(
    ("prepare", "arguments", "said"),
    [
        (lambda _yard: None, ACCEPT, "`holdfast review key --person ID` makes one"),
        (unenrolled, ACCEPT, "is enrolled for nobody"),
        (blind, ACCEPT, "can't read"),
        (without_a_role, ACCEPT, "ada is not in the role platform of approvals.default"),
        (untrusted, ACCEPT, "is not trusted for approval"),
        (enrol, (*ACCEPT[:-2], "ok", "--yes"), "expected a reason of 10 to 500 characters"),
        (enrol, ("baseline", "accept", "fleet", *ACCEPT[3:]), "only Terraform targets have a baseline"),
        (enrol, ("baseline", "accept", "nope", *ACCEPT[3:]), "no target is called 'nope'"),
    ],
    ids=["no key", "unenrolled", "blind", "role", "untrusted", "reason", "layer", "name"],
)
def test_who_may_not_accept_or_what_can_not_be_seen_is_refused(
    yard: Yard, prepare: Any, arguments: tuple[str, ...], said: str
) -> None:
    prepare(yard)
    done = yard.run(*arguments)
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert not yard.evidence.exists()


def test_a_first_look_is_said_to_be_nobodys_word(yard: Yard) -> None:
    yard.run("detect", "--target", "plan")
    shown = yard.run("baseline", "show", "plan")
    assert "taken at a first clean look; no person has approved it" in shown.out
    assert Path(yard.folder / "evidence" / "baselines").is_dir()
    assert "no person" in shown.out


def test_a_baseline_that_claims_a_person_without_a_signature_is_refused_loudly(yard: Yard) -> None:
    enrol(yard)
    forged = Baseline(target="plan", taken_at=NOW).to_document()
    with yard.settings.store().batch(NOW) as batch:
        shared = {
            "record_id": record_id(NOW),
            "step": "baselined",
            "occurred_at": NOW,
            "estate": "acme",
            "target": "plan",
            "actor": "ada",
            "actor_kind": "person",
            "snapshot_sha256": batch.seal("baselines", forged),
        }
        batch.append(fan_out(shared, CONTROLS))
    seen = yard.run("detect", "--target", "plan", "-o", "json")
    assert (seen.code, seen.document["targets"][0]["outcome"]) == (1, "could-not-look")
    assert (
        "claims to be accepted by ada: no signed acceptance is kept" in seen.document["targets"][0]["reason"]
    )
    assert yard.run("baseline", "show").code == 1
    accepted = yard.run(*ACCEPT, "-o", "json")
    assert len(accepted.document["overrules"]) == 1
    assert yard.run("baseline", "show").code == 0
