"""Laws that hold for any plan, also for one that was tampered with."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.detectors.terraform import RawPlan, parse
from tasks.errors import ToolError
from tasks.redaction import Redactor
from tasks.terraform.difference import differences
from tasks.terraform.document import block_address
from tasks.terraform.policy import meaning
from tasks.terraform.spelling import normal_elements, same_name
from taxonomy.target import TerraformTarget

TARGET = TerraformTarget(name="t", account="123456789012", region="eu-west-1")
REDACTOR = Redactor(b"k" * 32)
PROVIDER = "registry.terraform.io/hashicorp/aws"
GROUP = {
    "id": "sg-1",
    "arn": "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1",
    "ingress": [{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"]}],
    "tags": {"Owner": "a"},
}
OPEN = {"protocol": "6", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"], "description": None}
RULE = {
    "id": "sgr-1",
    "security_group_id": "sg-1",
    "ip_protocol": "tcp",
    "from_port": 22,
    "to_port": 22,
    "cidr_ipv4": "0.0.0.0/0",
}


def entry(address: str, change: dict[str, Any]) -> dict[str, Any]:
    kind = address.split(".", maxsplit=1)[0]
    return {"address": address, "mode": "managed", "type": kind, "provider_name": PROVIDER, "change": change}


def plan() -> dict[str, Any]:
    """Return a plan of its own, that may be edited."""
    document: dict[str, Any] = json.loads(json.dumps(_plan()))
    return document


def _plan() -> dict[str, Any]:
    live = {**GROUP, "ingress": [*GROUP["ingress"], OPEN], "tags": {}}  # type: ignore[misc]
    rule = "aws_vpc_security_group_ingress_rule.r"
    return {
        "format_version": "1.2",
        "planned_values": {},
        "prior_state": {
            "values": {
                "root_module": {
                    "resources": [
                        {
                            "address": "aws_security_group.g",
                            "mode": "managed",
                            "type": "aws_security_group",
                            "provider_name": PROVIDER,
                            "values": live,
                            "sensitive_values": {"tags": {}},
                        }
                    ]
                }
            }
        },
        "resource_drift": [
            entry("aws_security_group.g", {"actions": ["update"], "before": GROUP, "after": live}),
            entry(rule, {"actions": ["delete"], "before": RULE, "after": None, "after_sensitive": False}),
        ],
        "resource_changes": [
            entry(
                "aws_security_group.g",
                {"actions": ["update"], "before": live, "after": GROUP, "after_unknown": {"id": True}},
            ),
            entry(rule, {"actions": ["create"], "before": None, "after": RULE, "after_unknown": {}}),
        ],
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_security_group.g",
                        "mode": "managed",
                        "expressions": {"tags": {"references": ["var.tags"]}},
                    }
                ]
            }
        },
        "variables": {"tags": {"value": None}},
    }


def paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += paths(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            found += paths(value, (*path, index))
    return found


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "ingress", "protocol", "from_port"]), inner, max_size=3)
    ),
)
PLACES = paths(plan())


def test_the_plan_that_is_tampered_with_below_is_a_plan() -> None:
    answer = parse(RawPlan(document=plan(), digest=""), TARGET, redactor=REDACTOR)
    assert {change.attribute for one in answer.findings for change in one.changes} == {
        "ingress",
        "tags.Owner",
    }


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_a_tampered_plan_gives_an_answer_or_a_tool_error(edits: list[tuple[tuple[Any, ...], Any]]) -> None:
    document = plan()
    for place, junk in edits:
        put(document, place, copy.deepcopy(junk))
    with contextlib.suppress(ToolError):
        parse(RawPlan(document=document, digest=""), TARGET, redactor=REDACTOR)


def put(tree: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        try:
            tree = tree[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(tree, dict) or (
        isinstance(tree, list) and isinstance(place[-1], int) and place[-1] < len(tree)
    ):
        tree[place[-1]] = value


@given(TREES)
def test_nothing_differs_from_itself(tree: Any) -> None:
    assert list(differences(tree, copy.deepcopy(tree))) == []


@given(TREES, TREES)
def test_a_difference_is_seen_from_both_sides(left: Any, right: Any) -> None:
    there = {one.path for one in differences(left, right) if one.alike is None}
    back = {one.path for one in differences(right, left) if one.alike is None}
    assert there == back


@given(st.lists(st.dictionaries(st.sampled_from("abc"), SCALARS, max_size=3), max_size=4), st.randoms())
def test_the_order_of_a_set_does_not_count(elements: list[Any], random: Any) -> None:
    other = copy.deepcopy(elements)
    random.shuffle(other)
    left, right = normal_elements(elements, other)
    assert left == right


@given(st.lists(st.sampled_from(["s3:Get*", "s3:Put*", "sqs:*"]), min_size=1, max_size=3, unique=True))
def test_a_policy_means_the_same_however_its_lists_are_spelled(actions: list[str]) -> None:
    def text(spelled: Any) -> str:
        return json.dumps({"Statement": [{"Effect": "Allow", "Action": spelled, "Resource": ["*"]}]})

    assert meaning(text(actions)) == meaning(text(actions[::-1]))
    if len(actions) == 1:
        assert meaning(text(actions)) == meaning(text(actions[0]))
    assert meaning(text(actions)) != meaning(text([*actions, "iam:*"]))


def statement(**more: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", **more}]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Principal": {"AWS": "123456789012"}}, {"Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}}),
        ({"Action": ["SQS:*"]}, {"Action": "sqs:*"}),
        ({"Sid": ""}, {}),
        (
            {"Condition": {"Bool": {"aws:SecureTransport": False}}},
            {"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}},
        ),
    ],
)
def test_what_aws_reads_as_the_same_policy_is_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert meaning(statement(**one)) == meaning(statement(**other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}),
        ({"Principal": {"AWS": "123456789012"}}, {"Principal": {"AWS": "210987654321"}}),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:user/a"}}, {"Principal": {"AWS": "123456789012"}}),
        ({"Sid": "a"}, {"Sid": "b"}),
        ({"Resource": "a"}, {"Resource": "A"}),
        ({"Effect": "Deny"}, {}),
    ],
)
def test_what_aws_reads_otherwise_is_another_policy(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert meaning(statement(**one)) != meaning(statement(**other))


def test_a_policy_without_a_version_is_of_the_oldest() -> None:
    old = json.dumps({"Version": "2008-10-17", **json.loads(statement())})
    new = json.dumps({"Version": "2012-10-17", **json.loads(statement())})
    assert meaning(statement()) == meaning(old) != meaning(new)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:0::/64", "2001:DB8::/64", True),
        ("10.0.0.0/8", "10.0.0.0/9", False),
        ("example.com.", "Example.com", True),
        ("Example.com", "example.com", False),
        ("a.example.com.", "b.example.com", False),
        ("1.5.", "1.5", True),
        ("x", "x.", False),
    ],
)
def test_a_range_and_a_host_have_one_name(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert same_name(one, other) is same_name(other, one) is same


def test_an_address_is_not_split_at_the_dots_of_its_keys() -> None:
    assert block_address('module.a["x.y"].aws_s3_bucket.b["k]\\"."]') == "module.a.aws_s3_bucket.b"
    assert block_address("module.a[0].aws_s3_bucket.b[12]") == "module.a.aws_s3_bucket.b"
