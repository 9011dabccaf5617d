"""What single attributes mean: which way is stronger. Read by `taxonomy.direction`, changed by people.

Each line is (resource types, attribute, meaning), globs in which only ``*`` is special. An attribute is
compared without its list indexes and behind a dot, so that ``*.storage_encrypted`` holds at any depth.
The first line that holds counts. Names are those of the Terraform providers.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs and …/azurerm/latest/docs
"""

from dataclasses import dataclass
from typing import Literal

How = Literal[
    "lateral",  # says nothing about security
    "true",  # true is stronger
    "false",  # false is stronger
    "present",  # something is stronger than nothing; another thing instead is not judged
    "more",  # a larger number is stronger; nothing and 0 are the weakest
    "more-or-ever",  # a larger number is stronger; nothing and 0 are for ever
    "less",  # a smaller number is stronger; nothing and 0 are the weakest
    "ladder",  # words from weakest to strongest
    "tls",  # a later protocol version is stronger
    "fewer",  # fewer members are stronger
    "members",  # more members are stronger
    "policy",  # a policy document
    "rules",  # network rules
    "sources",  # address ranges that are let in
    "slipped-in",  # a grant beside the declared ones
]


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """How the values of an attribute compare; `ladder` holds its words, weakest first."""

    how: How
    ladder: tuple[str, ...] = ()


def _lines(how: How, *attributes: str, types: str = "*", ladder: tuple[str, ...] = ()) -> list["Line"]:
    meaning = Meaning(how=how, ladder=ladder)
    return [(types, attribute, meaning) for attribute in attributes]


Line = tuple[str, str, Meaning]

