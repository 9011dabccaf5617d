"""An edit of the rules is tried on the recorded drift before anybody merges it."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from house import House
from made import BUCKET, NOW, change, finding, seen

from evidence.query import connect
from tasks.rehearsal import Rehearsal, rehearse
from taxonomy.rulebook import Rulebook, load

DAY = timedelta(days=1)


def few(folder: Path, text: str) -> Rulebook:
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "own.yaml").write_text(text, "utf-8")
    book = load(["builtin", folder])
    return replace(book, rules=tuple(r for r in book.rules if r.id in {"aws-tags-001", "aws-tags-002"}))


def rehearsed(house: House, rulebook: Rulebook, *, days: int = 90) -> Rehearsal:
    with closing(connect(house.root)) as connection:
        return rehearse(connection, rulebook, since=NOW - timedelta(days=days))


def test_the_same_rules_move_nothing(house: House) -> None:
    house.sweep(seen(finding()), seen(finding("arn:aws:s3:::other"), target="other"))
    found = rehearsed(house, house.rulebook)
    assert (found.drifts, found.moves) == (2, ())


def test_what_surroundings_make_of_a_decision_is_no_move(house: House) -> None:
    tagged = replace(finding(BUCKET, change("tags.team", "a", "b")), tags={"data-class": "restricted"})
    house = replace(house, rulebook=replace(house.rulebook, overrides=load().overrides))
    ((one,), _) = house.sweep(seen(tagged))
    assert one.changes[0].overridden_by == ("restricted-data",)
    assert (one.tier, house.rulebook.by_id[one.rule_id].tier) == ("review", "auto")
    found = rehearsed(house, house.rulebook)
    assert (found.drifts, found.moves) == (1, ())


def test_each_drift_that_would_move_is_told_once_with_both_outcomes(house: House, tmp_path: Path) -> None:
    (first,), _ = house.sweep(seen(finding()))
    house.at(NOW + DAY).sweep(seen(finding()))
    text = f"- {{revises: {first.rule_id}, tier: record, severity: info, reason: Words.}}\n"
    found = rehearsed(house, few(tmp_path / "d", text))
    (move,) = found.moves
    assert (move.drift_id, move.resource_id, move.effect) == (first.drift_id, BUCKET, "loosened")
    assert (move.was.tier, move.now.tier, move.now.severity) == (first.tier, "record", "info")
    assert [(effect, number) for effect, _, number in found.counts()] == [("loosened", 1)] * 2
    assert f"from {first.tier} to record" in {said for _, said, _ in found.counts()}


def test_what_is_older_than_the_period_is_not_counted(house: House) -> None:
    house.at(NOW - 100 * DAY).sweep(seen(finding(), at=NOW - 100 * DAY))
    assert rehearsed(house, house.rulebook).drifts == 0
    assert rehearsed(house, house.rulebook, days=200).drifts == 1


def test_the_worst_attribute_decides_for_the_whole_drift_here_too(house: House, tmp_path: Path) -> None:
    both = finding(BUCKET, change("tags.team", "a", "b"), change("unheard_of", 1, 2))
    ((one,), _) = house.sweep(seen(both))
    assert (one.rule_id, one.tier) == ("unclassified", "review")
    found = rehearsed(house, few(tmp_path / "d", "- {revises: aws-tags-001, severity: high}\n"))
    (move,) = found.moves
    assert (move.now.rule_id, move.now.severity, move.now.tier) == ("aws-tags-001", "high", "review")
    assert move.effect == "tightened"
