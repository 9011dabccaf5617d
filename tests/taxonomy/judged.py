"""Drifts judged by hand: what a person who knows the field says of each, before the program is asked.

The law is one-sided where it matters: nothing that weakens security is ever `auto`.
"""

# ruff: noqa: FBT003 - a switch that drifted is told as true and false

from dataclasses import dataclass
from typing import Any

from taxonomy.drift import Direction, Severity, Tier


@dataclass(frozen=True, kw_only=True)
class Judged:
    name: str
    resource_type: str
    attribute: str
    severity: Severity
    tier: Tier
    direction: Direction
    declared: Any = None
    actual: Any = None
    kind: str = "changed"
    layer: str = "terraform"
    drift_class: str | None = "A"
    reported_severity: str | None = None


def port(number: int, *ranges: str, **more: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "from_port": number, "to_port": number, "cidr_blocks": list(ranges), **more}


def allow(principal: Any, action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


OURS, THEIRS = "111122223333", "444455556666"
WHOLE_SESSION = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
SSE = "server_side_encryption_configuration.rule.0.apply_server_side_encryption_by_default.0"
DIGEST = "hmac-sha256:k1:"


def case(  # noqa: PLR0917 - a row of a table
    name: str, resource_type: str, attribute: str, declared: Any, actual: Any, expected: str, **more: Any
) -> Judged:
    severity, tier, direction = expected.split()
    return Judged(
        name=name,
        resource_type=resource_type,
        attribute=attribute,
        declared=declared,
        actual=actual,
        severity=severity,
        tier=tier,
        direction=direction,
        **more,
    )


def config(name: str, resource_type: str, rule: str, expected: str) -> Judged:
    return case(
        name,
        resource_type,
        f"config_rule.{rule}",
        "COMPLIANT",
        "NON_COMPLIANT",
        expected,
        layer="aws_config",
        kind="noncompliant",
        drift_class=None,
    )


def azure(name: str, resource_type: str, slug: str, expected: str, graded: str | None = None) -> Judged:
    return case(
        name,
        resource_type,
        f"policy.{slug}",
        "Compliant",
        "NonCompliant",
        expected,
        layer="azure_policy",
        kind="noncompliant",
        drift_class=None,
        reported_severity=graded,
    )


def host(name: str, control: str, graded: str | None, expected: str, actual: str = "failed") -> Judged:
    return case(
        name,
        "host_control",
        f"control.{control}",
        "passed",
        actual,
        expected,
        layer="inspec",
        kind="noncompliant",
        drift_class=None,
        reported_severity=graded,
    )


# fmt: off
NETWORK = (
    case("SSH opened to everybody", "aws_security_group", "ingress", [port(22, "10.0.0.0/8")],
         [port(22, "10.0.0.0/8"), port(22, "0.0.0.0/0")], "critical review weakened"),
    case("HTTPS opened to every IPv6 address", "aws_security_group", "ingress", [port(443, "10.0.0.0/8")],
         [port(443, "10.0.0.0/8", ipv6_cidr_blocks=["::/0"])], "critical review weakened"),
    case("half of the internet twice", "aws_security_group", "ingress", [port(443, "10.0.0.0/8")],
         [port(443, "0.0.0.0/1", "128.0.0.0/1")], "critical review weakened"),
    case("a partner's range added", "aws_security_group", "ingress", [port(443, "10.0.0.0/8")],
         [port(443, "10.0.0.0/8", "198.51.100.0/24")], "high review weakened"),
    case("all ports for the same range", "aws_security_group", "ingress", [port(443, "10.0.0.0/8")],
         [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]}],
         "high review weakened"),
    case("another group let in", "aws_security_group", "ingress", [port(443, security_groups=["sg-1"])],
         [port(443, security_groups=["sg-1", "sg-2"])], "high review weakened"),
    case("a range narrowed", "aws_security_group", "ingress", [port(443, "10.0.0.0/8")],
         [port(443, "10.1.0.0/16")], "info record strengthened"),
    case("a range moved inside private space", "aws_security_group", "ingress", [port(443, "10.1.0.0/16")],
         [port(443, "10.2.0.0/16")], "medium review lateral"),
    case("a private range moved to a public one", "aws_security_group", "ingress", [port(443, "10.1.0.0/16")],
         [port(443, "198.51.100.0/24")], "high review weakened"),
    case("one rule cut into two that admit the same", "aws_security_group", "ingress",
         [port(443, "10.0.0.0/8")], [port(443, "10.0.0.0/9"), port(443, "10.128.0.0/9")],
         "medium review lateral"),
    case("everything may leave", "aws_security_group", "egress", [port(443, "10.0.0.0/8")],
         [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
         "medium review weakened"),
    case("the group's description", "aws_security_group", "description", "web", "web tier",
         "low review lateral"),
    case("a subnet hands out public addresses", "aws_subnet", "map_public_ip_on_launch", False, True,
         "high review weakened"),
    case("a listener speaks plain HTTP", "aws_lb_listener", "protocol", "HTTPS", "HTTP",
         "high review weakened"),
    case("flow log keeps rejects only", "aws_flow_log", "traffic_type", "ALL", "REJECT",
         "high review weakened"),
    case("a flow log is gone", "aws_flow_log", "resource", {"id": "fl-1"}, None, "high review weakened",
         kind="missing"),
    case("the default route leads through an interface", "aws_route", "network_interface_id", None, "eni-1",
         "high review unknown"),
)

