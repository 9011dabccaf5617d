"""The 44 mutations of the recorded drift, each judged by hand: what a plan must show of it, in which class.

A mutation that no plan can show has no row: the value of a password, a user and a bucket nobody declared,
and a policy that only was spelled in another way.
"""

GROUP = "aws_security_group"
BUCKET = "aws_s3_bucket"

MUTATIONS: dict[str, list[tuple[str, str, str, str]]] = {
    "sg_inline_open": [(f"{GROUP}.web", "ingress", "A", "changed")],
    "sg_separate_extra_rule": [(f"{GROUP}.db", "ingress", "B", "changed")],
    "sg_separate_rule_deleted": [("aws_vpc_security_group_ingress_rule.db_vpc", "ingress", "A", "missing")],
    "s3_encryption_off": [
        (
            f"{BUCKET}_server_side_encryption_configuration.data",
            "server_side_encryption_configuration",
            "A",
            "missing",
        )
    ],
    "s3_versioning_off": [
        (f"{BUCKET}_versioning.data", "versioning.versioning_configuration.0.status", "A", "changed")
    ],
    "s3_public_block_relaxed": [
        (f"{BUCKET}_public_access_block.data", "public_access_block.block_public_policy", "A", "changed"),
        (f"{BUCKET}_public_access_block.data", "public_access_block.restrict_public_buckets", "A", "changed"),
    ],
    "s3_policy_widened": [(f"{BUCKET}_policy.data", "policy", "A", "changed")],
    "s3_tag_changed": [
        (f"{BUCKET}.data", "tags.New", "A", "changed"),
        (f"{BUCKET}.data", "tags.Owner", "A", "changed"),
    ],
    "iam_policy_widened": [("aws_iam_policy.app", "policy", "A", "changed")],
    "iam_inline_policy_reordered": [],
    "iam_trust_widened": [("aws_iam_role.app", "assume_role_policy", "A", "changed")],
    "iam_role_extra_inline": [("aws_iam_role.app", "inline_policy.backdoor", "B", "changed")],
    "iam_role_extra_attachment": [
        ("aws_iam_role.app", "policy_attachment.arn:aws:iam::123456789012:policy/adm", "B", "changed")
    ],
    "iam_password_policy": [
        ("aws_iam_account_password_policy.p", f"password_policy.{attribute}", "A", "changed")
        for attribute in (
            "max_password_age",
            "minimum_password_length",
            "password_reuse_prevention",
            "require_lowercase_characters",
            "require_numbers",
            "require_symbols",
            "require_uppercase_characters",
        )
    ],
    "iam_user_unmanaged": [],
    "iam_group_deleted": [("aws_iam_group.g", "resource", "A", "missing")],
    "kms_rotation_off": [("aws_kms_key.k", "enable_key_rotation", "A", "changed")],
    "ec2_type_changed": [("aws_instance.app", "instance_type", "A", "changed")],
    "ec2_tag_removed": [("aws_instance.app", "tags_all.ManagedBy", "A", "changed")],
    "vpc_tag_added": [("aws_vpc.main", "tags.Extra", "A", "changed")],
    "vpc_dns_off": [("aws_vpc.main", "enable_dns_hostnames", "A", "changed")],
    "nacl_open": [("aws_network_acl.n", "ingress", "A", "changed")],
    "route_changed": [("aws_route_table.rt", "route", "A", "changed")],
    "ebs_deleted": [("aws_ebs_volume.v", "resource", "A", "missing")],
    "ebs_default_encryption_off": [
        ("aws_ebs_encryption_by_default.e", "ebs_encryption_by_default.us-east-1.enabled", "A", "changed")
    ],
    "rds_public_and_class": [
        ("aws_db_instance.db", attribute, "A", "changed")
        for attribute in ("backup_retention_period", "instance_class", "publicly_accessible")
    ],
    "rds_password": [],
    "dynamo_pitr_off": [("aws_dynamodb_table.t", "point_in_time_recovery.0.enabled", "A", "changed")],
    "sns_enc_off": [("aws_sns_topic.t", "kms_master_key_id", "A", "changed")],
    "sqs_policy": [
        ("aws_sqs_queue.q", "policy", "B", "changed"),
        ("aws_sqs_queue.q", "visibility_timeout_seconds", "A", "changed"),
    ],
    "logs_retention": [("aws_cloudwatch_log_group.lg", "retention_in_days", "A", "changed")],
    "alarm_changed": [("aws_cloudwatch_metric_alarm.cpu", "threshold", "A", "changed")],
    "trail_weakened": [
        ("aws_cloudtrail.ct", "enable_log_file_validation", "A", "changed"),
        ("aws_cloudtrail.ct", "is_multi_region_trail", "A", "changed"),
    ],
    "trail_stopped": [("aws_cloudtrail.ct", "enable_logging", "A", "changed")],
    "lambda_env": [
        ("aws_lambda_function.f", "environment.0.variables.API_TOKEN", "A", "changed"),
        ("aws_lambda_function.f", "environment.0.variables.X", "A", "changed"),
        ("aws_lambda_function.f", "memory_size", "A", "changed"),
    ],
    "ecr_mutable": [("aws_ecr_repository.r", "image_tag_mutability", "A", "changed")],
    "secret_value": [
        (
            "aws_secretsmanager_secret_version.s",
            "version.terraform-20261123040633019400000003.version_stages",
            "B",
            "changed",
        )
    ],
    "ssm_value": [("aws_ssm_parameter.p", "value", "A", "changed")],
    "ssm_secure_value": [("aws_ssm_parameter.sec", "value", "A", "changed")],
    "lb_attr": [("aws_lb.lb", "drop_invalid_header_fields", "A", "changed")],
    "event_rule_disabled": [("aws_cloudwatch_event_rule.er", "state", "B", "changed")],
    "sns_sub_deleted": [("aws_sns_topic_subscription.s", "resource", "A", "missing")],
    "bucket_unmanaged": [],
    "guardduty_off": [("aws_guardduty_detector.gd", "enable", "A", "changed")],
}

SECRETS = (
    "S3cr3t-db-pass",
    "tok-123456",
    "tok-stolen",
    "hunter2-prod",
    "top-secret-value",
    "other-secret",
)
"""What the recorded code and mutations hold in clear."""

BIG: list[tuple[str, str, str, str]] = [
    (f"{address}[{index}]", attribute, "A", "changed")
    for address, attribute in (
        ("aws_cloudwatch_log_group.l", "retention_in_days"),
        ("aws_iam_role.r", "tags.Idx"),
        ("aws_security_group.g", "ingress"),
        ("aws_ssm_parameter.s", "value"),
    )
    for index in range(0, 250, 25)
] + [(f"aws_cloudwatch_log_group.l[{index}]", "resource", "A", "missing") for index in (3, 7)]
"""What was done to the recorded thousand resources: every 25th of each type, and two log groups deleted."""
