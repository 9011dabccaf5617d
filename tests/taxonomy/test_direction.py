"""Directions by meaning; above all, nothing that lets something in anew is ever called strengthened."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from taxonomy.direction import REDACTED, judge, worst
from taxonomy.drift import DIRECTIONS
from taxonomy.observation import KINDS


def changed(resource_type: str, attribute: str, declared: Any, actual: Any) -> str:
    return judge(resource_type, attribute, "changed", declared, actual)


def test_a_block_that_guards_is_weakened_when_it_is_gone() -> None:
    assert changed("aws_dynamodb_table", "point_in_time_recovery", [{"enabled": True}], []) == "weakened"
    assert (
        judge("aws_s3_bucket", "public_access_block", "missing", {"block_public_acls": True}, None)
        == "weakened"
    )


def test_a_block_is_judged_by_the_worst_of_its_parts() -> None:
    before = [{"block_public_acls": True, "block_public_policy": False}]
    after = [{"block_public_acls": False, "block_public_policy": True}]
    assert changed("aws_s3_bucket", "public_access_block", before, after) == "weakened"


def test_blocks_that_stand_more_than_once_are_not_guessed_at() -> None:
    assert changed("aws_wafv2_web_acl", "rule", [{"a": 1}, {"b": 2}], [{"a": 1}]) == "unknown"


def test_redacted_values_are_unknown_unless_the_attribute_is_only_words() -> None:
    before, after = REDACTED + "k:1", REDACTED + "k:2"
    assert changed("aws_ebs_volume", "encrypted", before, after) == "unknown"
    assert changed("aws_s3_bucket", "policy", {"Statement": [{"x": before}]}, {"Statement": []}) == "unknown"
    assert changed("aws_s3_bucket", "tags.Owner", before, after) == "lateral"
    assert changed("aws_sns_topic", "kms_master_key_id", None, after) == "unknown"
    assert changed("aws_eks_cluster", "enabled_cluster_log_types", [], [after]) == "unknown"


def test_something_missing_is_weakened_only_where_it_guards() -> None:
    assert judge("aws_cloudtrail", "resource", "missing", {"a": 1}, None) == "weakened"
    assert judge("aws_sns_topic", "resource", "missing", {"a": 1}, None) == "unknown"


def test_noncompliant_is_weakened_and_unmanaged_is_unknown() -> None:
    assert judge("aws_s3_bucket", "config_rule.x", "noncompliant", "COMPLIANT", "NON_COMPLIANT") == "weakened"
    assert judge("aws_s3_bucket", "resource", "unmanaged", None, {"bucket": "x"}) == "unknown"
    assert judge("aws_s3_bucket", "tags.Owner", "unmanaged", None, "x") == "unknown"


def test_strengthened_beside_lateral_stays_strengthened() -> None:
    assert worst(["lateral", "strengthened"]) == "strengthened"
    assert worst(["strengthened", "unknown"]) == "unknown"
    assert worst([]) == "lateral"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
attributes = st.sampled_from(
    ["ingress", "policy", "tags.x", "encrypted", "retention_in_days", "min_tls_version", "acl", "groups",
     "inline_policy.x", "kms_key_id", "enabled_cluster_log_types", "public_access_cidrs", "logging", "",
     "a..0.b", "server_side_encryption_configuration", "shared_with", "max_session_duration"]
)  # fmt: skip


@given(st.sampled_from(["aws_security_group", "aws_cloudwatch_log_group", "aws_iam_role", "x"]), attributes,
       st.sampled_from(KINDS), anything, anything)  # fmt: skip
def test_whatever_a_detector_says_gets_one_direction(
    resource_type: str, attribute: str, kind: str, declared: Any, actual: Any
) -> None:
    assert judge(resource_type, attribute, kind, declared, actual) in DIRECTIONS


@given(attributes, anything)
def test_what_did_not_change_is_lateral_or_cannot_be_read(attribute: str, value: Any) -> None:
    assert judge("aws_iam_role", attribute, "changed", value, value) in {"lateral", "unknown"}
