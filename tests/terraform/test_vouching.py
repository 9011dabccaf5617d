"""What code vouches for: an expression may come to null, and null may leave what is live."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from made_plan import ACCOUNT, Made, answer, reasons, told

from tasks.terraform.baseline import Baseline
from tasks.terraform.source.expression import parsed
from tasks.terraform.source.filled import is_filled
from tasks.terraform.source.modules import Modules
from tasks.terraform.source.places import Places
from tasks.terraform.verdict import CODIFIED

OPEN = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}'
QUEUE = {"id": "https://sqs/123456789012/q", "name": "q", "arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"}
INSTANCE = {"id": "i-0a1b2c3d4e5f60718"}
GROUPS = ["sg-0a1b2c3d4e5f60718", "sg-0b1b2c3d4e5f60718"]
ROLE = {"id": "clerk", "name": "clerk", "arn": f"arn:aws:iam::{ACCOUNT}:role/clerk"}
FUNCTION = {"id": "f", "function_name": "f", "arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"}
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"

Moved = tuple[str, dict[str, Any], str, Any, Any]
"""Address, its names, its attribute, what that was and what it is."""

MAY_BE_NULL: list[dict[str, Any]] = [
    {"references": ["data.aws_iam_policy_document.q[0].json", "data.aws_iam_policy_document.q"]},
    {"references": ["aws_kms_key.k"]},
    {"references": ["each.value.profile", "each.value"]},
    {"references": ["local.sgs"]},
    {"references": ["module.m.sgs"]},
    {},
]


@pytest.mark.parametrize("against", ["state", "baseline"])
@pytest.mark.parametrize("expression", MAY_BE_NULL, ids=str)
@pytest.mark.parametrize(
    "one",
    [
        ("aws_sqs_queue.q", QUEUE, "policy", "", OPEN),
        ("aws_instance.i", INSTANCE, "iam_instance_profile", "", "admin"),
        ("aws_instance.i", INSTANCE, "vpc_security_group_ids", GROUPS[:1], GROUPS),
        ("aws_instance.i", INSTANCE, "user_data", "", "by hand"),
        ("azurerm_key_vault.v", {"id": "/v"}, "access_policy", [], [{"object_id": "o"}]),
    ],
)
def test_what_the_provider_keeps_where_code_is_null_is_told_unless_code_is_surely_set(
    one: Moved, expression: dict[str, Any], against: str
) -> None:
    address, names, attribute, was, found = one
    before, after = {**names, attribute: was}, {**names, attribute: found}
    code = {attribute: expression}
    taken = answer(Made(address=address, live=before, code=code)).live
    baseline = Baseline.of("t", taken, taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    by_state = against == "state"
    made = Made(address=address, state=before if by_state else None, live=after, code=code)
    rows = told(answer(made, baseline=None if by_state else baseline))
    assert rows == [(address, attribute, "B", "changed")]


@pytest.mark.parametrize("expression", MAY_BE_NULL, ids=str)
@pytest.mark.parametrize(
    "one",
    [
        ("aws_iam_role.r", ROLE, "permissions_boundary", "", BOUNDARY),
        ("aws_lambda_function.f", FUNCTION, "layers", [], [f"{FUNCTION['arn']}:layer:a:1"]),
    ],
)
def test_what_a_plan_would_take_away_where_code_is_null_equals_the_code_where_it_does_not(
    one: Moved, expression: dict[str, Any]
) -> None:
    address, names, attribute, was, found = one
    made = Made(
        address=address,
        state={**names, attribute: was},
        live={**names, attribute: found},
        code={attribute: expression},
    )
    assert reasons(answer(made)) == {(address, attribute): CODIFIED.reason}


def test_no_expression_vouches_in_a_plan_that_does_not_speak_of_the_resource() -> None:
    made = Made(
        address="aws_iam_role.r",
        state={**ROLE, "permissions_boundary": ""},
        live={**ROLE, "permissions_boundary": BOUNDARY},
        code={"permissions_boundary": {"references": ["aws_iam_policy.p.arn"]}},
        actions=(),
    )
    assert reasons(answer(made)) == {
        ("aws_iam_role.r", "permissions_boundary"): "this plan does not speak of it"
    }


@pytest.mark.parametrize(
    ("text", "told_as_drift"),
    [
        ("policy = jsonencode({ Statement = local.statements })", False),
        ("policy = data.aws_iam_policy_document.q.json", False),
        ("policy = try(data.aws_iam_policy_document.q[0].json, null)", True),
        ("policy = var.open ? data.aws_iam_policy_document.q[0].json : null", True),
        ("policy = one(data.aws_iam_policy_document.q[*].json)", True),
        ("policy = local.policy", True),
    ],
)
def test_where_the_code_is_at_hand_its_text_shows_what_is_surely_set(
    tmp_path: Path, text: str, *, told_as_drift: bool
) -> None:
    (tmp_path / "main.tf").write_text(f'resource "aws_sqs_queue" "q" {{\n  {text}\n}}\n')
    made = Made(
        address="aws_sqs_queue.q",
        state={**QUEUE, "policy": ""},
        live={**QUEUE, "policy": OPEN},
        code={"policy": {"references": ["data.aws_iam_policy_document.q"]}},
    )
    found = answer(made, places=Places(modules=Modules.of(tmp_path, tmp_path / ".terraform")))
    assert told(found) == ([("aws_sqs_queue.q", "policy", "B", "changed")] if told_as_drift else [])


def test_in_json_code_only_what_is_written_out_is_surely_set(tmp_path: Path) -> None:
    for value, count in (('"{}"', 0), ('"${local.policy}"', 1), ('""', 1), ("null", 1)):
        (tmp_path / "main.tf.json").write_text(
            f'{{"resource": {{"aws_sqs_queue": {{"q": {{"policy": {value}}}}}}}}}'
        )
        made = Made(
            address="aws_sqs_queue.q",
            state={**QUEUE, "policy": ""},
            live={**QUEUE, "policy": OPEN},
            code={"policy": {}},
        )
        found = answer(made, places=Places(modules=Modules.of(tmp_path, tmp_path / ".terraform")))
        assert len(told(found)) == count, value


FILLED = [
    '"x"', '"x${local.p}y"', '"${local.p}-x"', "1", "0", "true", "false", "-1", "1 + 2", "!var.x",
    "[aws_x.y.id]", "{ b = 1 }", "aws_x.y.id", "aws_x.y[0].id", "aws_x.y[each.key].arn",
    'data.aws_iam_policy_document.y["k"].json', "jsonencode({})", 'c ? "x" : "y"', '("x")',
    '<<-E\n  {"a": "${x}"}\nE\n', "merge({ a = 1 }, x)", "concat([1], x)",
]  # fmt: skip
MAYBE = [
    '"${local.p}"', '"${a}${b}"', '"%{if x}a%{endif}"', '""', "null", "[]", "[ # none\n]", "{}",
    "{ b = null }", "var.x.id", "local.x.id", "module.x.y.id", "each.value.id", "data.aws_x.y.json",
    'c ? "x" : null', '(c ? "x" : "")', "<<E\n${x}\nE\n", "[for x in y : x]", "aws_x.y[*].id", "aws_x.y.*.id",
    "concat([], x)", "provider::x::jsonencode(1)", "try(x.y[0].id, null)", "one(x.y[*].id)",
    "aws_x.y[0].b.id",
]  # fmt: skip


@pytest.mark.parametrize("text", FILLED)
def test_an_expression_that_comes_to_something_is_known_by_its_text(text: str) -> None:
    attribute = f"a = {text}"
    tree = parsed(attribute)
    assert tree is not None
    assert is_filled(tree, attribute)


@pytest.mark.parametrize("text", MAYBE)
def test_an_expression_that_may_come_to_nothing_is_not_taken_for_more(text: str) -> None:
    attribute = f"a = {text}"
    tree = parsed(attribute)
    assert tree is None or not is_filled(tree, attribute)


def test_a_variable_vouches_for_what_it_holds_and_for_nothing_else() -> None:
    for value, count in (("admin", 0), ("clerk", 1)):
        made = Made(
            address="aws_instance.i",
            state={**INSTANCE, "iam_instance_profile": ""},
            live={**INSTANCE, "iam_instance_profile": "admin"},
            code={"iam_instance_profile": {"references": ["var.profile"]}},
        )
        assert len(told(answer(made, variables={"profile": {"value": value}}))) == count


@pytest.mark.parametrize("block", [{}, {"http_endpoint": {"constant_value": "enabled"}}])
def test_an_empty_block_sets_nothing_inside(block: dict[str, Any]) -> None:
    made = Made(
        address="aws_instance.i",
        state={**INSTANCE, "metadata_options": [{"http_tokens": "required"}]},
        live={**INSTANCE, "metadata_options": [{"http_tokens": "optional"}]},
        code={"metadata_options": [block]},
    )
    row = ("aws_instance.i", "metadata_options.0.http_tokens", "B", "changed")
    assert told(answer(made)) == [row]
