"""What code tells Terraform to leave as it is is no drift, and says so with its line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tasks.detectors.terraform import RawPlan, parse
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from tasks.terraform.in_code import InCode
from tasks.terraform.source.modules import Modules
from tasks.terraform.source.places import Places
from tasks.terraform.verdict import CODIFIED, HELD_BY_CODE, LEFT_BY_PLAN, TAKEN_AS_EQUAL
from taxonomy.observation import Answer
from taxonomy.target import TerraformTarget

ADDRESS = "aws_sns_topic.bell"
TARGET = TerraformTarget(name="t", account="123456789012", region="eu-west-1")
ARN = "arn:aws:sns:eu-west-1:123456789012:bell"
SAVED = {
    "id": ARN,
    "arn": ARN,
    "name": "bell",
    "display_name": "a",
    "tags": {"Owner": "a"},
    "steps": [{"n": 1}],
}
LIVE = {**SAVED, "display_name": "by hand", "tags": {"Owner": "b", "Note": "c"}, "steps": [{"n": 2}]}
ALL = {"display_name", "tags.Owner", "tags.Note", "steps.0.n"}


def entry(before: dict[str, Any], after: dict[str, Any], action: str) -> dict[str, Any]:
    change = {"actions": [action], "before": before, "after": after}
    provider = "registry.terraform.io/hashicorp/aws"
    return {
        "address": ADDRESS,
        "mode": "managed",
        "type": "aws_sns_topic",
        "provider_name": provider,
        "change": change,
    }


def plan(expressions: dict[str, Any]) -> dict[str, Any]:
    block = {"address": ADDRESS, "mode": "managed", "expressions": expressions}
    return {
        "format_version": "1.2",
        "planned_values": {},
        "prior_state": {"values": {"root_module": {"resources": [{**entry({}, {}, ""), "values": LIVE}]}}},
        "resource_drift": [entry(SAVED, LIVE, "update")],
        "resource_changes": [entry(LIVE, LIVE, "no-op")],
        "configuration": {"root_module": {"resources": [block]}},
    }


def judged(
    folder: Path, ignores: str | None, baseline: Baseline | None = None, more: str = "", **expressions: Any
) -> tuple[set[str], dict[str, str]]:
    """Return the attributes that drifted, and why the others did not."""
    places = Places()
    if ignores is not None:
        text = f'resource "aws_sns_topic" "bell" {{\n  lifecycle {{\n    {ignores}\n  }}\n{more}}}\n'
        (folder / "main.tf").write_text(text)
        places = Places(modules=Modules.of(folder, folder / ".terraform"))
    raw = RawPlan(document=plan(expressions), digest="", places=places)
    answer = parse(raw, TARGET, redactor=Redactor(b"k" * 32), baseline=baseline)
    return _told(answer), {one.attribute: one.reason for one in answer.suppressed}


def _told(answer: Answer) -> set[str]:
    return {change.attribute for finding in answer.findings for change in finding.changes}


NAMED = "ignore_changes of main.tf:3 names it"


@pytest.mark.parametrize(
    ("ignores", "left"),
    [
        ("ignore_changes = [tags]", {"tags.Owner", "tags.Note"}),
        ('ignore_changes = [tags["Note"], display_name]', {"tags.Note", "display_name"}),
        ("ignore_changes = [steps[0].n]", {"steps.0.n"}),
        ('ignore_changes = ["tags"]', {"tags.Owner", "tags.Note"}),
        ("ignore_changes = all", ALL),
        ("ignore_changes = []", set()),
        ("prevent_destroy = true", set()),
        ("ignore_changes = [display]", set()),
    ],
)
def test_what_ignore_changes_names_is_suppressed_with_its_line_and_nothing_else(
    tmp_path: Path, ignores: str, left: set[str]
) -> None:
    told, suppressed = judged(tmp_path, ignores)
    assert told == ALL - left
    assert suppressed == dict.fromkeys(left, NAMED)


def test_it_is_suppressed_against_a_baseline_too(tmp_path: Path) -> None:
    whole = {"resource_id": ARN, "resource_type": "aws_sns_topic", "attributes": SAVED}
    baseline = Baseline.of("t", {ADDRESS: whole}, taken_at=datetime.now(UTC))
    told, suppressed = judged(tmp_path, "ignore_changes = [tags]", baseline)
    assert told == {"display_name", "steps.0.n"}
    assert suppressed == dict.fromkeys(("tags.Owner", "tags.Note"), NAMED)


def test_what_the_code_sets_otherwise_is_told_apart_from_what_the_provider_takes_as_equal(
    tmp_path: Path,
) -> None:
    said = {"display_name": {"constant_value": "A"}, "tags": {"constant_value": {"Owner": "a"}}}
    _, suppressed = judged(tmp_path, "ignore_changes = [tags]", **said)
    assert suppressed == {"display_name": TAKEN_AS_EQUAL.reason, "tags.Owner": NAMED, "tags.Note": NAMED}
    _, suppressed = judged(tmp_path, None, **said)
    assert set(suppressed.values()) == {HELD_BY_CODE.reason}


def test_what_a_dynamic_block_makes_is_declared_though_the_plan_is_silent_of_it(tmp_path: Path) -> None:
    steps = 'dynamic "steps" {\n  for_each = var.steps\n  content {\n    n = steps.value\n  }\n}\n'
    told, suppressed = judged(tmp_path, "", more=steps)
    assert told == ALL - {"steps.0.n"}
    assert suppressed == {"steps.0.n": CODIFIED.reason}


def test_a_dynamic_block_that_may_open_nothing_does_not_vouch_for_what_is_open(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_security_group" "g" {\n'
        + "".join(f'  dynamic "{name}" {{}}\n' for name in ("ingress", "egress", "setting"))
        + "  filter {}\n}\n"
    )
    text = InCode(modules=Modules.of(tmp_path, tmp_path / ".terraform"))
    made = {
        name
        for name in ("ingress", "egress", "setting", "filter")
        if text.makes("aws_security_group.g", name)
    }
    assert made == {"setting"}


def test_a_list_that_can_not_be_read_for_sure_hides_nothing_but_what_the_plan_proves_ignored(
    tmp_path: Path,
) -> None:
    (tmp_path / "override.tf").write_text('resource "aws_sns_topic" "bell" {\n')
    told, suppressed = judged(tmp_path, "ignore_changes = all")
    assert told == {"display_name", "steps.0.n"}
    assert suppressed == dict.fromkeys(("tags.Owner", "tags.Note"), LEFT_BY_PLAN.reason)
