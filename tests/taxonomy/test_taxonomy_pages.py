"""The pages about the rules are made from the rules, and are those that would be made now."""

from pathlib import Path

import pytest

from taxonomy.pages import INDEX, pages
from taxonomy.rulebook import Rulebook, load

FOLDER = Path(__file__).parents[2] / "docs" / "taxonomy"


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


def test_the_pages_are_those_that_the_rules_make(builtin: Rulebook) -> None:
    made = pages(builtin)
    kept = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert stale == [], "make them anew: holdfast taxonomy docs docs/taxonomy"


def test_each_rule_stands_on_the_page_of_its_area_with_why_and_when_it_is_wrong(builtin: Rulebook) -> None:
    made = pages(builtin)
    for rule in builtin.rules:
        page = made[f"{Path(builtin.places[rule.id].file).stem}.md"]
        assert f"## {rule.id}\n" in page
        for said in (rule.because, *rule.false_positives):
            assert " ".join(said.split()).replace("<", "&lt;") in page, rule.id


def test_what_is_not_covered_is_said_by_name(builtin: Rulebook) -> None:
    assert "## Not covered" in pages(builtin)[INDEX]
