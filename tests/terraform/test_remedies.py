"""What a remedy refuses: a program in Terraform's place shows recorded plans, and notes if it applied."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drifts import drift_of

from tasks.detectors.terraform import RawPlan, parse
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.remedies import REMEDIES, Preview, RefusedError, StaleError, by_hand, terraform_apply
from taxonomy.drift import Drift
from taxonomy.target import AwsConfigTarget, TerraformTarget

pytestmark = pytest.mark.samples

Recorded = Callable[[str], RawPlan]
HELD_STILL = "targeted-with-ignore-changes-override.json"

SCRIPT = """#!/bin/bash
case "$1" in
plan) echo '{"type":"change_summary"}'; exit 2 ;;
show) cat plan.json ;;
apply) echo applied >> applied; exit ${FAIL:-0} ;;
esac
"""


class Stage:
    """A workspace whose Terraform shows whatever plan is put on stage."""

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self.redactor = redactor
        self.path = folder / "code"
        (self.path / ".terraform").mkdir(parents=True)
        program = folder / "terraform"
        program.write_text(SCRIPT)
        program.chmod(0o755)
        self.target = TerraformTarget(name="recorded", path=self.path)
        self.reach = Reach(scratch=folder / "scratch", terraform=str(program), path=os.environ["PATH"])

    def show(self, document: Any) -> None:
        (self.path / "plan.json").write_text(json.dumps(document))

    def drift(self, raw: RawPlan, address: str) -> Drift:
        answer = parse(raw, self.target, redactor=self.redactor)
        return drift_of(next(one for one in answer.findings if one.address == address), "recorded")

    def preview(self, drift: Drift) -> Preview:
        return terraform_apply.preview(drift, self.target, self.reach, redactor=self.redactor)

    def apply(self, drift: Drift, preview: Preview) -> None:
        terraform_apply.apply(drift, preview, self.target, self.reach, redactor=self.redactor)

    @property
    def applied(self) -> bool:
        return (self.path / "applied").exists()


@pytest.fixture
def stage(tmp_path: Path, redactor: Redactor) -> Stage:
    return Stage(tmp_path, redactor)


def edited(raw: RawPlan, address: str, edit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return the plan with one resource's planned change edited."""
    document: dict[str, Any] = json.loads(json.dumps(raw.document))
    for entry in document["resource_changes"]:
        if entry["address"] == address:
            edit(entry["change"])
    return document


