"""A wide workspace's mutations, each with what a plan must show of it: address, attribute, class and kind."""

import json
from collections.abc import Callable, Iterator
from typing import Any

Row = tuple[str, str, str, str]
Client = Callable[[str], Any]
Mutation = Callable[[Client], None]

ALL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
ANY = [{"CidrIp": "0.0.0.0/0"}]
WIDE: dict[Mutation, list[Row]] = {}


def shows(*rows: Row) -> Callable[[Mutation], Mutation]:
    """Register a mutation with all that a plan shows of it; with no row, no plan can or should show it."""

    def register(mutation: Mutation) -> Mutation:
        WIDE[mutation] = list(rows)
        return mutation

    return register


@shows(("aws_iam_role.inside", "inline_policy", "A", "changed"))
def a_policy_inside_a_role_is_widened(client: Client) -> None:
    client("iam").put_role_policy(RoleName="wide-inside", PolicyName="read", PolicyDocument=ALL)


@shows(("aws_iam_role_policy.beside", "inline_policy.read", "A", "changed"))
def a_policy_beside_a_role_is_widened(client: Client) -> None:
    client("iam").put_role_policy(RoleName="wide-beside", PolicyName="read", PolicyDocument=ALL)


@shows(("aws_iam_role.beside", "inline_policy.back", "B", "changed"))
def a_policy_beside_a_role_is_added(client: Client) -> None:
    client("iam").put_role_policy(RoleName="wide-beside", PolicyName="back", PolicyDocument=ALL)


@shows(
    (
        "aws_iam_role_policy_attachment.beside",
        "policy_attachment.arn:aws:iam::123456789012:policy/wide-read",
        "A",
        "missing",
    )
)
def a_policy_is_detached(client: Client) -> None:
    client("iam").detach_role_policy(
        RoleName="wide-beside", PolicyArn="arn:aws:iam::123456789012:policy/wide-read"
    )


@shows(("aws_iam_role_policies_exclusive.listed", "inline_policies.policy_names", "A", "changed"))
def a_policy_is_added_to_an_exclusive_role(client: Client) -> None:
    client("iam").put_role_policy(RoleName="wide-listed", PolicyName="back", PolicyDocument=ALL)


@shows(("aws_iam_policy_attachment.both", "users", "A", "changed"))
def a_policy_is_attached_to_another_user(client: Client) -> None:
    client("iam").attach_user_policy(UserName="c", PolicyArn="arn:aws:iam::123456789012:policy/wide-both")


@shows(("aws_iam_group_membership.readers", "membership.readers.users", "A", "changed"))
def a_user_joins_a_group(client: Client) -> None:
    client("iam").add_user_to_group(UserName="c", GroupName="wide-readers")


@shows()
def a_user_gets_a_policy_that_no_state_knows(client: Client) -> None:
    client("iam").put_user_policy(UserName="a.b", PolicyName="back", PolicyDocument=ALL)


def _net(client: Client, call: str, key: str) -> Iterator[dict[str, Any]]:
    vpc = next(
        one["VpcId"] for one in client("ec2").describe_vpcs()["Vpcs"] if one["CidrBlock"] == "10.60.0.0/16"
    )
    found = getattr(client("ec2"), call)(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    return iter(found[key])


def _group(client: Client, name: str) -> str:
    groups = _net(client, "describe_security_groups", "SecurityGroups")
    return next(one["GroupId"] for one in groups if one["GroupName"] == name)


def _table(client: Client) -> tuple[str, str]:
    for table in _net(client, "describe_route_tables", "RouteTables"):
        for route in table["Routes"]:
            if str(route.get("GatewayId")).startswith("igw-"):
                return table["RouteTableId"], route["GatewayId"]
    raise LookupError("no table with a gateway")


@shows(("aws_security_group.inside", "ingress", "A", "changed"))
def a_port_is_opened_in_a_group_with_its_own_rules(client: Client) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": ANY}
    client("ec2").authorize_security_group_ingress(
        GroupId=_group(client, "wide-inside"), IpPermissions=[rule]
    )


@shows(("aws_security_group.beside", "ingress", "B", "changed"))
def a_port_is_opened_beside_separate_rules(client: Client) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389, "IpRanges": ANY}
    client("ec2").authorize_security_group_ingress(
        GroupId=_group(client, "wide-beside"), IpPermissions=[rule]
    )


@shows(("aws_security_group_rule.web", "ingress", "A", "missing"))
def a_separate_rule_is_revoked(client: Client) -> None:
    ranges = [{"CidrIp": "10.1.0.0/16"}, {"CidrIp": "10.2.0.0/16"}]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}
    client("ec2").revoke_security_group_ingress(GroupId=_group(client, "wide-beside"), IpPermissions=[rule])


