"""The table and what is known as such are data: each row can be asked, each reason has its example."""

from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
import pytest

from tasks.inventory.known import KNOWN, MADE_BY, Known, compiled, reason
from tasks.inventory.table import ROWS, TAGGED, TYPES, Row
from tasks.inventory.tagged import Tagged, kind_of
from taxonomy.resource_types import AWS_BY_TERRAFORM, AWS_PARTS

ACCOUNT = "123456789012"

MAIN = {"Associations": [{"Main": True}], "Routes": [{"GatewayId": "local", "Origin": "CreateRouteTable"}]}

PROVEN: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
    "aws_iam_role": [
        ({"Path": "/aws-service-role/x.amazonaws.com/"}, {"Path": "/mine/aws-service-role/"}),
        ({"Path": "/aws-reserved/sso.amazonaws.com/"}, {"Path": "/", "RoleName": "AWSReservedSSO_Admin"}),
    ],
    "aws_iam_policy": [({"Arn": "arn:aws:iam::aws:policy/X"}, {"Arn": f"arn:aws:iam::{ACCOUNT}:policy/X"})],
    "aws_kms_key": [
        ({"KeyManager": "AWS"}, {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}),
        ({"KeyManager": "CUSTOMER", "OfService": True}, {"KeyManager": "CUSTOMER", "OfService": False}),
        ({"KeyState": "PendingDeletion"}, {"KeyState": "Disabled"}),
    ],
    "aws_vpc": [({"IsDefault": True}, {"IsDefault": False})],
    "aws_subnet": [({"DefaultForAz": True}, {"DefaultForAz": False})],
    "aws_network_acl": [({"IsDefault": True}, {"IsDefault": False})],
    "aws_security_group": [({"GroupName": "default"}, {"GroupName": "default-ish"})],
    "aws_route_table": [
        (MAIN, {"Associations": [{"Main": False}]}),
        (MAIN, {**MAIN, "Routes": [{"GatewayId": "igw-1", "Origin": "CreateRoute"}]}),
        (MAIN, {"Associations": [{"Main": True}, {"Main": False, "SubnetId": "subnet-1"}]}),
        (MAIN, {**MAIN, "PropagatingVgws": [{"GatewayId": "vgw-1"}]}),
        (
            {**MAIN, "OfDefaultVpc": True, "Routes": [{"GatewayId": "igw-1", "Origin": "CreateRoute"}]},
            {**MAIN, "OfDefaultVpc": True, "Routes": [{"NatGatewayId": "nat-1", "Origin": "CreateRoute"}]},
        ),
    ],
    "aws_internet_gateway": [({"OfDefaultVpc": True}, {"OfDefaultVpc": False})],
    "aws_cloudwatch_event_bus": [({"Name": "default"}, {"Name": "orders"})],
    "aws_cloudwatch_event_rule": [({"ManagedBy": "x.amazonaws.com"}, {"Name": "x"})],
    "aws_db_subnet_group": [({"DBSubnetGroupName": "default"}, {"DBSubnetGroupName": "default-vpc"})],
    "aws_db_parameter_group": [
        ({"DBParameterGroupName": "default.postgres16"}, {"DBParameterGroupName": "defaults"})
    ],
    "aws_secretsmanager_secret": [({"OwningService": "rds"}, {"Name": "rds!x"})],
    "aws_cloudwatch_log_group": [({"logGroupName": "/aws/lambda/x"}, {"logGroupName": "/acme/aws/"})],
    "aws_ebs_volume": [({"OfInstance": True}, {"OfInstance": False, "Attachments": [{"InstanceId": "i-1"}]})],
    "aws_network_interface": [
        (
            {"Attachment": {"InstanceId": "i-1", "DeviceIndex": 0}},
            {"Attachment": {"InstanceId": "i-1", "DeviceIndex": 1}, "InterfaceType": "interface"},
        ),
        ({"RequesterManaged": True}, {"RequesterManaged": False}),
        *(
            ({"InterfaceType": "nat_gateway"}, {"InterfaceType": chosen})
            for chosen in ("interface", "efa", "efa-only", "trunk", "branch")
        ),
        ({"Description": "aws-K8S-i-1"}, {"Description": "for aws-K8S-"}),
        ({"Description": "aws-k8s-trunk-eni", "InterfaceType": "trunk"}, {"InterfaceType": "trunk"}),
    ],
    "aws_vpc_endpoint": [({"RequesterManaged": True}, {"RequesterManaged": False})],
    "aws_eip": [({"ServiceManaged": "alb"}, {"PublicIp": "192.0.2.1"})],
    "aws_cloudformation_stack": [({"ParentId": "arn:aws:x"}, {"StackName": "x"})],
}


