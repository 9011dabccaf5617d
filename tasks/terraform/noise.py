"""Differences that are no drift though nobody lies: data, each with its reason.

None of these rules is asked about what a plan would change (class A): there the provider has already decided.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from tasks.terraform.difference import Path


@dataclass(frozen=True, kw_only=True)
class Volatile:
    """An attribute that the cloud moves by itself, or that only counts what other attributes tell."""

    type: str
    attribute: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Derived:
    """An attribute that follows another one of the same resource; it is told there, once."""

    type: str
    attribute: str
    follows: str


COUNTERS = frozenset(
    {
        "asset_size_bytes",
        "attachment_count",
        "billed_size_in_bytes",
        "endpoint_count",
        "estimated_number_of_users",
        "in_progress_validation_batches",
        "item_count",
        "last_accessed_time",
        "last_modification_date",
        "last_modified",
        "last_modified_date",
        "last_modified_time",
        "last_update_date",
        "last_updated",
        "last_updated_at",
        "last_updated_date",
        "last_updated_time",
        "latest_restorable_time",
        "latest_schema_version",
        "latest_version",
        "modified_at",
        "next_invocation_time",
        "number_of_associations",
        "number_of_mount_targets",
        "previous_invocation_time",
        "repository_count",
        "running_instance_count",
        "source_code_size",
        "table_count",
        "update_time",
        "update_token",
        "updated_at",
        "updated_date",
        "updated_time",
        "volume_usage_in_bytes",
    }
)
"""Names that count or tell a time, and that code can set in no type of the AWS provider 5.100."""

ECHOES = frozenset({"lock_token", "qualified_arn", "qualified_invoke_arn", "revision", "version"})
"""Names that no code sets and the cloud moves with any change of a resource, be it an applied one."""

VOLATILE = (
    Volatile(type="aws_ssm_parameter", attribute="version", reason="counts the writes to the value"),
    Volatile(type="aws_ecs_task_definition", attribute="revision", reason="counts the revisions"),
    Volatile(type="aws_autoscaling_group", attribute="predicted_capacity", reason="moves with the load"),
    Volatile(type="aws_dynamodb_table", attribute="stream_label", reason="the time when the stream began"),
    Volatile(type="aws_eks_cluster", attribute="platform_version", reason="AWS moves it by itself"),
    Volatile(type="aws_acm_certificate", attribute="renewal_summary", reason="AWS renews by itself"),
    Volatile(type="aws_cloudfront_*", attribute="etag", reason="a digest of the other attributes"),
)

DERIVED = (
    Derived(type="aws_iam_account_password_policy", attribute="expire_passwords", follows="max_password_age"),
    Derived(type="aws_cloudwatch_event_rule", attribute="is_enabled", follows="state"),
    Derived(
        type="aws_dynamodb_table",
        attribute="point_in_time_recovery.0.recovery_period_in_days",
        follows="point_in_time_recovery.0.enabled",
    ),
    Derived(type="aws_iam_policy", attribute="policy_id", follows="arn"),
    Derived(type="aws_lambda_function", attribute="code_sha256", follows="source_code_hash"),
    Derived(type="aws_launch_template", attribute="default_version", follows="latest_version"),
    Derived(type="aws_instance", attribute="cpu_core_count", follows="instance_type"),
    Derived(type="aws_instance", attribute="cpu_threads_per_core", follows="instance_type"),
    Derived(type="aws_instance", attribute="cpu_options.*", follows="instance_type"),
)


@lru_cache(maxsize=65536)
def volatile(resource_type: str, path: Path) -> str | None:
    """Return why this attribute's movement says nothing; None where it does say something."""
    attribute = ".".join(path)
    if path[0] in COUNTERS and resource_type.startswith("aws_"):
        return "the cloud moves it by itself"
    return next(
        (
            rule.reason
            for rule in VOLATILE
            if fnmatchcase(resource_type, rule.type) and _covers(rule.attribute, attribute)
        ),
        None,
    )


def derived(resource_type: str, path: Path, moved: frozenset[str]) -> str | None:
    """Return the attribute that this one follows, where that one moved too; else None.

    Args:
        resource_type: Terraform's word.
        path: of the attribute.
        moved: the dotted paths of all attributes of the resource that moved.
    """
    attribute = ".".join(path)
    return next(
        (
            rule.follows
            for rule in DERIVED
            if rule.type == resource_type and fnmatchcase(attribute, rule.attribute) and rule.follows in moved
        ),
        None,
    )


def _covers(rule: str, attribute: str) -> bool:
    return attribute == rule or attribute.startswith(rule + ".")