@shows(("aws_route_table.beside", "route", "B", "changed"))
def a_route_is_added_beside_separate_routes(client: Client) -> None:
    table, gateway = _table(client)
    client("ec2").create_route(RouteTableId=table, DestinationCidrBlock="192.168.0.0/16", GatewayId=gateway)


def _acl(client: Client) -> str:
    acls = _net(client, "describe_network_acls", "NetworkAcls")
    return next(one["NetworkAclId"] for one in acls if not one["IsDefault"])


@shows(("aws_network_acl.beside", "ingress", "B", "changed"))
def an_entry_is_added_beside_separate_entries(client: Client) -> None:
    client("ec2").create_network_acl_entry(
        NetworkAclId=_acl(client),
        RuleNumber=90,
        Protocol="-1",
        RuleAction="allow",
        Egress=False,
        CidrBlock="0.0.0.0/0",
    )


@shows(("aws_network_acl_rule.ssh", "ingress.100.cidr_block", "A", "changed"))
def a_separate_entry_is_widened(client: Client) -> None:
    client("ec2").replace_network_acl_entry(
        NetworkAclId=_acl(client),
        RuleNumber=100,
        Protocol="6",
        RuleAction="allow",
        Egress=False,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 22, "To": 22},
    )


@shows(("aws_s3_bucket_versioning.books", "versioning.versioning_configuration.0.status", "A", "changed"))
def versioning_is_suspended(client: Client) -> None:
    client("s3").put_bucket_versioning(Bucket="wide-books", VersioningConfiguration={"Status": "Suspended"})


@shows(("aws_s3_bucket_cors_configuration.books", "cors_configuration.cors_rule", "A", "changed"))
def cors_is_widened(client: Client) -> None:
    rule = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"]}
    client("s3").put_bucket_cors(Bucket="wide-books", CORSConfiguration={"CORSRules": [rule]})


@shows(('aws_s3_bucket.books["plain"]', "policy", "B", "changed"))
def a_policy_is_put_on_a_bucket_that_declares_none(client: Client) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::wide-plain/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("s3").put_bucket_policy(Bucket="wide-plain", Policy=policy)


@shows(('aws_s3_bucket.books["plain"]', "cors_rule", "B", "changed"))
def cors_is_put_on_a_bucket_that_declares_none(client: Client) -> None:
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    client("s3").put_bucket_cors(Bucket="wide-plain", CORSConfiguration={"CORSRules": [rule]})


@shows(('aws_cloudwatch_log_group.log["kept"]', "retention_in_days", "A", "changed"))
def retention_is_shortened(client: Client) -> None:
    client("logs").put_retention_policy(logGroupName="/wide/kept", retentionInDays=1)


@shows(('aws_cloudwatch_log_group.log["plain"]', "retention_in_days", "A", "changed"))
def retention_is_set_where_code_has_none(client: Client) -> None:
    client("logs").put_retention_policy(logGroupName="/wide/plain", retentionInDays=1)


@shows()
def an_ignored_value_is_changed(client: Client) -> None:
    client("ssm").put_parameter(Name="/wide/ignored", Value="two", Type="String", Overwrite=True)


@shows(("aws_dynamodb_table.stock", "ttl.0.enabled", "A", "changed"))
def expiry_is_switched_off(client: Client) -> None:
    client("dynamodb").update_time_to_live(
        TableName="wide-stock", TimeToLiveSpecification={"Enabled": False, "AttributeName": "until"}
    )


@shows(
    ("aws_sns_topic.alarm", "resource", "A", "missing"), ("aws_ssm_parameter.bell", "value", "A", "changed")
)
def a_topic_is_deleted_and_its_name_replaced(client: Client) -> None:
    """What the code wants of the parameter is then known only after an apply."""
    topics = client("sns").list_topics()["Topics"]
    arn = next(one["TopicArn"] for one in topics if one["TopicArn"].endswith("wide-alarm"))
    client("sns").delete_topic(TopicArn=arn)
    client("ssm").put_parameter(Name="/wide/bell", Value="elsewhere", Overwrite=True)


@shows(("aws_cloudwatch_event_rule.nightly", "state", "B", "changed"))
def a_rule_is_disabled(client: Client) -> None:
    client("events").disable_rule(Name="wide-nightly")


@shows(("aws_cloudwatch_event_target.bell", "resource", "A", "missing"))
def a_target_is_removed(client: Client) -> None:
    client("events").remove_targets(Rule="wide-nightly", Ids=["bell"])


@shows(("aws_glue_catalog_table.shelf", "storage_descriptor.0.columns", "A", "changed"))
def columns_change_places(client: Client) -> None:
    columns = [{"Name": "pages", "Type": "int"}, {"Name": "title", "Type": "string"}]
    storage = {"Location": "s3://wide-books/shelf", "Columns": columns}
    client("glue").update_table(
        DatabaseName="wide", TableInput={"Name": "shelf", "StorageDescriptor": storage}
    )
