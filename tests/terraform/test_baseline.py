"""What a baseline holds of a target: what moves keeps its approval, what is new is no one's yet."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tasks.detectors.terraform import RawPlan, parse
from tasks.redaction import Redactor
from tasks.terraform.baseline import Approved, Baseline
from taxonomy.observation import Answer
from taxonomy.target import TerraformTarget

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PLANS = Path(__file__).parents[2] / "examples" / "recorded"
ROLE = "aws_iam_role.ledger_writer"
QUEUE = "aws_ssm_parameter.feed_token"
DOOR = {"name": "back", "policy": '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'}

Document = dict[str, Any]
Look = Callable[..., Answer]


@pytest.fixture
def plan() -> Document:
    document: Document = json.loads((PLANS / "clean.json").read_bytes())
    return document


@pytest.fixture
def look(target: TerraformTarget, redactor: Redactor) -> Look:
    def looked(document: Document, baseline: Baseline | None = None) -> Answer:
        return parse(RawPlan(document=document, digest=""), target, redactor=redactor, baseline=baseline)

    return looked


def entries(document: Document, address: str) -> list[Document]:
    """Return every place where a plan speaks of a resource's attributes."""
    pending = [document["prior_state"]["values"]["root_module"]]
    found = []
    for module in pending:
        found += [one for one in module.get("resources", []) if one["address"] == address]
        pending += module.get("child_modules", [])
    for section in ("resource_changes", "resource_drift"):
        found += [one for one in document.get(section, []) if one["address"] == address]
    assert found, address
    return found


def rename(document: Document, address: str, name: str) -> str:
    """Move a resource to another address, as `terraform state mv` or a moved block does."""
    moved = f"{address.rpartition('.')[0]}.{name}"
    for one in entries(document, address):
        one.update(address=moved, name=name)
    for block in document["configuration"]["root_module"]["resources"]:
        if block["address"] == address:
            block.update(address=moved, name=name)
    return moved


def absorb(document: Document, address: str, **attributes: Any) -> None:
    """Change what is live, with the state saying so too and the plan leaving it, as after an apply."""
    for one in entries(document, address):
        sides = [one["values"]] if "values" in one else [one["change"]["before"], one["change"]["after"]]
        for side in sides:
            side.update(attributes)


def without(document: Document, address: str) -> None:
    for module in [document["prior_state"]["values"]["root_module"]]:
        module["resources"] = [one for one in module["resources"] if one["address"] != address]
    for section in ("resource_changes", "resource_drift"):
        document[section] = [one for one in document.get(section, []) if one["address"] != address]


def approved(answer: Answer) -> Baseline:
    return Baseline.of("recorded", answer.live, taken_at=NOW)


def told(answer: Answer) -> set[tuple[str | None, str, str | None]]:
    return {(one.address, c.attribute, c.drift_class) for one in answer.findings for c in one.changes}


def test_a_rename_does_not_launder_a_backdoor(plan: Document, look: Look) -> None:
    baseline = approved(look(plan))
    absorb(plan, ROLE, inline_policy=[DOOR])
    assert look(plan).findings == ()
    moved = rename(plan, ROLE, "scribe")
    answer = look(plan, baseline)
    assert told(answer) == {(moved, "inline_policy.back", "B")}
    assert answer.fresh == ()
    assert not [one for one in answer.suppressed if one.category == "gone"]


def test_a_moved_resource_that_is_as_approved_is_clean_and_not_new(plan: Document, look: Look) -> None:
    baseline = approved(look(plan))
    rename(plan, ROLE, "scribe")
    answer = look(plan, baseline)
    assert (answer.findings, answer.fresh) == ((), ())


def test_what_no_cloud_names_keeps_its_secrets_when_it_moves(plan: Document, look: Look) -> None:
    for one in entries(plan, QUEUE):
        one.update(type="tls_private_key", address="tls_private_key.feed", name="feed")
        sides = [one["values"]] if "values" in one else [one["change"]["before"], one["change"]["after"]]
        for side in sides:
            side.clear()
            side.update(id="5f1c", private_key_pem="planted")
    baseline = approved(look(plan))
    assert baseline.resources["tls_private_key.feed"].resource_id.endswith("recorded/tls_private_key.feed")
    rename(plan, "tls_private_key.feed", "food")
    answer = look(plan, baseline)
    assert (answer.findings, answer.fresh) == ((), ())
    absorb(plan, "tls_private_key.food", private_key_pem="other")
    assert told(look(plan, baseline)) == {("tls_private_key.food", "private_key_pem", "B")}