STORES = (
    case("bucket encryption fell back to the service's key", "aws_s3_bucket", f"{SSE}.sse_algorithm",
         "aws:kms", "AES256", "high review weakened"),
    case("bucket encrypted with another key", "aws_s3_bucket", f"{SSE}.kms_master_key_id", "alias/a",
         "alias/b", "high review unknown"),
    case("bucket versioning suspended", "aws_s3_bucket", "versioning.versioning_configuration.0.status",
         "Enabled", "Suspended", "high review weakened"),
    case("bucket versioning switched on by hand", "aws_s3_bucket",
         "versioning.versioning_configuration.0.status", "Suspended", "Enabled", "info record strengthened"),
    case("public policies no longer blocked", "aws_s3_bucket", "public_access_block.block_public_policy",
         True, False, "critical review weakened"),
    case("the public access block is gone", "aws_s3_bucket", "public_access_block",
         {"block_public_acls": True}, None, "critical review weakened", kind="missing"),
    case("everybody may read the bucket", "aws_s3_bucket", "policy",
         policy(allow({"AWS": OURS}, "s3:GetObject", "arn:aws:s3:::b/*")),
         policy(allow("*", "s3:GetObject", "arn:aws:s3:::b/*")), "critical review weakened"),
    case("the prohibition of plain HTTP is gone", "aws_s3_bucket", "policy",
         policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                 "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
         policy(), "critical review weakened"),
    case("bucket policy in another order", "aws_s3_bucket", "policy",
         policy(allow({"AWS": OURS}, ["s3:GetObject", "s3:PutObject"])),
         policy(allow({"AWS": f"arn:aws:iam::{OURS}:root"}, ["s3:PutObject", "s3:GetObject"])),
         "info record lateral"),
    case("bucket policy hidden from us", "aws_s3_bucket", "policy", DIGEST + "a", DIGEST + "b",
         "high review unknown"),
    case("bucket logs no more", "aws_s3_bucket", "logging", [{"target_bucket": "logs"}], [],
         "medium review weakened"),
    case("bucket opened by ACL", "aws_s3_bucket", "acl", "private", "public-read",
         "critical review weakened"),
    case("an undeclared bucket", "aws_s3_bucket", "resource", None, {"bucket": "x"}, "medium review unknown",
         kind="unmanaged", drift_class=None),
    case("an undeclared topic", "aws_sns_topic", "resource", None, {"name": "x"}, "medium review unknown",
         kind="unmanaged", drift_class=None),
    case("an undeclared security group", "aws_security_group", "resource", None, {"name": "x"},
         "medium review unknown", kind="unmanaged", drift_class=None),
    case("an undeclared function", "aws_lambda_function", "resource", None, {"name": "x"},
         "high review unknown", kind="unmanaged", drift_class=None),
    case("a declared bucket is gone", "aws_s3_bucket", "resource", {"bucket": "x"}, None,
         "high review unknown", kind="missing"),
    case("a topic is gone", "aws_sns_topic", "resource", {"name": "x"}, None, "medium review unknown",
         kind="missing"),
    case("database made public", "aws_db_instance", "publicly_accessible", False, True,
         "critical review weakened"),
    case("a day of backups", "aws_db_instance", "backup_retention_period", 30, 1, "high review weakened"),
    case("more days of backups", "aws_db_instance", "backup_retention_period", 7, 30,
         "info record strengthened"),
    case("database can be deleted", "aws_db_instance", "deletion_protection", True, False,
         "high review weakened"),
    case("database not encrypted", "aws_db_instance", "storage_encrypted", True, False,
         "high review weakened"),
    case("a smaller database", "aws_db_instance", "instance_class", "db.m6g.large", "db.t4g.micro",
         "medium review unknown"),
    case("no recovery points", "aws_dynamodb_table", "point_in_time_recovery.0.enabled", True, False,
         "high review weakened"),
    case("more reads for a table", "aws_dynamodb_table", "read_capacity", 5, 50, "low review lateral"),
)

