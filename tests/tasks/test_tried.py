"""A file that somebody wants to try the rules on is read for what it is, or refused."""

from pathlib import Path

import pytest
from made import NOW

from tasks.errors import ToolError
from tasks.tried import changes_in
from taxonomy.errors import RuleError


def tried(folder: Path, text: str) -> list[dict[str, object]]:
    file = folder / "file"
    file.write_text(text, "utf-8")
    return [one.row for one in changes_in(file, now=NOW)]


def test_a_change_by_hand_is_judged_and_what_is_left_out_is_what_terraform_would_say(tmp_path: Path) -> None:
    text = "{resource_type: aws_kms_key, attribute: enable_key_rotation, declared: true, actual: false}"
    (row,) = tried(tmp_path, text)
    assert (row["direction"], row["kind"], row["layer"], row["drift_class"]) == (
        "weakened",
        "changed",
        "terraform",
        "A",
    )
    assert (row["provider"], row["declared"], row["actual"]) == ("aws", "true", "false")


def test_what_no_terraform_saw_has_no_class(tmp_path: Path) -> None:
    (row,) = tried(tmp_path, "- {resource_type: aws_kms_key, attribute: a, layer: aws_config}")
    assert row["drift_class"] is None


def test_each_wrong_change_of_a_list_is_told_with_its_line(tmp_path: Path) -> None:
    text = "- {resource_type: aws_x, attribute: a, kind: moved}\n- {resource_type: aws_x}\n"
    with pytest.raises(RuleError) as refused:
        tried(tmp_path, text)
    told = [str(problem) for problem in refused.value.problems]
    assert len(told) == 2
    assert ":1:46: [0].kind: " in told[0]
    assert ":2:3: [1].attribute: missing" in told[1]


@pytest.mark.parametrize("text", ["", "just words", "[1, 2]", '{"drift": [{"changes": [{}]}]}', "&a [*a]"])
def test_what_is_none_of_the_three_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises((RuleError, ToolError)):
        tried(tmp_path, text)


def test_a_sweep_that_found_nothing_has_nothing_to_try(tmp_path: Path) -> None:
    assert tried(tmp_path, '{"estate": "acme", "drift": []}') == []


def test_a_plan_that_can_not_be_believed_is_an_error_not_an_absence_of_drift(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        tried(tmp_path, '{"format_version": "1.2", "resource_changes": [{}], "errored": true}')