LINES: tuple[Line, ...] = (
    *_lines("lateral", ".tags", ".tags.*", ".tags_all", ".tags_all.*", ".labels", ".labels.*"),
    *_lines("lateral", "*.description", ".comment", ".display_name", ".friendly_name", ".alarm_description"),
    *_lines("lateral", ".name", ".copy_tags_to_snapshot", ".propagate_tags", ".propagate_tags_at_launch"),
    # grants
    *_lines("slipped-in", ".inline_policy", ".inline_policy.*", ".policy_attachment", ".policy_attachment.*"),
    *_lines("slipped-in", ".managed_policy_arns", ".policy_arns", ".groups", ".membership.*"),
    *_lines(
        "policy", ".policy", ".assume_role_policy", ".access_policy", ".resource_policy", ".policy.policy"
    ),
    *_lines(
        "policy", ".repository_policy", ".topic_policy", ".queue_policy", ".key_policy", ".access_policies"
    ),
    *_lines("fewer", ".shared_accounts", ".shared_with", ".trusted_accounts"),
    *_lines("present", ".permissions_boundary"),
    # networks
    *_lines("rules", ".ingress", ".egress", types="aws_security_group"),
    *_lines("rules", ".ingress", ".egress", types="aws_default_security_group"),
    *_lines("sources", "*.cidr_blocks", "*.ipv6_cidr_blocks", "*.cidr_ipv4", "*.cidr_ipv6"),
    *_lines("sources", "*.public_access_cidrs", "*.source_address_prefix", "*.source_address_prefixes"),
    *_lines("sources", "*.authorized_ip_ranges", "*.ip_rules", "*.ip_whitelist"),
    *_lines("false", "*.publicly_accessible", "*.map_public_ip_on_launch", "*.associate_public_ip_address"),
    *_lines("false", "*.endpoint_public_access", "*.public_network_access_enabled", "*.assign_public_ip"),
    *_lines("true", "*.endpoint_private_access", "*.drop_invalid_header_fields", "*.private_cluster_enabled"),
    *_lines("true", "*.enable_network_isolation", "*.network_isolation", "*.source_dest_check"),
    *_lines("ladder", ".scheme", ladder=("internet-facing", "internal")),
    *_lines("true", ".internal", types="aws_*lb"),
    *_lines("ladder", "*.default_action", ladder=("allow", "deny"), types="azurerm_*"),
    # public access to objects
    *_lines("true", "*.block_public_acls", "*.block_public_policy", "*.ignore_public_acls"),
    *_lines("true", "*.restrict_public_buckets", "*.block_public_security_group_rules"),
    *_lines(
        "false", "*.allow_nested_items_to_be_public", "*.allow_blob_public_access", "*.public_access_enabled"
    ),
    *_lines("false", "*.shared_access_key_enabled", "*.anonymous_pull_enabled", "*.admin_enabled"),
    *_lines(
        "ladder",
        ".acl",
        "*.acl.acl",
        ladder=("public-read-write", "public-read", "authenticated-read", "private"),
    ),
    *_lines(
        "ladder", "*.object_ownership", ladder=("ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced")
    ),
    # encryption and keys
    *_lines(
        "true", "*.encrypted", "*.storage_encrypted", "*.at_rest_encryption_enabled", "*.encryption_enabled"
    ),
    *_lines("true", "*.transit_encryption_enabled", "*.encrypt_at_rest.enabled", "*.enforce_https"),
    *_lines(
        "true",
        "*.node_to_node_encryption.enabled",
        "*.server_side_encryption.enabled",
        "*.encryption_at_host",
    ),
    *_lines(
        "true", "*.sqs_managed_sse_enabled", "*.infrastructure_encryption_enabled", "*.enable_disk_encryption"
    ),
    *_lines(
        "true", "*.https_only", "*.enable_https_traffic_only", "*.https_traffic_only_enabled", "*.require_ssl"
    ),
    *_lines(
        "true",
        "*.root_volume_encryption_enabled",
        "*.ssl_enforcement_enabled",
    ),
    *_lines("true", "*.enable_key_rotation", "*.is_enabled", "*.purge_protection_enabled"),
    *_lines("less", "*.rotation_period_in_days", "*.rotation_rules.automatically_after_days"),
    *_lines("more", "*.deletion_window_in_days", "*.recovery_window_in_days", "*.soft_delete_retention_days"),
    *_lines("present", "*.kms_key_id", "*.kms_key_arn", "*.kms_master_key_id", "*.kms_key"),
    *_lines(
        "present", "*.kms_master_key_arn", "*.encryption_key", "*.customer_managed_key", "*.key_vault_key_id"
    ),
    *_lines(
        "ladder",
        "*.sse_algorithm",
        "*.encryption_type",
        ladder=("NONE", "AES256", "KMS", "aws:kms", "aws:kms:dsse"),
    ),
    *_lines("ladder", "*.protocol", ladder=("HTTP", "HTTPS"), types="aws_*lb_listener"),
    *_lines("ladder", "*.viewer_protocol_policy", ladder=("allow-all", "redirect-to-https", "https-only")),
    *_lines("ladder", "*.origin_protocol_policy", ladder=("http-only", "match-viewer", "https-only")),
    *_lines("tls", "*.minimum_protocol_version", "*.min_tls_version", "*.minimum_tls_version"),
    *_lines("tls", "*.tls_security_policy", "*.security_policy", "*.ssl_minimal_tls_version_enforced"),
    # versions, deletion, backup
    *_lines("ladder", "*.versioning_configuration.status", ladder=("Disabled", "Suspended", "Enabled")),
    *_lines("true", ".versioning.enabled", ".versioning_enabled", "*.versioning.versioning_enabled"),
    *_lines("ladder", "*.mfa_delete", ladder=("Disabled", "Enabled")),
    *_lines("true", "*.deletion_protection", "*.deletion_protection_enabled", "*.enable_deletion_protection"),
    *_lines("true", "*.object_lock_enabled", "*.delete_protection", "*.termination_protection"),
    *_lines("true", "*.disable_api_termination", "*.disable_api_stop", "*.point_in_time_recovery.enabled"),
    *_lines("true", "*.multi_az", "*.automatic_failover_enabled", "*.geo_redundant_backup_enabled"),
    *_lines(
        "false", "*.skip_final_snapshot", "*.force_destroy", "*.force_delete", "*.delete_automated_backups"
    ),
    *_lines("more", "*.backup_retention_period", "*.snapshot_retention_limit", "*.backup_retention_days"),
    *_lines(
        "more", "*.point_in_time_recovery.recovery_period_in_days", "*.automated_snapshot_retention_period"
    ),
    # logs
    *_lines("more-or-ever", ".retention_in_days", types="aws_cloudwatch_log_group"),
    *_lines(
        "more", "*.retention_in_days", "*.retention_days", "*.retention_policy.days", "*.log_retention_days"
    ),
    *_lines("more", "*.message_retention_seconds", "*.retention_period"),
    *_lines("true", "*.enable_logging", "*.enable_log_file_validation", "*.is_multi_region_trail"),
    *_lines("true", "*.include_global_service_events", "*.is_organization_trail", "*.recording"),
    *_lines("true", "*.recording_group.all_supported", "*.recording_group.include_global_resource_types"),
    *_lines("true", "*.access_logs.enabled", "*.performance_insights_enabled", "*.storage_logging"),
    *_lines("present", "*.cloud_watch_logs_group_arn", "*.cloud_watch_logs_role_arn", "*.log_destination"),
    *_lines(
        "present", "*.logging.target_bucket", "*.logging.bucket", "*.access_logs.bucket", "*.logging_config"
    ),
    *_lines("members", "*.enabled_cloudwatch_logs_exports", "*.enabled_cluster_log_types"),
    *_lines("ladder", "*.traffic_type", ladder=("REJECT", "ACCEPT", "ALL")),
    *_lines("ladder", "*.tracing_config.mode", ladder=("PassThrough", "Active")),
    *_lines("ladder", "*.state", ladder=("DISABLED", "ENABLED"), types="aws_cloudwatch_event_rule"),
    *_lines("true", "*.actions_enabled", types="aws_cloudwatch_metric_alarm"),
    *_lines("true", ".enable", types="aws_guardduty_detector"),
    *_lines("true", ".enabled", types="aws_ebs_encryption_by_default"),
    # identity
    *_lines("true", "*.require_uppercase_characters", "*.require_lowercase_characters", "*.require_numbers"),
    *_lines("true", "*.require_symbols", "*.hard_expiry", "*.iam_database_authentication_enabled"),
    *_lines("more", "*.minimum_password_length", "*.password_reuse_prevention"),
    *_lines("less", "*.max_password_age", "*.max_session_duration"),
    *_lines("true", "*.rbac_enabled", "*.local_account_disabled", "*.enable_rbac_authorization"),
    *_lines("ladder", "*.http_tokens", ladder=("optional", "required")),
    *_lines("less", "*.http_put_response_hop_limit"),
    *_lines("ladder", ".authorization", ".authorization_type", ladder=("NONE", "AWS_IAM")),
    # software
    *_lines("ladder", "*.image_tag_mutability", ladder=("MUTABLE", "IMMUTABLE")),
    *_lines("true", "*.scan_on_push", "*.auto_minor_version_upgrade", "*.automatic_upgrade_enabled"),
    *_lines("false", "*.privileged_mode", "*.privileged", "*.allow_privilege_escalation"),
)