IDENTITIES = (
    case("an inline policy slipped in", "aws_iam_role", "inline_policy.backdoor", None,
         {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "critical review weakened",
         drift_class="B"),
    case("an inline policy slipped in, its text hidden", "aws_iam_role", "inline_policy.x", None,
         DIGEST + "b", "critical review weakened", kind="unmanaged", drift_class="B"),
    case("administrator rights attached", "aws_iam_role",
         "policy_attachment.arn:aws:iam::aws:policy/AdministratorAccess", None,
         "arn:aws:iam::aws:policy/AdministratorAccess", "critical review weakened", drift_class="B"),
    case("a declared attachment is gone", "aws_iam_role",
         "policy_attachment.arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess",
         None, "high review unknown"),
    case("another account trusted", "aws_iam_role", "assume_role_policy",
         policy(allow({"AWS": OURS}, "sts:AssumeRole")),
         policy(allow({"AWS": [OURS, THEIRS]}, "sts:AssumeRole")), "critical review weakened"),
    case("trust without a second factor", "aws_iam_role", "assume_role_policy",
         policy(allow({"AWS": OURS}, "sts:AssumeRole", Condition=WHOLE_SESSION)),
         policy(allow({"AWS": OURS}, "sts:AssumeRole")), "critical review weakened"),
    case("trust with a second factor", "aws_iam_role", "assume_role_policy",
         policy(allow({"AWS": OURS}, "sts:AssumeRole")),
         policy(allow({"AWS": OURS}, "sts:AssumeRole", Condition=WHOLE_SESSION)), "info record strengthened"),
    case("a policy grants everything", "aws_iam_policy", "policy",
         {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]},
         {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "high review weakened"),
    case("NotAction granted", "aws_iam_policy", "policy",
         {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
         {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}, "high review weakened"),
    case("the boundary is gone", "aws_iam_role", "permissions_boundary", "arn:aws:iam::1:policy/x", None,
         "high review weakened"),
    case("shorter passwords", "aws_iam_account_password_policy", "minimum_password_length", 14, 8,
         "high review weakened"),
    case("longer sessions", "aws_iam_role", "max_session_duration", 3600, 43200, "medium review weakened"),
    case("a role's description", "aws_iam_role", "description", "a", "b", "low auto lateral"),
    case("an undeclared user", "aws_iam_user", "resource", None, {"name": "x"}, "high review unknown",
         kind="unmanaged", drift_class=None),
)

KEYS_AND_LOGS = (
    case("key rotation off", "aws_kms_key", "enable_key_rotation", True, False, "high review weakened"),
    case("key switched off", "aws_kms_key", "is_enabled", True, False, "critical review weakened"),
    case("everybody may decrypt", "aws_kms_key", "policy", policy(allow({"AWS": OURS}, "kms:*")),
         policy(allow({"AWS": OURS}, "kms:*"), allow("*", "kms:Decrypt")), "critical review weakened"),
    case("an alias leads to another key", "aws_kms_alias", "target_key_id", "a", "b", "high review unknown"),
    case("a secret's rotation slowed down", "aws_secretsmanager_secret_rotation",
         "rotation_rules.0.automatically_after_days", 30, 365, "medium review weakened"),
    case("a parameter in clear", "aws_ssm_parameter", "type", "SecureString", "String",
         "high review weakened"),
    case("a parameter's value, hidden from us", "aws_ssm_parameter", "value", DIGEST + "a", DIGEST + "b",
         "medium review unknown"),
    case("logs for a week", "aws_cloudwatch_log_group", "retention_in_days", 365, 7,
         "medium review weakened"),
    case("logs that expire now", "aws_cloudwatch_log_group", "retention_in_days", 0, 3650,
         "medium review weakened"),
    case("logs for ever", "aws_cloudwatch_log_group", "retention_in_days", 365, 0,
         "info record strengthened"),
    case("the trail stopped", "aws_cloudtrail", "enable_logging", True, False, "critical review weakened"),
    case("the detector is off", "aws_guardduty_detector", "enable", True, False, "critical review weakened"),
    case("an alarm without action", "aws_cloudwatch_metric_alarm", "actions_enabled", True, False,
         "medium review weakened"),
)

PROGRAMS = (
    case("other code", "aws_lambda_function", "source_code_hash", "a", "b", "high review unknown"),
    case("another environment, hidden from us", "aws_lambda_function", "environment.0.variables.TOKEN",
         DIGEST + "a", DIGEST + "b", "high review unknown"),
    case("more memory", "aws_lambda_function", "memory_size", 128, 512, "low review lateral"),
    case("a function that anybody may call", "aws_lambda_function_url", "authorization_type", "AWS_IAM",
         "NONE", "critical review weakened"),
    case("credentials without session tokens", "aws_instance", "metadata_options.0.http_tokens", "required",
         "optional", "high review weakened"),
    case("another start script", "aws_instance", "user_data", "a", "b", "high review unknown"),
    case("image tags can be moved", "aws_ecr_repository", "image_tag_mutability", "IMMUTABLE", "MUTABLE",
         "medium review weakened"),
    case("a cluster's API for everybody", "aws_eks_cluster", "vpc_config.0.public_access_cidrs",
         ["192.0.2.0/24"], ["0.0.0.0/0"], "critical review weakened"),
    case("everybody may send to the queue", "aws_sqs_queue", "policy", policy(allow({"AWS": OURS}, "sqs:*")),
         policy(allow("*", "sqs:SendMessage")), "critical review weakened"),
    case("a topic without key", "aws_sns_topic", "kms_master_key_id", "alias/app", None,
         "high review weakened"),
    case("an old protocol at the edge", "aws_cloudfront_distribution",
         "viewer_certificate.0.minimum_protocol_version", "TLSv1.2_2021", "TLSv1", "high review weakened"),
    case("messages seen again sooner", "aws_sqs_queue", "visibility_timeout_seconds", 300, 30,
         "low review lateral"),
    case("a setting nobody has judged", "aws_new_thing", "mode", "a", "b", "medium review unknown"),
)

WORDS = (
    case("an owner's tag", "aws_s3_bucket", "tags.Owner", "team-a", "team-b", "low auto lateral"),
    case("a tag added", "aws_dynamodb_table", "tags_all.Note", None, "x", "low auto lateral"),
    case("all tags at once", "aws_sns_topic", "tags", {"Owner": "a"}, {"Owner": "b"}, "low auto lateral"),
    case("a tag that no apply restores", "aws_s3_bucket", "tags.Owner", "a", "b", "low review lateral",
         drift_class="B"),
    case("a tag that classifies data", "aws_s3_bucket", "tags.DataClass", "restricted", "public",
         "medium review lateral"),
    case("a tag that backup plans choose by", "aws_db_instance", "tags.Backup", "daily", "none",
         "medium review lateral"),
    case("a key's description", "aws_kms_key", "description", "a", "b", "low auto lateral"),
    case("an Azure tag", "azurerm_storage_account", "tags.owner", "a", "b", "low auto lateral"),
)

LAYERS = (
    config("open SSH, seen from the cloud", "aws_security_group", "incoming-ssh-disabled",
         "critical review weakened"),
    config("a public bucket, seen from the cloud", "aws_s3_bucket",
         "s3-bucket-level-public-access-prohibited", "critical review weakened"),
    config("an unencrypted bucket, seen from the cloud", "aws_s3_bucket",
         "s3-bucket-server-side-encryption-enabled", "high review weakened"),
    config("no versions, seen from the cloud", "aws_s3_bucket", "s3-bucket-versioning-enabled",
         "high review weakened"),
    config("rotation off, seen from the cloud", "aws_kms_key", "cmk-backing-key-rotation-enabled",
         "high review weakened"),
    config("an inline policy, seen from the cloud", "aws_iam_role", "iam-no-inline-policy-check",
         "high review weakened"),
    config("retention, seen from the cloud", "aws_cloudwatch_log_group", "cw-loggroup-retention-period-check",
         "medium review weakened"),
    config("a required tag is missing", "aws_s3_bucket", "required-tags", "low review weakened"),
    config("a rule of their own", "aws_s3_bucket", "acme-naming", "medium review weakened"),
    azure("public blobs", "azurerm_storage_account", "storage-disallow-public-access",
         "critical review weakened"),
    azure("plain transfer", "azurerm_storage_account", "storage-secure-transfer", "high review weakened"),
    azure("a key vault that can be purged", "azurerm_key_vault", "keyvault-purge-protection",
         "high review weakened"),
    azure("a policy graded high", "azurerm_app_service", "app-thing", "high review weakened", "high"),
    azure("a policy nobody graded", "azurerm_app_service", "app-thing", "medium review weakened"),
    case("an older protocol on storage", "azurerm_storage_account", "min_tls_version", "TLS1_2", "TLS1_0",
         "medium review weakened"),
    case("any source on Azure", "azurerm_network_security_rule", "source_address_prefix", "10.0.0.0/8", "*",
         "critical review weakened"),
    host("root may log in", "ssh-01", "high", "high review weakened"),
    host("weak ciphers", "ssh-03", "medium", "medium review weakened"),
    host("nothing is audited", "audit-01", "high", "high review weakened"),
    host("the clock", "time-01", "medium", "medium review weakened"),
    host("something small", "banner-01", "low", "low review weakened"),
    host("a broken check", "kernel-02", None, "medium review weakened", actual="error"),
    host("a control nobody graded", "kernel-03", None, "medium review weakened"),
)

# fmt: on

JUDGED: tuple[Judged, ...] = (*NETWORK, *STORES, *IDENTITIES, *KEYS_AND_LOGS, *PROGRAMS, *WORDS, *LAYERS)