def test_what_has_no_id_of_its_own_is_never_taken_for_another(plan: Document, look: Look) -> None:
    for one in entries(plan, QUEUE):
        one.update(type="random_password", address="random_password.feed", name="feed")
    absorb(plan, "random_password.feed", id="none")
    baseline = approved(look(plan))
    rename(plan, "random_password.feed", "food")
    answer = look(plan, baseline)
    assert (answer.findings, answer.fresh) == ((), ("random_password.food",))


def test_a_new_resource_is_fresh_and_a_drifted_one_is_not_yet(plan: Document, look: Look) -> None:
    before = json.loads(json.dumps(plan))
    without(before, QUEUE)
    baseline = approved(look(before))
    assert look(plan, baseline).fresh == (QUEUE,)
    assert look(plan).fresh == ()
    drifted = next(one for one in entries(plan, QUEUE) if "change" in one)
    drifted["change"]["actions"] = ["update"]
    drifted["change"]["after"] = {**drifted["change"]["after"], "description": "as the code says"}
    state = {**drifted["change"]["before"], "description": "as saved"}
    plan["resource_drift"].append(
        {**drifted, "change": {**drifted["change"], "before": state, "after": drifted["change"]["before"]}}
    )
    answer = look(plan, baseline)
    assert told(answer) == {(QUEUE, "description", "A")}
    assert answer.fresh == ()


def test_a_replaced_resource_is_a_new_one(plan: Document, look: Look) -> None:
    baseline = approved(look(plan))
    absorb(
        plan,
        "aws_security_group.web",
        id="sg-other",
        arn="arn:aws:ec2:eu-west-1:123456789012:security-group/sg-other",
    )
    answer = look(plan, baseline)
    assert (answer.findings, answer.fresh) == ((), ("aws_security_group.web",))


def test_what_is_no_longer_in_state_nor_code_is_said(plan: Document, look: Look) -> None:
    baseline = approved(look(plan))
    without(plan, QUEUE)
    gone = [one for one in look(plan, baseline).suppressed if one.category == "gone"]
    assert [(one.address, one.attribute) for one in gone] == [(QUEUE, "resource")]


def test_what_an_addition_says_of_an_approved_resource_counts_not(plan: Document, look: Look) -> None:
    live = look(plan).live
    baseline = Baseline.of("recorded", live, taken_at=NOW)
    absorb(plan, ROLE, inline_policy=[DOOR])
    laundered = Baseline.of("recorded", {ROLE: look(plan).live[ROLE]}, taken_at=NOW, extends="a" * 64)
    elsewhere = replace(laundered, resources={"aws_iam_role.scribe": laundered.resources[ROLE]})
    for forged in (laundered, elsewhere):
        grown = baseline.extended([forged])
        assert grown.resources == baseline.resources
        assert told(look(plan, grown)) == {(ROLE, "inline_policy.back", "B")}


def test_what_was_approved_at_an_address_is_kept_where_a_later_resource_stands(
    plan: Document, look: Look
) -> None:
    first = approved(look(plan))
    other = Approved(resource_id="x", resource_type="aws_iam_role", attributes={"id": "other"})
    grown = first.extended([replace(first, resources={ROLE: other}, extends="a" * 64)])
    assert grown.resources[ROLE] == other
    assert grown.extended([first]).replaced == grown.replaced
    absorb(plan, ROLE, inline_policy=[DOOR])
    moved = rename(plan, ROLE, "scribe")
    assert told(look(plan, grown)) == {(moved, "inline_policy.back", "B")}


def test_no_baseline_hides_what_an_apply_would_undo(look: Look) -> None:
    """A baseline equal to what is live, where state and code both say otherwise: it moved by hand."""
    drifted: Document = json.loads((PLANS / "drifted.json").read_bytes())
    seen = look(drifted)
    accepted = approved(seen)
    declared = {one for one in told(seen) if one[2] == "A"}
    assert declared
    assert {one for one in told(look(drifted, accepted)) if one[2] == "A"} == declared


def test_a_baseline_behind_applied_code_is_quiet_and_visible(plan: Document, look: Look) -> None:
    baseline = approved(look(plan))
    absorb(plan, "aws_ssm_parameter.settlement_window", value="T+9", insecure_value="T+9")
    for block in plan["configuration"]["root_module"]["resources"]:
        if block["address"] == "aws_ssm_parameter.settlement_window":
            block["expressions"]["value"] = {"constant_value": "T+9"}
            block["expressions"]["insecure_value"] = {"constant_value": "T+9"}
    absorb(plan, ROLE, inline_policy=[DOOR])
    answer = look(plan, baseline)
    assert told(answer) == {(ROLE, "inline_policy.back", "B")}
    assert {one.attribute for one in answer.suppressed if one.category == "codified"} >= {"value"}
