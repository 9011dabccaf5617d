"""Managed rules about logs, functions and tags."""

import json
from collections.abc import Iterator, Mapping

from examples.clouds.managed_rules.live import Live, Verdict, answer_or_none


def logs_kept(live: Live, parameters: Mapping[str, str]) -> Iterator[Verdict]:
    """cw-loggroup-retention-period-check: kept at least ``MinRetentionTime`` days, or for ever."""
    least = int(parameters["MinRetentionTime"])
    for group in live.pages("logs", "describe_log_groups", "logGroups"):
        days = group.get("retentionInDays", least)
        yield Verdict(
            resource_type="AWS::Logs::LogGroup",
            resource_id=group["logGroupName"],
            compliant=days >= least,
            annotation="" if days >= least else f"Kept {days} days, at least {least} are required.",
        )


def trails_validated(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """cloud-trail-log-file-validation-enabled: each trail signs digests of its files."""
    for trail in live.client("cloudtrail").describe_trails()["trailList"]:
        compliant = bool(trail.get("LogFileValidationEnabled"))
        yield Verdict(
            resource_type="AWS::CloudTrail::Trail",
            resource_id=trail["Name"],
            compliant=compliant,
            annotation="" if compliant else "Log file validation is off.",
        )


def functions_not_public(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """lambda-function-public-access-prohibited: no function's policy admits everybody."""
    read = live.client("lambda").get_policy
    for function in live.pages("lambda", "list_functions", "Functions"):
        name = function["FunctionName"]
        answer = answer_or_none(read, "ResourceNotFoundException", FunctionName=name)
        statements = json.loads(answer["Policy"])["Statement"] if answer else []
        public = any(s["Effect"] == "Allow" and s["Principal"] in ("*", {"AWS": "*"}) for s in statements)
        yield Verdict(
            resource_type="AWS::Lambda::Function",
            resource_id=name,
            compliant=not public,
            annotation="The function's policy admits everybody." if public else "",
        )


def tagged(live: Live, parameters: Mapping[str, str]) -> Iterator[Verdict]:
    """required-tags: buckets, security groups and tables carry each ``tagNKey``, whatever its value."""
    required = {value for name, value in parameters.items() if name.endswith("Key")}
    for resource_type, resource_id, tags in _tags(live):
        absent = sorted(required - tags)
        yield Verdict(
            resource_type=resource_type,
            resource_id=resource_id,
            compliant=not absent,
            annotation=f"Tags missing: {', '.join(absent)}." if absent else "",
        )


def _tags(live: Live) -> Iterator[tuple[str, str, set[str]]]:
    s3, dynamodb = live.client("s3"), live.client("dynamodb")
    for name in live.buckets:
        answer = answer_or_none(s3.get_bucket_tagging, "NoSuchTagSet", Bucket=name)
        yield "AWS::S3::Bucket", name, {t["Key"] for t in answer["TagSet"]} if answer else set()
    for group in live.security_groups:
        yield "AWS::EC2::SecurityGroup", group["GroupId"], {t["Key"] for t in group.get("Tags", [])}
    for name in live.tables:
        arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        yield (
            "AWS::DynamoDB::Table",
            name,
            {t["Key"] for t in dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]},
        )
