"""Changes the cloud by hand, as someone in a hurry would: no ticket, no code, straight at the API.

Every change is on another resource of `examples/acme`, so that each becomes a drift of its own. Two
touch nothing but a tag; the rest weaken something. What a plan then shows of each is held by
tests/examples/test_haste.py.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3

UNDECLARED_BUCKET = "acme-export-tmp"

Client = Callable[[str], Any]
"""Gives the SDK's client for a service, such as ``s3``."""


def changes(environment: Mapping[str, str]) -> list[str]:
    """Make all changes of `CHANGES`, in order; gives one line for each.

    Args:
        environment: ``AWS_*`` variables, such as those of `examples.clouds.Clouds`.
    """
    client = clients(environment)
    return [change(client) for change in CHANGES]


def clients(environment: Mapping[str, str]) -> Client:
    """The SDK's clients under these ``AWS_*`` variables, and nothing else of this process."""
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    return lambda service: session.client(service, endpoint_url=environment["AWS_ENDPOINT_URL"])


def retag_table(client: Client) -> str:
    """The ledger table's cost is booked elsewhere."""
    dynamodb = client("dynamodb")
    arn = dynamodb.describe_table(TableName="acme-ledger")["Table"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "CostCenter", "Value": "growth"}])
    return "DynamoDB table acme-ledger: tag CostCenter changed from ledger to growth"


def retag_topic(client: Client) -> str:
    """A note to self is left on the alerts topic."""
    sns = client("sns")
    sns.tag_resource(ResourceArn=_topic(sns), Tags=[{"Key": "Note", "Value": "check volume on Monday"}])
    return "SNS topic acme-ledger-alerts: tag Note added"


def open_ssh(client: Client) -> str:
    """The front door admits SSH from anywhere, over both protocols."""
    ec2 = client("ec2")
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["acme-web"]}])
    anywhere = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    ec2.authorize_security_group_ingress(
        GroupId=groups["SecurityGroups"][0]["GroupId"],
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **anywhere}],
    )
    return "Security group acme-web: port 22 opened to 0.0.0.0/0 and ::/0"


def stop_encryption(client: Client) -> str:
    """New objects of the ledger store are no longer encrypted with the ledger's key."""
    client("s3").delete_bucket_encryption(Bucket="acme-ledger-production")
    return "Bucket acme-ledger-production: default encryption removed"


def suspend_versioning(client: Client) -> str:
    """Overwriting a scanned statement now destroys it."""
    client("s3").put_bucket_versioning(
        Bucket="acme-media-production", VersioningConfiguration={"Status": "Suspended"}
    )
    return "Bucket acme-media-production: versioning suspended"


def stop_rotation(client: Client) -> str:
    """The key of tokens and signing secrets is no longer rotated."""
    kms = client("kms")
    aliases = kms.get_paginator("list_aliases").paginate().build_full_result()["Aliases"]
    key = next(a["TargetKeyId"] for a in aliases if a["AliasName"] == "alias/acme-secrets")
    kms.disable_key_rotation(KeyId=key)
    return "KMS key alias/acme-secrets: rotation disabled"


def shorten_retention(client: Client) -> str:
    """The ledger's log is kept a week instead of a year."""
    client("logs").put_retention_policy(logGroupName="/acme/ledger", retentionInDays=7)
    return "Log group /acme/ledger: retention shortened from 365 to 7 days"


def slip_in_policy(client: Client) -> str:
    """The role that writes the ledger may now do anything; no apply undoes it."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    client("iam").put_role_policy(
        RoleName="acme-ledger-writer",
        PolicyName="quick-fix",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return "Role acme-ledger-writer: inline policy quick-fix added, it allows * on *"


def delete_parameter(client: Client) -> str:
    """A parameter is cleaned up that was still in use."""
    client("ssm").delete_parameter(Name="/acme/ledger/settlement-window")
    return "SSM parameter /acme/ledger/settlement-window: deleted"


def create_bucket(client: Client) -> str:
    """A bucket appears that no code declares: no encryption, no versioning, no tags."""
    s3 = client("s3")
    s3.create_bucket(
        Bucket=UNDECLARED_BUCKET,
        CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name},
    )
    return f"Bucket {UNDECLARED_BUCKET}: created, declared nowhere"


CHANGES: tuple[Callable[[Client], str], ...] = (
    retag_table,
    retag_topic,
    open_ssh,
    stop_encryption,
    suspend_versioning,
    stop_rotation,
    shorten_retention,
    slip_in_policy,
    delete_parameter,
    create_bucket,
)


def _topic(sns: Any) -> str:
    topics = sns.get_paginator("list_topics").paginate().build_full_result()["Topics"]
    return str(next(t["TopicArn"] for t in topics if t["TopicArn"].endswith(":acme-ledger-alerts")))
