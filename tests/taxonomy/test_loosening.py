"""What lets more pass with less ceremony is loosened; what its text can not tell is undecided."""

from dataclasses import replace
from pathlib import Path

import pytest

from taxonomy.diff import compare, compare_rulebooks
from taxonomy.errors import RuleError
from taxonomy.lock import LOCK, check_lock, read_lock, write_lock
from taxonomy.loosening import differences
from taxonomy.rulebook import Rulebook, load

MEANING = {
    "id": "x-001",
    "severity": "high",
    "tier": "review",
    "controls": ["soc2:CC6.1", "soc2:CC6.6"],
    "when": {"attribute": ["a", "b"]},
    "remedy": "terraform-apply",
    "status": "stable",
}
RECORDED = MEANING | {"tier": "record"}


@pytest.mark.parametrize(
    ("was", "now", "effect", "told"),
    [
        (MEANING, {"severity": "medium"}, "loosened", "severity high → medium"),
        (MEANING, {"severity": "critical"}, "tightened", "severity high → critical"),
        (RECORDED, {"severity": "critical"}, "undecided", "severity high → critical"),
        (MEANING, {"tier": "auto"}, "loosened", "tier review → auto"),
        (MEANING, {"tier": "record"}, "loosened", "tier review → record"),
        (RECORDED, {"tier": "auto"}, "loosened", "tier record → auto"),
        (RECORDED, {"tier": "review"}, "tightened", "tier record → review"),
        (MEANING, {"controls": ["soc2:CC6.6"]}, "loosened", "controls -soc2:CC6.1"),
        (MEANING, {"controls": ["soc2:CC6.6", "soc2:CC7.1"]}, "loosened", "controls -soc2:CC6.1 +soc2:CC7.1"),
        (MEANING, {"controls": [*MEANING["controls"], "soc2:CC7.1"]}, "tightened", "controls +soc2:CC7.1"),
        (MEANING, {"when": {"attribute": ["a"]}}, "undecided", "when attribute a, b → a"),
        (
            MEANING,
            {"when": {"attribute": ["a", "b"], "environment": ["dev"]}},
            "undecided",
            "when environment added (dev)",
        ),
        (
            MEANING,
            {"when": {"kind": ["changed"]}},
            "undecided",
            "when attribute dropped; kind added (changed)",
        ),
        (MEANING, {"remedy": "by-hand"}, "neutral", "remedy terraform-apply → by-hand"),
    ],
)
def test_each_field_that_moves_is_told_with_what_it_comes_to(
    was: dict[str, object], now: dict[str, object], effect: str, told: str
) -> None:
    (found,) = differences(was, was | now)
    assert (found.effect, str(found)) == (effect, told)


def test_another_order_of_controls_is_no_difference() -> None:
    assert compare({"x": MEANING}, {"x": MEANING | {"controls": MEANING["controls"][::-1]}}, {}) == ()


def test_a_rule_takes_the_worst_of_its_fields() -> None:
    (found,) = compare({"x": MEANING}, {"x": MEANING | {"severity": "critical", "tier": "record"}}, {})
    assert found.effect == "loosened"
    assert str(found) == "x: changed, severity high → critical; tier review → record (loosened)"


def test_added_retired_and_gone_are_told_apart_worst_first() -> None:
    was, now = {"b": MEANING, "c": MEANING}, {"d": MEANING, "e": RECORDED}
    found = compare(was, now, {"c": "nobody has such a thing"})
    assert [(one.rule_id, one.what, one.effect) for one in found] == [
        ("b", "gone", "loosened"),
        ("c", "retired", "loosened"),
        ("e", "added", "undecided"),
        ("d", "added", "tightened"),
    ]


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yaml").write_text(
        "- {revises: aws-tags-001, tier: review}\n- {revises: aws-tags-002, tier: record, reason: Words.}\n"
    )
    return tmp_path


def test_an_overlay_is_compared_with_what_it_lies_over(overlay: Path) -> None:
    found = compare_rulebooks(load(), load(["builtin", overlay]))
    told = {one.rule_id: (one.effect, one.reason) for one in found}
    assert told == {"aws-tags-001": ("tightened", None), "aws-tags-002": ("loosened", "Words.")}


def test_the_lock_of_an_overlay_holds_what_it_changes_and_no_more(overlay: Path) -> None:
    book = load(["builtin", overlay])
    write_lock(book, overlay / "rules.lock", directory=str(overlay))
    assert read_lock(overlay / "rules.lock").rules.keys() == {"aws-tags-001", "aws-tags-002"}
    check_lock(book, overlay / "rules.lock", directory=str(overlay))
    rules = overlay / "rules" / "own.yaml"
    rules.write_text(rules.read_text().replace("tier: record", "tier: record, severity: info"))
    moved = r"aws-tags-002: means something else than before \(loosened\): severity .* → info"
    with pytest.raises(RuleError, match=moved):
        check_lock(load(["builtin", overlay]), overlay / "rules.lock", directory=str(overlay))


def test_a_rule_leaves_the_lock_only_by_being_retired_and_its_meaning_stays(overlay: Path) -> None:
    lock = overlay / "rules.lock"
    write_lock(load(["builtin", overlay]), lock, directory=str(overlay))
    was = read_lock(lock).rules["aws-tags-002"]
    retired = overlay / "retired.yaml"
    retired.write_text("- {id: aws-tags-002, reason: Nobody here looks at words any more.}\n")
    rules = overlay / "rules" / "own.yaml"
    rules.write_text("- {revises: aws-tags-001, tier: review}\n")
    book = load(["builtin", overlay])
    with pytest.raises(RuleError, match="aws-tags-002: is retired; if it is meant, write the lock anew"):
        check_lock(book, lock, directory=str(overlay))
    write_lock(book, lock, directory=str(overlay))
    check_lock(book, lock, directory=str(overlay))
    assert read_lock(lock).retired == {"aws-tags-002": was}
    retired.unlink()
    for act in (write_lock, check_lock):
        with pytest.raises(RuleError, match="aws-tags-002: is gone; ids are never used again"):
            act(without(book), lock, directory=str(overlay))


def without(book: Rulebook) -> Rulebook:
    return Rulebook(rules=book.rules, catalogue=book.catalogue, places=book.places, fields=book.fields)


def test_what_may_be_cited_does_not_move_unsaid_either() -> None:
    book = load()
    fewer = dict(book.catalogue.controls)
    fewer.popitem()
    with pytest.raises(RuleError, match="controls: mean something else than before"):
        check_lock(replace(book, catalogue=replace(book.catalogue, controls=fewer)))


def test_a_lock_whose_digest_is_not_that_of_its_meaning_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "rules.lock"
    lock.write_text(LOCK.read_text("utf-8").replace('"tier":"auto"', '"tier":"record"', 1), "utf-8")
    with pytest.raises(RuleError, match="its digest is not that of its meaning"):
        read_lock(lock)
