"""The kinds of AWS resources that are checked most have rules of their own, which prove all they name."""

import re

import pytest

from taxonomy.rule import Rule
from taxonomy.rulebook import load

MOST_CHECKED = [
    "acm_certificate",
    "alb",
    "alb_listener",
    "alb_target_group",
    "ami_copy",
    "api_gateway_method",
    "api_gateway_method_settings",
    "api_gateway_rest_api",
    "api_gateway_stage",
    "apigatewayv2_api",
    "apigatewayv2_stage",
    "appsync_api_cache",
    "appsync_graphql_api",
    "athena_workgroup",
    "autoscaling_group",
    "backup_selection",
    "bedrockagent_agent",
    "cloudfront_distribution",
    "cloudsearch_domain",
    "cloudtrail",
    "cloudwatch_log_group",
    "cloudwatch_metric_alarm",
    "codebuild_project",
    "comprehend_entity_recognizer",
    "config_configuration_recorder",
    "dax_cluster",
    "db_instance",
    "db_parameter_group",
    "db_snapshot",
    "default_security_group",
    "dlm_lifecycle_policy",
    "dms_endpoint",
    "dms_replication_instance",
    "docdb_cluster",
    "docdb_cluster_parameter_group",
    "dynamodb_table",
    "ebs_volume",
    "ecr_repository",
    "ecs_cluster",
    "ecs_service",
    "ecs_task_definition",
    "efs_access_point",
    "efs_file_system",
    "eip",
    "eks_cluster",
    "eks_node_group",
    "elastic_beanstalk_environment",
    "elasticache_cluster",
    "elasticache_replication_group",
    "elasticsearch_domain",
    "elb",
    "emr_cluster",
    "emr_security_configuration",
    "fsx_windows_file_system",
    "glue_job",
    "guardduty_detector",
    "iam_account_password_policy",
    "iam_group_membership",
    "iam_group_policy",
    "iam_group_policy_attachment",
    "iam_policy",
    "iam_policy_attachment",
    "iam_role",
    "iam_role_policy",
    "iam_role_policy_attachment",
    "iam_user",
    "iam_user_policy",
    "iam_user_policy_attachment",
    "instance",
    "kinesis_firehose_delivery_stream",
    "kinesis_stream",
    "kms_key",
    "lambda_function",
    "lambda_function_url",
    "lambda_permission",
    "launch_configuration",
    "launch_template",
    "lb",
    "lb_listener",
    "lb_target_group",
    "memorydb_cluster",
    "mq_broker",
    "msk_cluster",
    "mwaa_environment",
    "neptune_cluster",
    "neptune_cluster_snapshot",
    "network_acl",
    "networkfirewall_firewall",
    "opensearch_domain",
    "qldb_ledger",
    "rds_cluster",
    "rds_cluster_instance",
    "redshift_cluster",
    "route",
    "route_table",
    "route53_record",
    "route53_zone",
    "route53domains_registered_domain",
    "s3_bucket",
    "s3_bucket_acl",
    "s3_bucket_policy",
    "s3_bucket_public_access_block",
    "s3_bucket_versioning",
    "sagemaker_data_quality_job_definition",
    "sagemaker_domain",
    "sagemaker_notebook_instance",
    "secretsmanager_secret",
    "security_group",
    "security_group_rule",
    "sfn_state_machine",
    "sns_topic",
    "sns_topic_policy",
    "sqs_queue",
    "sqs_queue_policy",
    "ssm_document",
    "ssm_parameter",
    "ssoadmin_permission_set_inline_policy",
    "subnet",
    "transfer_server",
    "vpc",
    "vpc_endpoint",
    "waf_web_acl",
    "wafregional_web_acl",
    "wafv2_web_acl",
    "workspaces_workspace",
]  # those that the most checks of checkov are about, and parts of them that stand for themselves


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in load().rules if rule.id.startswith("aws-"))


def hits(glob: str, text: str) -> bool:
    either = {glob, glob.removesuffix(".*")}
    return any(re.fullmatch(".*".join(map(re.escape, one.split("*"))), text) for one in either)


def test_each_kind_of_aws_resource_that_is_checked_most_is_named_by_a_rule(rules: tuple[Rule, ...]) -> None:
    named = {glob for rule in rules for glob in rule.when.resource_type or ()}
    assert [name for name in MOST_CHECKED if f"aws_{name}" not in named] == []


def test_each_type_and_attribute_that_an_aws_rule_names_is_hit_by_a_matching_example(
    rules: tuple[Rule, ...],
) -> None:
    left = []
    for rule in rules:
        rows = [row for example in rule.examples if example.match for row in example.rows(rule.when)]
        for key, globs in (("resource_type", rule.when.resource_type), ("attribute", rule.when.attribute)):
            told = {str(row[key]).lower() if key == "resource_type" else str(row[key]) for row in rows}
            left += [f"{rule.id}: {glob}" for glob in globs or () if not any(hits(glob, one) for one in told)]
    assert left == []


def test_aws_rules_name_many_kinds_and_attributes_and_not_by_globs_over_all(rules: tuple[Rule, ...]) -> None:
    types = {glob for rule in rules for glob in rule.when.resource_type or () if "*" not in glob}
    attributes = {glob for rule in rules for glob in rule.when.attribute or () if glob != "*"}
    assert len(types) >= 130
    assert len(attributes) >= 500


def test_what_an_aws_rule_restores_by_itself_is_only_words(rules: tuple[Rule, ...]) -> None:
    """Tags, descriptions and names that are shown, and whether tags are handed on; nothing else."""
    alone = {glob for rule in rules if rule.tier == "auto" for glob in rule.when.attribute or ()}
    assert all(
        re.match(
            r"(tags|tags_all)\.|(alarm_)?description$|comment$|display_name$|propagate_tags$|copy_tags_to_",
            one,
        )
        for one in alone
    )
    assert all(rule.when.direction == ("lateral",) for rule in rules if rule.tier == "auto")


def test_a_tag_that_steers_something_is_left_to_a_person_however_it_is_told(rules: tuple[Rule, ...]) -> None:
    book = {rule.id: rule for rule in rules}
    assert {book[f"aws-tags-00{number}"].tier for number in (2, 3, 4, 5)} == {"review"}
