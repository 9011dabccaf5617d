"""How the AWS provider 5.100 shows what is unset and marks what is sensitive, written after its schema."""

import json
from collections.abc import Mapping
from typing import Any

_UNSET: Mapping[str, Mapping[str, str]] = {
    "aws_instance": {
        "null": "cpu_core_count cpu_threads_per_core enable_primary_ipv6 host_resource_group_arn timeouts "
        "user_data user_data_base64 volume_tags",
        "text": "host_id iam_instance_profile instance_lifecycle key_name outpost_arn password_data "
        "placement_group public_dns public_ip spot_instance_request_id",
        "list": "capacity_reservation_specification cpu_options enclave_options ephemeral_block_device "
        "instance_market_options ipv6_addresses launch_template maintenance_options network_interface "
        "private_dns_name_options secondary_private_ips security_groups",
        "false": "associate_public_ip_address disable_api_stop disable_api_termination ebs_optimized "
        "get_password_data hibernation monitoring user_data_replace_on_change",
        "zero": "ipv6_address_count placement_partition_number",
    },
    "aws_db_instance": {
        "null": "allow_major_version_upgrade final_snapshot_identifier manage_master_user_password "
        "master_user_secret_kms_key_id password_wo password_wo_version snapshot_identifier timeouts "
        "upgrade_storage_config",
        "text": "backup_target character_set_name custom_iam_instance_profile database_insights_mode "
        "db_name domain domain_auth_secret_arn domain_fqdn domain_iam_role_name domain_ou "
        "engine_lifecycle_support hosted_zone_id identifier_prefix monitoring_role_arn "
        "nchar_character_set_name network_type performance_insights_kms_key_id replica_mode "
        "replicate_source_db timezone",
        "list": "blue_green_update domain_dns_ips enabled_cloudwatch_logs_exports listener_endpoint "
        "master_user_secret replicas restore_to_point_in_time s3_import",
        "false": "apply_immediately copy_tags_to_snapshot customer_owned_ip_enabled dedicated_log_volume "
        "deletion_protection iam_database_authentication_enabled multi_az performance_insights_enabled "
        "publicly_accessible",
        "zero": "iops max_allocated_storage monitoring_interval performance_insights_retention_period "
        "storage_throughput",
    },
    "aws_lambda_function": {
        "null": "replace_security_groups_on_destroy replacement_security_group_ids s3_bucket s3_key "
        "s3_object_version timeouts",
        "text": "code_signing_config_arn description image_uri kms_key_arn signing_job_arn "
        "signing_profile_version_arn",
        "list": "dead_letter_config file_system_config image_config layers logging_config snap_start "
        "vpc_config",
        "false": "publish skip_destroy",
    },
    "aws_s3_bucket": {
        "null": "acl timeouts website_domain website_endpoint",
        "text": "acceleration_status bucket_prefix request_payer",
        "list": "cors_rule lifecycle_rule logging object_lock_configuration replication_configuration "
        "server_side_encryption_configuration website",
        "false": "force_destroy object_lock_enabled",
    },
    "aws_sns_topic": {
        "text": "application_failure_feedback_role_arn application_success_feedback_role_arn archive_policy "
        "beginning_archive_time delivery_policy display_name fifo_throughput_scope "
        "firehose_failure_feedback_role_arn firehose_success_feedback_role_arn "
        "http_failure_feedback_role_arn http_success_feedback_role_arn kms_master_key_id "
        "lambda_failure_feedback_role_arn lambda_success_feedback_role_arn name_prefix "
        "sqs_failure_feedback_role_arn sqs_success_feedback_role_arn tracing_config",
        "zero": "application_success_feedback_sample_rate firehose_success_feedback_sample_rate "
        "http_success_feedback_sample_rate lambda_success_feedback_sample_rate signature_version "
        "sqs_success_feedback_sample_rate",
        "false": "content_based_deduplication fifo_topic",
    },
    "aws_sqs_queue": {
        "null": "timeouts",
        "text": "deduplication_scope fifo_throughput_limit kms_master_key_id name_prefix "
        "redrive_allow_policy redrive_policy",
        "false": "content_based_deduplication fifo_queue",
        "zero": "delay_seconds receive_wait_time_seconds",
    },
    "aws_dynamodb_table": {
        "null": "range_key restore_date_time restore_source_name restore_source_table_arn "
        "restore_to_latest_time timeouts",
        "text": "stream_arn stream_label stream_view_type",
        "list": "global_secondary_index import_table local_secondary_index on_demand_throughput replica",
        "false": "deletion_protection_enabled stream_enabled",
        "zero": "read_capacity write_capacity",
    },
    "aws_cloudwatch_metric_alarm": {
        "text": "evaluate_low_sample_count_percentiles extended_statistic threshold_metric_id unit",
        "list": "insufficient_data_actions metric_query ok_actions",
        "zero": "datapoints_to_alarm",
    },
    "aws_ssm_parameter": {
        "null": "has_value_wo insecure_value overwrite value_wo value_wo_version",
        "text": "allowed_pattern description key_id",
    },
    "aws_cloudwatch_log_group": {"text": "kms_key_id name_prefix", "false": "skip_destroy"},
    "aws_iam_role": {"text": "name_prefix permissions_boundary", "false": "force_detach_policies"},
    "aws_security_group": {"null": "timeouts", "text": "name_prefix", "false": "revoke_rules_on_delete"},
}
_EMPTY: Mapping[str, Any] = {"null": None, "text": "", "list": [], "false": False, "zero": 0}


def policy(*statements: tuple[str, list[str], str]) -> str:
    """Return a policy of (sid, actions, resource), as Terraform's ``jsonencode`` writes it."""
    return json.dumps(
        {
            "Statement": [
                {"Action": actions, "Effect": "Allow", "Resource": resource, "Sid": sid}
                for sid, actions, resource in statements
            ],
            "Version": "2012-10-17",
        },
        separators=(",", ":"),
    )


def trust(service: str) -> str:
    """Return the policy that lets a service of AWS take a role."""
    return json.dumps(
        {
            "Statement": [
                {
                    "Action": "sts:AssumeRole",
                    "Effect": "Allow",
                    "Principal": {"Service": f"{service}.amazonaws.com"},
                }
            ],
            "Version": "2012-10-17",
        },
        separators=(",", ":"),
    )


def whole(
    resource_type: str, attributes: Mapping[str, Any], tags: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return the attributes with all that is unset, in order of name; `tags` None for what has none."""
    unset = {
        name: _EMPTY[kind] for kind, names in _UNSET.get(resource_type, {}).items() for name in names.split()
    }
    tagged = {} if tags is None else {"tags": dict(tags), "tags_all": {**tags, "ManagedBy": "terraform"}}
    return dict(sorted({**unset, **tagged, **attributes}.items()))


def sensitive(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``*_sensitive`` shape of attributes: every list and object, and what the schema marks."""
    shape = {key: _shape(value) for key, value in attributes.items() if isinstance(value, (dict, list))}
    return {**shape, **{key: True for key in ("password", "value") if key in attributes}}


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items() if isinstance(item, (dict, list))}
    return [_shape(item) if isinstance(item, (dict, list)) else False for item in value]