GUARD_TYPES = frozenset(
    {
        "aws_s3_bucket_public_access_block",
        "aws_s3_account_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_object_lock_configuration",
        "aws_cloudtrail",
        "aws_flow_log",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_metric_alarm",
        "aws_config_config_rule",
        "aws_config_configuration_recorder",
        "aws_config_configuration_recorder_status",
        "aws_config_delivery_channel",
        "aws_guardduty_detector",
        "aws_securityhub_account",
        "aws_accessanalyzer_analyzer",
        "aws_inspector2_enabler",
        "aws_macie2_account",
        "aws_ebs_encryption_by_default",
        "aws_iam_account_password_policy",
        "aws_backup_plan",
        "aws_backup_selection",
        "aws_backup_vault_lock_configuration",
        "aws_wafv2_web_acl",
        "aws_wafv2_web_acl_association",
        "aws_secretsmanager_secret_rotation",
        "azurerm_monitor_diagnostic_setting",
        "azurerm_network_watcher_flow_log",
        "azurerm_security_center_subscription_pricing",
        "azurerm_management_lock",
        "azurerm_storage_account_network_rules",
    }
)
"""Resources that guard others: where one is missing, something stands less guarded."""

GUARD_BLOCKS = (
    "public_access_block",
    "server_side_encryption_configuration",
    "server_side_encryption",
    "encryption_configuration",
    "encryption_at_rest",
    "encrypt_at_rest",
    "node_to_node_encryption",
    "versioning",
    "logging",
    "access_logs",
    "object_lock_configuration",
    "point_in_time_recovery",
    "image_scanning_configuration",
    "metadata_options",
)
"""Parts of a resource that guard it: where one is gone whole, the resource stands less guarded."""
