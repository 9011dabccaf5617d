"""Drifts as a plan words them: parts under their own types, blocks whole, and attributes seen less often. Judged blind."""

# ruff: noqa: E501  (one drift, one line; an open range is the point)
# fmt: off

from typing import Any

from judged_blind_form import ACCOUNT, CONCEALED, CONCEALED_OTHER, KEY, PARTNER, Blind, allow, deny, document
from judged_blind_form import judged as _judged

MINE, PARTNERS = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": f"arn:aws:iam::{PARTNER}:root"}
READ = allow("s3:GetObject", "arn:aws:s3:::acme-data/*")


def judged(name: str, about: tuple[str, str], sides: tuple[Any, Any], verdict: str, controls: str = "", **more: Any) -> Blind:
    return _judged(name, about, sides, verdict, controls, provider="azure" if about[0].startswith("azure") else "aws", **more)


BAD, WORSE, WORSE_OR_UNKNOWN = "weakened review high..critical", "weakened review medium..critical", "weakened|unknown review medium..critical"
MILD = "weakened|unknown review low..high"
BETTER = "strengthened record|review info..medium"
LIVE = "lateral|unknown review|record info..medium"

PARTS = [
    judged("versioning block", ("aws_s3_bucket_versioning", "versioning_configuration"), ([{"status": "Enabled", "mfa_delete": ""}], [{"status": "Suspended", "mfa_delete": ""}]), "weakened review medium..high", "CP-9/CP-10/SI-12/AU-9"),
    judged("versioning status alone", ("aws_s3_bucket_versioning", "versioning_configuration.0.status"), ("Enabled", "Suspended"), "weakened review medium..high", "CP-9/CP-10/SI-12/AU-9"),
    judged("encryption part deleted", ("aws_s3_bucket_server_side_encryption_configuration", "resource"), ({"bucket": "acme-data"}, None), "weakened|unknown review high..critical", "SC-28", kind="missing"),
    judged("encryption block of the old bucket form", ("aws_s3_bucket", "server_side_encryption_configuration"), ([{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": KEY}]}]}], []), BAD, "SC-28"),
    judged("policy part for the world", ("aws_s3_bucket_policy", "policy"), (document(deny("s3:*", "*", "*", Condition={"Bool": {"aws:SecureTransport": "false"}})), document(allow("s3:*", "*", "*"))), "weakened review critical", "AC-3/AC-6"),
    judged("public access part deleted", ("aws_s3_bucket_public_access_block", "resource"), ({"block_public_acls": True}, None), "weakened|unknown review high..critical", "AC-3/AC-6/SC-7", kind="missing"),
    judged("public access of the account", ("aws_s3_account_public_access_block", "block_public_policy"), (True, False), BAD, "AC-3/AC-6/SC-7"),
    judged("lifecycle part", ("aws_s3_bucket_lifecycle_configuration", "rule"), ([{"id": "a", "status": "Enabled", "expiration": [{"days": 365}]}], [{"id": "a", "status": "Enabled", "expiration": [{"days": 1}]}]), "weakened|unknown|lateral review low..high"),
    judged("list part for the world", ("aws_s3_bucket_acl", "acl"), ("private", "public-read-write"), BAD, "AC-3/AC-6"),
    judged("lock of objects off", ("aws_s3_bucket_object_lock_configuration", "object_lock_enabled"), ("Enabled", None), WORSE_OR_UNKNOWN),
    judged("log part deleted", ("aws_s3_bucket_logging", "resource"), ({"bucket": "acme-data", "target_bucket": "acme-logs"}, None), "weakened|unknown review medium..high", "AU-12/AU-2", kind="missing"),
    judged("inline policy of a role", ("aws_iam_role_policy", "policy"), (document(READ), document(allow("*", "*"))), BAD, "AC-6"),
    judged("inline policy of a user", ("aws_iam_user_policy", "policy"), (document(READ), document(READ, allow("iam:CreateAccessKey", "*"))), BAD, "AC-6"),
    judged("inline policy of a role narrowed", ("aws_iam_role_policy", "policy"), (document(allow("*", "*")), document(READ)), BETTER, "AC-6"),
    judged("attachment part nobody declared", ("aws_iam_role_policy_attachment", "resource"), (None, {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess", "role": "app"}), "weakened|unknown|lateral review medium..critical", "AC-6/AC-2", kind="unmanaged", drift_class="B"),
    judged("roles' policies in the old form", ("aws_iam_role", "managed_policy_arns"), ([], ["arn:aws:iam::aws:policy/AdministratorAccess"]), "weakened review high..critical", "AC-6"),
    judged("roles' inline policies in the old form", ("aws_iam_role", "inline_policy"), ([], [{"name": "x", "policy": document(allow("*", "*"))}]), WORSE_OR_UNKNOWN, "AC-6"),
    judged("access key alone", ("aws_iam_access_key", "status"), ("Inactive", "Active"), WORSE_OR_UNKNOWN, "AC-2/IA-5"),
    judged("access key part nobody declared", ("aws_iam_access_key", "resource"), (None, {"user": "build"}), "weakened|unknown|lateral review medium..critical", "AC-2/IA-5/CM-8", kind="unmanaged", drift_class="B"),
    judged("members of a group", ("aws_iam_group_membership", "users"), (["a"], ["a", "mallory"]), WORSE_OR_UNKNOWN, "AC-2/AC-6"),
    judged("password policy of the account", ("aws_iam_account_password_policy", "minimum_password_length"), (14, 6), "weakened review medium..high", "IA-5"),
    judged("users may not change their passwords", ("aws_iam_account_password_policy", "allow_users_to_change_password"), (True, False), "weakened|unknown|lateral review low..high", "IA-5"),
    judged("encryption by default alone", ("aws_ebs_encryption_by_default", "enabled"), (True, False), "weakened review medium..critical", "SC-28"),
    judged("metadata defaults of the account", ("aws_ec2_instance_metadata_defaults", "http_tokens"), ("required", "no-preference"), "weakened|unknown review low..high"),
    judged("rule of a group as its own", ("aws_security_group_rule", "cidr_blocks"), (["10.0.0.0/8"], ["0.0.0.0/0"]), BAD, "SC-7"),
    judged("rule of a group as its own, by IPv6", ("aws_vpc_security_group_ingress_rule", "cidr_ipv6"), ("2001:db8::/32", "::/0"), BAD, "SC-7"),
    judged("rule of a group as its own, of more ports", ("aws_vpc_security_group_ingress_rule", "to_port"), (443, 65535), WORSE_OR_UNKNOWN, "SC-7"),
    judged("rule of a group nobody declared", ("aws_vpc_security_group_ingress_rule", "resource"), (None, {"cidr_ipv4": "0.0.0.0/0", "from_port": 22, "to_port": 22, "ip_protocol": "tcp"}), "weakened|unknown|lateral review medium..critical", "SC-7", kind="unmanaged", drift_class="B"),
    judged("words of a rule as its own", ("aws_vpc_security_group_ingress_rule", "description"), ("a", "b"), "lateral auto|review info..low"),
    judged("entry of an ACL as its own", ("aws_network_acl_rule", "rule_action"), ("deny", "allow"), WORSE_OR_UNKNOWN, "SC-7"),
    judged("route as its own", ("aws_route", "gateway_id"), ("nat-1", "igw-1"), WORSE_OR_UNKNOWN, "SC-7"),
    judged("key's policy as its own", ("aws_kms_key_policy", "policy"), (document(allow("kms:*", "*", MINE)), document(allow("kms:*", "*", MINE), allow("kms:*", "*", PARTNERS))), BAD, "AC-3/AC-6/SC-12"),
    judged("secret's policy as its own", ("aws_secretsmanager_secret_policy", "policy"), (document(allow("secretsmanager:GetSecretValue", "*", MINE)), document(allow("secretsmanager:GetSecretValue", "*", "*"))), BAD, "AC-3/AC-6"),
    judged("secret's rotation as its own", ("aws_secretsmanager_secret_rotation", "rotation_rules.0.automatically_after_days"), (30, 365), "weakened review low..high", "IA-5/SC-12"),
    judged("secret's value", ("aws_secretsmanager_secret_version", "secret_string"), (CONCEALED, CONCEALED_OTHER), "unknown review medium..critical"),
    judged("topic's policy as its own", ("aws_sns_topic_policy", "policy"), (document(allow("sns:Publish", "*", MINE)), document(allow("sns:*", "*", "*"))), BAD, "AC-3/AC-6"),
    judged("queue's policy as its own", ("aws_sqs_queue_policy", "policy"), (document(allow("sqs:SendMessage", "*", MINE)), document(allow("sqs:*", "*", "*"))), BAD, "AC-3/AC-6"),
    judged("images' policy as its own", ("aws_ecr_repository_policy", "policy"), (document(allow("ecr:BatchGetImage", None, MINE)), document(allow("ecr:*", None, PARTNERS))), BAD, "AC-3/AC-6"),
    judged("function's permission as its own", ("aws_lambda_permission", "principal"), ("s3.amazonaws.com", "*"), BAD, "AC-3/AC-6"),
    judged("function's permission nobody declared", ("aws_lambda_permission", "resource"), (None, {"principal": PARTNER, "action": "lambda:InvokeFunction"}), "weakened|unknown|lateral review medium..critical", "AC-3/AC-6/CM-8", kind="unmanaged", drift_class="B"),
    judged("function's URL as its own", ("aws_lambda_function_url", "authorization_type"), ("AWS_IAM", "NONE"), BAD, "AC-3/IA-2/AC-6/AC-14"),
    judged("files' policy as its own", ("aws_efs_file_system_policy", "policy"), (document(allow("elasticfilesystem:ClientMount", "*", MINE)), document(allow("elasticfilesystem:*", "*", {"AWS": "*"}))), BAD, "AC-3/AC-6"),
    judged("files' backups as their own", ("aws_efs_backup_policy", "backup_policy"), ([{"status": "ENABLED"}], [{"status": "DISABLED"}]), "weakened|unknown review low..high", "CP-9"),
    judged("vault's policy as its own", ("aws_backup_vault_policy", "policy"), (document(deny("backup:DeleteRecoveryPoint", "*", "*")), document(allow("backup:*", "*", "*"))), BAD, "AC-3/CP-9"),
    judged("vault's lock as its own", ("aws_backup_vault_lock_configuration", "min_retention_days"), (30, 1), "weakened|unknown review medium..critical", "CP-9/AU-9/SI-12"),
    judged("search's policy as its own", ("aws_opensearch_domain_policy", "access_policies"), (document(allow("es:*", "*", MINE)), document(allow("es:*", "*", "*"))), BAD, "AC-3/AC-6"),
    judged("log's subscription as its own", ("aws_cloudwatch_log_subscription_filter", "destination_arn"), (f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:siem", f"arn:aws:logs:eu-west-1:{PARTNER}:destination:x"), "unknown|weakened review medium..critical"),
    judged("log's metric as its own", ("aws_cloudwatch_log_metric_filter", "pattern"), ('{ $.eventName = "DeleteTrail" }', "never"), "unknown|weakened|lateral review low..high"),
]

BLOCKS = [
    judged("recovery block of a table", ("aws_dynamodb_table", "point_in_time_recovery"), ([{"enabled": True, "recovery_period_in_days": 35}], [{"enabled": False, "recovery_period_in_days": 0}]), "weakened review medium..high", "CP-9/CP-10"),
    judged("metadata block of an instance", ("aws_instance", "metadata_options"), ([{"http_tokens": "required", "http_endpoint": "enabled"}], [{"http_tokens": "optional", "http_endpoint": "enabled"}]), "weakened review medium..high"),
    judged("disk block of an instance", ("aws_instance", "root_block_device"), ([{"encrypted": True, "volume_size": 20}], [{"encrypted": False, "volume_size": 20}]), WORSE, "SC-28"),
    judged("disk block of an instance, larger", ("aws_instance", "root_block_device.0.volume_size"), (20, 100), LIVE),
    judged("access log block of a balancer", ("aws_lb", "access_logs"), ([{"bucket": "acme-logs", "enabled": True, "prefix": ""}], [{"bucket": "acme-logs", "enabled": False, "prefix": ""}]), "weakened review medium..high", "AU-12/AU-2"),
    judged("network block of EKS", ("aws_eks_cluster", "vpc_config"), ([{"endpoint_public_access": False, "endpoint_private_access": True}], [{"endpoint_public_access": True, "endpoint_private_access": True}]), WORSE, "SC-7"),
    judged("scan block of images", ("aws_ecr_repository", "image_scanning_configuration"), ([{"scan_on_push": True}], [{"scan_on_push": False}]), "weakened review low..high", "RA-5/SI-2/SI-3"),
    judged("group block of Config", ("aws_config_configuration_recorder", "recording_group"), ([{"all_supported": True, "include_global_resource_types": True}], [{"all_supported": False, "include_global_resource_types": False}]), "weakened|unknown review medium..critical"),
    judged("environment block of a function", ("aws_lambda_function", "environment"), ([{"variables": {"STAGE": "prod"}}], [{"variables": {"STAGE": "prod", "X": "1"}}]), "unknown|lateral review low..high"),
    judged("tracing block of a function", ("aws_lambda_function", "tracing_config"), ([{"mode": "Active"}], [{"mode": "PassThrough"}]), "weakened|lateral|unknown review|record low..medium"),
    judged("rules block of a WAF, reordered", ("aws_wafv2_web_acl", "rule"), ([{"name": "a", "priority": 1}, {"name": "b", "priority": 2}], [{"name": "b", "priority": 2}, {"name": "a", "priority": 1}]), "lateral|unknown|weakened review|auto|record info..high"),
    judged("network block of storage", ("azurerm_storage_account", "network_rules"), ([{"default_action": "Deny", "ip_rules": []}], [{"default_action": "Allow", "ip_rules": []}]), "weakened review high..critical", "SC-7"),
    judged("network block of a vault", ("azurerm_key_vault", "network_acls"), ([{"default_action": "Deny", "bypass": "AzureServices"}], [{"default_action": "Allow", "bypass": "AzureServices"}]), "weakened review high..critical", "SC-7"),
    judged("identity of a machine", ("azurerm_linux_virtual_machine", "identity"), ([{"type": "SystemAssigned", "identity_ids": []}], [{"type": "SystemAssigned, UserAssigned", "identity_ids": ["/s/owner"]}]), "unknown|weakened|lateral review low..critical"),
]

SELDOM = [
    judged("instance's private address", ("aws_instance", "private_ip"), ("10.0.0.4", "10.0.0.5"), "lateral|unknown review|record low..medium"),
    judged("instance's tenancy", ("aws_instance", "tenancy"), ("dedicated", "default"), "lateral|unknown|weakened review low..high"),
    judged("instance hibernates", ("aws_instance", "hibernation"), (False, True), "lateral|unknown review|record info..medium"),
    judged("function's handler", ("aws_lambda_function", "handler"), ("app.main", "app.other"), "lateral|unknown|weakened review low..high"),
    judged("function's storage", ("aws_lambda_function", "ephemeral_storage.0.size"), (512, 1024), "lateral|unknown review|record|auto info..medium"),
    judged("function's architecture", ("aws_lambda_function", "architectures"), (["x86_64"], ["arm64"]), "lateral|unknown review low..medium"),
    judged("task's memory", ("aws_ecs_task_definition", "memory"), ("512", "1024"), "lateral|unknown review|record|auto info..medium"),
    judged("task's role", ("aws_ecs_task_definition", "task_role_arn"), (f"arn:aws:iam::{ACCOUNT}:role/a", f"arn:aws:iam::{ACCOUNT}:role/admin"), "unknown|weakened|lateral review medium..critical"),
    judged("service's deployment", ("aws_ecs_service", "deployment_minimum_healthy_percent"), (100, 0), "lateral|unknown|weakened review|record low..medium"),
    judged("database's IOPS", ("aws_db_instance", "iops"), (3000, 6000), LIVE),
    judged("database's storage type", ("aws_db_instance", "storage_type"), ("gp2", "gp3"), LIVE),
    judged("database's monitoring", ("aws_db_instance", "monitoring_interval"), (60, 0), "weakened|lateral|unknown review|record low..medium"),
    judged("database's groups", ("aws_db_instance", "vpc_security_group_ids"), (["sg-1"], ["sg-1", "sg-open"]), "unknown|weakened|lateral review medium..high"),
    judged("database's port", ("aws_db_instance", "port"), (5432, 15432), "lateral|unknown review low..medium"),
    judged("database's window of backups", ("aws_db_instance", "backup_window"), ("02:00-03:00", "04:00-05:00"), "lateral|unknown auto|record|review info..medium"),
    judged("cluster's engine newer", ("aws_rds_cluster", "engine_version"), ("15.4", "15.6"), "lateral|strengthened|unknown record|review info..medium"),
    judged("table's write capacity", ("aws_dynamodb_table", "write_capacity"), (5, 5000), LIVE),
    judged("stream's mode", ("aws_kinesis_stream", "stream_mode_details.0.stream_mode"), ("PROVISIONED", "ON_DEMAND"), LIVE),
    judged("scaling's ends", ("aws_appautoscaling_target", "max_capacity"), (10, 100), "lateral|unknown review|record info..medium"),
    judged("distribution off", ("aws_cloudfront_distribution", "enabled"), (True, False), "lateral|unknown|weakened review low..high"),
    judged("origin access identity gone", ("aws_cloudfront_distribution", "origin.0.origin_access_control_id"), ("E1ABC", ""), "weakened|unknown review low..critical"),
    judged("health check off", ("aws_route53_health_check", "disabled"), (False, True), "weakened|unknown|lateral review low..high"),
    judged("key of many regions", ("aws_kms_key", "multi_region"), (False, True), "unknown|lateral|weakened review low..high"),
    judged("lock of a parameter's tier", ("aws_ssm_parameter", "tier"), ("Standard", "Advanced"), "lateral|unknown review|record|auto info..medium"),
    judged("parameter of text, not secret", ("aws_ssm_parameter", "insecure_value"), ("on", "off"), "unknown|lateral review low..high"),
    judged("association of a document", ("aws_ssm_association", "schedule_expression"), ("rate(1 day)", "rate(30 days)"), "lateral|unknown|weakened review low..medium"),
    judged("trail to a log group no more", ("aws_cloudtrail", "cloud_watch_logs_group_arn"), ("arn:aws:logs:x:log-group:trail:*", ""), "weakened|unknown review medium..high", "AU-12/AU-2/AU-6/SI-4"),
    judged("trail's insights", ("aws_cloudtrail", "insight_selector"), ([{"insight_type": "ApiCallRateInsight"}], []), "weakened|unknown review low..high"),
    judged("log group's class", ("aws_cloudwatch_log_group", "log_group_class"), ("STANDARD", "INFREQUENT_ACCESS"), "lateral|unknown|weakened review|record low..high"),
    judged("alarm's period", ("aws_cloudwatch_metric_alarm", "evaluation_periods"), (1, 10), "lateral|unknown|weakened review low..medium"),
    judged("detector's features", ("aws_guardduty_detector_feature", "status"), ("ENABLED", "DISABLED"), "weakened|unknown review medium..critical"),
    judged("standard of Security Hub no more", ("aws_securityhub_standards_subscription", "resource"), ({"standards_arn": "arn:aws:securityhub:::ruleset/cis"}, None), "weakened|unknown|lateral review low..high", kind="missing"),
    judged("share with outsiders", ("aws_ram_resource_share", "allow_external_principals"), (False, True), WORSE_OR_UNKNOWN),
    judged("gateway's route", ("aws_ec2_transit_gateway_route", "blackhole"), (True, False), WORSE_OR_UNKNOWN),
    judged("transfer server's policy", ("aws_transfer_server", "security_policy_name"), ("TransferSecurityPolicy-2024-01", "TransferSecurityPolicy-2018-11"), "weakened|unknown review low..high"),
    judged("transfer server in public", ("aws_transfer_server", "endpoint_type"), ("VPC", "PUBLIC"), WORSE_OR_UNKNOWN),
    judged("workspace's ways in", ("aws_workspaces_directory", "self_service_permissions.0.switch_running_mode"), (False, True), "unknown|weakened|lateral review low..high"),
    judged("broker of MQ in public", ("aws_mq_broker", "publicly_accessible"), (False, True), BAD, "SC-7"),
    judged("broker of MQ in clear", ("aws_mq_broker", "logs.0.audit"), (True, False), "weakened|unknown review low..high"),
    judged("GraphQL by a key", ("aws_appsync_graphql_api", "authentication_type"), ("AWS_IAM", "API_KEY"), WORSE_OR_UNKNOWN, "AC-3/IA-2/AC-6/IA-8/IA-5"),
    judged("memory database in clear", ("aws_memorydb_cluster", "tls_enabled"), (True, False), WORSE, "SC-8"),
    judged("accelerator's logs", ("aws_globalaccelerator_accelerator", "attributes.0.flow_logs_enabled"), (True, False), "weakened|unknown review low..high", "AU-12/AU-2"),
    judged("environment of Beanstalk", ("aws_elastic_beanstalk_environment", "setting"), ([{"name": "ManagedActionsEnabled", "value": "true"}], [{"name": "ManagedActionsEnabled", "value": "false"}]), "unknown|weakened|lateral review low..high"),
    judged("a light machine's ports", ("aws_lightsail_instance_public_ports", "port_info"), ([{"from_port": 443, "to_port": 443, "cidrs": ["0.0.0.0/0"]}], [{"from_port": 22, "to_port": 22, "cidrs": ["0.0.0.0/0"]}]), WORSE_OR_UNKNOWN, "SC-7"),
    judged("web site's words", ("aws_amplify_app", "description"), ("a", "b"), "lateral auto|review info..low"),
    judged("owner of a workgroup", ("aws_athena_workgroup", "tags.Owner"), ("a", "b"), "lateral auto info..low"),
    judged("whole tags of an instance", ("aws_instance", "tags_all"), ({"Name": "app"}, {"Name": "app2"}), "lateral auto|review info..medium"),
    judged("machine's zone", ("azurerm_linux_virtual_machine", "zone"), ("1", "2"), "lateral|unknown review low..medium"),
    judged("Windows machine takes updates", ("azurerm_windows_virtual_machine", "enable_automatic_updates"), (True, False), "weakened|unknown review low..high", "SI-2"),
    judged("container group in public", ("azurerm_container_group", "ip_address_type"), ("Private", "Public"), WORSE_OR_UNKNOWN, "SC-7"),
    judged("container app from outside", ("azurerm_container_app", "ingress.0.external_enabled"), (False, True), WORSE_OR_UNKNOWN, "SC-7"),
    judged("data factory in public", ("azurerm_data_factory", "public_network_enabled"), (False, True), WORSE_OR_UNKNOWN, "SC-7"),
    judged("search service in public", ("azurerm_search_service", "public_network_access_enabled"), (False, True), WORSE, "SC-7"),
    judged("API management's old TLS", ("azurerm_api_management", "security.0.enable_frontend_tls10"), (False, True), WORSE_OR_UNKNOWN, "SC-8/SC-13"),
    judged("cognitive account by keys", ("azurerm_cognitive_account", "local_auth_enabled"), (False, True), WORSE_OR_UNKNOWN),
    judged("MySQL keeps backups shorter", ("azurerm_mysql_flexible_server", "backup_retention_days"), (35, 1), "weakened review low..high", "CP-9"),
    judged("public address of another kind", ("azurerm_public_ip", "allocation_method"), ("Static", "Dynamic"), "lateral|unknown review|record|auto info..medium"),
    judged("bastion's ways", ("azurerm_bastion_host", "shareable_link_enabled"), (False, True), WORSE_OR_UNKNOWN),
    judged("autoscale's ends on Azure", ("azurerm_monitor_autoscale_setting", "profile.0.capacity.0.maximum"), (5, 50), "lateral|unknown review|record low..medium"),
    judged("policy's exemption nobody declared", ("azurerm_resource_policy_exemption", "resource"), (None, {"exemption_category": "Waiver"}), "weakened|unknown|lateral review low..critical", kind="unmanaged", drift_class="B"),
]

PLAIN = [*PARTS, *BLOCKS, *SELDOM]
