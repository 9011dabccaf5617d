"""Live resources that no state declares and that are no drift all the same, each with its reason: data.

Hiding must not be easy: a reason rests on what AWS alone writes (paths and tags that it keeps for itself,
marks of its own in an answer), never on what whoever made the resource could choose. Anybody may make a
table the main one, so that counts only for one that nobody gave a route or a subnet, as AWS makes them. There
are two exceptions: log groups below ``/aws/``, and interfaces that EKS makes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jmespath


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is no drift.

    Args:
        types: Terraform's words.
        when: JMESPath over an item as its service lists it; holds where the answer is something.
        reason: in one line.
    """

    types: tuple[str, ...]
    when: str
    reason: str


def _known(types: str, when: str, reason: str) -> Known:
    return Known(types=tuple(types.split()), when=when, reason=reason)


KNOWN: tuple[Known, ...] = (
    _known(
        "aws_iam_role",
        "starts_with(Path || '', '/aws-service-role/')",
        "a service-linked role: AWS makes and owns it",
    ),
    _known(
        "aws_iam_role",
        "starts_with(Path || '', '/aws-reserved/')",
        "IAM Identity Center makes and owns it",
    ),
    _known("aws_iam_policy", "starts_with(Arn || '', 'arn:aws:iam::aws:')", "an AWS-managed policy"),
    _known("aws_kms_key", "KeyManager == 'AWS' || OfService", "an AWS-managed key"),
    _known(
        "aws_kms_key",
        "KeyState == 'PendingDeletion' || KeyState == 'PendingReplicaDeletion'",
        "a key that waits for its deletion",
    ),
    _known("aws_vpc", "IsDefault", "a default VPC: AWS makes one in each region"),
    _known("aws_subnet", "DefaultForAz", "a subnet of the default VPC"),
    _known("aws_network_acl", "IsDefault", "the default network ACL of its VPC, made with it"),
    _known("aws_security_group", "GroupName == 'default'", "the default group of its VPC, made with it"),
    _known(
        "aws_route_table",
        "Associations[?Main] && !(Associations[?!Main]) && !PropagatingVgws"
        " && !(Routes[?Origin == 'CreateRoute'])",
        "the main route table of its VPC, made with it",
    ),
    _known(
        "aws_route_table",
        "OfDefaultVpc && Associations[?Main] && !(Associations[?!Main]) && !PropagatingVgws"
        " && !(Routes[?Origin == 'CreateRoute' && !starts_with(GatewayId || '', 'igw-')])",
        "the main route table of the default VPC, made with it",
    ),
    _known("aws_internet_gateway", "OfDefaultVpc", "the internet gateway of the default VPC"),
    _known("aws_cloudwatch_event_bus", "Name == 'default'", "the default event bus: every region has one"),
    _known("aws_cloudwatch_event_rule", "ManagedBy", "an AWS service makes and owns this rule"),
    _known("aws_db_subnet_group", "DBSubnetGroupName == 'default'", "the default subnet group of RDS"),
    _known(
        "aws_db_parameter_group",
        "starts_with(DBParameterGroupName || '', 'default.')",
        "a default parameter group",
    ),
    _known("aws_secretsmanager_secret", "OwningService", "an AWS service makes and owns this secret"),
    _known(
        "aws_cloudwatch_log_group",
        "starts_with(logGroupName || '', '/aws/') || logGroupName == 'RDSOSMetrics'",
        "a log group that an AWS service makes for what it runs",
    ),
    _known(
        "aws_ebs_volume",
        "OfInstance",
        "a volume of an instance: made with it, and deleted with it",
    ),
    _known(
        "aws_network_interface",
        "Attachment.InstanceId && Attachment.DeviceIndex == `0`",
        "the first interface of an instance: made with it",
    ),
    _known(
        "aws_network_interface",
        "RequesterManaged || (InterfaceType"
        """ && !contains(`["interface", "efa", "efa-only", "trunk", "branch"]`, InterfaceType))""",
        "an interface that an AWS service makes for what it runs",
    ),
    _known(
        "aws_network_interface",
        "starts_with(Description || '', 'aws-K8S-') || starts_with(Description || '', 'aws-k8s-')"
        " || starts_with(Description || '', 'Amazon EKS ')",
        "an interface that EKS makes for a cluster",
    ),
    _known("aws_vpc_endpoint", "RequesterManaged", "an endpoint that an AWS service makes for what it runs"),
    _known("aws_eip", "ServiceManaged", "an address that an AWS service owns"),
    _known("aws_cloudformation_stack", "ParentId", "a nested stack: part of the stack above it"),
)

MADE_BY: Mapping[str, str] = {
    "aws:autoscaling:groupName": "the Auto Scaling group {value} made it",
    "aws:cloudformation:stack-name": "the CloudFormation stack {value} made it",
    "aws:ecs:clusterName": "the ECS cluster {value} made it",
    "aws:eks:cluster-name": "the EKS cluster {value} made it",
    "aws:elasticmapreduce:job-flow-id": "the EMR cluster {value} made it",
    "aws:rds:primaryDBInstanceArn": "the database {value} made it",
    "aws:servicecatalog:provisionedProductArn": "Service Catalog made it",
}
"""Tags that only AWS can write. What made a resource is itself told where no state declares it: the
stack, the group, the cluster."""


def reason(
    resource_type: str, item: Mapping[str, Any], tags: Mapping[str, str], *, account: str
) -> str | None:
    """Return why a live resource is no drift though no state declares it; None where it is.

    Args:
        resource_type: Terraform's word.
        item: as its service lists it.
        tags: of it.
        account: that was asked.
    """
    owner = item.get("OwnerId")
    if isinstance(owner, str) and owner.isdigit() and owner != account:
        return f"account {owner} owns it and shares it with this one"
    for known in KNOWN:
        if resource_type in known.types and compiled(known.when).search(item):
            return known.reason
    return next((why.format(value=tags[tag]) for tag, why in MADE_BY.items() if tag in tags), None)


@cache
def compiled(expression: str) -> Any:
    """Return a JMESPath expression, read once."""
    return jmespath.compile(expression)
