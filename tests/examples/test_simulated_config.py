"""The simulated AWS Config judges moto's live state, and answers as the real service does."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from simulated import client

from examples.clouds import Clouds, simulate
from examples.clouds.managed_rules import RULES

OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NARROW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
ASSUME = {"Version": "2012-10-17", "Statement": []}
TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}
SSE = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
BLOCK = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
Aws = Callable[[str], Any]


@pytest.fixture
def aws(cloud: Clouds) -> Aws:
    return lambda service: client(service, cloud)


@pytest.fixture(autouse=True)
def _as_at_first(cloud: Clouds) -> None:
    simulate(
        cloud.config_url,
        throttle=0,
        deny=False,
        recorder=True,
        recording=True,
        insufficient=[],
        page_size=8,
    )


# Each of these makes a resource that meets its rule, gives the id under which AWS Config knows it,
# and then, resumed, spoils it.


def bucket_encrypted(aws: Aws) -> Iterator[str]:
    aws("s3").put_bucket_encryption(Bucket=_bucket(aws), ServerSideEncryptionConfiguration=SSE)
    yield "shared-store"
    aws("s3").delete_bucket_encryption(Bucket="shared-store")


def bucket_versioned(aws: Aws) -> Iterator[str]:
    aws("s3").put_bucket_versioning(Bucket=_bucket(aws), VersioningConfiguration={"Status": "Enabled"})
    yield "shared-store"
    aws("s3").put_bucket_versioning(Bucket="shared-store", VersioningConfiguration={"Status": "Suspended"})


def bucket_not_public(aws: Aws) -> Iterator[str]:
    aws("s3").put_public_access_block(Bucket=_bucket(aws), PublicAccessBlockConfiguration=BLOCK)
    yield "shared-store"
    opened = BLOCK | {"BlockPublicPolicy": False}
    aws("s3").put_public_access_block(Bucket="shared-store", PublicAccessBlockConfiguration=opened)


def bucket_tls_only(aws: Aws) -> Iterator[str]:
    aws("s3").put_bucket_policy(Bucket=_bucket(aws), Policy=json.dumps(TLS_ONLY))
    yield "shared-store"
    aws("s3").delete_bucket_policy(Bucket="shared-store")


def group_without_ssh(aws: Aws) -> Iterator[str]:
    group = _group(aws, "no-ssh")
    _open(aws, group, 443)
    yield group
    _open(aws, group, 22)


def group_without_common_ports(aws: Aws) -> Iterator[str]:
    group = _group(aws, "no-common-ports")
    _open(aws, group, 22)
    yield group
    _open(aws, group, 3389)


def default_group_closed(aws: Aws) -> Iterator[str]:
    (group,) = _groups(aws, "default")
    for rule in group["IpPermissionsEgress"]:
        aws("ec2").revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=[rule])
    yield group["GroupId"]
    _open(aws, group["GroupId"], 443)


def key_rotated(aws: Aws) -> Iterator[str]:
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    aws("kms").enable_key_rotation(KeyId=key)
    yield key
    aws("kms").disable_key_rotation(KeyId=key)


def policy_narrow(aws: Aws) -> Iterator[str]:
    policy = aws("iam").create_policy(PolicyName="narrow", PolicyDocument=json.dumps(NARROW))["Policy"]
    yield policy["PolicyId"]
    aws("iam").create_policy_version(
        PolicyArn=policy["Arn"], PolicyDocument=json.dumps(OPEN), SetAsDefault=True
    )


def role_without_inline_policy(aws: Aws) -> Iterator[str]:
    role = aws("iam").create_role(RoleName="plain", AssumeRolePolicyDocument=json.dumps(ASSUME))["Role"]
    assert role["RoleId"].startswith("AROA")
    yield role["RoleId"]
    aws("iam").put_role_policy(RoleName="plain", PolicyName="extra", PolicyDocument=json.dumps(NARROW))


def group_tagged(aws: Aws) -> Iterator[str]:
    group = _group(aws, "tagged")
    tags = [{"Key": key, "Value": "x"} for key in ("Owner", "Environment")]
    aws("ec2").create_tags(Resources=[group], Tags=tags)
    yield group
    aws("ec2").delete_tags(Resources=[group], Tags=tags[:1])


def log_kept(aws: Aws) -> Iterator[str]:
    aws("logs").create_log_group(logGroupName="/kept")
    aws("logs").put_retention_policy(logGroupName="/kept", retentionInDays=400)
    yield "/kept"
    aws("logs").put_retention_policy(logGroupName="/kept", retentionInDays=30)


def table_recoverable(aws: Aws) -> Iterator[str]:
    key = {"AttributeName": "k"}
    aws("dynamodb").create_table(
        TableName="recoverable",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[key | {"AttributeType": "S"}],
        KeySchema=[key | {"KeyType": "HASH"}],
    )
    for enabled in (True, False):
        aws("dynamodb").update_continuous_backups(
            TableName="recoverable",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled},
        )
        if enabled:
            yield "recoverable"


def topic_encrypted(aws: Aws) -> Iterator[str]:
    arn = aws("sns").create_topic(Name="sealed", Attributes={"KmsMasterKeyId": "alias/any"})["TopicArn"]
    yield arn
    aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue="")


def secret_under_own_key(aws: Aws) -> Iterator[str]:
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    made = aws("secretsmanager").create_secret(Name="own", SecretString="unseen", KmsKeyId=key)
    yield made["ARN"]
    aws("secretsmanager").update_secret(SecretId="own", KmsKeyId="alias/aws/secretsmanager")


def volumes_encrypted(aws: Aws) -> Iterator[str]:
    aws("ec2").enable_ebs_encryption_by_default()
    yield "123456789012"
    aws("ec2").disable_ebs_encryption_by_default()


def trail_validated(aws: Aws) -> Iterator[str]:
    trail = {"Name": "audit", "S3BucketName": _bucket(aws)}
    aws("cloudtrail").create_trail(**trail, EnableLogFileValidation=True)
    yield "audit"
    aws("cloudtrail").update_trail(**trail, EnableLogFileValidation=False)


def function_not_public(aws: Aws) -> Iterator[str]:
    role = aws("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=json.dumps(ASSUME))["Role"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): ...\n")
    aws("lambda").create_function(
        FunctionName="quiet",
        Runtime="python3.11",
        Role=role["Arn"],
        Handler="main.handler",
        Code={"ZipFile": code.getvalue()},
    )
    yield "quiet"
    aws("lambda").add_permission(
        FunctionName="quiet", StatementId="all", Action="lambda:InvokeFunction", Principal="*"
    )


SPOILED = {
    "s3-bucket-server-side-encryption-enabled": bucket_encrypted,
    "s3-bucket-versioning-enabled": bucket_versioned,
    "s3-bucket-level-public-access-prohibited": bucket_not_public,
    "s3-bucket-ssl-requests-only-conformance-pack-2mzvqk7cd": bucket_tls_only,
    "restricted-ssh": group_without_ssh,
    "restricted-common-ports": group_without_common_ports,
    "securityhub-vpc-default-security-group-closed-6b1f40d2": default_group_closed,
    "cmk-backing-key-rotation-enabled": key_rotated,
    "iam-policy-no-statements-with-admin-access": policy_narrow,
    "iam-no-inline-policy-check": role_without_inline_policy,
    "required-tags": group_tagged,
    "cw-loggroup-retention-period-check": log_kept,
    "dynamodb-pitr-enabled": table_recoverable,
    "sns-encrypted-kms": topic_encrypted,
    "secretsmanager-using-cmk": secret_under_own_key,
    "ec2-ebs-encryption-by-default": volumes_encrypted,
    "cloud-trail-log-file-validation-enabled": trail_validated,
    "lambda-function-public-access-prohibited": function_not_public,
}


def test_every_rule_is_tried() -> None:
    assert SPOILED.keys() == RULES.keys()
    assert len(RULES) >= 14


@pytest.mark.parametrize("rule", sorted(SPOILED))
def test_a_rule_turns_as_soon_as_the_resource_is_spoiled(rule: str, aws: Aws) -> None:
    life = SPOILED[rule](aws)
    resource = next(life)
    assert _verdict(aws, rule, resource)["ComplianceType"] == "COMPLIANT"
    with pytest.raises(StopIteration):
        next(life)
    spoiled = _verdict(aws, rule, resource)
    assert spoiled["ComplianceType"] == "NON_COMPLIANT"
    assert spoiled["Annotation"]
    qualifier = spoiled["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    assert qualifier["ResourceType"] in RULES[rule].resource_types or not RULES[rule].resource_types


@pytest.mark.parametrize("page_size", [1, 8, 18, 25])
def test_every_rule_comes_once_whatever_the_page(cloud: Clouds, page_size: int) -> None:
    simulate(cloud.config_url, page_size=page_size)
    pages = client("config", cloud).get_paginator("describe_config_rules").paginate()
    names = [rule["ConfigRuleName"] for page in pages for rule in page["ConfigRules"]]
    assert names == sorted(RULES)


def test_details_come_in_pages_of_the_limit_asked_for(cloud: Clouds) -> None:
    for n in range(3):
        client("sns", cloud).create_topic(Name=f"paged-{n}")
    pager = client("config", cloud).get_paginator("get_compliance_details_by_config_rule")
    pages = list(pager.paginate(ConfigRuleName="sns-encrypted-kms", PaginationConfig={"PageSize": 1}))
    assert all(len(page["EvaluationResults"]) == 1 for page in pages)
    assert len(pages) >= 3


def test_a_page_may_be_empty_and_still_name_a_next_one(cloud: Clouds) -> None:
    simulate(cloud.config_url, page_size=1)
    ask = client("config", cloud).describe_compliance_by_config_rule
    first = ask(ComplianceTypes=["NOT_APPLICABLE"])
    assert first["ComplianceByConfigRules"] == []
    assert first["NextToken"]


@pytest.mark.parametrize("token", ["no token", "bm90IG9uZQ=="])
def test_an_invalid_token_is_refused(cloud: Clouds, token: str) -> None:
    with pytest.raises(ClientError) as refused:
        client("config", cloud).describe_config_rules(NextToken=token)
    assert refused.value.response["Error"]["Code"] == "InvalidNextTokenException"


def test_a_token_is_good_only_for_the_question_it_came_from(cloud: Clouds) -> None:
    config = client("config", cloud)
    token = config.describe_compliance_by_config_rule()["NextToken"]
    with pytest.raises(config.exceptions.InvalidNextTokenException):
        config.describe_compliance_by_config_rule(ComplianceTypes=["COMPLIANT"], NextToken=token)


def test_an_unknown_rule_is_an_error_not_an_empty_answer(cloud: Clouds) -> None:
    config = client("config", cloud)
    with pytest.raises(config.exceptions.NoSuchConfigRuleException):
        config.get_compliance_details_by_config_rule(ConfigRuleName="absent")


def test_throttling_passes_when_the_sdk_retries(cloud: Clouds) -> None:
    simulate(cloud.config_url, throttle=1)
    with pytest.raises(ClientError, match="ThrottlingException"):
        client("config", cloud).describe_config_rules()
    simulate(cloud.config_url, throttle=1)
    assert client("config", cloud, attempts=3).describe_config_rules()["ConfigRules"]


def test_denied_names_the_action(cloud: Clouds) -> None:
    simulate(cloud.config_url, deny=True)
    with pytest.raises(ClientError, match=r"AccessDeniedException.*config:DescribeConfigRules"):
        client("config", cloud).describe_config_rules()


def test_a_recorder_may_be_absent_or_stopped(cloud: Clouds) -> None:
    config = client("config", cloud)
    status = config.describe_configuration_recorder_status
    assert [s["recording"] for s in status()["ConfigurationRecordersStatus"]] == [True]
    simulate(cloud.config_url, recording=False)
    assert [s["recording"] for s in status()["ConfigurationRecordersStatus"]] == [False]
    simulate(cloud.config_url, recorder=False)
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []


def test_a_rule_without_results_has_insufficient_data(cloud: Clouds) -> None:
    simulate(cloud.config_url, insufficient=["restricted-ssh"])
    ask = client("config", cloud).describe_compliance_by_config_rule
    (row,) = ask(ConfigRuleNames=["restricted-ssh"])["ComplianceByConfigRules"]
    assert row["Compliance"]["ComplianceType"] == "INSUFFICIENT_DATA"


def test_the_region_is_the_callers(cloud: Clouds) -> None:
    (rule,) = client("config", cloud, region="eu-central-1").describe_config_rules(
        ConfigRuleNames=["restricted-ssh"]
    )["ConfigRules"]
    assert rule["ConfigRuleArn"].startswith("arn:aws:config:eu-central-1:123456789012:config-rule/")


def test_what_is_not_simulated_is_an_error_not_an_empty_answer(cloud: Clouds) -> None:
    with pytest.raises(ClientError, match="UnknownOperationException"):
        client("config", cloud).get_compliance_summary_by_config_rule()


def _verdict(aws: Aws, rule: str, resource: str) -> dict[str, Any]:
    pages = aws("config").get_paginator("get_compliance_details_by_config_rule").paginate(ConfigRuleName=rule)
    results = {
        r["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]: r
        for page in pages
        for r in page["EvaluationResults"]
    }
    return dict(results[resource])


def _bucket(aws: Aws) -> str:
    name = "shared-store"
    if name not in {b["Name"] for b in aws("s3").list_buckets()["Buckets"]}:
        aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


def _groups(aws: Aws, name: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-name", "Values": [name]}]
    return list(aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"])


def _group(aws: Aws, name: str) -> str:
    return str(aws("ec2").create_security_group(GroupName=name, Description=name)["GroupId"])


def _open(aws: Aws, group: str, port: int) -> None:
    rule = {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
    }
    aws("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
