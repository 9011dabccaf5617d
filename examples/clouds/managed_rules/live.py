"""The live state that managed rules judge, read through the real SDK, and the verdict they give."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

_CREATION = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One rule about one resource.

    Args:
        resource_type: AWS Config's word, such as ``AWS::S3::Bucket``.
        resource_id: as AWS Config names it: a role by its unique id, a topic by its ARN.
        annotation: why, where it is not met; AWS leaves it out where it is.
    """

    resource_type: str
    resource_id: str
    compliant: bool
    annotation: str = ""


class Live:
    """One look at one region of a cloud; what was read once stays as it was for this look.

    Args:
        endpoint: of the simulated AWS.
        region: such as ``eu-west-1``.
    """

    def __init__(self, *, endpoint: str, region: str) -> None:
        self.endpoint = endpoint
        self.region = region

    def client(self, service: str) -> Any:
        """The SDK's client for `service`; clients outlive the look, what they read does not."""
        with _CREATION:
            return _client(service, self.endpoint, self.region)

    def pages(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """Every element under `key` of every page of `operation`."""
        for page in self.client(service).get_paginator(operation).paginate(**arguments):
            yield from page[key]

    @cached_property
    def account(self) -> str:
        """The account's twelve digits."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @cached_property
    def buckets(self) -> tuple[str, ...]:
        """Names of the buckets in this region: AWS Config records a bucket where it lives."""
        s3 = self.client("s3")
        names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        return tuple(
            name
            for name in names
            if (s3.get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1") == self.region
        )

    @cached_property
    def security_groups(self) -> tuple[dict[str, Any], ...]:
        """All security groups of the region."""
        return tuple(self.pages("ec2", "describe_security_groups", "SecurityGroups"))

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Names of the DynamoDB tables."""
        return tuple(self.pages("dynamodb", "list_tables", "TableNames"))


def answer_or_none(call: Any, absent: str, **arguments: Any) -> Any:
    """What `call` answers; None where it answers with the error code `absent`; other errors pass."""
    try:
        return call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] == absent:
            return None
        raise


@cache
def _client(service: str, endpoint: str, region: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="aws-config",
        aws_secret_access_key="aws-config",  # noqa: S106 - the simulated cloud asks for some, not for which
        config=Config(retries={"total_max_attempts": 2}, max_pool_connections=20),
    )
