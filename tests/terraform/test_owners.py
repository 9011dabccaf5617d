"""One mutation is told once: where it was declared, or where nobody declared it."""

import json
from typing import Any

import pytest
from made_plan import ACCOUNT, GONE, Made, answer, reasons, told

TABLE = {
    "id": "rtb-0a1b2c3d4e5f60718",
    "arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:route-table/rtb-0a1b2c3d4e5f60718",
}
ACL = {
    "id": "acl-0a1b2c3d4e5f60718",
    "arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:network-acl/acl-0a1b2c3d4e5f60718",
}
ROLE = {"id": "clerk", "name": "clerk", "arn": f"arn:aws:iam::{ACCOUNT}:role/clerk"}
INSTANCE = {
    "id": "i-0a1b2c3d4e5f60718",
    "arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0a1b2c3d4e5f60718",
}
OPEN = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/books"
OTHER_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/other"


def route(cidr: str, gateway: str) -> dict[str, Any]:
    return {"cidr_block": cidr, "gateway_id": gateway, "nat_gateway_id": ""}


def entry(number: int, cidr: str) -> dict[str, Any]:
    return {
        "rule_no": number,
        "cidr_block": cidr,
        "action": "allow",
        "protocol": "6",
        "from_port": 22,
        "to_port": 22,
    }


Owned = tuple[str, dict[str, Any], str, list[Any], list[Any], str, dict[str, Any]]
"""Parent, its names, its attribute, what a part declares of it, what nobody does; the part and its own."""

