"""One mutation shows at several addresses: a bucket repeats the policy that a resource of its own declares.

What a parent repeats of a sub-resource in the same state is told there and folded here. What it shows
beyond that belongs to nobody, and is undeclared drift.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.terraform import group_rules
from tasks.terraform.planned import Planned

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
    ("aws_ecr_repository", "policy"): ("aws_ecr_repository_policy",),
    ("aws_efs_file_system", "policy"): ("aws_efs_file_system_policy",),
    ("aws_kms_key", "policy"): ("aws_kms_key_policy",),
    ("aws_secretsmanager_secret", "policy"): ("aws_secretsmanager_secret_policy",),
    ("aws_sns_topic", "policy"): ("aws_sns_topic_policy",),
    ("aws_sqs_queue", "policy"): ("aws_sqs_queue_policy",),
    ("aws_sqs_queue", "redrive_policy"): ("aws_sqs_queue_redrive_policy",),
    ("aws_sqs_queue", "redrive_allow_policy"): ("aws_sqs_queue_redrive_allow_policy",),
    ("aws_glacier_vault", "access_policy"): ("aws_glacier_vault_policy",),
}
"""(parent's type, its attribute) → the types that declare the same thing on their own."""


@dataclass(frozen=True, kw_only=True)
class Residue:
    """What a parent shows beyond its sub-resources.

    Args:
        attribute: in the drift's words, such as ``inline_policy.<name>``.
        declared: None where nothing was.
        actual: None where nothing is.
    """

    attribute: str
    declared: Any
    actual: Any


@dataclass(kw_only=True)
class Family:
    """The sub-resources of one parent in one plan.

    Args:
        members: every managed resource that merges into the parent's id, the parent among them.
    """

    members: list[Planned] = field(default_factory=list)

    def declares(self, parent_type: str, attribute: str) -> str | None:
        """Return the address of the sub-resource that declares what this attribute repeats."""
        types = MIRRORS.get((parent_type, attribute), ())
        return next((member.address for member in self.members if member.type in types), None)

    def residue(self, parent_type: str, attribute: str, declared: Any, actual: Any) -> list[Residue] | None:
        """Return what is left of a difference of keyed elements; None where the attribute has none.

        Args:
            parent_type: Terraform's word.
            attribute: the parent's attribute, whole.
            declared: its elements as they were.
            actual: its elements as they are.
        """
        if parent_type == "aws_iam_role" and attribute == "inline_policy":
            return self._inline(declared, actual)
        if parent_type == "aws_iam_role" and attribute == "managed_policy_arns":
            return self._attached(declared, actual)
        if parent_type == "aws_security_group" and attribute in ("ingress", "egress"):
            return self._rules(attribute, declared, actual)
        return None

    def _inline(self, declared: Any, actual: Any) -> list[Residue]:
        owned = self._named("aws_iam_role_policy", "name")
        left, right = _by_name(declared), _by_name(actual)
        return [
            Residue(attribute=f"inline_policy.{name}", declared=left.get(name), actual=right.get(name))
            for name in sorted(left.keys() | right.keys())
            if name not in owned and left.get(name) != right.get(name)
        ]

    def _attached(self, declared: Any, actual: Any) -> list[Residue]:
        owned = self._named("aws_iam_role_policy_attachment", "policy_arn")
        left, right = set(declared or ()), set(actual or ())
        return [
            Residue(
                attribute=f"policy_attachment.{arn}",
                declared=arn if arn in left else None,
                actual=arn if arn in right else None,
            )
            for arn in sorted(left ^ right)
            if arn not in owned
        ]

    def _rules(self, attribute: str, declared: Any, actual: Any) -> list[Residue]:
        owned = self._owned_rules(attribute)
        left, right = group_rules.of_group(declared), group_rules.of_group(actual)
        added, lost = right - left - owned, left - right - owned
        if not added and not lost:
            return []
        told = (right - added) | lost
        return [
            Residue(
                attribute=attribute, declared=group_rules.elements(told), actual=group_rules.elements(right)
            )
        ]

    def _owned_rules(self, attribute: str) -> frozenset[group_rules.Atom]:
        return frozenset(
            atom
            for member in self.members
            if member.type in group_rules.RULE_TYPES
            and group_rules.direction(member.type, member.attributes) == attribute
            for side in (member.state, member.live, member.wanted)
            for atom in group_rules.of_rule(side)
        )

    def _named(self, resource_type: str, key: str) -> frozenset[str]:
        found = (
            (side or {}).get(key)
            for member in self.members
            if member.type == resource_type
            for side in (member.state, member.live, member.wanted)
        )
        return frozenset(str(name) for name in found if name)


def _by_name(elements: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    return {str(element.get("name")): element.get("policy") for element in elements or ()}
