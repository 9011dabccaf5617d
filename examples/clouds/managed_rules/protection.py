"""Managed rules about keys and about data at rest."""

from collections.abc import Iterator, Mapping

from examples.clouds.managed_rules.live import Live, Verdict


def keys_rotated(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """cmk-backing-key-rotation-enabled: each enabled symmetric key of the account's own rotates."""
    kms = live.client("kms")
    # moto says CUSTOMER of the keys that AWS manages, too; their aliases tell them apart.
    aliases = live.pages("kms", "list_aliases", "Aliases")
    managed = {a.get("TargetKeyId") for a in aliases if a["AliasName"].startswith("alias/aws/")}
    for key in live.pages("kms", "list_keys", "Keys"):
        facts = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if (
            key["KeyId"] in managed
            or facts["KeyState"] != "Enabled"
            or facts["KeySpec"] != "SYMMETRIC_DEFAULT"
        ):
            continue
        compliant = kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
        yield Verdict(
            resource_type="AWS::KMS::Key",
            resource_id=key["KeyId"],
            compliant=compliant,
            annotation="" if compliant else "Rotation is off.",
        )


def tables_recoverable(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """dynamodb-pitr-enabled: each table can be put back to any moment."""
    dynamodb = live.client("dynamodb")
    for name in live.tables:
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        status = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
        yield Verdict(
            resource_type="AWS::DynamoDB::Table",
            resource_id=name,
            compliant=status == "ENABLED",
            annotation="" if status == "ENABLED" else "Point-in-time recovery is off.",
        )


def topics_encrypted(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """sns-encrypted-kms: each topic names a key."""
    sns = live.client("sns")
    for topic in live.pages("sns", "list_topics", "Topics"):
        attributes = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        compliant = bool(attributes.get("KmsMasterKeyId"))
        yield Verdict(
            resource_type="AWS::SNS::Topic",
            resource_id=topic["TopicArn"],
            compliant=compliant,
            annotation="" if compliant else "The topic is not encrypted with KMS.",
        )


def secrets_under_own_key(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """secretsmanager-using-cmk: each secret is under a key that the account manages."""
    for secret in live.pages("secretsmanager", "list_secrets", "SecretList"):
        compliant = secret.get("KmsKeyId", "alias/aws/secretsmanager") != "alias/aws/secretsmanager"
        yield Verdict(
            resource_type="AWS::SecretsManager::Secret",
            resource_id=secret["ARN"],
            compliant=compliant,
            annotation="" if compliant else "The secret is under the service's own key.",
        )


def volumes_encrypted(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """ec2-ebs-encryption-by-default: new volumes of the region are encrypted; the resource is the account."""
    compliant = live.client("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    yield Verdict(
        resource_type="AWS::::Account",
        resource_id=live.account,
        compliant=compliant,
        annotation="" if compliant else "EBS encryption by default is off.",
    )
