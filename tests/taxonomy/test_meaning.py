"""Which way is stronger is data: read from files, refused where it is wrong, the most specific first."""

from pathlib import Path

import pytest

from taxonomy.direction import judge
from taxonomy.errors import Problem, RuleError
from taxonomy.lint import check_lock
from taxonomy.meaning import Meanings, builtin_meanings, read_entries
from taxonomy.rulebook import load


def meanings(folder: Path, text: str) -> Meanings:
    (folder / "given.yaml").write_text(text, "utf-8")
    problems: list[Problem] = []
    entries = read_entries(folder, "given", problems)
    if problems:
        raise RuleError(problems)
    return Meanings(entries)


def how(found: Meanings, resource_type: str, path: str) -> str | None:
    meaning = found.of(resource_type, path)
    return meaning.how if meaning else None


def test_the_more_specific_type_wins_over_the_more_specific_attribute(tmp_path: Path) -> None:
    found = meanings(
        tmp_path,
        '- {stronger: "true", attributes: .enabled}\n'
        '- {stronger: "false", types: "aws_*", attributes: "*.enabled"}\n',
    )
    assert how(found, "aws_thing", ".enabled") == "false"
    assert how(found, "azurerm_thing", ".enabled") == "true"


def test_a_glob_of_parts_also_means_the_whole(tmp_path: Path) -> None:
    found = meanings(tmp_path, "- {stronger: lateral, attributes: .labels.*}\n")
    assert how(found, "any", ".labels") == how(found, "any", ".labels.team") == "lateral"
    assert how(found, "any", ".labelset") is None


def test_a_guard_is_a_resource_or_a_part_of_one() -> None:
    found = builtin_meanings()
    assert found.guard("aws_cloudtrail")
    assert not found.guard("aws_sqs_queue")
    assert found.guards("aws_s3_bucket", ".versioning.enabled")
    assert not found.guards("aws_cloudtrail", ".name")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {stronger: bigger, attributes: .x}", "given/given.yaml:1"),
        ("- {stronger: ladder, attributes: .x}", "expected a ladder"),
        ('- {stronger: "true", ladder: [a, b], attributes: .x}', "expected a ladder"),
        ('- {stronger: "true"}', "expected attributes"),
        ('- {stronger: "true", attributes: .x, colour: red}', "unknown key"),
        ('- {stronger: "true", attributes: "a?c"}', "only \\* is special"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=told):
        meanings(tmp_path, text)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as refused:
        meanings(tmp_path, "- {stronger: bigger, attributes: .x}\n- {stronger: lateral}\n")
    assert len(refused.value.problems) == 2


OURS = '- {stronger: lateral, types: aws_ebs_volume, attributes: "*.encrypted"}\n'


def laid(folder: Path, text: str) -> Path:
    (folder / "directions").mkdir(parents=True)
    (folder / "directions" / "ours.yaml").write_text(text, "utf-8")
    return folder


def test_a_later_directory_says_anew_what_a_value_means(tmp_path: Path) -> None:
    general = laid(tmp_path / "first", '- {stronger: "false", attributes: "*.encrypted"}\n')
    rulebook = load(["builtin", general, laid(tmp_path / "second", OURS)])
    change = ("aws_ebs_volume", "encrypted", "changed", True, False)
    assert judge(*change) == "weakened"
    assert judge(*change, meanings=rulebook.meanings) == "lateral"
    assert judge("aws_thing", *change[1:], meanings=rulebook.meanings) == "strengthened"
    assert judge("aws_thing", "policy", *change[2:], meanings=rulebook.meanings) == "unknown"


def test_a_direction_that_moved_moves_the_digest_and_the_lock_notices(tmp_path: Path) -> None:
    builtin = load()
    moved = load(["builtin", laid(tmp_path, OURS)])
    assert moved.digest != builtin.digest
    assert load(["builtin", tmp_path]).digest == moved.digest
    check_lock(builtin)
    with pytest.raises(RuleError, match="directions"):
        check_lock(moved)


def test_a_wrong_direction_of_a_directory_is_told_with_what_else_is_wrong(tmp_path: Path) -> None:
    laid(tmp_path, "- {stronger: bigger, attributes: .x}\n- {stronger: lateral}\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yaml").write_text("- {id: Wrong}\n", "utf-8")
    with pytest.raises(RuleError) as refused:
        load(["builtin", tmp_path])
    files = {problem.file.removeprefix(f"{tmp_path}/") for problem in refused.value.problems}
    assert files == {"directions/ours.yaml", "rules/mine.yaml"}
