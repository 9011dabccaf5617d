"""`holdfast taxonomy` as people and programs run it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from yard import RECORDED, Done, Yard

from flows.cli import _run
from flows.sweeping import sweep_once

Run = Callable[..., Done]

SOFTER = "- revises: aws-messaging-002\n  tier: record\n  reason: Our queues hold nothing secret.\n"
CHANGE = "{resource_type: aws_sqs_queue, attribute: kms_master_key_id, declared: alias/app, actual: null}\n"


@pytest.fixture
def run(yard: Yard, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: a process of its own takes a second to start."""
    monkeypatch.chdir(yard.folder)
    for name, value in {"HOLDFAST_HOME": str(yard.home), "HOLDFAST_WRITER": "test", "COLUMNS": "120"}.items():
        monkeypatch.setenv(name, value)

    def done(*arguments: str) -> Done:
        code = _run(list(arguments))
        said = capfd.readouterr()
        return Done(code=code, out=said.out, err=said.err)

    return done


@pytest.fixture
def overlay(yard: Yard) -> Path:
    (yard.folder / "taxonomy.d" / "rules").mkdir(parents=True)
    (yard.folder / "taxonomy.d" / "rules" / "own.yaml").write_text(SOFTER)
    return yard.folder / "taxonomy.d"


def test_what_an_overlay_loosens_is_told_by_lint_and_by_diff(run: Run, overlay: Path) -> None:
    told = "aws-messaging-002: changed, tier review → record (loosened): Our queues hold nothing secret."
    linted = run("taxonomy", "lint", overlay.name)
    assert linted.code == 0
    assert f"taxonomy.d/rules/own.yaml:2: {told}" in linted.out
    assert told in run("taxonomy", "diff", overlay.name).out
    (change,) = run("taxonomy", "diff", overlay.name, "-o", "json").document
    assert (change["effect"], change["fields"][0]["now"]) == ("loosened", "record")
    assert run("taxonomy", "diff", overlay.name, overlay.name).out == "no rule means anything else\n"


def test_a_locked_overlay_that_moves_is_refused_until_it_is_locked_anew(run: Run, overlay: Path) -> None:
    assert run("taxonomy", "lock", overlay.name).code == 0
    rules = overlay / "rules" / "own.yaml"
    rules.write_text(rules.read_text().replace("record", "record\n  status: experimental"))
    refused = run("taxonomy", "lint", overlay.name)
    assert refused.code == 1
    assert "aws-messaging-002: means something else than before (neutral): status" in refused.err
    assert run("taxonomy", "lock", overlay.name).code == 0
    assert run("taxonomy", "lint", overlay.name).code == 0


def test_a_change_is_tried_with_the_line_of_each_field_and_what_would_have_changed_it(
    run: Run, yard: Yard, overlay: Path
) -> None:
    (yard.folder / "change.yaml").write_text(CHANGE)
    said = run("taxonomy", "try", "change.yaml", overlay.name).out
    assert "aws-messaging-002 (builtin/rules/aws-messaging.yaml:" in said
    assert "tier from taxonomy.d/rules/own.yaml:2" in said
    assert "otherwise, were direction lateral: unclassified, medium, review" in said
    (one,) = run("taxonomy", "try", "change.yaml", "-o", "json").document
    assert (one["rule_id"], one["tier"], one["direction"]) == ("aws-messaging-002", "review", "weakened")
    (yard.folder / "change.yaml").write_text(CHANGE.replace("attribute", "attribut"))
    refused = run("taxonomy", "try", "change.yaml")
    assert refused.code == 1
    assert "change.yaml:1:32: attribut: unknown key" in refused.err


def test_a_plan_and_the_document_of_its_sweep_are_classified_alike(run: Run, yard: Yard) -> None:
    yard.show_plan((RECORDED / "drifted.json").read_text())
    swept = run("detect", "--target", "plan", "-o", "json")
    (yard.folder / "swept.json").write_text(swept.out)

    def tried(name: str) -> set[tuple[str, ...]]:
        found = run("taxonomy", "try", name, "-o", "json").document
        return {(one["resource_type"], one["attribute"], one["rule_id"], one["tier"]) for one in found}

    of_sweep = {
        (drift["resource_type"], change["attribute"], change["rule_id"], change["tier"])
        for drift in swept.document["drift"]
        for change in drift["changes"]
    }
    assert tried("plan.json") == tried("swept.json") == of_sweep


def test_an_edit_is_previewed_on_the_recorded_drift(run: Run, yard: Yard, overlay: Path) -> None:
    yard.show_plan((RECORDED / "drifted.json").read_text())
    swept = sweep_once(yard.settings, names=("plan",))
    rule_id = next(
        drift.rule_id for drift, _ in swept.drifts if drift.tier == "review" and len(drift.changes) == 1
    )
    moved = sum(drift.rule_id == rule_id for drift, _ in swept.drifts)
    (overlay / "rules" / "own.yaml").write_text(
        f"- revises: {rule_id}\n  tier: record\n  reason: We have seen enough of these.\n"
    )
    done = run("taxonomy", "preview", overlay.name, "-o", "json")
    assert (done.code, done.document["drifts"]) == (0, len(swept.drifts))
    assert {"effect": "loosened", "move": "from review to record", "drifts": moved} in done.document["counts"]
    assert done.document["moves"][0]["effect"] == "loosened"
    said = run("taxonomy", "preview", overlay.name).out
    assert f"of {len(swept.drifts)} drifts of the last 90 days would have moved" in said


def test_what_is_not_covered_is_said_by_name(run: Run) -> None:
    document = run("taxonomy", "coverage", "-o", "json").document
    assert document["most_checked"] == 100
    for name in document["not_covered"]:
        assert not next(one for one in document["types"] if one["resource_type"] == name)["areas"]
    assert "by resource type" in run("taxonomy", "coverage", "--types").out


def test_a_rule_is_shown_with_its_lines_and_a_retired_one_with_its_reason(run: Run, overlay: Path) -> None:
    shown = run("taxonomy", "show", "aws-messaging-002", overlay.name, "-o", "json").document
    assert shown["tier"] == "record"
    assert shown["places"]["tier"] == "taxonomy.d/rules/own.yaml:2"
    assert run("taxonomy", "show", "aws-messaging-999").code == 64
    (overlay / "rules" / "own.yaml").unlink()
    (overlay / "retired.yaml").write_text(
        "- {id: aws-messaging-002, reason: Nothing here sends messages any more.}\n"
    )
    gone = run("taxonomy", "show", "aws-messaging-002", overlay.name)
    assert gone.out == "aws-messaging-002 is retired: Nothing here sends messages any more.\n"
