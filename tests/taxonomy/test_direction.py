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


@given(st.sampled_from(["aws_security_group", "aws_cloudwatch_log_group", "aws_iam_role", "x"]), attributes,
       anything, anything)  # fmt: skip
def test_no_two_values_are_each_stronger_than_the_other(
    resource_type: str, attribute: str, one: Any, other: Any
) -> None:
    both = {changed(resource_type, attribute, one, other), changed(resource_type, attribute, other, one)}
    assert both != {"strengthened"}


def test_values_that_were_never_meant_to_be_read_get_a_direction() -> None:
    deep: Any = {}
    for _ in range(3000):
        deep = {"a": [deep]}
    for odd in (deep, 10**400, -(10**400), "9" * 5000, "1" * 400 + "d", "P" + "9" * 100 + "Y"):
        for attribute in (
            "policy",
            "ingress",
            "retention_in_days",
            "x.mode",
            "engine_version",
            "http_tokens",
        ):
            assert changed("aws_thing", attribute, odd, 1) in DIRECTIONS
            assert changed("aws_thing", attribute, 1, odd) in DIRECTIONS


def test_what_lets_somebody_in_and_was_never_declared_is_weakened() -> None:
    assert judge("aws_iam_access_key", "resource", "unmanaged", None, {"user": "x"}) == "weakened"
    public = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
    assert judge("aws_s3_bucket", "policy", "unmanaged", None, public) == "weakened"
    assert judge("aws_s3_bucket", "policy", "unmanaged", None, {"Statement": []}) == "unknown"
    rule = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "10.0.0.0/8"}
    assert judge("aws_security_group", "ingress", "unmanaged", None, rule) == "weakened"


def test_a_missing_policy_is_judged_as_an_empty_one() -> None:
    told = {"Principal": "*", "Action": "s3:*", "Resource": "*"}
    allowing, denying = ({"Statement": [{"Effect": effect, **told}]} for effect in ("Allow", "Deny"))
    assert judge("aws_s3_bucket", "policy", "missing", allowing, None) == "strengthened"
    assert judge("aws_s3_bucket", "policy", "missing", denying, None) == "weakened"
    assert judge("aws_s3_bucket", "policy", "missing", "not JSON", None) == "unknown"


def test_noncompliant_is_weakened_unless_its_values_say_that_it_is_stronger() -> None:
    assert judge("file", "shadow.mode", "noncompliant", "0640", "0600") == "strengthened"
    assert judge("file", "shadow.mode", "noncompliant", "0640", "0644") == "weakened"
    assert judge("file", "shadow.mode", "noncompliant", "0640", "rw") == "weakened"
    assert judge("file", "shadow.mode", "noncompliant", None, "0600") == "weakened"
