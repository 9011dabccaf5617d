"""Noise rules meet drift: they hide what is lawful to hide and nothing else, in SQL and read plainly."""

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import BUCKET, ESTATE, NOW, change, finding, seen
from waived import ECHO, few_rules, filed, noise, off, one, waiver

from tasks import judge, merge
from tasks.waiving import hides
from taxonomy.classify import classify
from taxonomy.observation import Change
from taxonomy.rulebook import Rulebook
from taxonomy.waivers import Noise, Waiver


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return few_rules()


def test_a_noise_rule_hides_words_that_no_apply_would_undo(book: Rulebook) -> None:
    drift, (found,) = one(book, filed(noise()), ECHO)
    assert (drift.state, drift.changes[0].waived_by, found.standing, found.waived) == (
        "waived",
        "hum",
        "holds",
        1,
    )


LOUD = {
    "an apply would undo it": (noise(), change("tags.LastSeen", "a", "b")),
    "it weakens": (
        noise(when={"attribute": "versioning.*", "direction": ["lateral", "unknown"]}),
        off(drift_class="B"),
    ),
    "nobody has judged it": (noise(), change("odd.x", 1, 2, drift_class="B")),
    "another type": (noise(when={"resource_type": "aws_instance"}), ECHO),
    "another rule decided": (noise(rule="aws-network-*"), ECHO),
    "another value": (noise(when={"actual": {"equals": "c"}}), ECHO),
    "it has ended": (noise(expires=NOW), ECHO),
    "nobody's name": (noise(approver="eve"), ECHO),
    "it is gone": (
        noise(when={"attribute": "resource"}),
        change("resource", {"a": 1}, None, kind="missing", drift_class="B"),
    ),
}


@pytest.mark.parametrize("case", LOUD)
def test_a_noise_rule_never_hides(book: Rulebook, case: str) -> None:
    rule, drifted = LOUD[case]
    drift, _ = one(book, filed(rule), drifted)
    assert (drift.state, drift.changes[0].waived_by) == ("open", None)


def test_a_noise_rule_never_hides_what_is_critical(book: Rulebook) -> None:
    (tags,) = (rule for rule in book.rules if rule.id == "aws-tags-001")
    grave = tags.model_copy(update={"severity": "critical", "tier": "review"})
    drift, (found,) = one(replace(book, rules=(grave,)), filed(noise()), ECHO)
    assert (drift.severity, drift.state, found.standing) == ("critical", "open", "idle")


def test_a_noise_rule_may_hide_what_nobody_has_judged_where_it_says_so(book: Rulebook) -> None:
    rule = noise(when={"direction": "unknown", "actual": {"in": [2, 3]}})
    assert one(book, filed(rule), change("odd.x", 1, 2, drift_class="B"))[0].state == "waived"
    assert one(book, filed(rule), change("odd.x", 1, 4, drift_class="B"))[0].state == "open"


def test_a_waiver_is_named_before_a_noise_rule(book: Rulebook) -> None:
    drift, found = one(book, filed(noise(), waiver(attribute="tags.LastSeen", actual="b")), ECHO)
    assert drift.changes[0].waived_by == "mine"
    assert {each.id: each.standing for each in found} == {"hum": "idle", "mine": "holds"}


ATTRIBUTES = ("versioning.0.enabled", "tags.Owner", "tags.LastSeen", "odd.x", "policy")
VALUES = (None, True, False, "a", "b", 1, 2)
SOME_CHANGE = st.builds(
    lambda attribute, sides, drift_class: change(attribute, *sides, drift_class=drift_class),
    st.sampled_from(ATTRIBUTES),
    st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)).filter(
        lambda sides: sides[0] is not sides[1]
    ),
    st.sampled_from(["A", "B", None]),
)
SOME_WAIVER = st.builds(
    lambda attribute, actual: waiver(attribute=attribute, actual=actual),
    st.sampled_from([*ATTRIBUTES, "versioning.*", "tags.*"]),
    st.sampled_from(VALUES),
)
SOME_NOISE = st.builds(
    lambda attribute, direction, rule: noise(
        when={"attribute": attribute, **({"direction": direction} if direction else {})}, rule=rule
    ),
    st.sampled_from(["tags.*", "odd.*", "versioning.*", "policy"]),
    st.sampled_from([None, "unknown", ["lateral", "unknown"]]),
    st.sampled_from([None, "aws-*", "unclassified"]),
)


def of_each_attribute_once(changes: list[Change]) -> list[Change]:
    return list({each.attribute: each for each in changes}.values())


def numbered(waivers: list[Waiver]) -> list[Waiver]:
    return [each.model_copy(update={"id": f"w-{number}"}) for number, each in enumerate(waivers)]


@settings(max_examples=8)
@given(
    changes=st.lists(SOME_CHANGE, min_size=1, max_size=4).map(of_each_attribute_once),
    waivers=st.lists(SOME_WAIVER, max_size=3).map(numbered),
    hum=st.lists(SOME_NOISE, max_size=1),
)
def test_nothing_is_waived_but_the_pinned_value_and_lawful_noise_and_nothing_becomes_auto(
    book: Rulebook, changes: list[Change], waivers: list[Waiver], hum: list[Noise]
) -> None:
    plain, _ = one(book, filed(), *changes)
    drift, _ = one(book, filed(*waivers, *hum), *changes)
    by_id = {each.id: each for each in waivers}
    for each in drift.changes:
        if each.waived_by in by_id:
            pin = by_id[each.waived_by]
            assert each.actual == pin.actual
            assert type(each.actual) is type(pin.actual)
        elif each.waived_by is not None:
            assert each.direction in {"lateral", "unknown"}
            assert (each.drift_class, each.kind) != ("A", "changed")
        else:
            assert not any(pinned(pin, each.attribute, each.actual) for pin in waivers)
    assert [replace(each, waived_by=None) for each in drift.changes] == list(plain.changes)
    assert drift.tier != "auto" or plain.tier == "auto"
    assert (drift.state == "waived") == all(each.waived_by for each in drift.changes)


def pinned(pin: Waiver, attribute: str, actual: Any) -> bool:
    bare = pin.attribute.removesuffix(".*")
    below = bare != pin.attribute and attribute.startswith(f"{bare}.")
    return (attribute == bare or below) and pin.actual == actual and type(pin.actual) is type(actual)


@settings(max_examples=8)
@given(changes=st.lists(SOME_CHANGE, min_size=1, max_size=4).map(of_each_attribute_once), hum=SOME_NOISE)
def test_what_a_noise_rule_hides_in_sql_it_hides_read_plainly(
    book: Rulebook, changes: list[Change], hum: Noise
) -> None:
    with closing(merge.connect()) as connection:
        merge.load(connection, [seen(finding(BUCKET, *changes))])
        merge.merge(connection, estate=ESTATE)
        classify(connection, book)
        judge.summarise(connection, rulebook=book, history={}, now=NOW, waivers=filed(hum))
        result = connection.execute("SELECT * FROM classified")
        names = [column[0] for column in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for row in rows:
        assert (row["waived_by"] == "hum") == hides(hum, row)