def test_a_plan_that_does_what_was_approved_is_applied(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    preview = stage.preview(drift)
    assert not stage.applied
    stage.apply(drift, preview)
    assert stage.applied
    assert list(stage.reach.scratch.iterdir()) == []


def test_a_preview_survives_being_written_down(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    preview = stage.preview(drift)
    stage.apply(drift, Preview.from_document(json.loads(json.dumps(preview.to_document()))))
    assert stage.applied


def test_an_ancestor_that_comes_along_is_refused_by_name(stage: Stage, recorded: Recorded) -> None:
    raw = recorded("targeted-pulls-unapproved-ancestor.json")
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    with pytest.raises(RefusedError, match=r"would also change aws_kms_key\.k, aws_vpc\.main"):
        stage.preview(drift)


def test_an_ancestor_that_drifted_after_the_approval_is_refused(stage: Stage, recorded: Recorded) -> None:
    drift = stage.drift(recorded(HELD_STILL), "aws_security_group.web")
    stage.show(recorded(HELD_STILL).document)
    preview = stage.preview(drift)
    stage.show(recorded("targeted-pulls-unapproved-ancestor.json").document)
    with pytest.raises(RefusedError, match="would also change"):
        stage.apply(drift, preview)
    assert not stage.applied


def test_a_resource_that_would_be_replaced_is_refused(stage: Stage, recorded: Recorded) -> None:
    raw = recorded("replace.json")
    drift = stage.drift(raw, "aws_dynamodb_table.t")
    stage.show(raw.document)
    with pytest.raises(RefusedError, match=r"would replace aws_dynamodb_table\.t, which may lose data"):
        stage.preview(drift)


def test_live_that_changed_after_the_approval_is_stale(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    preview = stage.preview(drift)

    def open_more(change: dict[str, Any]) -> None:
        change["before"]["ingress"].append({**change["before"]["ingress"][0], "from_port": 1})

    document = edited(raw, "aws_security_group.web", open_more)
    for entry in document["prior_state"]["values"]["root_module"]["resources"]:
        if entry["address"] == "aws_security_group.web":
            entry["values"]["ingress"].append({**entry["values"]["ingress"][0], "from_port": 1})
    stage.show(document)
    with pytest.raises(StaleError, match="what is live is no longer what the drift says"):
        stage.apply(drift, preview)
    assert not stage.applied


def test_code_that_changed_after_the_approval_is_stale(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    preview = stage.preview(drift)

    def close_all(change: dict[str, Any]) -> None:
        change["after"]["ingress"] = []

    stage.show(edited(raw, "aws_security_group.web", close_all))
    with pytest.raises(StaleError, match="what is declared is no longer what the drift says"):
        stage.apply(drift, preview)
    assert not stage.applied


def test_another_attribute_of_the_same_resource_is_refused(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")

    def rename(change: dict[str, Any]) -> None:
        change["after"]["description"] = "unapplied code"

    stage.show(edited(raw, "aws_security_group.web", rename))
    with pytest.raises(RefusedError, match="would also change description"):
        stage.preview(drift)


def test_an_approval_of_less_than_the_plan_does_is_stale(stage: Stage, recorded: Recorded) -> None:
    raw = recorded("one-attribute-approved-override.json")
    drift = stage.drift(raw, "aws_db_instance.db")
    stage.show(raw.document)
    document = {**stage.preview(drift).document, "changes": []}
    with pytest.raises(StaleError, match="otherwise than was approved"):
        stage.apply(drift, Preview.of(terraform_apply.NAME, document, ()))
    assert not stage.applied


def test_nothing_left_to_do_is_stale_and_not_done(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(recorded("clean.json").document)
    with pytest.raises(StaleError, match="already as declared"):
        stage.preview(drift)


def test_a_preview_of_another_fingerprint_is_stale(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    preview = stage.preview(drift)
    with pytest.raises(StaleError, match="the preview is of fingerprint"):
        stage.apply(replace(drift, fingerprint="f" * 64), preview)
    assert not stage.applied


def test_drift_that_is_partly_undeclared_is_not_touched_in_part(stage: Stage, recorded: Recorded) -> None:
    drift = stage.drift(recorded("drift-44-kinds.json"), "aws_iam_role.app")
    with pytest.raises(RefusedError, match=r"inline_policy\.backdoor, policy_attachment.* stands in no code"):
        stage.preview(drift)


def test_a_failed_apply_is_an_error(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    preview = stage.preview(drift)
    failing = replace(stage.reach, terraform_env={"FAIL": "1"})
    with pytest.raises(ToolError, match="terraform apply of recorded"):
        terraform_apply.apply(drift, preview, stage.target, failing, redactor=stage.redactor)


def test_only_a_workspace_can_be_applied(stage: Stage, recorded: Recorded) -> None:
    drift = stage.drift(recorded(HELD_STILL), "aws_security_group.web")
    for target in (
        AwsConfigTarget(name="config", account="123456789012", region="eu-west-1"),
        TerraformTarget(name="recorded", plan_json=Path("plan.json")),
    ):
        with pytest.raises(RefusedError, match="is no Terraform workspace"):
            terraform_apply.preview(drift, target, stage.reach, redactor=stage.redactor)


@pytest.mark.parametrize("name", REMEDIES)
def test_every_remedy_is_registered_under_its_name_with_the_same_two_verbs(name: str) -> None:
    remedy = REMEDIES[name]
    assert name == remedy.NAME
    assert (remedy.preview.__code__.co_varnames[:4]) == ("drift", "target", "reach", "redactor")
    assert remedy.apply.__code__.co_varnames[:5] == ("drift", "preview", "target", "reach", "redactor")


def test_by_hand_has_a_step_for_every_change_and_changes_nothing(stage: Stage, recorded: Recorded) -> None:
    for finding in parse(recorded("drift-44-kinds.json"), stage.target, redactor=stage.redactor).findings:
        drift = drift_of(finding, "recorded")
        preview = by_hand.preview(drift, stage.target, stage.reach, redactor=stage.redactor)
        assert len(preview.document["steps"]) == len(drift.changes)
        assert "changes nothing" in preview.summary[0]
    assert not stage.applied


def test_a_reason_moves_the_digest_of_a_preview(stage: Stage, recorded: Recorded) -> None:
    drift = stage.drift(recorded(HELD_STILL), "aws_security_group.web")
    preview = by_hand.preview(drift, stage.target, stage.reach, redactor=stage.redactor)
    reasoned = preview.because("terraform-apply is refused: it would replace it")
    assert reasoned.digest != preview.digest
    reasoned.check(drift)
