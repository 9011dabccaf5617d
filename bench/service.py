"""One made-up service: fifteen resources, their attributes written by hand as the AWS provider shows them."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.machines import machines
from bench.names import ACCOUNT, REGION, Resource, arn, number
from bench.provider import policy, trust

RULE = {
    "cidr_blocks": ["10.0.0.0/8"],
    "description": "",
    "from_port": 443,
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "protocol": "tcp",
    "security_groups": [],
    "self": False,
    "to_port": 443,
}


def resources(key: str) -> Iterator[tuple[str, dict[str, Any], Mapping[str, str] | None]]:
    """Yield (type, attributes that are set, tags or None where it has none) of the service's resources."""
    tags = {
        "Name": key,
        "Owner": f"team-{int(key[-5:]) % 40:02d}",
        "CostCenter": f"cc-{int(key[-5:]) % 17:04d}",
    }
    for part in (_identity, _network, machines, _messages, _stores, _observed):
        yield from ((kind, attributes, tags) for kind, attributes in part(key))
    yield from ((kind, attributes, None) for kind, attributes in _parts(key))


def _identity(key: str) -> Iterator[Resource]:
    yield (
        "aws_iam_role",
        {
            "arn": arn("iam", f"role/{key}", region=""),
            "assume_role_policy": trust("ec2"),
            "create_date": "2026-11-20T04:06:31Z",
            "description": f"What {key} may do",
            "id": key,
            "inline_policy": [{"name": "own", "policy": _own(key)}],
            "managed_policy_arns": [arn("iam", "policy/boundary", region="")],
            "max_session_duration": 3600,
            "name": key,
            "path": "/",
            "unique_id": "AROA" + number(key, "role").upper(),
        },
    )


def _own(key: str) -> str:
    return policy(
        ("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", f"log-group:/{key}:*")),
        ("Queue", ["sqs:ReceiveMessage", "sqs:DeleteMessage"], arn("sqs", key)),
        (
            "Table",
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            arn("dynamodb", f"table/{key}"),
        ),
    )


def _shared(key: str) -> str:
    return policy(("Shared", ["s3:GetObject"], f"arn:aws:s3:::{key}-data/shared/*"))


def _network(key: str) -> Iterator[Resource]:
    called = "sg-" + number(key, "group")
    yield (
        "aws_security_group",
        {
            "arn": arn("ec2", f"security-group/{called}"),
            "description": f"Who may speak to {key}",
            "egress": [
                {**RULE, "cidr_blocks": ["0.0.0.0/0"], "from_port": 0, "protocol": "-1", "to_port": 0}
            ],
            "id": called,
            "ingress": [RULE, {**RULE, "from_port": 8443, "to_port": 8443}],
            "name": key,
            "owner_id": ACCOUNT,
            "vpc_id": "vpc-0f3a",
        },
    )


def _messages(key: str) -> Iterator[Resource]:
    yield (
        "aws_sns_topic",
        {
            "arn": arn("sns", key),
            "id": arn("sns", key),
            "name": key,
            "owner": ACCOUNT,
            "policy": policy(
                ("Owner", ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes"], arn("sns", key))
            ),
        },
    )
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{key}"
    yield (
        "aws_sqs_queue",
        {
            "arn": arn("sqs", key),
            "id": url,
            "kms_data_key_reuse_period_seconds": 300,
            "max_message_size": 262144,
            "message_retention_seconds": 86400,
            "name": key,
            "policy": policy(("Topic", ["sqs:SendMessage"], arn("sqs", key))),
            "sqs_managed_sse_enabled": True,
            "url": url,
            "visibility_timeout_seconds": 30,
        },
    )


def _stores(key: str) -> Iterator[Resource]:
    yield (
        "aws_dynamodb_table",
        {
            "arn": arn("dynamodb", f"table/{key}"),
            "attribute": [{"name": "id", "type": "S"}],
            "billing_mode": "PAY_PER_REQUEST",
            "hash_key": "id",
            "id": key,
            "name": key,
            "point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 35}],
            "server_side_encryption": [{"enabled": True, "kms_key_arn": ""}],
            "table_class": "STANDARD",
            "ttl": [{"attribute_name": "", "enabled": False}],
        },
    )
    name = f"{key}-data"
    yield (
        "aws_s3_bucket",
        {
            "arn": f"arn:aws:s3:::{name}",
            "bucket": name,
            "bucket_domain_name": f"{name}.s3.amazonaws.com",
            "bucket_regional_domain_name": f"{name}.s3.{REGION}.amazonaws.com",
            "grant": [
                {"id": "75aa57f0", "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""}
            ],
            "hosted_zone_id": "Z1BKCTXD74EZPE",
            "id": name,
            "policy": _shared(key),
            "region": REGION,
            "versioning": [{"enabled": True, "mfa_delete": False}],
        },
    )


def _observed(key: str) -> Iterator[Resource]:
    yield (
        "aws_cloudwatch_log_group",
        {
            "arn": arn("logs", f"log-group:/{key}"),
            "id": f"/{key}",
            "log_group_class": "STANDARD",
            "name": f"/{key}",
            "retention_in_days": 30,
        },
    )
    yield (
        "aws_cloudwatch_metric_alarm",
        {
            "actions_enabled": True,
            "alarm_actions": [arn("sns", key)],
            "alarm_description": f"{key} is busy",
            "alarm_name": key,
            "arn": arn("cloudwatch", f"alarm:{key}"),
            "comparison_operator": "GreaterThanThreshold",
            "dimensions": {"InstanceId": "i-" + number(key, "instance")},
            "evaluation_periods": 2,
            "id": key,
            "metric_name": "CPUUtilization",
            "namespace": "AWS/EC2",
            "period": 120,
            "statistic": "Average",
            "threshold": 80,
            "treat_missing_data": "missing",
        },
    )
    yield (
        "aws_ssm_parameter",
        {
            "arn": arn("ssm", f"parameter/{key}/feature"),
            "data_type": "text",
            "id": f"/{key}/feature",
            "name": f"/{key}/feature",
            "tier": "Standard",
            "type": "String",
            "value": "on",
            "version": 2,
        },
    )


def _parts(key: str) -> Iterator[Resource]:
    bucket = f"{key}-data"
    status = [{"mfa_delete": "", "status": "Enabled"}]
    yield (
        "aws_s3_bucket_versioning",
        {
            "bucket": bucket,
            "expected_bucket_owner": "",
            "id": bucket,
            "mfa": None,
            "versioning_configuration": status,
        },
    )
    yield "aws_s3_bucket_policy", {"bucket": bucket, "id": bucket, "policy": _shared(key)}
    attached = arn("iam", "policy/boundary", region="")
    yield (
        "aws_iam_role_policy_attachment",
        {"id": f"{key}-20261120", "policy_arn": attached, "role": key},
    )
