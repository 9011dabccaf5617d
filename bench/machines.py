"""The machines of a made-up service, attributes as the AWS provider shows them."""

import uuid
from collections.abc import Iterator

from bench.names import REGION, Resource, arn, number


def machines(key: str) -> Iterator[Resource]:
    """Yield the service's instance, database and function."""
    called = "i-" + number(key, "instance")
    disk = {
        "delete_on_termination": True,
        "device_name": "/dev/sda1",
        "encrypted": True,
        "iops": 3000,
        "kms_key_id": arn("kms", f"key/{uuid.UUID(int=int(key[-5:]))}"),
        "tags": {},
        "tags_all": {},
        "throughput": 125,
        "volume_id": "vol-" + number(key, "volume"),
        "volume_size": 40,
        "volume_type": "gp3",
    }
    yield (
        "aws_instance",
        {
            "ami": "ami-04681a1dbd79675a5",
            "arn": arn("ec2", f"instance/{called}"),
            "availability_zone": f"{REGION}a",
            "credit_specification": [{"cpu_credits": "standard"}],
            "ebs_block_device": [],
            "id": called,
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
            "primary_network_interface_id": "eni-" + number(key, "interface"),
            "private_dns": "ip-10-20-1-5.ec2.internal",
            "private_ip": "10.20.1.5",
            "root_block_device": [disk],
            "source_dest_check": True,
            "subnet_id": "subnet-080322588aff2cd18",
            "tenancy": "default",
            "vpc_security_group_ids": ["sg-" + number(key, "group")],
        },
    )
    endpoint = f"{key}.c9akciq32rgp.{REGION}.rds.amazonaws.com"
    resource = "db-" + number(key, "database").upper()
    yield (
        "aws_db_instance",
        {
            "address": endpoint,
            "allocated_storage": 20,
            "arn": arn("rds", f"db:{key}"),
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
            "kms_key_id": arn("kms", f"key/{uuid.UUID(int=int(key[-5:]))}"),
            "latest_restorable_time": "2026-11-23T04:26:14Z",
            "license_model": "postgresql-license",
            "maintenance_window": "wed:06:38-wed:07:08",
            "option_group_name": "default:postgres-15",
            "parameter_group_name": "default.postgres15",
            "password": "not-a-secret-" + number(key, "word"),
            "port": 5432,
            "resource_id": resource,
            "skip_final_snapshot": True,
            "status": "available",
            "storage_encrypted": True,
            "storage_type": "gp3",
            "username": "owner",
            "vpc_security_group_ids": ["sg-" + number(key, "group")],
        },
    )
    function = arn("lambda", f"function:{key}")
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
            "role": arn("iam", f"role/{key}", region=""),
            "runtime": "python3.12",
            "source_code_hash": code,
            "source_code_size": 14612,
            "timeout": 10,
            "tracing_config": [{"mode": "Active"}],
            "version": "$LATEST",
        },
    )
