from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.resource_types import AWS_BY_CONFIG, AWS_BY_TERRAFORM, AWS_PARTS
from taxonomy.resources import Identity, from_azure, from_config, identify

ACCOUNT, REGION = "123456789012", "eu-west-1"
BUCKET = "arn:aws:s3:::ledger"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
GROUP = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/app/web"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

PARTS = [
    ("aws_s3_bucket_versioning", {"bucket": "ledger"}, BUCKET, "versioning"),
    ("aws_s3_bucket_public_access_block", {"bucket": "ledger"}, BUCKET, "public_access_block"),
    ("aws_s3_bucket_policy", {"bucket": "ledger"}, BUCKET, "policy"),
    ("aws_s3_bucket_something_new", {"bucket": "ledger"}, BUCKET, "something_new"),
    ("aws_s3_bucket_inventory", {"bucket": "ledger", "name": "weekly"}, BUCKET, "inventory.weekly"),
    ("aws_iam_role_policy", {"role": "app", "name": "extra"}, ROLE, "inline_policy.extra"),
    (
        "aws_iam_role_policy_attachment",
        {"role": "app", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        ROLE,
        "policy_attachment.arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
    ("aws_security_group_rule", {"security_group_id": "sg-1", "type": "egress"}, GROUP, "egress"),
    ("aws_vpc_security_group_ingress_rule", {"security_group_id": "sg-1", "arn": "arn:x"}, GROUP, "ingress"),
    ("aws_lambda_permission", {"function_name": "worker", "statement_id": "s"}, FUNCTION, "permission.s"),
    ("aws_lambda_function_url", {"function_name": f"{FUNCTION}:live"}, FUNCTION, "url"),
    ("aws_lambda_function_url", {"function_name": "worker:live"}, FUNCTION, "url"),
    ("aws_sqs_queue_policy", {"queue_url": f"https://sqs.x/{ACCOUNT}/jobs"}, QUEUE, "policy"),
    ("aws_sns_topic_policy", {"arn": TOPIC}, TOPIC, "policy"),
    ("aws_cloudwatch_log_stream", {"log_group_name": "/app/web", "name": "e"}, LOGS, "stream.e"),
    ("aws_dynamodb_resource_policy", {"resource_arn": TABLE}, TABLE, "resource_policy"),
    ("aws_iam_account_password_policy", {"id": "iam-account-password-policy"}, ROOT, "password_policy"),
    ("aws_ebs_encryption_by_default", {"id": "x"}, ROOT, f"ebs_encryption_by_default.{REGION}"),
]  # fmt: skip


def named(resource_type: str, attributes: dict[str, Any], **how: Any) -> Identity:
    return identify(resource_type, attributes, **{"account": ACCOUNT, "region": REGION, **how})


@pytest.mark.parametrize(("kind", "attributes", "parent", "prefix"), PARTS, ids=[row[0] for row in PARTS])
def test_a_part_goes_by_its_parents_name(
    kind: str, attributes: dict[str, Any], parent: str, prefix: str
) -> None:
    found = named(kind, attributes)
    assert (found.resource_id, found.prefix) == (parent, prefix)
    assert found.resource_type != kind


def test_what_has_an_arn_goes_by_it_and_keeps_its_type() -> None:
    found = named(
        "aws_cloudwatch_event_rule", {"arn": "arn:aws:events:eu-west-1:1:rule/nightly", "id": "nightly"}
    )
    assert found == Identity(
        resource_id="arn:aws:events:eu-west-1:1:rule/nightly", resource_type="aws_cloudwatch_event_rule"
    )


def test_a_log_group_has_one_name_with_and_without_the_star() -> None:
    assert named("aws_cloudwatch_log_group", {"arn": f"{LOGS}:*", "name": "/app/web"}).resource_id == LOGS


@pytest.mark.parametrize(
    ("kind", "attributes", "config", "config_id"),
    [
        ("aws_s3_bucket", {"arn": BUCKET, "bucket": "ledger"}, "AWS::S3::Bucket", "ledger"),
        ("aws_iam_role", {"arn": ROLE, "name": "app", "unique_id": "AROA1"}, "AWS::IAM::Role", "AROA1"),
        ("aws_iam_user", {"arn": f"{ROOT}/x", "name": "x", "unique_id": "AIDA1"}, "AWS::IAM::User", "AIDA1"),
        ("aws_security_group", {"arn": GROUP, "id": "sg-1"}, "AWS::EC2::SecurityGroup", "sg-1"),
        ("aws_kms_key", {"key_id": "k-1"}, "AWS::KMS::Key", "k-1"),
        (
            "aws_lambda_function",
            {"arn": FUNCTION, "function_name": "worker"},
            "AWS::Lambda::Function",
            "worker",
        ),
        ("aws_dynamodb_table", {"arn": TABLE, "name": "orders"}, "AWS::DynamoDB::Table", "orders"),
        ("aws_sqs_queue", {"arn": QUEUE, "name": "jobs"}, "AWS::SQS::Queue", f"https://sqs.x/{ACCOUNT}/jobs"),
        ("aws_sns_topic", {"arn": "arn:aws:sns:r:1:a"}, "AWS::SNS::Topic", "arn:aws:sns:r:1:a"),
        ("aws_db_instance", {"identifier": "db", "resource_id": "db-ABC"}, "AWS::RDS::DBInstance", "db-ABC"),
        ("aws_cloudwatch_log_group", {"name": "/app/web"}, "AWS::Logs::LogGroup", "/app/web"),
        ("aws_iam_account_password_policy", {}, "AWS::::Account", ACCOUNT),
    ],
)
def test_terraform_and_aws_config_meet_under_one_name(
    kind: str, attributes: dict[str, Any], config: str, config_id: str
) -> None:
    one = named(kind, attributes)
    other = from_config(config, config_id, account=ACCOUNT, region=REGION)
    assert {one.resource_id, *one.aliases} & {other.resource_id, *other.aliases}
    assert one.resource_type == other.resource_type


def test_a_role_with_a_path_and_its_policy_meet() -> None:
    role = named("aws_iam_role", {"arn": f"arn:aws:iam::{ACCOUNT}:role/teams/app", "name": "app"})
    policy = named("aws_iam_role_policy", {"role": "app", "name": "extra"})
    assert policy.resource_id in {role.resource_id, *role.aliases}


def test_every_type_of_aws_config_gets_terraforms_word() -> None:
    assert len(AWS_BY_CONFIG) >= 40
    for config, kind in AWS_BY_CONFIG.items():
        assert from_config(config, "x-1", account=ACCOUNT, region=REGION).resource_type == kind.terraform


def test_every_part_has_a_parent_that_is_known() -> None:
    assert {part.parent for part in AWS_PARTS.values()} <= AWS_BY_TERRAFORM.keys()


def test_names_that_only_their_account_and_region_make_unique_are_no_aliases() -> None:
    here = from_config("AWS::Lambda::Function", "worker", account=ACCOUNT, region=REGION)
    there = from_config("AWS::Lambda::Function", "worker", account=ACCOUNT, region="us-east-1")
    assert not {here.resource_id, *here.aliases} & {there.resource_id, *there.aliases}


def test_replicas_of_a_multi_region_key_stay_apart() -> None:
    here = from_config("AWS::KMS::Key", "mrk-1", account=ACCOUNT, region=REGION)
    there = from_config("AWS::KMS::Key", "mrk-1", account=ACCOUNT, region="us-east-1")
    assert not {here.resource_id, *here.aliases} & {there.resource_id, *there.aliases}


def test_partitions_follow_the_region() -> None:
    assert (
        named("aws_s3_bucket_policy", {"bucket": "b"}, region="cn-north-1").resource_id == "arn:aws-cn:s3:::b"
    )
    found = from_config("AWS::EC2::VPC", "vpc-1", account=ACCOUNT, region="us-gov-west-1")
    assert found.resource_id == f"arn:aws-us-gov:ec2:us-gov-west-1:{ACCOUNT}:vpc/vpc-1"


def test_a_type_nobody_knows_is_named_by_account_region_type_and_id() -> None:
    assert named("aws_new_thing", {"id": "n-1"}).resource_id == f"aws:{ACCOUNT}:{REGION}:aws_new_thing/n-1"
    found = from_config("AWS::New::Thing", "n-1", account=ACCOUNT, region=REGION)
    assert found == Identity(
        resource_id=f"aws:{ACCOUNT}:{REGION}:AWS::New::Thing/n-1", resource_type="AWS::New::Thing"
    )


def test_what_no_cloud_names_goes_by_where_it_is_declared() -> None:
    one = named("random_password", {"id": "none", "result": "a"}, fallback="net/random_password.a")
    other = named("random_password", {"id": "none", "result": "a"}, fallback="net/random_password.b")
    assert one.resource_id != other.resource_id
    assert "none" not in one.resource_id


def test_an_access_keys_id_is_not_shown() -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    found = named("aws_iam_access_key", {"user": "ci", "id": key})
    assert key not in repr(found)
    assert found.resource_id == f"arn:aws:iam::{ACCOUNT}:user/ci"


def test_azure_ids_do_not_distinguish_case() -> None:
    path = "/subscriptions/0/resourceGroups/RG/providers/Microsoft.Storage/storageAccounts/Acme"
    one = named("azurerm_storage_account", {"id": path})
    other = from_azure(path.upper(), "/Microsoft.Storage/StorageAccounts")
    assert one.resource_id == other.resource_id == path.lower()
    assert one.resource_type == other.resource_type == "azurerm_storage_account"


def test_a_network_rule_of_azure_is_part_of_its_group() -> None:
    group = "/subscriptions/0/resourcegroups/rg/providers/microsoft.network/networksecuritygroups/edge"
    found = named("azurerm_network_security_rule", {"id": f"{group}/securityRules/Ssh"})
    assert (found.resource_id, found.prefix) == (group, "security_rule.ssh")
    assert found.resource_type == "azurerm_network_security_group"


def test_a_type_of_azure_that_terraform_has_no_word_for_stays_its_own() -> None:
    assert from_azure("/subscriptions/0/x", "Microsoft.New/Things").resource_type == "microsoft.new/things"
    assert from_azure("/subscriptions/0/x", "").resource_type == "azure_resource"


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
KEYS = sorted(
    {"arn", "id", "bucket", "role", "name", "function_name", "queue_url", "type", "region", "unique_id"}
)
TYPES = sorted({*AWS_BY_TERRAFORM, *AWS_PARTS, "aws_s3_bucket_policy", "azurerm_x", "null_resource", "x", ""})


@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(KEYS), ODD), st.none() | st.just(ACCOUNT))
def test_no_state_however_odd_makes_it_fail_or_name_nothing(
    kind: str, attributes: dict[str, Any], account: str | None
) -> None:
    found = identify(kind, attributes, account=account, region=REGION)
    assert found.resource_id
    assert found.resource_id not in found.aliases


@given(st.sampled_from(sorted(AWS_BY_TERRAFORM)), st.text(min_size=1), st.text(min_size=1))
def test_two_resources_of_one_type_never_share_a_name(kind: str, one: str, other: str) -> None:
    def names(text: str) -> set[str]:
        found = identify(kind, {AWS_BY_TERRAFORM[kind].name or "id": text}, account=ACCOUNT, region=REGION)
        return {found.resource_id, *found.aliases}

    if one.lstrip("/") != other.lstrip("/") and not {one, other} & {"none", "-"}:
        assert not names(one) & names(other)
