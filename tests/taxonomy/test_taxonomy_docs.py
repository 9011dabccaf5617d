"""The page about the taxonomy says what the program does."""

import re
from pathlib import Path
from typing import get_args

import pytest

from taxonomy.drift import DIRECTIONS, TIERS
from taxonomy.lint import lint
from taxonomy.meaning import How
from taxonomy.rule import When
from taxonomy.rulebook import tiers

PAGE = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text("utf-8")


def test_each_tier_is_told_in_the_words_of_the_program() -> None:
    assert {text.tier for text in tiers()} == set(TIERS)
    for text in tiers():
        assert f"| `{text.tier}` | {text.means} | {text.silence} |" in PAGE


def test_each_key_of_a_rule_and_each_direction_is_told() -> None:
    for word in (*When.model_fields, *DIRECTIONS):
        assert f"`{word}`" in PAGE


def test_each_way_of_being_stronger_is_told() -> None:
    for how in get_args(How):
        assert f"`{how}`" in PAGE


def test_the_first_rule_of_the_page_passes(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(- id: acme.*?)```", PAGE, re.DOTALL)
    assert found
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "first.yaml").write_text(found[1], "utf-8")
    assert "acme-queues-001" in lint(["builtin", tmp_path]).by_id


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`((?:taxonomy|tests)/[\w./*]+)`", PAGE))))
def test_each_file_that_the_page_names_is_there(named: str) -> None:
    assert list(Path(__file__).parents[2].glob(named))