OWN: list[Owned] = [
    (
        "aws_route_table.t",
        TABLE,
        "route",
        [route("0.0.0.0/0", "igw-1")],
        [route("192.168.0.0/16", "igw-1")],
        "aws_route.r",
        {
            "id": "r-1",
            "route_table_id": TABLE["id"],
            "destination_cidr_block": "0.0.0.0/0",
            "gateway_id": "igw-1",
        },
    ),
    (
        "aws_network_acl.n",
        ACL,
        "ingress",
        [entry(100, "10.0.0.0/8")],
        [entry(90, "0.0.0.0/0")],
        "aws_network_acl_rule.r",
        {
            "id": "nacl-1",
            "network_acl_id": ACL["id"],
            "rule_number": 100,
            "egress": False,
            "cidr_block": "10.0.0.0/8",
        },
    ),
    (
        "aws_instance.i",
        INSTANCE,
        "ebs_block_device",
        [{"volume_id": "vol-0a1b2c3d4e5f60718", "device_name": "/dev/sdh", "volume_size": 8}],
        [{"volume_id": "vol-0ffffffffffffffff", "device_name": "/dev/sdi", "volume_size": 8}],
        "aws_volume_attachment.a",
        {"id": "vai-1", "instance_id": INSTANCE["id"], "volume_id": "vol-0a1b2c3d4e5f60718"},
    ),
    (
        "aws_rds_cluster.c",
        {"id": "ledger", "arn": f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster:ledger"},
        "cluster_members",
        ["ledger-0"],
        ["stranger"],
        "aws_rds_cluster_instance.i",
        {"id": "ledger-0", "identifier": "ledger-0", "cluster_identifier": "ledger"},
    ),
    (
        "aws_iam_role.r",
        ROLE,
        "managed_policy_arns",
        [POLICY],
        [OTHER_POLICY],
        "aws_iam_policy_attachment.a",
        {"id": "a", "name": "a", "roles": ["clerk"], "policy_arn": POLICY},
    ),
]


@pytest.mark.parametrize("one", OWN, ids=[one[0] for one in OWN])
def test_what_a_resource_of_its_own_declares_is_not_told_at_its_parent(one: Owned) -> None:
    parent, names, attribute, owned, foreign, owner, part = one
    whole = Made(address=parent, state={**names, attribute: []}, live={**names, attribute: owned})
    assert told(answer(whole, Made(address=owner, live=part))) == []
    assert len(told(answer(whole))) == 1, "and without that resource it is undeclared"
    both = Made(
        address=parent, state={**names, attribute: owned}, live={**names, attribute: [*owned, *foreign]}
    )
    ((address, _, drift_class, kind),) = told(answer(both, Made(address=owner, live=part)))
    assert (address, drift_class, kind) == (parent, "B", "changed")


def test_a_route_that_leads_elsewhere_is_told_at_the_resource_that_declares_it() -> None:
    before = {
        "id": "r-1",
        "route_table_id": TABLE["id"],
        "destination_cidr_block": "0.0.0.0/0",
        "gateway_id": "igw-1",
    }
    table = Made(
        address="aws_route_table.t",
        state={**TABLE, "route": [route("0.0.0.0/0", "igw-1")]},
        live={**TABLE, "route": [route("0.0.0.0/0", "igw-2")]},
    )
    one = Made(address="aws_route.r", state=before, live={**before, "gateway_id": "igw-2"}, wanted=before)
    found = answer(table, one)
    assert told(found) == [("aws_route.r", "route.0.0.0.0/0.gateway_id", "A", "changed")]
    assert [finding.resource_id for finding in found.findings] == [TABLE["arn"]]


def test_rules_of_both_directions_under_one_number_are_two() -> None:
    rule = {"network_acl_id": ACL["id"], "rule_number": 100, "cidr_block": "10.0.0.0/8"}
    made = [
        Made(
            address=f"aws_network_acl_rule.{name}",
            state={**rule, "id": name, "egress": egress},
            live={**rule, "id": name, "egress": egress, "cidr_block": "0.0.0.0/0"},
            wanted={**rule, "id": name, "egress": egress},
        )
        for name, egress in (("way_in", False), ("way_out", True))
    ]
    assert [row[1] for row in told(answer(*made))] == ["ingress.100.cidr_block", "egress.100.cidr_block"]


def test_an_entry_on_the_way_out_is_not_hidden_by_a_rule_for_the_way_in() -> None:
    rule = {"id": "r", "network_acl_id": ACL["id"], "rule_number": 100, "egress": False}
    acl = Made(
        address="aws_network_acl.n",
        state={**ACL, "egress": []},
        live={**ACL, "egress": [entry(100, "0.0.0.0/0")]},
    )
    found = answer(acl, Made(address="aws_network_acl_rule.r", live=rule))
    assert told(found) == [("aws_network_acl.n", "egress", "B", "changed")]


def exclusive(live: list[str]) -> Made:
    names = {"id": "clerk", "role_name": "clerk"}
    return Made(
        address="aws_iam_role_policies_exclusive.e",
        state={**names, "policy_names": ["read"]},
        live={**names, "policy_names": live},
        wanted={**names, "policy_names": ["read"]},
    )


def inline(name: str) -> dict[str, str]:
    return {"name": name, "policy": OPEN}


def test_a_policy_that_an_exclusive_list_forbids_is_told_once_for_an_apply_removes_it() -> None:
    role = Made(
        address="aws_iam_role.r",
        state={**ROLE, "inline_policy": [inline("read")]},
        live={**ROLE, "inline_policy": [inline("back"), inline("read")]},
    )
    row = ("aws_iam_role_policies_exclusive.e", "inline_policies.policy_names", "A", "changed")
    assert told(answer(role, exclusive(["back", "read"]))) == [row]
    assert told(answer(role)) == [("aws_iam_role.r", "inline_policy.back", "B", "changed")]


def test_a_policy_that_is_gone_is_told_where_it_was_declared_and_not_at_the_exclusive_list() -> None:
    policy = {"id": "clerk:read", "role": "clerk", "name": "read", "policy": OPEN}
    gone = Made(address="aws_iam_role_policy.p", live=GONE, state=policy, wanted=policy)
    role = Made(
        address="aws_iam_role.r",
        state={**ROLE, "inline_policy": [inline("read")]},
        live={**ROLE, "inline_policy": []},
    )
    found = answer(role, gone, exclusive([]))
    assert told(found) == [("aws_iam_role_policy.p", "inline_policy.read", "A", "missing")]
    suppressed = reasons(found)["aws_iam_role_policies_exclusive.e", "inline_policies.policy_names"]
    assert suppressed == "repeats aws_iam_role_policy.p"


def test_a_policy_that_is_only_planned_hides_no_other_policy() -> None:
    queue = {"id": "https://sqs/123456789012/q", "url": "https://sqs/123456789012/q", "name": "q"}
    live = Made(address="aws_sqs_queue.q", state={**queue, "policy": ""}, live={**queue, "policy": OPEN})
    part = {"id": queue["id"], "queue_url": queue["url"], "policy": "{}"}
    planned = Made(address="aws_sqs_queue_policy.q", live=None, wanted=part)
    assert told(answer(live, planned)) == [("aws_sqs_queue.q", "policy", "B", "changed")]
    assert told(answer(live, Made(address="aws_sqs_queue_policy.q", live=part))) == []


ADDRESS = {
    "id": "eipalloc-0a1b2c3d4e5f60718",
    "arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:elastic-ip/eipalloc-0a1b2c3d4e5f60718",
}
TAKEN = {
    "association_id": "eipassoc-0a1b2c3d4e5f60718",
    "network_interface": "eni-0a1b2c3d4e5f60718",
    "private_ip": "10.0.0.9",
    "private_dns": "ip-10-0-0-9.ec2.internal",
}


def test_what_the_cloud_fills_in_repeats_the_resource_that_gave_it() -> None:
    empty = dict.fromkeys(TAKEN, "")
    address = Made(address="aws_eip.e", state={**ADDRESS, **empty}, live={**ADDRESS, **TAKEN})
    gateway = Made(
        address="aws_nat_gateway.n",
        live={
            "id": "nat-0a1b2c3d4e5f60718",
            "allocation_id": ADDRESS["id"],
            "association_id": TAKEN["association_id"],
            "network_interface_id": TAKEN["network_interface"],
            "private_ip": TAKEN["private_ip"],
        },
    )
    found = answer(address, gateway)
    assert told(found) == []
    assert set(reasons(found).values()) == {"repeats aws_nat_gateway.n", "follows network_interface"}
    assert [row[2] for row in told(answer(address))].count("B") >= 1


def test_a_word_that_another_resource_happens_to_hold_hides_nothing() -> None:
    bucket = {"id": "books", "bucket": "books", "arn": "arn:aws:s3:::books"}
    block = "server_side_encryption_configuration"
    encrypted = [{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]}]
    made = Made(address="aws_s3_bucket.b", state={**bucket, block: []}, live={**bucket, block: encrypted})
    held = Made(
        address="aws_s3_object.o",
        live={"id": "k", "key": "k", "bucket": "books", "server_side_encryption": "aws:kms"},
    )
    assert told(answer(made, held)) == [("aws_s3_bucket.b", block, "B", "changed")]


