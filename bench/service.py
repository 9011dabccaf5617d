"""One made-up service: fifteen resources, their attributes written by hand as the AWS provider shows them."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from bench.provider import policy, trust

ACCOUNT = "123456789012"
REGION = "eu-west-1"

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

Resource = tuple[str, dict[str, Any]]


def _arn(service: str, rest: str, *, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def _number(key: str, of: str) -> str:
    """Return 17 hex digits that are this key's own."""
    return hashlib.sha256(f"{of} {key}".encode()).hexdigest()[:17]


def resources(key: str) -> Iterator[tuple[str, dict[str, Any], Mapping[str, str] | None]]:
    """Yield (type, attributes that are set, tags or None where it has none) of the service's resources."""
    tags = {
        "Name": key,
        "Owner": f"team-{int(key[-5:]) % 40:02d}",
        "CostCenter": f"cc-{int(key[-5:]) % 17:04d}",
    }
    for part in (_identity, _network, _machines, _messages, _stores, _observed):
        yield from ((kind, attributes, tags) for kind, attributes in part(key))
    yield from ((kind, attributes, None) for kind, attributes in _parts(key))


def _identity(key: str) -> Iterator[Resource]:
    yield (
        "aws_iam_role",
        {
            "arn": _arn("iam", f"role/{key}", region=""),
            "assume_role_policy": trust("ec2"),
            "create_date": "2026-11-20T04:06:31Z",
            "description": f"What {key} may do",
            "id": key,
            "inline_policy": [{"name": "own", "policy": _own(key)}],
            "managed_policy_arns": [_arn("iam", "policy/boundary", region="")],
            "max_session_duration": 3600,
            "name": key,
            "path": "/",
            "unique_id": "AROA" + _number(key, "role").upper(),
        },
    )


