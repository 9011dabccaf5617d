"""What a remedy refuses: a program in Terraform's place shows recorded plans, and notes if it applied."""

import json
import os
import sys
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
from tasks.terraform.copy import OVERRIDE
from taxonomy.drift import Drift
from taxonomy.target import AwsConfigTarget, TerraformTarget

pytestmark = pytest.mark.samples

Recorded = Callable[[str], RawPlan]
HELD_STILL = "targeted-with-ignore-changes-override.json"

SCRIPT = f"""#!{sys.executable}
import json, os, sys, zipfile
from pathlib import Path

verb = sys.argv[1]
held = Path("{OVERRIDE}").exists()
if verb == "plan":
    out = next(one.removeprefix("-out=") for one in sys.argv if one.startswith("-out="))
    with zipfile.ZipFile(out, "w") as plan:
        plan.writestr("tfstate", Path("planned.tfstate").read_text())
    print(json.dumps({{"type": "change_summary"}}))
    sys.exit(2)
elif verb == "show":
    print(Path("held.json" if held else "plan.json").read_text())
elif verb == "state":
    print(Path("pulled.tfstate").read_text())
elif verb == "apply":
    text = Path("{OVERRIDE}").read_text() if held else "as it is"
    (Path("{{code}}") / "applied").write_text(text)
    sys.exit(int(os.environ.get("FAIL", "0")))
"""
"""Terraform on a stage: it shows whatever was put there, and another plan where blocks are held still."""

STATE = json.dumps({"lineage": "5f0e2a52-0f6c-8d36-1d3c-2a6f5d1c9b11", "serial": 7})
CODE = """
resource "aws_security_group" "web" {
  lifecycle {
    ignore_changes = [tags["Seen"]]
  }
}

resource "aws_vpc" "main" {}

resource "aws_kms_key" "k" {}
"""


class Stage:
    """A workspace whose Terraform shows whatever plan is put on stage."""

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self.redactor = redactor
        self.path = folder / "code"
        (self.path / ".terraform").mkdir(parents=True)
        program = folder / "terraform"
        program.write_text(SCRIPT.replace("{code}", str(self.path)))
        program.chmod(0o755)
        (self.path / "main.tf").write_text(CODE)
        for name in ("planned.tfstate", "pulled.tfstate"):
            (self.path / name).write_text(STATE)
        self.target = TerraformTarget(name="recorded", path=self.path)
        self.reach = Reach(scratch=folder / "scratch", terraform=str(program), path=os.environ["PATH"])

    def show(self, document: Any, *, held: Any = None) -> None:
        """Put a plan on stage, and the one that shows once something is held still."""
        (self.path / "plan.json").write_text(json.dumps(document))
        (self.path / "held.json").write_text(json.dumps(held or document))

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


def alone(raw: RawPlan, address: str) -> dict[str, Any]:
    """Return the plan as it is once everything but one resource is held still."""
    document: dict[str, Any] = json.loads(json.dumps(raw.document))
    for entry in document["resource_changes"]:
        if entry["address"] != address:
            entry["change"]["actions"] = ["no-op"]
    return document


def test_an_ancestor_that_comes_along_is_held_still_and_named(stage: Stage, recorded: Recorded) -> None:
    raw = recorded("targeted-pulls-unapproved-ancestor.json")
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document, held=alone(raw, "aws_security_group.web"))
    preview = stage.preview(drift)
    held = [{"block": block, "ignore_changes": "all"} for block in ("aws_kms_key.k", "aws_vpc.main")]
    assert preview.document["held"] == held
    assert [line.split(" (")[0] for line in preview.summary[1:]] == [
        "left as it is: aws_kms_key.k",
        "left as it is: aws_vpc.main",
    ]
    stage.apply(drift, preview)
    text = (stage.path / "applied").read_text()
    assert [line for line in text.splitlines() if "resource" in line] == [
        'resource "aws_kms_key" "k" {',
        'resource "aws_vpc" "main" {',
    ]
    assert not (stage.path / OVERRIDE).exists()
    assert list(stage.reach.scratch.iterdir()) == []


def test_code_that_can_not_be_read_for_sure_is_left_to_a_person(stage: Stage, recorded: Recorded) -> None:
    raw = recorded("targeted-pulls-unapproved-ancestor.json")
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    (stage.path / "main.tf").write_text('resource "aws_vpc" "main" {')
    with pytest.raises(RefusedError, match="can't read for sure what the code says"):
        stage.preview(drift)


def test_what_nothing_holds_still_is_refused_by_name(stage: Stage, recorded: Recorded) -> None:
    raw = recorded("targeted-pulls-unapproved-ancestor.json")
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    with pytest.raises(RefusedError, match=r"would also change aws_kms_key\.k, aws_vpc\.main, which nothing"):
        stage.preview(drift)


def test_an_ancestor_that_drifted_after_the_approval_makes_it_stale(stage: Stage, recorded: Recorded) -> None:
    raw = recorded("targeted-pulls-unapproved-ancestor.json")
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(alone(raw, "aws_security_group.web"))
    preview = stage.preview(drift)
    assert preview.document["held"] == []
    stage.show(raw.document)
    with pytest.raises(StaleError, match="otherwise than was approved"):
        stage.apply(drift, preview)
    assert not stage.applied


def test_a_plan_of_another_state_is_not_applied(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    stage.show(raw.document)
    preview = stage.preview(drift)
    other = {"lineage": "0b7b1f0e-7e0f-5a8b-0d62-3f7a0e1d2c44", "serial": 7}
    (stage.path / "pulled.tfstate").write_text(json.dumps(other))
    with pytest.raises(ToolError, match=r"made from state 5f0e.* serial 7, and the workspace has 0b7b"):
        stage.apply(drift, preview)
    assert not stage.applied


def test_a_resource_that_would_be_replaced_is_previewed_as_destroyed(
    stage: Stage, recorded: Recorded
) -> None:
    raw = recorded("replace.json")
    drift = stage.drift(raw, "aws_dynamodb_table.t")
    stage.show(raw.document)
    preview = stage.preview(drift)
    assert preview.wants_person
    assert preview.document["destroys"] == ["aws_dynamodb_table.t"]
    assert preview.summary[0].startswith("DESTROYS aws_dynamodb_table.t and creates it anew")
    assert "replace aws_dynamodb_table.t: hash_key" in "".join(preview.summary)


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


def test_unapplied_code_of_the_same_resource_is_held_still_beside_the_list_that_code_has(
    stage: Stage, recorded: Recorded
) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")

    def rename(change: dict[str, Any]) -> None:
        change["after"]["description"] = "unapplied code"

    stage.show(edited(raw, "aws_security_group.web", rename), held=raw.document)
    preview = stage.preview(drift)
    assert preview.document["held"] == [
        {"block": "aws_security_group.web", "ignore_changes": ["description"]}
    ]
    stage.apply(drift, preview)
    assert 'ignore_changes = [tags["Seen"], description]' in (stage.path / "applied").read_text()


def test_drift_of_the_same_resource_that_came_later_is_stale(stage: Stage, recorded: Recorded) -> None:
    raw = recorded(HELD_STILL)
    drift = stage.drift(raw, "aws_security_group.web")
    document = edited(
        raw, "aws_security_group.web", lambda change: change["before"].update(tags={"By": "hand"})
    )
    for entry in document["prior_state"]["values"]["root_module"]["resources"]:
        if entry["address"] == "aws_security_group.web":
            entry["values"]["tags"] = {"By": "hand"}
    stage.show(document)
    with pytest.raises(StaleError, match=r"tags\.By of aws_security_group\.web has drifted too since then"):
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
