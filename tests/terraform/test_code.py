"""What code says of an attribute, as far as a plan tells."""

from typing import Any

import pytest

from tasks.terraform.code import Code

RESOURCE = "aws_iam_role.r"


def code(expressions: dict[str, Any], *, variables: dict[str, Any] | None = None) -> Code:
    block = {"address": RESOURCE, "mode": "managed", "expressions": expressions}
    given = {name: {"value": value} for name, value in (variables or {}).items()}
    return Code.of({"configuration": {"root_module": {"resources": [block]}}, "variables": given})


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        (None, "nothing"),
        ({"constant_value": None}, "nothing"),
        ({"constant_value": "live"}, "this"),
        ({"constant_value": "else"}, "other"),
        ({"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}, "something"),
        ({}, "something"),
        ({"references": ["var.set"]}, "something"),
        ({"references": ["var.unset"]}, "nothing"),
        ({"references": ["local.policy"]}, "maybe"),
        ({"references": ["each.value.policy", "each.value"]}, "maybe"),
        ({"references": ["var.enabled", "aws_kms_key.k"]}, "maybe"),
    ],
)
def test_only_what_is_known_to_be_set_counts_as_declared(
    expression: dict[str, Any] | None, says: str
) -> None:
    expressions = {} if expression is None else {"policy": expression}
    found = code(expressions, variables={"set": "x", "unset": None})
    assert found.says(RESOURCE, ("policy",), "live") == says


def test_a_block_declares_what_it_names_and_nothing_beside_it() -> None:
    found = code({"root_block_device": [{"volume_size": {"constant_value": 8}}]})
    assert found.says(RESOURCE, ("root_block_device", "0", "volume_size"), 8) == "this"
    assert found.says(RESOURCE, ("root_block_device", "0", "encrypted"), False) == "nothing"  # noqa: FBT003


def test_a_map_that_is_set_whole_declares_its_absent_keys_too() -> None:
    found = code({"tags": {"constant_value": {"Owner": "a"}}})
    assert found.says(RESOURCE, ("tags", "Note"), "by hand") == "other"


@pytest.mark.parametrize(
    ("given", "says"), [({"constant_value": None}, "nothing"), ({"constant_value": "x"}, "something")]
)
def test_variables_are_followed_into_modules(given: dict[str, Any], says: str) -> None:
    block = {
        "address": RESOURCE,
        "mode": "managed",
        "expressions": {"policy": {"references": ["var.policy"]}},
    }
    module = {"resources": [block], "variables": {"policy": {"default": "unused"}}}
    call = {"module": module, "expressions": {"policy": given}}
    found = Code.of({"configuration": {"root_module": {"module_calls": {"m": call}}}})
    assert found.says(f'module.m["a.b"].{RESOURCE}', ("policy",), "live") == says


def test_what_stands_in_a_list_is_a_block_be_it_empty() -> None:
    found = code({"metadata_options": [{}], "policy": {}})
    assert found.says(RESOURCE, ("metadata_options",), []) == "block"
    assert found.says(RESOURCE, ("metadata_options", "0"), {}) == "block"
    assert found.says(RESOURCE, ("metadata_options", "0", "http_tokens"), "optional") == "nothing"
    assert found.says(RESOURCE, ("policy",), "{}") == "something"


def test_the_expression_of_a_path_is_the_one_that_speaks_for_it() -> None:
    found = code({"settings": [{"options": {"references": ["local.o"]}}]})
    head = ("settings", "0", "options")
    assert found.expression(RESOURCE, (*head, "a", "b")) == head
    assert found.expression(RESOURCE, head) == head
