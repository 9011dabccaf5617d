"""Which way is stronger is data: read from files, refused where it is wrong, the most specific first."""

from pathlib import Path

import pytest

from taxonomy.errors import RuleError
from taxonomy.meaning import Meanings, builtin_meanings, read_meanings


def meanings(folder: Path, text: str) -> Meanings:
    (folder / "given.yaml").write_text(text, "utf-8")
    return read_meanings((folder, "given"))


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
