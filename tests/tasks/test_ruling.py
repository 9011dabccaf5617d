"""Which rules decide is evidence: whoever loosens one is named, with what it was and what it is."""

import json
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from house import House
from made import NOW, seen

from tasks.blame import Blame, blame
from taxonomy.place import Place
from taxonomy.rulebook import Rulebook, load

DAY = timedelta(days=1)
SOFTER = "- revises: aws-tags-002\n  tier: record\n  reason: Nobody here looks at words.\n"
MARKED = """
SELECT DISTINCT rule_id, tier, actor, actor_kind, reason, source, details FROM records
WHERE step = 'classified' AND drift_id IS NULL AND rule_id IS NOT NULL ORDER BY rule_id
"""


def overlay(folder: Path, text: str = SOFTER) -> Path:
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "own.yaml").write_text(text, "utf-8")
    return folder


def few(*directories: Path) -> Rulebook:
    """The rules that matter here, laid as they were; a sweep with all of them takes seconds."""
    book = load(["builtin", *directories])
    kept = {"aws-tags-001", "aws-tags-002", "my-rule-001"}

    def of(rules: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(rule for rule in rules if rule.id in kept)  # type: ignore[attr-defined]

    return replace(book, rules=of(book.rules), first=of(book.underneath))  # type: ignore[arg-type]


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada Example", "-c", "user.email=ada@acme.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def committed(folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Words are recorded only")


def asked(folder: Path) -> Blame:
    return lambda place: blame(place, folder=folder, user="worker", path="/usr/bin:/bin", home=str(folder))


def test_a_loosened_rule_is_marked_at_the_first_sweep_with_what_it_was_and_who_did_it(
    house: House, tmp_path: Path
) -> None:
    directory = overlay(tmp_path / "taxonomy.d")
    committed(tmp_path / "taxonomy.d")
    replace(house, rulebook=few(directory)).sweep(seen(), blame=asked(tmp_path))
    ((rule_id, tier, actor, kind, reason, source, details),) = house.ask(MARKED)
    assert (rule_id, tier, kind) == ("aws-tags-002", "record", "person")
    assert actor == "Ada Example <ada@acme.example>"
    assert source == "taxonomy.d/rules/own.yaml:2"
    assert reason == "aws-tags-002: changed, tier review → record (loosened): Nobody here looks at words."
    said = json.loads(str(details))
    assert said["known_by"] == "git names the author of taxonomy.d/rules/own.yaml:2"
    assert said["change"]["fields"] == [
        {"field": "tier", "was": "review", "now": "record", "effect": "loosened"}
    ]


def test_it_is_marked_once_and_again_when_the_rules_move_again(house: House, tmp_path: Path) -> None:
    directory = overlay(tmp_path / "d")
    for day in range(2):
        replace(house, rulebook=few(directory), now=NOW + day * DAY).sweep(seen())
    assert len(house.ask(MARKED)) == 1
    book = few(overlay(directory, SOFTER.replace("record", "record\n  severity: info")))
    replace(house, rulebook=book, now=NOW + 2 * DAY).sweep(seen())
    told = [str(row[4]) for row in house.ask(MARKED)]
    assert len(told) == 2
    assert any("severity medium → info (loosened)" in reason for reason in told), told


def test_a_line_that_is_gone_is_marked_too(house: House, tmp_path: Path) -> None:
    stricter = few(overlay(tmp_path / "d", "- {revises: aws-tags-001, tier: review}\n"))
    replace(house, rulebook=stricter).sweep(seen(), blame=asked(tmp_path))
    assert house.ask(MARKED) == []
    replace(house, rulebook=few(), now=NOW + DAY).sweep(seen(), blame=asked(tmp_path))
    ((rule_id, tier, actor, *_, details),) = house.ask(MARKED)
    assert (rule_id, tier, actor) == ("aws-tags-001", "auto", "worker")
    assert "a line of an overlay is gone" in json.loads(str(details))["known_by"]


def test_rules_that_stay_or_are_tightened_mark_nobody(house: House) -> None:
    house.sweep(seen())
    house.at(NOW + DAY).sweep(seen())
    assert house.ask(MARKED) == []
    rows = house.ask(
        "SELECT DISTINCT record_id, reason FROM records WHERE step = 'classified' AND drift_id IS NULL"
    )
    assert [reason for _, reason in rows] == ["2 rules decide from here on; 0 moved, 0 of them loosened"]


@pytest.mark.parametrize("state", ["no git", "not committed", "committed"])
def test_who_did_it_is_gits_author_else_whoever_ran_the_sweep_and_which_is_said(
    state: str, tmp_path: Path
) -> None:
    file = overlay(tmp_path / "d") / "rules" / "own.yaml"
    if state != "no git":
        committed(tmp_path)
    if state == "not committed":
        file.write_text(SOFTER.replace("record", "auto"))
    who = asked(tmp_path)(Place(file=str(file), line=2))
    if state == "committed":
        assert who.actor.startswith("Ada Example")
    else:
        assert who.actor == "worker"
        assert who.known_by.startswith(
            "the operating system's user who ran the sweep, for git knows no author"
        )
