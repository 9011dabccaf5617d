"""Which resources declare a part of another one, and by which attribute they name it."""

from collections.abc import Iterator, Mapping

from tasks.terraform.planned import Planned

NAMED_BY: Mapping[str, str] = {
    "aws_api_gateway_rest_api_policy": "rest_api_id",
    "aws_docdb_cluster_instance": "cluster_identifier",
    "aws_dynamodb_table_replica": "global_table_arn",
    "aws_ec2_managed_prefix_list_entry": "prefix_list_id",
    "aws_iam_policy_attachment": "roles",
    "aws_iam_role_policies_exclusive": "role_name",
    "aws_iam_role_policy": "role",
    "aws_iam_role_policy_attachment": "role",
    "aws_iam_role_policy_attachments_exclusive": "role_name",
    "aws_kms_key_policy": "key_id",
    "aws_neptune_cluster_instance": "cluster_identifier",
    "aws_network_acl_rule": "network_acl_id",
    "aws_rds_cluster_instance": "cluster_identifier",
    "aws_redshift_cluster_iam_roles": "cluster_identifier",
    "aws_route": "route_table_id",
    "aws_s3_bucket_accelerate_configuration": "bucket",
    "aws_s3_bucket_acl": "bucket",
    "aws_s3_bucket_cors_configuration": "bucket",
    "aws_s3_bucket_lifecycle_configuration": "bucket",
    "aws_s3_bucket_logging": "bucket",
    "aws_s3_bucket_object_lock_configuration": "bucket",
    "aws_s3_bucket_policy": "bucket",
    "aws_s3_bucket_replication_configuration": "bucket",
    "aws_s3_bucket_request_payment_configuration": "bucket",
    "aws_s3_bucket_server_side_encryption_configuration": "bucket",
    "aws_s3_bucket_versioning": "bucket",
    "aws_s3_bucket_website_configuration": "bucket",
    "aws_secretsmanager_secret_policy": "secret_arn",
    "aws_security_group_rule": "security_group_id",
    "aws_sns_topic_policy": "arn",
    "aws_sqs_queue_policy": "queue_url",
    "aws_sqs_queue_redrive_allow_policy": "queue_url",
    "aws_sqs_queue_redrive_policy": "queue_url",
    "aws_volume_attachment": "instance_id",
    "aws_vpc_endpoint_policy": "vpc_endpoint_id",
    "aws_vpc_ipv6_cidr_block_association": "vpc_id",
    "aws_vpc_security_group_egress_rule": "security_group_id",
    "aws_vpc_security_group_ingress_rule": "security_group_id",
}
"""Type of a part → its attribute that holds the id or the ARN of what it is a part of, or a list of them."""


def parents_of(part: Planned) -> Iterator[str]:
    """Yield what a resource names as that of which it is a part; nothing where it is none."""
    name = NAMED_BY.get(part.type)
    value = part.attributes.get(name) if name else None
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, str) and one:
            yield one
