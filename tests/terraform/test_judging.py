"""What counts as drift, of which class, and what never does: plans made by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from made_plan import ACCOUNT, REDACTOR, TARGET, Made, answer, document, reasons, told

from tasks.terraform import reading
from tasks.terraform.baseline import Baseline
from tasks.terraform.difference import differences
from tasks.terraform.document import document_of
from tasks.terraform.effects import NOT_YET_KNOWN, effects_of
from tasks.terraform.noise import COUNTERS, DERIVED, VOLATILE

FUNCTION = {"id": "f", "function_name": "f", "arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"}
VALUES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b", "tcp", "10.0.0.0/8"])
ATTRIBUTES = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["enabled", "rule", "protocol", "id"]), inner, max_size=2)
    ),
    max_leaves=5,
)
RULES = sorted(
    {("aws_lambda_function", name) for name in COUNTERS}
    | {(rule.type.replace("*", "distribution"), rule.attribute.split(".")[0]) for rule in VOLATILE}
    | {(rule.type, rule.attribute.split(".")[0]) for rule in DERIVED}
    | {("aws_sqs_queue", name) for name in ("policy", "tags", "tags_all", "delay_seconds", "arn")}
    | {("aws_iam_role", name) for name in ("inline_policy", "managed_policy_arns", "unique_id")}
    | {("aws_s3_bucket", name) for name in ("policy", "versioning", "grant", "website")}
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(RULES), ATTRIBUTES, ATTRIBUTES)
def test_no_noise_rule_hides_what_an_apply_would_undo(rule: tuple[str, str], wanted: Any, live: Any) -> None:
    kind, name = rule
    assume(any(one.alike is None for one in differences({name: wanted}, {name: live}, of=kind)))
    names = {"id": "one", "name": "one"}
    made = Made(
        address=f"{kind}.one",
        state={**names, name: wanted},
        live={**names, name: live},
        wanted={**names, name: wanted},
        code={name: {"constant_value": wanted}},
    )
    rows = told(answer(made))
    assert rows
    assert {row[2] for row in rows} == {"A"}


def moved(kind: str, state: dict[str, Any], live: dict[str, Any], **more: Any) -> Made:
    names = {"id": "one", "name": "one"}
    wanted = more.pop("wanted", None)
    return Made(
        address=f"{kind}.one",
        state={**names, **state},
        live={**names, **live},
        wanted=None if wanted is None else {**names, **wanted},
        **more,
    )


def test_an_empty_value_that_code_sets_is_no_null() -> None:
    state, live = {"delay_seconds": 0}, {"delay_seconds": None}
    quiet = moved("aws_sqs_queue", state, live, wanted=state)
    spoken = moved("aws_sqs_queue", state, live, wanted=state, code={"delay_seconds": {"constant_value": 0}})
    assert told(answer(quiet)) == []
    assert told(answer(spoken)) == [("aws_sqs_queue.one", "delay_seconds", "A", "changed")]


def test_the_order_of_a_list_counts_where_code_sets_it_and_that_of_a_set_never_does() -> None:
    columns = [{"name": "a"}, {"name": "b"}]
    table: dict[str, Any] = {"storage_descriptor": [{"columns": columns}]}
    turned: dict[str, Any] = {"storage_descriptor": [{"columns": columns[::-1]}]}
    found = answer(moved("aws_glue_catalog_table", table, turned, wanted=table))
    assert told(found) == [("aws_glue_catalog_table.one", "storage_descriptor.0.columns", "A", "changed")]
    (change,) = found.findings[0].changes
    assert (change.declared, change.actual) == (columns, columns[::-1])
    tags = [{"key": "a"}, {"key": "b"}]
    found = answer(moved("aws_autoscaling_group", {"tag": tags}, {"tag": tags[::-1]}, wanted={"tag": tags}))
    assert told(found) == []


def test_the_order_in_which_the_cloud_lists_what_no_code_sets_is_noise() -> None:
    names = ["ns-1.example.", "ns-2.example."]
    found = answer(moved("aws_route53_zone", {"name_servers": names}, {"name_servers": names[::-1]}))
    assert told(found) == []
    assert set(reasons(found).values()) == {"the same elements in another order, which no code sets"}


def test_one_block_of_several_that_differs_goes_by_its_index() -> None:
    rules = [{"id": "a", "expiration": [{"days": 30}]}, {"id": "b", "expiration": [{"days": 90}]}]
    other = [rules[0], {"id": "b", "expiration": [{"days": 1}]}]
    name = "aws_s3_bucket_lifecycle_configuration"
    found = answer(moved(name, {"rule": rules}, {"rule": other}, wanted={"rule": rules}))
    assert [row[1] for row in told(found)] == ["rule.1.expiration.0.days"]


def test_a_value_that_only_an_apply_will_know_is_drift_where_a_hand_moved_it() -> None:
    made = moved(
        "aws_ssm_parameter",
        {"description": "one"},
        {"description": "by hand"},
        wanted={"description": None},
        unknown={"description": True, "version": True},
        code={"description": {"references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}},
    )
    found = answer(made)
    assert told(found) == [("aws_ssm_parameter.one", "description", "A", "changed")]
    assert found.findings[0].changes[0].declared == "one"


def test_nobody_can_approve_a_value_that_only_the_apply_will_know() -> None:
    made = moved(
        "aws_ssm_parameter",
        {"description": "one", "tier": "Standard"},
        {"description": "one", "tier": "Advanced"},
        wanted={"description": None, "tier": "Standard"},
        unknown={"description": True},
        code={"description": {"references": ["aws_sns_topic.t.arn"]}},
    )
    read = reading.reading_of(document_of(document(made), name="t"), TARGET, redactor=REDACTOR)
    effects = [one for member in read.members for one in effects_of(read.case(member, {}))]
    assert {(one.attribute, one.after) for one in effects} == {
        ("description", NOT_YET_KNOWN),
        ("tier", "Standard"),
    }


@pytest.mark.parametrize("name", ["code_sha256", "instance_state", "unique_id"])
def test_what_only_a_hand_moves_is_told_beside_other_drift(name: str) -> None:
    kind = {"code_sha256": "aws_lambda_function", "instance_state": "aws_instance"}.get(name, "aws_iam_role")
    made = moved(
        kind,
        {name: "x", "description": "a"},
        {name: "y", "description": "b"},
        wanted={"description": "a", name: "y"},
    )
    assert {(row[1], row[2]) for row in told(answer(made))} == {("description", "A"), (name, "B")}


def test_what_the_cloud_counts_along_follows_what_moved_and_is_told_alone() -> None:
    both = moved(
        "aws_ec2_managed_prefix_list", {"version": 1, "max_entries": 5}, {"version": 2, "max_entries": 9}
    )
    assert [row[1] for row in told(answer(both))] == ["max_entries"]
    alone = moved("aws_ec2_managed_prefix_list", {"version": 1}, {"version": 2})
    assert [row[1] for row in told(answer(alone))] == ["version"]


def test_a_state_that_was_still_underway_has_only_settled() -> None:
    assert (
        told(answer(moved("aws_acm_certificate", {"status": "PENDING_VALIDATION"}, {"status": "ISSUED"})))
        == []
    )
    stopped = moved("aws_db_instance", {"status": "available"}, {"status": "stopped"})
    assert [row[1] for row in told(answer(stopped))] == ["status"]


@pytest.mark.parametrize("end", ["REVOKED", "FAILED", "PENDING_IMPORT", None])
def test_a_state_that_was_still_underway_and_came_to_no_good_end_is_told(end: str | None) -> None:
    made = moved("aws_acm_certificate", {"status": "PENDING_VALIDATION"}, {"status": end})
    assert [row[1] for row in told(answer(made))] == ["status"]


def approved(*resources: Made) -> Baseline:
    return Baseline.of("t", answer(*resources).live, taken_at=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["tags", "peer_region"])
def test_nothing_hides_behind_what_code_has_moved(name: str) -> None:
    def peering(status: str, value: Any) -> Made:
        names = {"id": "pcx-0a1b2c3d4e5f60718", "accept_status": status, name: value}
        return Made(
            address="aws_vpc_peering_connection.p", live=names, code={name: {"constant_value": value}}
        )

    one, two = ({"a": "1"}, {"a": "2"}) if name == "tags" else ("eu-west-1", "eu-west-2")
    found = answer(peering("deleted", two), baseline=approved(peering("active", one)))
    assert told(found) == [("aws_vpc_peering_connection.p", "accept_status", "B", "changed")]


def test_what_the_cloud_counts_with_every_change_moves_with_an_applied_one() -> None:
    def listed(entries: int, version: int) -> Made:
        names = {"id": "pl-0a1b2c3d4e5f60718", "max_entries": entries, "version": version}
        code = {"max_entries": {"constant_value": entries}}
        return Made(address="aws_ec2_managed_prefix_list.l", live=names, code=code)

    assert told(answer(listed(9, 2), baseline=approved(listed(5, 1)))) == []
    assert [row[1] for row in told(answer(listed(5, 2), baseline=approved(listed(5, 1))))] == ["version"]


def test_what_moved_beside_a_new_tag_does_not_follow_it() -> None:
    tags: dict[str, Any] = {"tags": {"a": "hand"}, "accept_status": "deleted"}
    was: dict[str, Any] = {"tags": {"a": "1"}, "accept_status": "active"}
    found = answer(moved("aws_vpc_peering_connection", was, tags, wanted={**tags, "tags": {"a": "1"}}))
    assert {(row[1], row[2]) for row in told(found)} == {("tags.a", "A"), ("accept_status", "B")}


def test_new_default_tags_that_were_applied_are_no_drift_from_the_baseline() -> None:
    was = Made(address="aws_lambda_function.f", live={**FUNCTION, "tags_all": {"Stage": "dev"}})
    baseline = Baseline.of("t", answer(was).live, taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    now = Made(address="aws_lambda_function.f", live={**FUNCTION, "tags_all": {"Stage": "prod", "Team": "a"}})
    assert told(answer(now, baseline=baseline)) == []


def test_a_tag_that_the_plan_leaves_is_under_ignore_changes() -> None:
    found = answer(moved("aws_sqs_queue", {"tags": {}}, {"tags": {"Extra": "x"}}))
    assert told(found) == []
    assert "ignore_changes" in reasons(found)["aws_sqs_queue.one", "tags.Extra"]


def test_a_tainted_resource_is_said_to_be_replaced_and_is_no_drift() -> None:
    names = {"id": "one", "name": "one"}
    made = Made(
        address="aws_cloudwatch_log_group.one", live=names, wanted=names, actions=("delete", "create")
    )
    found = answer(made)
    assert told(found) == []
    assert "delete/create" in reasons(found)["aws_cloudwatch_log_group.one", "resource"]


def test_unapplied_code_and_drift_on_one_attribute_are_drift() -> None:
    made = moved(
        "aws_cloudwatch_log_group",
        {"retention_in_days": 14, "kms_key_id": "a"},
        {"retention_in_days": 1, "kms_key_id": "a"},
        wanted={"retention_in_days": 90, "kms_key_id": "b"},
    )
    found = answer(made)
    assert [(row[1], row[2]) for row in told(found)] == [("retention_in_days", "A")]
    assert (found.findings[0].changes[0].declared, found.findings[0].changes[0].actual) == (90, 1)
    assert "unapplied code" in reasons(found)["aws_cloudwatch_log_group.one", "kms_key_id"]
