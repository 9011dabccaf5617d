"""The workspace applies cleanly, and each change made in haste shows where it must, and only there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from simulated import Workspace, client

from examples import haste
from examples.clouds import Clouds

pytestmark = pytest.mark.terraform

LEDGER, MEDIA = 'module.store["ledger"].', 'module.store["media"].'
DECLARED = {
    "aws_dynamodb_table.ledger": "tags",
    "aws_sns_topic.alerts": "tags",
    "aws_security_group.web": "ingress",
    f"{LEDGER}aws_s3_bucket_server_side_encryption_configuration.this": "rule",
    f"{MEDIA}aws_s3_bucket_versioning.this": "versioning_configuration",
    "aws_kms_key.secrets": "enable_key_rotation",
    "aws_cloudwatch_log_group.ledger": "retention_in_days",
    "aws_ssm_parameter.settlement_window": "name",
}
WRONG_BY_CONFIG = {
    "restricted-ssh": 1,
    "s3-bucket-server-side-encryption-enabled": 2,
    "s3-bucket-versioning-enabled": 2,
    "s3-bucket-level-public-access-prohibited": 1,
    "s3-bucket-ssl-requests-only-conformance-pack-2mzvqk7cd": 1,
    "cmk-backing-key-rotation-enabled": 1,
    "cw-loggroup-retention-period-check": 1,
    "iam-no-inline-policy-check": 1,
    "required-tags": 1,
}


@dataclass(frozen=True, kw_only=True)
class Before:
    resources: int
    noncompliant: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class After:
    said: list[str]
    plan: Mapping[str, Any]
    noncompliant: Mapping[str, int]


@pytest.fixture(scope="module")
def before(acme: Workspace, fresh: Clouds) -> Before:
    acme.terraform("init", "-no-color")
    acme.terraform("apply", "-auto-approve", "-no-color")
    acme.terraform("plan", "-detailed-exitcode", "-no-color")
    state = json.loads((acme.folder / "terraform.tfstate").read_text())
    managed = [i for r in state["resources"] if r["mode"] == "managed" for i in r["instances"]]
    return Before(resources=len(managed), noncompliant=_noncompliant(fresh))


@pytest.fixture(scope="module")
def after(before: Before, acme: Workspace, fresh: Clouds) -> After:
    assert before.resources
    said = haste.changes(fresh.environment)
    acme.terraform("plan", "-detailed-exitcode", "-no-color", "-out=hasty", expected=(2,))
    plan = json.loads(acme.terraform("show", "-json", "hasty"))
    return After(said=said, plan=plan, noncompliant=_noncompliant(fresh))


def test_an_applied_workspace_has_nothing_left_to_change(before: Before) -> None:
    assert 20 <= before.resources <= 30


def test_what_was_declared_meets_every_managed_rule(before: Before) -> None:
    assert before.noncompliant == {}


def test_every_hasty_change_says_what_it_did(after: After) -> None:
    assert len(after.said) == len(haste.CHANGES)
    assert len(set(after.said)) == len(after.said)


def test_declared_drift_is_what_an_apply_would_undo_and_nothing_else_is(after: After) -> None:
    changed = {
        c["address"]: c["change"]
        for c in after.plan["resource_changes"]
        if c["change"]["actions"] != ["no-op"]
    }
    assert changed.keys() == DECLARED.keys()
    for address, attribute in DECLARED.items():
        live, code = changed[address]["before"] or {}, changed[address]["after"]
        assert live.get(attribute) != code[attribute], address


def test_the_slipped_in_policy_shows_only_as_drift_that_no_apply_undoes(after: After) -> None:
    drifted = {d["address"]: d["change"] for d in after.plan["resource_drift"]}
    policies = drifted["aws_iam_role.ledger_writer"]["after"]["inline_policy"]
    assert [p["name"] for p in policies] == ["quick-fix"]
    assert "aws_iam_role.ledger_writer" not in DECLARED


def test_the_undeclared_bucket_shows_in_no_plan(after: After, fresh: Clouds) -> None:
    assert haste.UNDECLARED_BUCKET not in json.dumps(after.plan)
    buckets = client("s3", fresh).list_buckets()["Buckets"]
    assert haste.UNDECLARED_BUCKET in {b["Name"] for b in buckets}


def test_no_hasty_change_lies_on_what_another_one_depends_on(after: After) -> None:
    # Else one could not be put right without the other: -target takes ancestors along.
    state = after.plan["prior_state"]["values"]["root_module"]
    modules = [state, *state.get("child_modules", [])]
    resources = {r["address"]: r.get("depends_on", []) for m in modules for r in m["resources"]}
    plain = {address.replace('["ledger"]', "").replace('["media"]', "") for address in DECLARED}
    for address in DECLARED:
        assert not plain & set(resources.get(address, [])), address


def test_config_sees_what_terraform_sees_and_the_bucket_it_does_not(after: After) -> None:
    assert after.noncompliant == WRONG_BY_CONFIG


def _noncompliant(running: Clouds) -> dict[str, int]:
    pages = client("config", running).get_paginator("describe_compliance_by_config_rule").paginate()
    return {
        row["ConfigRuleName"]: row["Compliance"]["ComplianceContributorCount"]["CappedCount"]
        for page in pages
        for row in page["ComplianceByConfigRules"]
        if row["Compliance"]["ComplianceType"] == "NON_COMPLIANT"
    }
