"""All that an apply would do has an effect: what has none could not be refused."""

import json
from typing import Any

import pytest
from made_plan import REDACTOR, TARGET, Made, document

from tasks.remedies import Preview, RefusedError, StaleError
from tasks.remedies.proof import Proof, prove
from tasks.remedies.terraform_apply import _effects
from tasks.terraform.effects import COMPUTED, NOT_YET_KNOWN, Effect
from taxonomy.drift import DriftChange

TOPIC = "aws_sns_topic.bell"
RULE = {
    "id": "sgr-1",
    "security_group_id": "sg-1",
    "cidr_ipv4": "10.0.0.0/8",
    "from_port": 22,
    "to_port": 22,
    "ip_protocol": "tcp",
}
OLD_RULE = {
    "id": "sgrule-1",
    "type": "ingress",
    "security_group_id": "sg-1",
    "cidr_blocks": ["10.0.0.0/8"],
    "from_port": 22,
    "to_port": 22,
    "protocol": "tcp",
}


def effects(*resources: Made, **entry: Any) -> list[Effect]:
    """The effects of a plan of these, and of one more entry of `resource_changes` if it is given."""
    plan = document(*resources, Made(address="aws_vpc.steady", live={"id": "vpc-1"}))
    if entry:
        plan["resource_changes"].append({**plan["resource_changes"][0], **entry})
    return _effects(json.dumps(plan).encode(), TARGET, REDACTOR)


def drifted(attribute: str = "display_name") -> Made:
    live = {"id": "t", "arn": "arn:aws:sns:eu-west-1:123456789012:t", attribute: "by hand"}
    return Made(
        address=TOPIC, state={**live, attribute: "code"}, live=live, wanted={**live, attribute: "code"}
    )


def proven(found: list[Effect], attribute: str = "display_name") -> Proof:
    change = DriftChange(
        attribute=attribute,
        kind="changed",
        declared="code",
        actual="by hand",
        redacted=False,
        drift_class="A",
        layer="terraform",
        direction="unknown",
        severity="low",
        tier="review",
        rule_id="unclassified",
        controls=(),
    )
    return prove(found, {(TOPIC, attribute): change})


def test_what_the_drift_says_is_within() -> None:
    proof = proven(effects(drifted()))
    assert [one.attribute for one in proof.within] == ["display_name"]
    assert proof.beyond == ()


def test_what_only_a_baseline_calls_drift_wants_a_person() -> None:
    assert proven(effects(drifted())).as_saved == ()
    absorbed = Made(**{**vars(drifted()), "state": None})
    proof = proven(effects(absorbed))
    assert proof.as_saved == ("display_name",)
    document = {"as_saved": list(proof.as_saved)}
    assert Preview.of("terraform-apply", document, ()).wants_person
    assert not Preview.of("terraform-apply", {"as_saved": [], "destroys": []}, ()).wants_person


def test_a_deposed_object_of_the_drifted_resource_is_not_deleted_along() -> None:
    change = {"actions": ["delete"], "before": {"id": "old"}, "after": None}
    found = effects(drifted(), deposed="deadbeef", change=change)
    with pytest.raises(RefusedError, match=rf"an apply would delete {TOPIC}"):
        proven(found)


def test_a_deposed_object_of_another_resource_is_beyond() -> None:
    change = {"actions": ["delete"], "before": {"id": "old"}, "after": None}
    proof = proven(effects(drifted(), address="aws_vpc.other", deposed="deadbeef", change=change))
    assert [(one.address, one.action) for one in proof.beyond] == [("aws_vpc.other", "delete")]


@pytest.mark.parametrize(
    ("entry", "action"),
    [
        (
            {"change": {"actions": ["no-op"], "before": {"id": "i"}, "after": {"id": "i"}, "importing": {}}},
            "import",
        ),
        ({"previous_address": "aws_vpc.was"}, "move"),
    ],
)
def test_what_an_apply_would_import_or_move_is_beyond(entry: dict[str, Any], action: str) -> None:
    still = {"change": {"actions": ["no-op"], "before": {"id": "i"}, "after": {"id": "i"}}}
    proof = proven(effects(drifted(), address="aws_vpc.other", **{**still, **entry}))
    assert [(one.address, one.action) for one in proof.beyond] == [("aws_vpc.other", action)]


@pytest.mark.parametrize(
    ("address", "live", "wanted"),
    [
        ("aws_vpc_security_group_ingress_rule.r", RULE, {"security_group_id": "sg-2"}),
        ("aws_security_group_rule.r", OLD_RULE, {"type": "egress"}),
    ],
)
def test_a_rule_that_goes_to_another_group_or_direction_has_an_effect(
    address: str, live: dict[str, Any], wanted: dict[str, Any]
) -> None:
    found = effects(
        Made(address=address, live=live, wanted={**live, **wanted}, actions=("delete", "create")), drifted()
    )
    assert {one.action for one in found if one.address == address} == {"replace"}
    assert [one.address for one in proven(found).beyond] == [address]


def test_an_update_that_shows_no_change_has_an_effect() -> None:
    live = {"id": "i", "name": "n"}
    found = effects(Made(address="aws_sqs_queue.q", live=live, wanted=live, actions=("update",)))
    assert [(one.attribute, one.action) for one in found] == [("resource", "update")]


@pytest.mark.parametrize(
    ("unknown", "attribute"),
    [
        ({"environment": [{"variables": {"U": True}}]}, "environment.0.variables.U"),
        ({"ingress": True}, "ingress"),
        ({"kms_master_key_id": True}, "kms_master_key_id"),
    ],
)
def test_what_only_the_apply_will_know_is_beyond_down_to_the_leaf(
    unknown: dict[str, Any], attribute: str
) -> None:
    live = {"id": "i", "environment": [{"variables": {"U": "1", "V": "2"}}], "ingress": [{"from_port": 1}]}
    code = {"kms_master_key_id": {"references": ["aws_kms_key.k.arn"]}}
    other = Made(
        address="aws_x_y.other", live=live, wanted=live, unknown=unknown, actions=("update",), code=code
    )
    (beyond,) = proven(effects(drifted(), other)).beyond
    assert (beyond.attribute, beyond.after, beyond.minor) == (attribute, NOT_YET_KNOWN, None)


def test_a_plain_value_that_the_provider_computes_is_shown_and_stops_nothing() -> None:
    made = drifted()
    proof = proven(effects(Made(**{**vars(made), "unknown": {"signature_version": True, "arn": True}})))
    said = {one.attribute: one.minor for one in proof.within}
    assert (said["display_name"], said["signature_version"]) == (None, COMPUTED)


def test_nothing_left_of_the_drift_is_stale() -> None:
    with pytest.raises(StaleError, match="already as declared"):
        proven(effects(Made(address=TOPIC, live={"id": "t"})))
