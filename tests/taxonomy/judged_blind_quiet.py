"""What needs nobody: hardenings, words and scaling on attributes seen less often. Judged blind."""

# ruff: noqa: E501  (one drift, one line)
# fmt: off

from typing import Any

from judged_blind_form import ACCOUNT, Blind, allow, deny, document
from judged_blind_form import judged as _judged

MINE = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def judged(name: str, about: tuple[str, str], sides: tuple[Any, Any], verdict: str, controls: str = "", **more: Any) -> Blind:
    return _judged(name, about, sides, verdict, controls, provider="azure" if about[0].startswith("azure") else "aws", **more)


NOW = "strengthened record info..low"
OPEN_OR_NOT = "strengthened|unknown record|review info..medium"

HARDER = [
    judged(f"{resource_type}.{attribute} is stronger now", (resource_type, attribute), sides, NOW)
    for resource_type, attribute, sides in (
        ("aws_rds_cluster", "storage_encrypted", (False, True)),
        ("aws_rds_cluster", "deletion_protection", (False, True)),
        ("aws_rds_cluster", "iam_database_authentication_enabled", (False, True)),
        ("aws_docdb_cluster", "deletion_protection", (False, True)),
        ("aws_neptune_cluster", "backup_retention_period", (1, 35)),
        ("aws_redshift_cluster", "encrypted", (False, True)),
        ("aws_redshift_cluster", "automated_snapshot_retention_period", (1, 35)),
        ("aws_elasticache_replication_group", "at_rest_encryption_enabled", (False, True)),
        ("aws_elasticache_replication_group", "snapshot_retention_limit", (0, 7)),
        ("aws_opensearch_domain", "encrypt_at_rest.0.enabled", (False, True)),
        ("aws_opensearch_domain", "node_to_node_encryption.0.enabled", (False, True)),
        ("aws_efs_file_system", "encrypted", (False, True)),
        ("aws_ebs_volume", "encrypted", (False, True)),
        ("aws_lb", "enable_deletion_protection", (False, True)),
        ("aws_s3_bucket_versioning", "versioning_configuration.0.status", ("Suspended", "Enabled")),
        ("aws_s3_bucket", "public_access_block.block_public_acls", (False, True)),
        ("aws_secretsmanager_secret", "recovery_window_in_days", (7, 30)),
        ("aws_cloudwatch_log_group", "retention_in_days", (7, 365)),
        ("aws_iam_account_password_policy", "require_numbers", (False, True)),
        ("aws_iam_account_password_policy", "password_reuse_prevention", (5, 24)),
        ("aws_ecr_repository", "image_scanning_configuration.0.scan_on_push", (False, True)),
        ("azurerm_key_vault", "purge_protection_enabled", (False, True)),
        ("azurerm_log_analytics_workspace", "retention_in_days", (30, 90)),
        ("azurerm_mysql_flexible_server", "backup_retention_days", (7, 35)),
        ("azurerm_storage_account", "blob_properties.0.versioning_enabled", (False, True)),
        ("azurerm_storage_account", "blob_properties.0.delete_retention_policy.0.days", (7, 30)),
        ("azurerm_postgresql_flexible_server", "geo_redundant_backup_enabled", (False, True)),
        ("azurerm_mssql_server_extended_auditing_policy", "retention_in_days", (30, 365)),
    )
]

MAY_BREAK = [
    judged(f"{resource_type}.{attribute} is stronger, and may break something", (resource_type, attribute), sides, OPEN_OR_NOT)
    for resource_type, attribute, sides in (
        ("aws_instance", "metadata_options.0.http_endpoint", ("enabled", "disabled")),
        ("aws_elasticache_replication_group", "transit_encryption_enabled", (False, True)),
        ("aws_redshift_cluster", "publicly_accessible", (True, False)),
        ("aws_ecs_service", "network_configuration.0.assign_public_ip", (True, False)),
        ("aws_kms_key", "policy", (document(allow("kms:*", "*", "*")), document(allow("kms:*", "*", MINE)))),
        ("aws_sns_topic", "policy", (document(allow("sns:*", "*", "*")), document(allow("sns:Publish", "*", MINE)))),
        ("aws_organizations_policy", "content", (document(allow("*", "*")), document(allow("*", "*"), deny("iam:*", "*")))),
        ("aws_mq_broker", "publicly_accessible", (True, False)),
        ("azurerm_redis_cache", "non_ssl_port_enabled", (True, False)),
        ("azurerm_mssql_server", "public_network_access_enabled", (True, False)),
        ("azurerm_cosmosdb_account", "public_network_access_enabled", (True, False)),
        ("azurerm_linux_virtual_machine", "disable_password_authentication", (False, True)),
    )
]

WORDS = [
    judged(f"only words: {resource_type}.{attribute}", (resource_type, attribute), ("shop", "the shop"), "lateral auto info..low")
    for resource_type, attribute in (
        ("aws_s3_bucket", "tags.Project"), ("aws_rds_cluster", "tags.Owner"), ("aws_dynamodb_table", "tags.Owner"),
        ("aws_kms_key", "tags_all.Owner"), ("aws_cloudtrail", "tags.Owner"), ("aws_security_group", "tags.Name"), ("aws_subnet", "tags.Name"),
        ("aws_nat_gateway", "tags.Name"), ("aws_efs_file_system", "tags.Name"), ("aws_redshift_cluster", "tags.Owner"), ("aws_mq_broker", "tags.Owner"),
        ("aws_ssm_maintenance_window", "description"), ("aws_dms_replication_task", "tags.Owner"), ("aws_sfn_state_machine", "tags_all.Team"),
        ("azurerm_storage_account", "tags.Owner"), ("azurerm_mssql_server", "tags.Project"), ("azurerm_linux_web_app", "tags.Team"),
        ("azurerm_network_security_group", "tags.Owner"), ("azurerm_log_analytics_workspace", "tags.CostCenter"),
    )
]

PRINCIPALS = [
    judged("a role's tag, which a condition on its holder may read", ("aws_iam_role", "tags.Team"), ("shop", "the shop"), "lateral auto|review info..medium"),
]

SCALED = [
    judged(f"as it scaled: {resource_type}.{attribute}", (resource_type, attribute), sides, "lateral|unknown record|review info..medium")
    for resource_type, attribute, sides in (
        ("aws_autoscaling_group", "desired_capacity", (2, 9)), ("aws_ecs_service", "desired_count", (4, 2)), ("aws_dynamodb_table", "read_capacity", (10, 40)),
        ("aws_kinesis_stream", "shard_count", (2, 8)), ("aws_eks_node_group", "scaling_config.0.desired_size", (3, 5)), ("aws_rds_cluster", "allocated_storage", (100, 120)),
        ("azurerm_kubernetes_cluster_node_pool", "node_count", (2, 6)), ("azurerm_service_plan", "worker_count", (1, 3)),
    )
]

QUIET = [*HARDER, *MAY_BREAK, *WORDS, *PRINCIPALS, *SCALED]
