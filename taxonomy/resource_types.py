"""The names that AWS, Azure and Terraform give to the same kinds of resources.

ARN forms: https://docs.aws.amazon.com/service-authorization/latest/reference/ ; AWS Config's types and ids:
https://docs.aws.amazon.com/config/latest/developerguide/resource-config-reference.html ; Terraform's words:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs and …/hashicorp/azurerm/latest/docs .
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AwsType:
    """One kind of AWS resource.

    Args:
        config: AWS Config's and CloudFormation's word.
        arn: the ARN behind ``arn:<partition>:``, with account, region and name to fill in.
        name: the Terraform attribute that fills in the name.
        config_id: the Terraform attribute that AWS Config uses as the resource's id.
        unique: that id is unique in all of AWS, so that it can stand as an alias.
    """

    terraform: str
    config: str
    arn: str
    name: str
    config_id: str
    unique: bool


@dataclass(frozen=True, kw_only=True)
class Part:
    """A Terraform type that only configures part of another resource.

    Args:
        parent: the Terraform type of the other resource.
        by: the attribute that holds the parent's name, id or ARN.
        prefix: what the part is called in attribute paths.
        each: the attribute that tells several parts of one parent apart; empty where there is one. Of
            several, with ``/`` between, the first that is set. Behind a ``#`` it is shown as a digest only.
    """

    parent: str
    by: str
    prefix: str
    each: str = ""


# terraform | AWS Config | ARN | name attribute | attribute of AWS Config's id ("!" where it is unique in AWS)
_AWS = """
aws_acm_certificate | AWS::ACM::Certificate | acm:{region}:{account}:certificate/{name} | - | arn
aws_api_gateway_rest_api | AWS::ApiGateway::RestApi | apigateway:{region}::/restapis/{name} | id | id
aws_apigatewayv2_api | AWS::ApiGatewayV2::Api | apigateway:{region}::/apis/{name} | id | id
aws_autoscaling_group | AWS::AutoScaling::AutoScalingGroup | - | - | arn
aws_backup_vault | AWS::Backup::BackupVault | backup:{region}:{account}:backup-vault:{name} | name | name
aws_cloudformation_stack | AWS::CloudFormation::Stack | - | - | id
aws_cloudfront_distribution | AWS::CloudFront::Distribution | cloudfront::{account}:distribution/{name} | id | id!
aws_cloudtrail | AWS::CloudTrail::Trail | cloudtrail:{region}:{account}:trail/{name} | name | name
aws_cloudwatch_log_group | AWS::Logs::LogGroup | logs:{region}:{account}:log-group:{name} | name | name
aws_cloudwatch_metric_alarm | AWS::CloudWatch::Alarm | cloudwatch:{region}:{account}:alarm:{name} | alarm_name | alarm_name
aws_codebuild_project | AWS::CodeBuild::Project | codebuild:{region}:{account}:project/{name} | name | arn
aws_customer_gateway | AWS::EC2::CustomerGateway | ec2:{region}:{account}:customer-gateway/{name} | id | id!
aws_db_instance | AWS::RDS::DBInstance | rds:{region}:{account}:db:{name} | identifier | resource_id!
aws_db_snapshot | AWS::RDS::DBSnapshot | rds:{region}:{account}:snapshot:{name} | db_snapshot_identifier | id
aws_db_subnet_group | AWS::RDS::DBSubnetGroup | rds:{region}:{account}:subgrp:{name} | name | name
aws_dms_replication_instance | AWS::DMS::ReplicationInstance | - | - | replication_instance_arn
aws_dynamodb_table | AWS::DynamoDB::Table | dynamodb:{region}:{account}:table/{name} | name | name
aws_ebs_volume | AWS::EC2::Volume | ec2:{region}:{account}:volume/{name} | id | id!
aws_ec2_transit_gateway | AWS::EC2::TransitGateway | ec2:{region}:{account}:transit-gateway/{name} | id | id!
aws_ecr_repository | AWS::ECR::Repository | ecr:{region}:{account}:repository/{name} | name | name
aws_ecs_cluster | AWS::ECS::Cluster | ecs:{region}:{account}:cluster/{name} | name | arn
aws_ecs_service | AWS::ECS::Service | - | - | id
aws_ecs_task_definition | AWS::ECS::TaskDefinition | - | - | arn
aws_efs_access_point | AWS::EFS::AccessPoint | elasticfilesystem:{region}:{account}:access-point/{name} | id | id!
aws_efs_file_system | AWS::EFS::FileSystem | elasticfilesystem:{region}:{account}:file-system/{name} | id | id!
aws_eip | AWS::EC2::EIP | ec2:{region}:{account}:elastic-ip/{name} | allocation_id | allocation_id!
aws_eks_cluster | AWS::EKS::Cluster | eks:{region}:{account}:cluster/{name} | name | name
aws_elastic_beanstalk_environment | AWS::ElasticBeanstalk::Environment | - | - | id!
aws_elasticache_cluster | AWS::ElastiCache::CacheCluster | elasticache:{region}:{account}:cluster:{name} | cluster_id | cluster_id
aws_elasticache_replication_group | AWS::ElastiCache::ReplicationGroup | elasticache:{region}:{account}:replicationgroup:{name} | replication_group_id | replication_group_id
aws_elasticsearch_domain | AWS::Elasticsearch::Domain | es:{region}:{account}:domain/{name} | domain_name | domain_name
aws_elb | AWS::ElasticLoadBalancing::LoadBalancer | elasticloadbalancing:{region}:{account}:loadbalancer/{name} | name | name
aws_emr_cluster | AWS::EMR::Cluster | elasticmapreduce:{region}:{account}:cluster/{name} | id | id!
aws_flow_log | AWS::EC2::FlowLog | ec2:{region}:{account}:vpc-flow-log/{name} | id | id!
aws_guardduty_detector | AWS::GuardDuty::Detector | guardduty:{region}:{account}:detector/{name} | id | id!
aws_iam_group | AWS::IAM::Group | iam::{account}:group/{name} | name | unique_id!
aws_iam_policy | AWS::IAM::Policy | iam::{account}:policy/{name} | name | policy_id!
aws_iam_role | AWS::IAM::Role | iam::{account}:role/{name} | name | unique_id!
aws_iam_user | AWS::IAM::User | iam::{account}:user/{name} | name | unique_id!
aws_instance | AWS::EC2::Instance | ec2:{region}:{account}:instance/{name} | id | id!
aws_internet_gateway | AWS::EC2::InternetGateway | ec2:{region}:{account}:internet-gateway/{name} | id | id!
aws_key_pair | AWS::EC2::KeyPair | ec2:{region}:{account}:key-pair/{name} | key_name | key_name
aws_kinesis_stream | AWS::Kinesis::Stream | kinesis:{region}:{account}:stream/{name} | name | name
aws_kms_key | AWS::KMS::Key | kms:{region}:{account}:key/{name} | key_id | key_id!
aws_kms_alias | AWS::KMS::Alias | kms:{region}:{account}:{name} | name | name
aws_lambda_function | AWS::Lambda::Function | lambda:{region}:{account}:function:{name} | function_name | function_name
aws_launch_template | AWS::EC2::LaunchTemplate | ec2:{region}:{account}:launch-template/{name} | id | id!
aws_lb | AWS::ElasticLoadBalancingV2::LoadBalancer | - | - | arn
aws_lb_listener | AWS::ElasticLoadBalancingV2::Listener | - | - | arn
aws_msk_cluster | AWS::MSK::Cluster | - | - | arn
aws_nat_gateway | AWS::EC2::NatGateway | ec2:{region}:{account}:natgateway/{name} | id | id!
aws_network_acl | AWS::EC2::NetworkAcl | ec2:{region}:{account}:network-acl/{name} | id | id!
aws_network_interface | AWS::EC2::NetworkInterface | ec2:{region}:{account}:network-interface/{name} | id | id!
aws_opensearch_domain | AWS::OpenSearch::Domain | es:{region}:{account}:domain/{name} | domain_name | domain_name
aws_rds_cluster | AWS::RDS::DBCluster | rds:{region}:{account}:cluster:{name} | cluster_identifier | cluster_resource_id!
aws_redshift_cluster | AWS::Redshift::Cluster | redshift:{region}:{account}:cluster:{name} | cluster_identifier | cluster_identifier
aws_route_table | AWS::EC2::RouteTable | ec2:{region}:{account}:route-table/{name} | id | id!
aws_s3_bucket | AWS::S3::Bucket | s3:::{name} | bucket | bucket!
aws_sagemaker_notebook_instance | AWS::SageMaker::NotebookInstance | sagemaker:{region}:{account}:notebook-instance/{name} | name | name
aws_secretsmanager_secret | AWS::SecretsManager::Secret | - | - | arn
aws_security_group | AWS::EC2::SecurityGroup | ec2:{region}:{account}:security-group/{name} | id | id!
aws_sfn_state_machine | AWS::StepFunctions::StateMachine | states:{region}:{account}:stateMachine:{name} | name | arn
aws_sns_topic | AWS::SNS::Topic | sns:{region}:{account}:{name} | name | arn
aws_sqs_queue | AWS::SQS::Queue | sqs:{region}:{account}:{name} | name | url
aws_ssm_document | AWS::SSM::Document | ssm:{region}:{account}:document/{name} | name | name
aws_ssm_parameter | AWS::SSM::Parameter | ssm:{region}:{account}:parameter/{name} | name | name
aws_subnet | AWS::EC2::Subnet | ec2:{region}:{account}:subnet/{name} | id | id!
aws_vpc | AWS::EC2::VPC | ec2:{region}:{account}:vpc/{name} | id | id!
aws_vpc_endpoint | AWS::EC2::VPCEndpoint | ec2:{region}:{account}:vpc-endpoint/{name} | id | id!
aws_vpn_connection | AWS::EC2::VPNConnection | ec2:{region}:{account}:vpn-connection/{name} | id | id!
aws_vpn_gateway | AWS::EC2::VPNGateway | ec2:{region}:{account}:vpn-gateway/{name} | id | id!
aws_wafv2_web_acl | AWS::WAFv2::WebACL | - | - | arn
"""  # noqa: E501  (one row, one line)

# Terraform type | parent | attribute that names the parent | prefix | attribute that tells siblings apart
_PARTS = """
aws_backup_vault_lock_configuration | aws_backup_vault | backup_vault_name | lock_configuration
aws_backup_vault_notifications | aws_backup_vault | backup_vault_name | notifications
aws_backup_vault_policy | aws_backup_vault | backup_vault_name | policy
aws_cloudwatch_log_data_protection_policy | aws_cloudwatch_log_group | log_group_name | data_protection_policy
aws_cloudwatch_log_index_policy | aws_cloudwatch_log_group | log_group_name | index_policy
aws_cloudwatch_log_metric_filter | aws_cloudwatch_log_group | log_group_name | metric_filter | name
aws_cloudwatch_log_stream | aws_cloudwatch_log_group | log_group_name | stream | name
aws_cloudwatch_log_subscription_filter | aws_cloudwatch_log_group | log_group_name | subscription_filter | name
aws_dynamodb_contributor_insights | aws_dynamodb_table | table_name | contributor_insights | index_name
aws_dynamodb_kinesis_streaming_destination | aws_dynamodb_table | table_name | kinesis_streaming_destination | stream_arn
aws_dynamodb_resource_policy | aws_dynamodb_table | resource_arn | resource_policy
aws_dynamodb_tag | aws_dynamodb_table | resource_arn | tags | key
aws_ecr_lifecycle_policy | aws_ecr_repository | repository | lifecycle_policy
aws_ecr_repository_policy | aws_ecr_repository | repository | policy
aws_efs_backup_policy | aws_efs_file_system | file_system_id | backup_policy
aws_efs_file_system_policy | aws_efs_file_system | file_system_id | policy
aws_elasticsearch_domain_policy | aws_elasticsearch_domain | domain_name | policy
aws_iam_access_key | aws_iam_user | user | access_key | #id
aws_iam_group_membership | aws_iam_group | group | membership | name
aws_iam_group_policy | aws_iam_group | group | inline_policy | name
aws_iam_group_policy_attachment | aws_iam_group | group | policy_attachment | policy_arn
aws_iam_group_policies_exclusive | aws_iam_group | group_name | inline_policies
aws_iam_group_policy_attachments_exclusive | aws_iam_group | group_name | policy_attachments
aws_iam_user_policies_exclusive | aws_iam_user | user_name | inline_policies
aws_iam_user_policy_attachments_exclusive | aws_iam_user | user_name | policy_attachments
aws_iam_role_policies_exclusive | aws_iam_role | role_name | inline_policies
aws_iam_role_policy | aws_iam_role | role | inline_policy | name
aws_iam_role_policy_attachment | aws_iam_role | role | policy_attachment | policy_arn
aws_iam_role_policy_attachments_exclusive | aws_iam_role | role_name | policy_attachments
aws_iam_user_group_membership | aws_iam_user | user | groups
aws_iam_user_login_profile | aws_iam_user | user | login_profile
aws_iam_user_policy | aws_iam_user | user | inline_policy | name
aws_iam_user_policy_attachment | aws_iam_user | user | policy_attachment | policy_arn
aws_kinesis_resource_policy | aws_kinesis_stream | resource_arn | resource_policy
aws_kms_key_policy | aws_kms_key | key_id | policy
aws_lambda_function_event_invoke_config | aws_lambda_function | function_name | event_invoke_config | qualifier
aws_lambda_function_url | aws_lambda_function | function_name | url | qualifier
aws_lambda_permission | aws_lambda_function | function_name | permission | statement_id
aws_lambda_provisioned_concurrency_config | aws_lambda_function | function_name | provisioned_concurrency | qualifier
aws_lambda_runtime_management_config | aws_lambda_function | function_name | runtime_management | qualifier
aws_network_acl_rule | aws_network_acl | network_acl_id | {side} | rule_number
aws_opensearch_domain_policy | aws_opensearch_domain | domain_name | policy
aws_route | aws_route_table | route_table_id | route | destination_cidr_block/destination_ipv6_cidr_block/destination_prefix_list_id
aws_secretsmanager_secret_policy | aws_secretsmanager_secret | secret_arn | policy
aws_secretsmanager_secret_rotation | aws_secretsmanager_secret | secret_id | rotation
aws_secretsmanager_secret_version | aws_secretsmanager_secret | secret_id | version | version_id
aws_security_group_rule | aws_security_group | security_group_id | {type}
aws_sns_topic_data_protection_policy | aws_sns_topic | arn | data_protection_policy
aws_sns_topic_policy | aws_sns_topic | arn | policy
aws_sqs_queue_policy | aws_sqs_queue | queue_url | policy
aws_sqs_queue_redrive_allow_policy | aws_sqs_queue | queue_url | redrive_allow_policy
aws_sqs_queue_redrive_policy | aws_sqs_queue | queue_url | redrive_policy
aws_vpc_security_group_egress_rule | aws_security_group | security_group_id | egress
aws_vpc_security_group_ingress_rule | aws_security_group | security_group_id | ingress
"""  # noqa: E501  (one row, one line)

# Settings of a whole account; {region} where each region has its own.
ACCOUNT_PARTS = {
    "aws_account_alternate_contact": "alternate_contact.{alternate_contact_type}",
    "aws_ebs_default_kms_key": "ebs_default_kms_key.{region}",
    "aws_ebs_encryption_by_default": "ebs_encryption_by_default.{region}",
    "aws_ebs_snapshot_block_public_access": "ebs_snapshot_block_public_access.{region}",
    "aws_ec2_instance_metadata_defaults": "instance_metadata_defaults.{region}",
    "aws_iam_account_alias": "alias",
    "aws_iam_account_password_policy": "password_policy",
    "aws_s3_account_public_access_block": "public_access_block",
}
ACCOUNT_CONFIG_TYPES = frozenset(
    {"AWS::::Account", "AWS::Account", "AWS::S3::Account", "AWS::S3::AccountPublicAccessBlock", "AWS account"}
)

# Types whose attribute `arn` names another resource, the one that they aim at.
FOREIGN_ARNS = frozenset(
    {
        "aws_cloudwatch_event_target",
        "aws_glacier_vault_lock",
        "aws_lakeformation_resource",
        "aws_notifications_channel_association",
    }
)

# Of the types named aws_s3_bucket_…: those that are several to a bucket, and those that are no part of one.
S3_PARTS_EACH = {
    "analytics_configuration": "name",
    "intelligent_tiering_configuration": "name",
    "inventory": "name",
    "metric": "name",
}
S3_NO_PARTS = frozenset({"object", "objects"})

AZURE = {
    "microsoft.authorization/roleassignments": "azurerm_role_assignment",
    "microsoft.authorization/roledefinitions": "azurerm_role_definition",
    "microsoft.cache/redis": "azurerm_redis_cache",
    "microsoft.compute/disks": "azurerm_managed_disk",
    "microsoft.compute/virtualmachines": "azurerm_virtual_machine",
    "microsoft.compute/virtualmachinescalesets": "azurerm_virtual_machine_scale_set",
    "microsoft.containerregistry/registries": "azurerm_container_registry",
    "microsoft.containerservice/managedclusters": "azurerm_kubernetes_cluster",
    "microsoft.dbformysql/flexibleservers": "azurerm_mysql_flexible_server",
    "microsoft.dbforpostgresql/flexibleservers": "azurerm_postgresql_flexible_server",
    "microsoft.documentdb/databaseaccounts": "azurerm_cosmosdb_account",
    "microsoft.eventhub/namespaces": "azurerm_eventhub_namespace",
    "microsoft.keyvault/vaults": "azurerm_key_vault",
    "microsoft.keyvault/vaults/keys": "azurerm_key_vault_key",
    "microsoft.keyvault/vaults/secrets": "azurerm_key_vault_secret",
    "microsoft.network/applicationgateways": "azurerm_application_gateway",
    "microsoft.network/azurefirewalls": "azurerm_firewall",
    "microsoft.network/networkinterfaces": "azurerm_network_interface",
    "microsoft.network/networksecuritygroups": "azurerm_network_security_group",
    "microsoft.network/publicipaddresses": "azurerm_public_ip",
    "microsoft.network/virtualnetworks": "azurerm_virtual_network",
    "microsoft.network/virtualnetworks/subnets": "azurerm_subnet",
    "microsoft.operationalinsights/workspaces": "azurerm_log_analytics_workspace",
    "microsoft.resources/resourcegroups": "azurerm_resource_group",
    "microsoft.resources/subscriptions": "azurerm_subscription",
    "microsoft.resources/subscriptions/resourcegroups": "azurerm_resource_group",
    "microsoft.servicebus/namespaces": "azurerm_servicebus_namespace",
    "microsoft.sql/servers": "azurerm_mssql_server",
    "microsoft.sql/servers/databases": "azurerm_mssql_database",
    "microsoft.storage/storageaccounts": "azurerm_storage_account",
    "microsoft.web/serverfarms": "azurerm_service_plan",
    "microsoft.web/sites": "azurerm_app_service",
}


def _cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def _aws_type(terraform: str, config: str, arn: str, name: str, config_id: str) -> AwsType:
    return AwsType(
        terraform=terraform,
        config=config,
        arn="" if arn == "-" else arn,
        name="" if name == "-" else name,
        config_id=config_id.removesuffix("!"),
        unique=config_id.endswith("!"),
    )


AWS_BY_TERRAFORM = {row[0]: _aws_type(*row) for row in _cells(_AWS)}
AWS_BY_CONFIG = {kind.config: kind for kind in AWS_BY_TERRAFORM.values()}
AWS_PARTS = {
    row[0]: Part(parent=row[1], by=row[2], prefix=row[3], each=row[4] if len(row) > 4 else "")  # noqa: PLR2004
    for row in _cells(_PARTS)
}
