"""One mutation shows at several addresses: a bucket repeats the policy that a resource of its own declares.

What a parent repeats of a sub-resource in the same state is told there and folded here. What it shows of
elements beyond that, `residue` tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.terraform.difference import Difference
from tasks.terraform.neighbours import texts
from tasks.terraform.planned import Planned
from tasks.terraform.residue import Owners

MIRRORS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("aws_s3_bucket", "acceleration_status"): ("aws_s3_bucket_accelerate_configuration",),
    ("aws_s3_bucket", "acl"): ("aws_s3_bucket_acl",),
    ("aws_s3_bucket", "cors_rule"): ("aws_s3_bucket_cors_configuration",),
    ("aws_s3_bucket", "grant"): ("aws_s3_bucket_acl",),
    ("aws_s3_bucket", "lifecycle_rule"): ("aws_s3_bucket_lifecycle_configuration",),
    ("aws_s3_bucket", "logging"): ("aws_s3_bucket_logging",),
    ("aws_s3_bucket", "object_lock_configuration"): ("aws_s3_bucket_object_lock_configuration",),
    ("aws_s3_bucket", "policy"): ("aws_s3_bucket_policy",),
    ("aws_s3_bucket", "replication_configuration"): ("aws_s3_bucket_replication_configuration",),
    ("aws_s3_bucket", "request_payer"): ("aws_s3_bucket_request_payment_configuration",),
    ("aws_s3_bucket", "server_side_encryption_configuration"): (
        "aws_s3_bucket_server_side_encryption_configuration",
    ),
    ("aws_s3_bucket", "versioning"): ("aws_s3_bucket_versioning",),
    ("aws_s3_bucket", "website"): ("aws_s3_bucket_website_configuration",),
    ("aws_api_gateway_rest_api", "policy"): ("aws_api_gateway_rest_api_policy",),
    ("aws_dynamodb_table", "replica"): ("aws_dynamodb_table_replica",),
    ("aws_kms_key", "policy"): ("aws_kms_key_policy",),
    ("aws_redshift_cluster", "iam_roles"): ("aws_redshift_cluster_iam_roles",),
    ("aws_secretsmanager_secret", "policy"): ("aws_secretsmanager_secret_policy",),
    ("aws_sns_topic", "policy"): ("aws_sns_topic_policy",),
    ("aws_sqs_queue", "policy"): ("aws_sqs_queue_policy",),
    ("aws_sqs_queue", "redrive_policy"): ("aws_sqs_queue_redrive_policy",),
    ("aws_sqs_queue", "redrive_allow_policy"): ("aws_sqs_queue_redrive_allow_policy",),
    ("aws_vpc", "ipv6_cidr_block"): ("aws_vpc_ipv6_cidr_block_association",),
    ("aws_vpc_endpoint", "policy"): ("aws_vpc_endpoint_policy",),
}
"""(parent's type, its attribute) → the types that declare the same thing on their own."""

EXCLUSIVE: Mapping[tuple[str, str], tuple[str, str]] = {
    ("aws_iam_group_policies_exclusive", "policy_names"): ("aws_iam_group_policy", "name"),
    ("aws_iam_group_policy_attachments_exclusive", "policy_arns"): (
        "aws_iam_group_policy_attachment",
        "policy_arn",
    ),
    ("aws_iam_role_policies_exclusive", "policy_names"): ("aws_iam_role_policy", "name"),
    ("aws_iam_role_policy_attachments_exclusive", "policy_arns"): (
        "aws_iam_role_policy_attachment",
        "policy_arn",
    ),
    ("aws_iam_user_policies_exclusive", "policy_names"): ("aws_iam_user_policy", "name"),
    ("aws_iam_user_policy_attachments_exclusive", "policy_arns"): (
        "aws_iam_user_policy_attachment",
        "policy_arn",
    ),
}
"""(type that lists all there may be, its attribute) → (type that declares one of them, its attribute)."""


@dataclass(kw_only=True)
class Family:
    """The sub-resources of one parent in one plan.

    Args:
        members: every managed resource that merges into the parent's id, the parent among them.
    """

    members: list[Planned] = field(default_factory=list)


def declares(owners: Owners, parent_type: str, attribute: str) -> str | None:
    """Return the address of the sub-resource that declares what a parent's attribute repeats; else None."""
    types = MIRRORS.get((parent_type, attribute), ())
    return next((one.address for one in owners.resources if one.type in types), None)


def told_as_missing(owners: Owners, resource_type: str, difference: Difference) -> str | None:
    """Return the address that tells what an exclusive list misses because it is gone; else None."""
    part = EXCLUSIVE.get((resource_type, difference.path[0]))
    if part is None:
        return None
    wanted, live = set(texts(difference.declared)), set(texts(difference.actual))
    gone = {
        str(one.attributes.get(part[1])): one.address
        for one in owners.resources
        if one.gone and one.type == part[0]
    }
    return gone[min(wanted - live)] if live < wanted and wanted - live <= gone.keys() else None