@pytest.fixture(scope="module")
def sdk() -> Callable[[str], Any]:
    session = botocore.session.get_session()
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return cache(lambda service: session.create_client(service, region_name="eu-west-1", **keys))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.type)
def test_each_row_can_be_asked_by_the_sdk(row: Row, sdk: Callable[[str], Any]) -> None:
    client = sdk(row.service)
    for call in (row.call, *((row.each[0],) if row.each else ()), *((row.marked[1],) if row.marked else ())):
        operation = client.meta.method_to_api_mapping[call]
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[row.call])
    assert row.items.partition("[")[0] in shape.output_shape.members, operation
    for argument in row.arguments:
        assert argument in shape.input_shape.members
    for expression in (row.items, row.attributes, row.name, row.created, row.touched, row.tags):
        assert not expression or compiled(expression)


def test_types_are_resources_of_their_own_and_told_once() -> None:
    types = [*(row.type for row in ROWS), *TAGGED]
    assert len(types) == len(set(types)) == len(TYPES)
    assert not TYPES & AWS_PARTS.keys()
    assert all(AWS_BY_TERRAFORM[kind].arn for kind in TAGGED)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.types[0]} {known.when[:30]}")
def test_each_reason_has_an_example_and_a_near_miss(known: Known) -> None:
    for kind in known.types:
        matching = [pair for pair in PROVEN[kind] if compiled(known.when).search(pair[0])]
        assert matching, kind
        for item, near in matching:
            assert reason(kind, item, {}, account=ACCOUNT) == known.reason
            assert reason(kind, near, {}, account=ACCOUNT) is None
            assert reason("aws_other", item, {}, account=ACCOUNT) is None


def test_no_reason_rests_on_an_item_that_says_nothing() -> None:
    for kind in TYPES:
        assert reason(kind, {}, {}, account=ACCOUNT) is None


def test_what_made_a_resource_is_known_by_tags_that_only_aws_can_write() -> None:
    assert all(tag.startswith("aws:") for tag in MADE_BY)
    assert reason("aws_instance", {}, {"aws:autoscaling:groupName": "web"}, account=ACCOUNT) == (
        "the Auto Scaling group web made it"
    )
    for tag in ("aws:ec2launchtemplate:id", "autoscaling:groupName", "Name"):
        assert reason("aws_instance", {}, {tag: "x"}, account=ACCOUNT) is None


def test_what_another_account_shares_is_not_ours() -> None:
    assert reason("aws_subnet", {"OwnerId": "210987654321"}, {}, account=ACCOUNT) == (
        "account 210987654321 owns it and shares it with this one"
    )
    assert reason("aws_subnet", {"OwnerId": ACCOUNT}, {}, account=ACCOUNT) is None


def test_the_tagging_api_tells_of_kinds_that_nothing_else_lists_and_counts_the_strange() -> None:
    stream = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/clicks"
    api = "arn:aws:apigateway:eu-west-1::/restapis/a1"
    tags = Tagged(
        by_arn={
            stream: {"Owner": "x"},
            api: {},
            f"arn:aws:glue:eu-west-1:{ACCOUNT}:job/one": {},
            f"arn:aws:glue:eu-west-1:{ACCOUNT}:job/two": {},
            f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/vpc-1": {},
            f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group-rule/sgr-1": {},
            "arn:aws:s3:::books": {},
            f"arn:aws:sns:eu-west-1:{ACCOUNT}:bell": {},
        }
    )
    found = {arn: (kind, attributes) for arn, kind, attributes in tags.resources(frozenset(TAGGED))}
    assert found[stream] == ("aws_kinesis_stream", {"name": "clicks"})
    assert found[api] == ("aws_api_gateway_rest_api", {"id": "a1", "name": "a1"})
    assert found.keys() == {stream, api}
    assert tags.strangers() == {"glue:job": 2}
    assert kind_of("no arn") == "unknown"