def test_a_target_is_not_called_after_what_it_points_to() -> None:
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:bell"
    target = {"id": "rule-t", "rule": "rule", "target_id": "t", "arn": topic}
    gone = Made(address="aws_cloudwatch_event_target.t", live=GONE, state=target, wanted=target)
    (finding,) = answer(gone, Made(address="aws_sns_topic.bell", live={"id": topic, "arn": topic})).findings
    assert finding.resource_id != topic
    assert finding.resource_type == "aws_cloudwatch_event_target"


GROUP = {
    "id": "sg-0a1b2c3d4e5f60718",
    "arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-0a1b2c3d4e5f60718",
}
ALIEN = "sg-0b1b2c3d4e5f60718"
FUNCTION = {"id": "f", "function_name": "f", "arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"}
LAYER = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:other:1"


def test_a_policy_of_another_role_hides_none_of_the_same_name() -> None:
    role = Made(
        address="aws_iam_role.clerk",
        state={**ROLE, "inline_policy": []},
        live={**ROLE, "inline_policy": [inline("clerk")]},
    )
    other = {"id": "boss:clerk", "name": "clerk", "role": "boss", "policy": "{}"}
    found = answer(role, Made(address="aws_iam_role_policy.boss", live=other))
    assert told(found) == [("aws_iam_role.clerk", "inline_policy.clerk", "B", "changed")]


def test_a_rule_of_another_group_that_names_this_one_hides_no_rule() -> None:
    ports = {"from_port": 22, "to_port": 22}
    rule = {**ports, "protocol": "tcp", "security_groups": [GROUP["id"]]}
    group = Made(
        address="aws_security_group.g", state={**GROUP, "ingress": []}, live={**GROUP, "ingress": [rule]}
    )
    named = {"security_group_id": ALIEN, "referenced_security_group_id": GROUP["id"]}
    other = {"id": "sgr-0a1b2c3d4e5f60718", **named, **ports, "ip_protocol": "tcp"}
    found = answer(group, Made(address="aws_vpc_security_group_ingress_rule.r", live=other))
    assert told(found) == [("aws_security_group.g", "ingress", "B", "changed")]


def test_the_log_of_another_bucket_that_is_kept_here_hides_no_log_of_this_one() -> None:
    bucket = {"id": "logs", "bucket": "logs", "arn": "arn:aws:s3:::logs"}
    logging = [{"target_bucket": "elsewhere", "target_prefix": ""}]
    made = Made(
        address="aws_s3_bucket.logs", state={**bucket, "logging": []}, live={**bucket, "logging": logging}
    )
    other = {"id": "app", "bucket": "app", "target_bucket": "logs", "target_prefix": ""}
    found = answer(made, Made(address="aws_s3_bucket_logging.app", live=other))
    assert told(found) == [("aws_s3_bucket.logs", "logging", "B", "changed")]


@pytest.mark.parametrize("attribute", ["layers", "code_signing_config_arn"])
@pytest.mark.parametrize("name", ["description", "comment", "layer_arn"])
def test_free_text_declares_nothing_and_nothing_declares_a_grant_by_chance(attribute: str, name: str) -> None:
    empty, there = ([], [LAYER]) if attribute == "layers" else ("", LAYER)
    made = Made(
        address="aws_lambda_function.f",
        state={**FUNCTION, attribute: empty},
        live={**FUNCTION, attribute: there},
    )
    other = {"id": "a", "name": "a", "function_arn": FUNCTION["arn"], name: LAYER}
    rows = told(answer(made, Made(address="aws_lambda_alias.a", live=other)))
    points = attribute != "layers" and name == "layer_arn"
    assert rows == ([] if points else [("aws_lambda_function.f", attribute, "B", "changed")])


def test_nothing_follows_what_only_repeats_a_part() -> None:
    volume = {"volume_id": "vol-0a1b2c3d4e5f60718", "device_name": "/dev/sdh"}
    made = Made(
        address="aws_instance.i",
        state={**INSTANCE, "ebs_block_device": [], "password_data": ""},
        live={**INSTANCE, "ebs_block_device": [volume], "password_data": "new"},
    )
    part = {"id": "vai-1", "instance_id": INSTANCE["id"], "volume_id": volume["volume_id"]}
    found = answer(made, Made(address="aws_volume_attachment.a", live=part))
    assert told(found) == [("aws_instance.i", "password_data", "B", "changed")]