def _own(key: str) -> str:
    return policy(
        ("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], _arn("logs", f"log-group:/{key}:*")),
        ("Queue", ["sqs:ReceiveMessage", "sqs:DeleteMessage"], _arn("sqs", key)),
        (
            "Table",
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            _arn("dynamodb", f"table/{key}"),
        ),
    )


def _shared(key: str) -> str:
    return policy(("Shared", ["s3:GetObject"], f"arn:aws:s3:::{key}-data/shared/*"))


def _network(key: str) -> Iterator[Resource]:
    number = "sg-" + _number(key, "group")
    yield (
        "aws_security_group",
        {
            "arn": _arn("ec2", f"security-group/{number}"),
            "description": f"Who may speak to {key}",
            "egress": [
                {**RULE, "cidr_blocks": ["0.0.0.0/0"], "from_port": 0, "protocol": "-1", "to_port": 0}
            ],
            "id": number,
            "ingress": [RULE, {**RULE, "from_port": 8443, "to_port": 8443}],
            "name": key,
            "owner_id": ACCOUNT,
            "vpc_id": "vpc-0f3a",
        },
    )


def _machines(key: str) -> Iterator[Resource]:
    number = "i-" + _number(key, "instance")
    disk = {
        "delete_on_termination": True,
        "device_name": "/dev/sda1",
        "encrypted": True,
        "iops": 3000,
        "kms_key_id": _arn("kms", f"key/{uuid.UUID(int=int(key[-5:]))}"),
        "tags": {},
        "tags_all": {},
        "throughput": 125,
        "volume_id": "vol-" + _number(key, "volume"),
        "volume_size": 40,
        "volume_type": "gp3",
    }
    yield (
        "aws_instance",
        {
            "ami": "ami-04681a1dbd79675a5",
            "arn": _arn("ec2", f"instance/{number}"),
            "availability_zone": f"{REGION}a",
            "credit_specification": [{"cpu_credits": "standard"}],
            "ebs_block_device": [],
            "id": number,
            "instance_initiated_shutdown_behavior": "stop",
            "instance_state": "running",
            "instance_type": "m5.large",
            "metadata_options": [
                {
                    "http_endpoint": "enabled",
                    "http_protocol_ipv6": "disabled",
                    "http_put_response_hop_limit": 1,
                    "http_tokens": "required",
                    "instance_metadata_tags": "disabled",
                }
            ],
            "primary_network_interface_id": "eni-" + _number(key, "interface"),
            "private_dns": "ip-10-20-1-5.ec2.internal",
            "private_ip": "10.20.1.5",
            "root_block_device": [disk],
            "source_dest_check": True,
            "subnet_id": "subnet-080322588aff2cd18",
            "tenancy": "default",
            "vpc_security_group_ids": ["sg-" + _number(key, "group")],
        },
    )
    endpoint = f"{key}.c9akciq32rgp.{REGION}.rds.amazonaws.com"
    resource = "db-" + _number(key, "database").upper()
    yield (
        "aws_db_instance",
        {
            "address": endpoint,
            "allocated_storage": 20,
            "arn": _arn("rds", f"db:{key}"),
            "auto_minor_version_upgrade": True,
            "availability_zone": f"{REGION}a",
            "backup_retention_period": 7,
            "backup_window": "13:14-13:44",
            "ca_cert_identifier": "rds-ca-rsa2048-g1",
            "db_subnet_group_name": "private",
            "delete_automated_backups": True,
            "endpoint": f"{endpoint}:5432",
            "engine": "postgres",
            "engine_version": "15.4",
            "engine_version_actual": "15.4",
            "id": resource,
            "identifier": key,
            "instance_class": "db.m5.large",
            "kms_key_id": _arn("kms", f"key/{uuid.UUID(int=int(key[-5:]))}"),
            "latest_restorable_time": "2026-11-23T04:26:14Z",
            "license_model": "postgresql-license",
            "maintenance_window": "wed:06:38-wed:07:08",
            "option_group_name": "default:postgres-15",
            "parameter_group_name": "default.postgres15",
            "password": "not-a-secret-" + _number(key, "word"),
            "port": 5432,
            "resource_id": resource,
            "skip_final_snapshot": True,
            "status": "available",
            "storage_encrypted": True,
            "storage_type": "gp3",
            "username": "owner",
            "vpc_security_group_ids": ["sg-" + _number(key, "group")],
        },
    )
    function = _arn("lambda", f"function:{key}")
    invoke = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions"
    code = "YzidtuQ2By62clvJiEiti6irVLhL8kzUc8ic0XENVyY="
    yield (
        "aws_lambda_function",
        {
            "architectures": ["arm64"],
            "arn": function,
            "code_sha256": code,
            "environment": [{"variables": {"QUEUE": key, "STAGE": "production", "TABLE": key}}],
            "ephemeral_storage": [{"size": 512}],
            "filename": "build/function.zip",
            "function_name": key,
            "handler": "index.handler",
            "id": key,
            "invoke_arn": f"{invoke}/{function}/invocations",
            "last_modified": "2026-11-23T04:06:33.182+0000",
            "memory_size": 512,
            "package_type": "Zip",
            "qualified_arn": f"{function}:$LATEST",
            "qualified_invoke_arn": f"{invoke}/{function}:$LATEST/invocations",
            "reserved_concurrent_executions": -1,
            "role": _arn("iam", f"role/{key}", region=""),
            "runtime": "python3.12",
            "source_code_hash": code,
            "source_code_size": 14612,
            "timeout": 10,
            "tracing_config": [{"mode": "Active"}],
            "version": "$LATEST",
        },
    )


def _messages(key: str) -> Iterator[Resource]:
    yield (
        "aws_sns_topic",
        {
            "arn": _arn("sns", key),
            "id": _arn("sns", key),
            "name": key,
            "owner": ACCOUNT,
            "policy": policy(
                ("Owner", ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes"], _arn("sns", key))
            ),
        },
    )
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{key}"
    yield (
        "aws_sqs_queue",
        {
            "arn": _arn("sqs", key),
            "id": url,
            "kms_data_key_reuse_period_seconds": 300,
            "max_message_size": 262144,
            "message_retention_seconds": 86400,
            "name": key,
            "policy": policy(("Topic", ["sqs:SendMessage"], _arn("sqs", key))),
            "sqs_managed_sse_enabled": True,
            "url": url,
            "visibility_timeout_seconds": 30,
        },
    )


def _stores(key: str) -> Iterator[Resource]:
    yield (
        "aws_dynamodb_table",
        {
            "arn": _arn("dynamodb", f"table/{key}"),
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
            "arn": _arn("logs", f"log-group:/{key}"),
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
            "alarm_actions": [_arn("sns", key)],
            "alarm_description": f"{key} is busy",
            "alarm_name": key,
            "arn": _arn("cloudwatch", f"alarm:{key}"),
            "comparison_operator": "GreaterThanThreshold",
            "dimensions": {"InstanceId": "i-" + _number(key, "instance")},
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
            "arn": _arn("ssm", f"parameter/{key}/feature"),
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
    attached = _arn("iam", "policy/boundary", region="")
    yield (
        "aws_iam_role_policy_attachment",
        {"id": f"{key}-20261120", "policy_arn": attached, "role": key},
    )
