"""AWS Config's managed rules that the simulated endpoint evaluates, by the name of each deployed rule.

What each is called and takes: https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
Two of the names carry what services put there: a conformance pack's suffix, a Security Hub hash.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from examples.clouds.managed_rules import buckets, identity, network, operations, protection
from examples.clouds.managed_rules.live import Live, Verdict

Evaluate = Callable[[Live, Mapping[str, str]], Iterator[Verdict]]


@dataclass(frozen=True, kw_only=True)
class ManagedRule:
    """One rule as deployed in the account.

    Args:
        identifier: AWS's name of the managed rule, in capitals.
        evaluate: reads the live state and judges every resource in scope.
        resource_types: its scope; empty where the rule is periodic and names none.
        created_by: the service that put it there; None where people did.
    """

    identifier: str
    evaluate: Evaluate
    resource_types: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    created_by: str | None = None


_BUCKET = ("AWS::S3::Bucket",)
_GROUP = ("AWS::EC2::SecurityGroup",)
_PORTS = {f"blockedPort{n}": p for n, p in enumerate(("20", "21", "3389", "3306", "4333"), 1)}

RULES: Mapping[str, ManagedRule] = {
    "s3-bucket-server-side-encryption-enabled": ManagedRule(
        identifier="S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
        evaluate=buckets.encrypted,
        resource_types=_BUCKET,
    ),
    "s3-bucket-versioning-enabled": ManagedRule(
        identifier="S3_BUCKET_VERSIONING_ENABLED", evaluate=buckets.versioned, resource_types=_BUCKET
    ),
    "s3-bucket-level-public-access-prohibited": ManagedRule(
        identifier="S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
        evaluate=buckets.not_public,
        resource_types=_BUCKET,
    ),
    "s3-bucket-ssl-requests-only-conformance-pack-2mzvqk7cd": ManagedRule(
        identifier="S3_BUCKET_SSL_REQUESTS_ONLY",
        evaluate=buckets.tls_only,
        resource_types=_BUCKET,
        created_by="config-conforms.amazonaws.com",
    ),
    "restricted-ssh": ManagedRule(
        identifier="INCOMING_SSH_DISABLED", evaluate=network.ssh_restricted, resource_types=_GROUP
    ),
    "restricted-common-ports": ManagedRule(
        identifier="RESTRICTED_INCOMING_TRAFFIC",
        evaluate=network.common_ports_restricted,
        resource_types=_GROUP,
        parameters=_PORTS,
    ),
    "securityhub-vpc-default-security-group-closed-6b1f40d2": ManagedRule(
        identifier="VPC_DEFAULT_SECURITY_GROUP_CLOSED",
        evaluate=network.default_closed,
        resource_types=_GROUP,
        created_by="securityhub.amazonaws.com",
    ),
    "cmk-backing-key-rotation-enabled": ManagedRule(
        identifier="CMK_BACKING_KEY_ROTATION_ENABLED", evaluate=protection.keys_rotated
    ),
    "iam-policy-no-statements-with-admin-access": ManagedRule(
        identifier="IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
        evaluate=identity.no_admin_access,
        resource_types=("AWS::IAM::Policy",),
    ),
    "iam-no-inline-policy-check": ManagedRule(
        identifier="IAM_NO_INLINE_POLICY_CHECK",
        evaluate=identity.no_inline_policy,
        resource_types=("AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::Group"),
    ),
    "required-tags": ManagedRule(
        identifier="REQUIRED_TAGS",
        evaluate=operations.tagged,
        resource_types=(*_BUCKET, *_GROUP, "AWS::DynamoDB::Table"),
        parameters={"tag1Key": "Owner", "tag2Key": "Environment"},
    ),
    "cw-loggroup-retention-period-check": ManagedRule(
        identifier="CW_LOGGROUP_RETENTION_PERIOD_CHECK",
        evaluate=operations.logs_kept,
        parameters={"MinRetentionTime": "365"},
    ),
    "dynamodb-pitr-enabled": ManagedRule(
        identifier="DYNAMODB_PITR_ENABLED", evaluate=protection.tables_recoverable
    ),
    "sns-encrypted-kms": ManagedRule(
        identifier="SNS_ENCRYPTED_KMS",
        evaluate=protection.topics_encrypted,
        resource_types=("AWS::SNS::Topic",),
    ),
    "secretsmanager-using-cmk": ManagedRule(
        identifier="SECRETSMANAGER_USING_CMK",
        evaluate=protection.secrets_under_own_key,
        resource_types=("AWS::SecretsManager::Secret",),
    ),
    "ec2-ebs-encryption-by-default": ManagedRule(
        identifier="EC2_EBS_ENCRYPTION_BY_DEFAULT", evaluate=protection.volumes_encrypted
    ),
    "cloud-trail-log-file-validation-enabled": ManagedRule(
        identifier="CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", evaluate=operations.trails_validated
    ),
    "lambda-function-public-access-prohibited": ManagedRule(
        identifier="LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED",
        evaluate=operations.functions_not_public,
        resource_types=("AWS::Lambda::Function",),
    ),
}
