"""A baseline holds a resource wherever the rest of its plan lies, and whatever has been marked since."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from made_plan import ACCOUNT, REDACTOR, TARGET, Made, document, told

from tasks.detectors.terraform import RawPlan, parse
from tasks.terraform.baseline import Approved, Baseline
from taxonomy.observation import Answer
from taxonomy.target import TerraformTarget

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NOWHERE = TerraformTarget(name="t")
SECRET = "hunter2-Tr0ub4dor-9"
STEADY = [Made(address=f"aws_vpc.s{n}", live={"id": f"vpc-0steady{n}"}) for n in range(5)]


def look(
    *resources: Made,
    target: TerraformTarget = NOWHERE,
    baseline: Baseline | None = None,
    marks: dict[str, Any] | None = None,
) -> Answer:
    plan = document(*resources, *STEADY)
    for change in plan["resource_changes"]:
        if change["address"] == resources[0].address and marks:
            change["change"]["after_sensitive"] = marks
    return parse(RawPlan(document=plan, digest=""), target, redactor=REDACTOR, baseline=baseline)


def approved(answer: Answer) -> Baseline:
    return Baseline.of("t", answer.live, taken_at=NOW)


def queue(name: str, region: str) -> Made:
    arn = f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"
    return Made(address=f"aws_sqs_queue.{name}", live={"id": name, "name": name, "arn": arn})


def permission(principal: str, *, address: str = "aws_lambda_permission.x", own_id: Any = "s") -> Made:
    live = {"id": own_id, "statement_id": "s", "principal": principal, "api_token": SECRET}
    return Made(address=address, live=live)


HERE = queue("a", "eu-west-1")
ELSEWHERE = (queue("b", "us-east-1"), queue("c", "us-east-1"))
CHANGED = [("aws_lambda_permission.x", "principal", "B", "changed")]


@pytest.mark.parametrize("own_id", ["s", None, "none", "AKIA" + "IOSFODNN7EXAMPLE"])
@pytest.mark.parametrize(
    ("beside", "target"),
    [((), TARGET), ((HERE,), NOWHERE), ((HERE, *ELSEWHERE[:1]), NOWHERE)],
    ids=["named", "outnumbered", "tied"],
)
def test_a_place_that_flips_forgets_no_approval(
    own_id: Any, beside: tuple[Made, ...], target: TerraformTarget
) -> None:
    first = look(permission("events", own_id=own_id), *beside)
    baseline, later = approved(first), (HERE, *ELSEWHERE)
    same = look(permission("events", own_id=own_id), *later, target=target, baseline=baseline)
    names = [one.live["aws_lambda_permission.x"]["resource_id"] for one in (first, same)]
    assert names[0] != names[1]
    assert told(same) == []
    assert "aws_lambda_permission.x" not in same.fresh
    opened = look(permission("*", own_id=own_id), *later, target=target, baseline=baseline)
    assert told(opened) == CHANGED
    assert "aws_lambda_permission.x" not in opened.fresh


def test_a_place_that_flips_while_a_resource_moves_forgets_nothing_either() -> None:
    baseline = approved(look(permission("events"), HERE))
    moved = permission("*", address="aws_lambda_permission.y")
    answer = look(moved, HERE, *ELSEWHERE, baseline=baseline)
    assert told(answer) == [("aws_lambda_permission.y", "principal", "B", "changed")]
    assert "aws_lambda_permission.y" not in answer.fresh


def test_what_is_called_like_one_that_is_still_there_is_new() -> None:
    baseline = approved(look(permission("events"), HERE))
    another = permission("*", address="aws_lambda_permission.y")
    answer = look(another, permission("events"), HERE, *ELSEWHERE, baseline=baseline)
    assert told(answer) == []
    assert "aws_lambda_permission.y" in answer.fresh


def test_no_addition_says_anew_what_is_held_at_an_address_under_the_same_id() -> None:
    held = Approved(resource_id="aws:::x/s", resource_type="x", attributes={"id": "s", "principal": "events"})
    flipped = replace(held, resource_id=f"aws:{ACCOUNT}:eu-west-1:x/s", attributes={"id": "s"})
    baseline = Baseline(target="t", taken_at=NOW, resources={"x.a": held})
    grown = baseline.extended([replace(baseline, resources={"x.a": flipped}, extends="a" * 64)])
    assert grown.resources == {"x.a": held}


def parameter(value: str = SECRET, **more: Any) -> Made:
    live = {
        "id": "p",
        "arn": f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/p",
        "description": value,
        "note": [{"text": value}],
        **more,
    }
    return Made(address="aws_ssm_parameter.p", live=live, state={**live, "data_type": "text"})


MARKS: dict[str, Any] = {"description": True, "note": [{"text": True}]}


def test_what_any_side_marks_is_sealed_concealed() -> None:
    answer = look(parameter(data_type="x"), marks=MARKS)
    assert answer.findings
    assert SECRET not in json.dumps([answer.live, [dict(one.state) for one in answer.findings]])


@pytest.mark.parametrize("more", [{}, {"data_type": "aws:ec2:image"}], ids=["as it was", "changed besides"])
def test_a_mark_that_is_newer_than_the_baseline_is_no_change_and_hides_none(more: dict[str, Any]) -> None:
    baseline = approved(look(parameter(data_type="text")))
    assert SECRET in json.dumps(baseline.to_document())
    after = look(parameter(**{"data_type": "text", **more}), baseline=baseline, marks=MARKS)
    assert {attribute for _, attribute, _, _ in told(after)} == set(more)
    assert SECRET not in json.dumps([after.live, [dict(one.state) for one in after.findings]])
    other = look(parameter("another", data_type="text"), baseline=baseline, marks=MARKS)
    assert {attribute for _, attribute, _, _ in told(other)} == {"description", "note.0.text"}
    assert SECRET not in repr(other)


def test_a_planted_digest_is_told_as_the_change_that_it_is() -> None:
    def function(token: str) -> Made:
        arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
        environment = [{"variables": {"UPSTREAM_TOKEN": token}}]
        return Made(address="aws_lambda_function.f", live={"id": "f", "arn": arn, "environment": environment})

    baseline = approved(look(function(SECRET)))
    held = baseline.resources["aws_lambda_function.f"].attributes["environment"]
    planted = look(function(held[0]["variables"]["UPSTREAM_TOKEN"]), baseline=baseline)
    where = "environment.0.variables.UPSTREAM_TOKEN"
    assert told(planted) == [("aws_lambda_function.f", where, "B", "changed")]
