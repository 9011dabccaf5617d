"""What opens by its absence, and what silences by its presence, is never called stronger."""

import json
from typing import Any

import pytest

from taxonomy import oracle
from taxonomy.direction import judge
from taxonomy.rulebook import load

NARROW = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}
        ],
    }
)
OPEN_WITHOUT = (
    "aws_efs_file_system",
    "aws_efs_file_system_policy",
    "aws_api_gateway_rest_api",
    "aws_api_gateway_rest_api_policy",
    "aws_vpc_endpoint",
    "aws_vpc_endpoint_policy",
    "aws_transfer_user",
)
SILENCES = (
    ("aws_guardduty_ipset", "activate"),
    ("azurerm_monitor_alert_processing_rule_suppression", "enabled"),
    ("azurerm_monitor_action_rule_suppression", "enabled"),
    ("azurerm_sentinel_automation_rule", "enabled"),
)
STEERING = (
    "CLASSIFICATION",
    "Backup",
    "GDPR",
    "pii",
    "Environment",
    "ENVIRONMENT",
    "Firewall",
    "PolicyExempt",
)


@pytest.mark.parametrize("resource_type", OPEN_WITHOUT)
@pytest.mark.parametrize("gone", [None, ""])
def test_a_policy_without_which_all_may_is_weakened_when_it_is_gone(
    resource_type: str, gone: str | None
) -> None:
    assert judge(resource_type, "policy", "changed", NARROW, gone) == "weakened"
    assert judge(resource_type, "policy", "missing", NARROW, None) == "weakened"


@pytest.mark.parametrize(("resource_type", "attribute"), SILENCES)
def test_what_silences_alarms_is_weakened_when_it_is_switched_on(resource_type: str, attribute: str) -> None:
    assert judge(resource_type, attribute, "changed", declared=False, actual=True) == "weakened"


@pytest.mark.parametrize("key", STEERING)
@pytest.mark.parametrize("resource_type", ["aws_s3_bucket", "azurerm_storage_account"])
def test_a_tag_that_steers_something_is_no_words_however_it_is_spelled(resource_type: str, key: str) -> None:
    row: dict[str, Any] = {
        "layer": "terraform",
        "provider": resource_type.partition("_")[0],
        "resource_type": resource_type,
        "attribute": f"tags.{key}",
        "kind": "changed",
        "environment": None,
        "declared": '"restricted"',
        "actual": '"public"',
        "direction": "lateral",
        "drift_class": "A",
        "reported_severity": None,
        "reported_controls": [],
        "tags": "{}",
    }
    assert oracle.decide(row, load()).tier == "review"
