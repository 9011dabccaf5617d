"""What became stronger, what means the same, and what is only words; judged without a look at the rules."""

# ruff: noqa: E501  (one drift, one line)
# fmt: off

from typing import Any

from judged_blind_form import ACCOUNT, AWS_OWN_KEY, KEY, Blind, allow, deny, document
from judged_blind_form import judged as _judged

MINE = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def judged(name: str, about: tuple[str, str], sides: tuple[Any, Any], verdict: str, controls: str = "", **more: Any) -> Blind:
    provider = "azure" if about[0].startswith("azurerm_") else "aws"
    return _judged(name, about, sides, verdict, controls, provider=provider, **more)


def rule(port: int, source: str, protocol: str = "tcp") -> dict[str, Any]:
    key = "ipv6_cidr_blocks" if ":" in source else "cidr_blocks"
    return {"from_port": port, "to_port": port, "protocol": protocol, key: [source]}


BETTER_NOW = "strengthened record info..low"
BETTER_BUT = "strengthened record|review info..medium"

STRONGER = [
    judged("trail proves its files", ("aws_cloudtrail", "enable_log_file_validation"), (False, True), BETTER_NOW, "AU-9/AU-10/SI-7"),
    judged("trail of all regions", ("aws_cloudtrail", "is_multi_region_trail"), (False, True), BETTER_NOW, "AU-12/AU-2"),
    judged("trail by a key", ("aws_cloudtrail", "kms_key_id"), (None, KEY), BETTER_NOW, "AU-9/SC-28"),
    judged("GuardDuty on", ("aws_guardduty_detector", "enable"), (False, True), BETTER_NOW, "SI-4/RA-5"),
    judged("images fixed by their tag", ("aws_ecr_repository", "image_tag_mutability"), ("MUTABLE", "IMMUTABLE"), BETTER_BUT, "SI-7/CM-2/CM-5/CM-3/CM-14"),
    judged("cluster in several zones", ("aws_db_instance", "multi_az"), (False, True), BETTER_BUT),
    judged("database asks IAM", ("aws_db_instance", "iam_database_authentication_enabled"), (False, True), BETTER_NOW, "IA-2/AC-3/IA-5/AC-2"),
    judged("database patches itself", ("aws_db_instance", "auto_minor_version_upgrade"), (False, True), BETTER_BUT, "SI-2"),
    judged("database watched by performance insights", ("aws_db_instance", "performance_insights_enabled"), (False, True), "strengthened|lateral|unknown record|auto|review info..low"),
    judged("aurora keeps backups longer", ("aws_rds_cluster", "backup_retention_period"), (7, 30), BETTER_NOW, "CP-9/SI-12"),
    judged("table may no longer be deleted", ("aws_dynamodb_table", "deletion_protection_enabled"), (False, True), BETTER_NOW),
    judged("table by a customer's key", ("aws_dynamodb_table", "server_side_encryption.0.kms_key_arn"), (AWS_OWN_KEY, KEY), "strengthened|unknown|lateral record|review info..medium", "SC-28/SC-12"),
    judged("stream in cipher", ("aws_kinesis_stream", "encryption_type"), ("NONE", "KMS"), BETTER_BUT, "SC-28"),
    judged("broker by TLS only", ("aws_msk_cluster", "encryption_info.0.encryption_in_transit.0.client_broker"), ("TLS_PLAINTEXT", "TLS"), BETTER_BUT, "SC-8"),
    judged("search by HTTPS only", ("aws_opensearch_domain", "domain_endpoint_options.0.enforce_https"), (False, True), BETTER_BUT, "SC-8"),
    judged("search by TLS 1.2", ("aws_opensearch_domain", "domain_endpoint_options.0.tls_security_policy"), ("Policy-Min-TLS-1-0-2019-07", "Policy-Min-TLS-1-2-PFS-2023-10"), BETTER_BUT, "SC-8/SC-13"),
    judged("queue in cipher", ("aws_sqs_queue", "sqs_managed_sse_enabled"), (False, True), BETTER_NOW, "SC-28"),
    judged("topic in cipher", ("aws_sns_topic", "kms_master_key_id"), ("", "alias/aws/sns"), BETTER_BUT, "SC-28"),
    judged("logs by a key", ("aws_cloudwatch_log_group", "kms_key_id"), (None, KEY), BETTER_NOW, "AU-9/SC-28"),
    judged("balancer logs", ("aws_lb", "access_logs.0.enabled"), (False, True), BETTER_NOW, "AU-12/AU-2"),
    judged("balancer drops bad headers", ("aws_lb", "drop_invalid_header_fields"), (False, True), BETTER_BUT, "SC-8/SC-7/SI-10/SC-23"),
    judged("balancer inside only", ("aws_lb", "internal"), (False, True), BETTER_BUT, "SC-7"),
    judged("edge by HTTPS only", ("aws_cloudfront_distribution", "default_cache_behavior.0.viewer_protocol_policy"), ("allow-all", "https-only"), BETTER_BUT, "SC-8"),
    judged("edge with its firewall", ("aws_cloudfront_distribution", "web_acl_id"), ("", f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/shop/1"), BETTER_BUT, "SC-7/SI-4/SC-5/SI-3/SI-10/AC-4"),
    judged("API's domain by TLS 1.2", ("aws_api_gateway_domain_name", "security_policy"), ("TLS_1_0", "TLS_1_2"), BETTER_BUT, "SC-8/SC-13"),
    judged("method asks for a name", ("aws_api_gateway_method", "authorization"), ("NONE", "AWS_IAM"), BETTER_BUT, "AC-3/IA-2/AC-6/IA-8/AC-14"),
    judged("function's URL asks for a name", ("aws_lambda_function", "url.authorization_type"), ("NONE", "AWS_IAM"), BETTER_BUT, "AC-3/IA-2/AC-6/AC-14"),
    judged("build not privileged", ("aws_codebuild_project", "environment.0.privileged_mode"), (True, False), BETTER_BUT, "AC-6/CM-7"),
    judged("notebook without the internet", ("aws_sagemaker_notebook_instance", "direct_internet_access"), ("Enabled", "Disabled"), BETTER_BUT, "SC-7"),
    judged("Kubernetes audited", ("aws_eks_cluster", "enabled_cluster_log_types"), (["api"], ["api", "audit"]), BETTER_BUT, "AU-12/AU-2"),
    judged("Kubernetes' API for an office only", ("aws_eks_cluster", "vpc_config.0.public_access_cidrs"), (["0.0.0.0/0"], ["203.0.113.0/24"]), BETTER_BUT, "SC-7"),
    judged("user pool's passwords longer", ("aws_cognito_user_pool", "password_policy.0.minimum_length"), (8, 14), BETTER_BUT, "IA-5"),
    judged("passwords of upper case too", ("aws_account", "password_policy.require_uppercase_characters"), (False, True), BETTER_NOW, "IA-5"),
    judged("passwords end sooner", ("aws_account", "password_policy.max_password_age"), (365, 90), BETTER_NOW, "IA-5"),
    judged("volumes encrypted by default", ("aws_account", "ebs_encryption_by_default.eu-west-1.enabled"), (False, True), BETTER_NOW, "SC-28"),
    judged("instance may not be ended", ("aws_instance", "disable_api_termination"), (False, True), BETTER_NOW),
    judged("secret rotates sooner", ("aws_secretsmanager_secret", "rotation.rotation_rules.0.automatically_after_days"), (90, 30), BETTER_NOW, "IA-5/SC-12"),
    judged("key waits longer before it goes", ("aws_kms_key", "deletion_window_in_days"), (7, 30), BETTER_NOW, "SC-12/CP-9/SC-28"),
    judged("endpoint service asks first", ("aws_vpc_endpoint_service", "acceptance_required"), (False, True), BETTER_BUT, "AC-3/SC-7/AC-4"),
    judged("IPv6 closed", ("aws_security_group", "ingress"), ([rule(443, "10.0.0.0/8"), rule(22, "::/0")], [rule(443, "10.0.0.0/8")]), BETTER_BUT, "SC-7"),
    judged("out to less", ("aws_security_group", "egress"), ([rule(0, "0.0.0.0/0", "-1")], [rule(443, "0.0.0.0/0")]), BETTER_BUT, "SC-7"),
    judged("trust for one role instead of the account", ("aws_iam_role", "assume_role_policy"), (document(allow("sts:AssumeRole", None, MINE)), document(allow("sts:AssumeRole", None, {"AWS": f"arn:aws:iam::{ACCOUNT}:role/ci"}))), "strengthened|unknown|weakened record|review info..critical", "AC-3/AC-6"),
    judged("trust asks for MFA", ("aws_iam_role", "assume_role_policy"), (document(allow("sts:AssumeRole", None, MINE)), document(allow("sts:AssumeRole", None, MINE, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))), BETTER_BUT, "AC-3/AC-6/IA-2"),
    judged("action wildcard narrowed", ("aws_iam_policy", "policy"), (document(allow("s3:*", "*")), document(allow("s3:Get*", "*"))), BETTER_BUT, "AC-6"),
    judged("key denies a partner", ("aws_kms_key", "policy"), (document(allow("kms:*", "*", MINE)), document(allow("kms:*", "*", MINE), deny("kms:Decrypt", "*", {"AWS": "arn:aws:iam::210987654321:root"}))), BETTER_BUT, "AC-3/AC-6/SC-12"),
    judged("storage closed to networks", ("azurerm_storage_account", "network_rules.0.default_action"), ("Allow", "Deny"), BETTER_BUT, "SC-7"),
    judged("storage not by keys", ("azurerm_storage_account", "shared_access_key_enabled"), (True, False), BETTER_BUT, "AC-3/IA-2/IA-5/AC-2/AC-6"),
    judged("vault not from the internet", ("azurerm_key_vault", "public_network_access_enabled"), (True, False), BETTER_BUT, "SC-7"),
    judged("vault forgets later", ("azurerm_key_vault", "soft_delete_retention_days"), (7, 90), BETTER_NOW, "SC-12/CP-9/SI-12"),
    judged("registry not by its administrator", ("azurerm_container_registry", "admin_enabled"), (True, False), BETTER_BUT, "AC-2/AC-6/IA-2/IA-5/AC-3"),
    judged("web app by HTTPS only", ("azurerm_linux_web_app", "https_only"), (False, True), BETTER_BUT, "SC-8"),
    judged("AKS not by local accounts", ("azurerm_kubernetes_cluster", "local_account_disabled"), (False, True), BETTER_BUT, "AC-2/IA-2/AC-3"),
    judged("SQL by TLS 1.2", ("azurerm_mssql_server", "minimum_tls_version"), ("1.0", "1.2"), BETTER_BUT, "SC-8/SC-13"),
    judged("Postgres keeps backups longer", ("azurerm_postgresql_flexible_server", "backup_retention_days"), (7, 35), BETTER_NOW, "CP-9"),
]

SAME = "lateral auto|record info..low"

ALIKE = [
    judged("protocol by number", ("aws_security_group", "ingress"), ([rule(443, "10.0.0.0/8", "6")], [rule(443, "10.0.0.0/8", "tcp")]), SAME),
    judged("IPv6 spelled out", ("aws_security_group", "ingress"), ([rule(443, "2001:db8::/32")], [rule(443, "2001:0db8:0:0::/32")]), SAME),
    judged("two rules for one with two ranges", ("aws_security_group", "ingress"), ([{"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8", "172.16.0.0/12"]}], [rule(443, "10.0.0.0/8"), rule(443, "172.16.0.0/12")]), SAME),
    judged("a range inside another is gone", ("aws_security_group", "ingress"), ([rule(443, "10.0.0.0/8"), rule(443, "10.1.0.0/16")], [rule(443, "10.0.0.0/8")]), SAME),
    judged("action as a list", ("aws_sqs_queue", "policy"), (document(allow("sqs:SendMessage", "*", MINE)), document(allow(["sqs:SendMessage"], ["*"], MINE))), SAME),
    judged("action in other letters", ("aws_iam_policy", "policy"), (document(allow("s3:GetObject", "*")), document(allow("S3:getobject", "*"))), SAME),
    judged("an action that a wildcard held already", ("aws_iam_policy", "policy"), (document(allow(["s3:*", "s3:GetObject"], "*")), document(allow("s3:*", "*"))), "lateral|strengthened auto|record info..low"),
    judged("two statements for one", ("aws_s3_bucket", "policy"), (document(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::a/*", MINE)), document(allow("s3:GetObject", "arn:aws:s3:::a/*", MINE), allow("s3:PutObject", "arn:aws:s3:::a/*", MINE))), SAME),
    judged("logs kept for ever by zero and by null", ("aws_cloudwatch_log_group", "retention_in_days"), (0, None), "lateral auto|record|review info..medium"),
    judged("addresses in another order", ("aws_eks_cluster", "vpc_config.0.public_access_cidrs"), (["203.0.113.0/24", "198.51.100.0/24"], ["198.51.100.0/24", "203.0.113.0/24"]), "lateral auto|record|review info..low"),
]

WORDS = "lateral auto info..low"

ONLY_WORDS = [
    judged(f"words of {resource_type}", (resource_type, attribute), ("shop", "the shop"), WORDS)
    for resource_type, attribute in (
        ("aws_ssm_parameter", "description"), ("aws_wafv2_web_acl", "description"), ("aws_glue_job", "description"), ("aws_athena_workgroup", "description"),
        ("aws_api_gateway_rest_api", "description"), ("aws_apigatewayv2_api", "description"), ("aws_elasticache_replication_group", "description"),
        ("aws_network_interface", "description"), ("aws_db_option_group", "tags.Owner"), ("aws_config_config_rule", "description"), ("aws_codepipeline", "tags.Owner"),
        ("aws_eks_node_group", "tags.Owner"), ("aws_sagemaker_notebook_instance", "tags.Name"), ("aws_backup_plan", "tags.Owner"), ("aws_lb", "tags.Project"),
        ("aws_route53_health_check", "tags.Name"), ("aws_ecs_service", "tags.Team"), ("aws_opensearch_domain", "tags_all.Owner"), ("aws_sfn_state_machine", "tags.Owner"),
        ("azurerm_monitor_metric_alert", "description"), ("azurerm_role_definition", "description"), ("azurerm_virtual_network", "tags.Owner"),
        ("azurerm_linux_virtual_machine", "tags.CostCenter"), ("azurerm_key_vault", "tags.Team"), ("azurerm_kubernetes_cluster", "tags.Owner"),
    )
]

NOT_FOR_A_PROGRAM = [
    judged("words that no apply puts back", ("aws_lambda_function", "description"), ("shop", "the shop"), "lateral review|record info..low", drift_class="B"),
    judged("tag of the cloud itself", ("aws_instance", "tags.aws:autoscaling:groupName"), (None, "web"), "lateral record|review info..low", drift_class="B"),
    judged("log group nobody declared", ("aws_cloudwatch_log_group", "resource"), (None, {"name": "/aws/lambda/x"}), "lateral|unknown|weakened record|review info..medium", kind="unmanaged", drift_class="B"),
    judged("dashboard gone", ("aws_cloudwatch_dashboard", "resource"), ({"dashboard_name": "shop"}, None), "lateral|unknown|weakened review|record info..medium", kind="missing"),
    judged("function nobody declared", ("aws_lambda_function", "resource"), (None, {"function_name": "x"}), "weakened|unknown|lateral review low..high", "CM-8", kind="unmanaged", drift_class="B"),
    judged("placement group gone", ("aws_placement_group", "resource"), ({"name": "x"}, None), "lateral|unknown|weakened review|record info..medium", kind="missing"),
    judged("subnet nobody declared", ("aws_subnet", "resource"), (None, {"cidr_block": "10.0.9.0/24"}), "weakened|unknown|lateral review low..high", "CM-8/SC-7", kind="unmanaged", drift_class="B"),
    judged("function is to be made anew", ("aws_lambda_function", "tainted"), (False, True), "unknown|lateral review|record info..medium"),
    judged("concealed policy of a bucket", ("aws_s3_bucket", "policy"), ("hmac-sha256:53eb60f6:" + "0c" * 32, "hmac-sha256:53eb60f6:" + "0d" * 32), "unknown review medium..critical", "AC-3/AC-6"),
]

BETTER = [*STRONGER, *ALIKE, *ONLY_WORDS, *NOT_FOR_A_PROGRAM]
