"""What is asked of AWS to find live resources: a service, a call, where its items are and how they are named.

Expressions are JMESPath (https://jmespath.org/specification.html) over the answers of
https://docs.aws.amazon.com/boto3/latest/reference/services/index.html . The attributes are Terraform's words,
so that `taxonomy.resources.identify` calls a resource here as it does from a state.

What can't be seen from here: services that no row names, unless the tagging API tells of them (`tagged`);
what Terraform manages inside another resource, such as a rule of a security group, which is drift of that
resource; and resources of regions that the estate does not name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Scope = Literal["account", "region"]
"""Services of the scope `account` have no region, and are asked once an account."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of resource, and how its live ones are listed.

    Args:
        type: Terraform's word.
        call: of the SDK's client; all its pages are read.
        items: where they stand in a page.
        attributes: of one item, by Terraform's words: what names it.
        name: what a person calls an item.
        created: when it was made; shown.
        touched: an instant at which it was there; not shown, because it moves.
        tags: of one item, as a list of keys and values.
        arguments: of the call.
        each: another call that tells more of an item: its name, its argument, where the argument's value
            stands in the item, and where the rest stands in the answer.
        marked: what only another call of the service says of an item: the mark, that call, where its page has
            ids that get the mark, and where an item has such ids.
    """

    type: str
    service: str
    call: str
    items: str
    attributes: str
    name: str
    created: str = ""
    touched: str = ""
    tags: str = "Tags"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    each: tuple[str, str, str, str] | None = None
    marked: tuple[str, str, str, str] | None = None
    scope: Scope = "region"


# type ; service.call ; items of a page ; attributes ; name ; created, or ~touched
# NAMED x: the value of the tag Name, else x
_ROWS = """
aws_s3_bucket ; s3.list_buckets ; Buckets ; {bucket: Name, region: BucketRegion} ; Name ; CreationDate
aws_iam_user ; iam.get_account_authorization_details ; UserDetailList ; {arn: Arn, name: UserName, unique_id: UserId} ; UserName ; CreateDate
aws_iam_role ; iam.get_account_authorization_details ; RoleDetailList ; {arn: Arn, name: RoleName, unique_id: RoleId} ; RoleName ; CreateDate
aws_iam_group ; iam.get_account_authorization_details ; GroupDetailList ; {arn: Arn, name: GroupName, unique_id: GroupId} ; GroupName ; CreateDate
aws_iam_policy ; iam.get_account_authorization_details ; Policies ; {arn: Arn, name: PolicyName, policy_id: PolicyId} ; PolicyName ; CreateDate
aws_vpc ; ec2.describe_vpcs ; Vpcs ; {id: VpcId} ; NAMED VpcId ; -
aws_subnet ; ec2.describe_subnets ; Subnets ; {id: SubnetId} ; NAMED SubnetId ; -
aws_security_group ; ec2.describe_security_groups ; SecurityGroups ; {id: GroupId} ; GroupName ; -
aws_instance ; ec2.describe_instances ; Reservations[].Instances[] | [?State.Name != 'terminated' && State.Name != 'shutting-down'] ; {id: InstanceId} ; NAMED InstanceId ; ~LaunchTime
aws_ebs_volume ; ec2.describe_volumes ; Volumes ; {id: VolumeId} ; NAMED VolumeId ; CreateTime
aws_network_acl ; ec2.describe_network_acls ; NetworkAcls ; {id: NetworkAclId} ; NAMED NetworkAclId ; -
aws_route_table ; ec2.describe_route_tables ; RouteTables ; {id: RouteTableId} ; NAMED RouteTableId ; -
aws_internet_gateway ; ec2.describe_internet_gateways ; InternetGateways ; {id: InternetGatewayId} ; NAMED InternetGatewayId ; -
aws_eip ; ec2.describe_addresses ; Addresses[?AllocationId] ; {allocation_id: AllocationId, id: AllocationId} ; NAMED AllocationId ; -
aws_network_interface ; ec2.describe_network_interfaces ; NetworkInterfaces ; {id: NetworkInterfaceId} ; Description || NetworkInterfaceId ; -
aws_nat_gateway ; ec2.describe_nat_gateways ; NatGateways[?State != 'deleted' && State != 'deleting'] ; {id: NatGatewayId} ; NAMED NatGatewayId ; CreateTime
aws_vpc_endpoint ; ec2.describe_vpc_endpoints ; VpcEndpoints[?State != 'deleted' && State != 'deleting'] ; {id: VpcEndpointId} ; ServiceName ; CreationTimestamp
aws_key_pair ; ec2.describe_key_pairs ; KeyPairs ; {key_name: KeyName} ; KeyName ; CreateTime
aws_kms_key ; kms.list_keys ; Keys ; {arn: Arn || KeyArn, key_id: KeyId} ; Description || KeyId ; CreationDate
aws_lambda_function ; lambda.list_functions ; Functions ; {arn: FunctionArn, function_name: FunctionName} ; FunctionName ; ~LastModified
aws_db_instance ; rds.describe_db_instances ; DBInstances ; {arn: DBInstanceArn, identifier: DBInstanceIdentifier, resource_id: DbiResourceId} ; DBInstanceIdentifier ; InstanceCreateTime
aws_rds_cluster ; rds.describe_db_clusters ; DBClusters ; {arn: DBClusterArn, cluster_identifier: DBClusterIdentifier, cluster_resource_id: DbClusterResourceId} ; DBClusterIdentifier ; ClusterCreateTime
aws_db_subnet_group ; rds.describe_db_subnet_groups ; DBSubnetGroups ; {arn: DBSubnetGroupArn, name: DBSubnetGroupName} ; DBSubnetGroupName ; -
aws_db_parameter_group ; rds.describe_db_parameter_groups ; DBParameterGroups ; {arn: DBParameterGroupArn, name: DBParameterGroupName} ; DBParameterGroupName ; -
aws_dynamodb_table ; dynamodb.list_tables ; TableNames[].{TableName: @} ; {name: TableName} ; TableName ; -
aws_sns_topic ; sns.list_topics ; Topics ; {arn: TopicArn} ; TopicArn ; -
aws_sqs_queue ; sqs.list_queues ; QueueUrls[].{Url: @} ; {url: Url} ; Url ; -
aws_cloudwatch_log_group ; logs.describe_log_groups ; logGroups ; {arn: arn, name: logGroupName} ; logGroupName ; creationTime
aws_cloudtrail ; cloudtrail.describe_trails ; trailList ; {arn: TrailARN, name: Name} ; Name ; -
aws_secretsmanager_secret ; secretsmanager.list_secrets ; SecretList ; {arn: ARN} ; Name ; CreatedDate
aws_ssm_parameter ; ssm.describe_parameters ; Parameters ; {name: Name} ; Name ; ~LastModifiedDate
aws_ecr_repository ; ecr.describe_repositories ; repositories ; {arn: repositoryArn, name: repositoryName} ; repositoryName ; createdAt
aws_lb ; elbv2.describe_load_balancers ; LoadBalancers ; {arn: LoadBalancerArn} ; LoadBalancerName ; CreatedTime
aws_efs_file_system ; efs.describe_file_systems ; FileSystems ; {arn: FileSystemArn, id: FileSystemId} ; Name || FileSystemId ; CreationTime
aws_ecs_cluster ; ecs.list_clusters ; clusterArns[].{Arn: @} ; {arn: Arn} ; Arn ; -
aws_eks_cluster ; eks.list_clusters ; clusters[].{Name: @} ; {name: Name} ; Name ; -
aws_opensearch_domain ; opensearch.list_domain_names ; DomainNames ; {domain_name: DomainName} ; DomainName ; -
aws_cloudwatch_event_bus ; events.list_event_buses ; EventBuses ; {arn: Arn} ; Name ; -
aws_cloudwatch_event_rule ; events.list_rules ; Rules ; {arn: Arn} ; Name ; -
aws_cloudformation_stack ; cloudformation.describe_stacks ; Stacks[?StackStatus != 'DELETE_COMPLETE'] ; {id: StackId} ; StackName ; CreationTime
aws_autoscaling_group ; autoscaling.describe_auto_scaling_groups ; AutoScalingGroups ; {arn: AutoScalingGroupARN} ; AutoScalingGroupName ; CreatedTime
"""  # noqa: E501  (one row, one line)

_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "iam.get_account_authorization_details": {"Filter": ["User", "Role", "Group", "LocalManagedPolicy"]},
    "cloudtrail.describe_trails": {"includeShadowTrails": False},
}
_TAGS = {"aws_network_interface": "TagSet", "aws_db_instance": "TagList", "aws_rds_cluster": "TagList"}
_EACH = {"aws_kms_key": ("describe_key", "KeyId", "KeyId", "KeyMetadata")}
_MARKED = {
    "aws_kms_key": (
        "OfService",
        "list_aliases",
        "Aliases[?starts_with(AliasName, 'alias/aws/')].TargetKeyId",
        "[KeyId]",
    ),
    "aws_internet_gateway": (
        "OfDefaultVpc",
        "describe_vpcs",
        "Vpcs[?IsDefault].VpcId",
        "Attachments[].VpcId",
    ),
    "aws_route_table": (
        "OfDefaultVpc",
        "describe_vpcs",
        "Vpcs[?IsDefault].VpcId",
        "[VpcId]",
    ),
    "aws_ebs_volume": (
        "OfInstance",
        "describe_instances",
        "Reservations[].Instances[].BlockDeviceMappings[] | [?Ebs.DeleteOnTermination].Ebs.VolumeId",
        "[VolumeId]",
    ),
}
_WITHOUT_REGION = ("iam", "s3")


def _row(line: str) -> Row:
    kind, ask, items, attributes, name, instant = (cell.strip() for cell in line.split(" ; "))
    service, call = ask.split(".")
    return Row(
        type=kind,
        service=service,
        call=call,
        items=items,
        attributes=attributes,
        name=name.replace("NAMED ", "(Tags[?Key=='Name'].Value)[0] || "),
        created="" if instant.startswith(("-", "~")) else instant,
        touched=instant.removeprefix("~") if instant.startswith("~") else "",
        tags=_TAGS.get(kind, "Tags"),
        arguments=_ARGUMENTS.get(ask, {}),
        each=_EACH.get(kind),
        marked=_MARKED.get(kind),
        scope="account" if service in _WITHOUT_REGION else "region",
    )


ROWS: tuple[Row, ...] = tuple(_row(line) for line in _ROWS.strip().splitlines())

TAGGED = (
    "aws_acm_certificate",
    "aws_api_gateway_rest_api",
    "aws_apigatewayv2_api",
    "aws_backup_vault",
    "aws_cloudfront_distribution",
    "aws_cloudwatch_metric_alarm",
    "aws_codebuild_project",
    "aws_customer_gateway",
    "aws_ec2_transit_gateway",
    "aws_elasticache_replication_group",
    "aws_emr_cluster",
    "aws_flow_log",
    "aws_guardduty_detector",
    "aws_kinesis_stream",
    "aws_launch_template",
    "aws_redshift_cluster",
    "aws_sagemaker_notebook_instance",
    "aws_sfn_state_machine",
    "aws_ssm_document",
    "aws_vpn_connection",
    "aws_vpn_gateway",
)
"""Types that only the tagging API tells of: those of them that have, or have had, a tag."""

TYPES = frozenset((*(row.type for row in ROWS), *TAGGED))
"""Everything that is looked for."""
