"""Waivers and noise rules meet drift: only the pinned value is waived, and every failure is a report."""

# ruff: noqa: FBT003 - a switch that drifted is told as true and false

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import BUCKET, ESTATE, NOW, change, finding, seen

from tasks import judge, merge
from tasks.waiving import hides, told
from taxonomy.classify import classify
from taxonomy.drift import Drift
from taxonomy.errors import Problem
from taxonomy.observation import Change, Finding
from taxonomy.rulebook import Rulebook, load
from taxonomy.waived import Waived
from taxonomy.waivers import Filed, Noise, Waiver, Waivers

DIGEST = "hmac-sha256:3e4c226f:" + "0123456789abcdef" * 4
FLAGS = "block_public_acls", "restrict_public_buckets"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    whole = load()
    # a few rules decide as all would, in a tenth of the time
    few = tuple(rule for rule in whole.rules if rule.id.startswith(("aws-s3-", "aws-tags-")))
    return Rulebook(rules=few, catalogue=whole.catalogue)


def waiver(**more: Any) -> Waiver:
    written = {
        "id": "mine",
        "resource": BUCKET,
        "attribute": "versioning.0.enabled",
        "actual": False,
        "reason": "The migration writes each object twice.",
        "owner": "payments",
        "approver": "ada",
        "expires": NOW + timedelta(days=60),
    }
    if "fingerprint" in more:
        del written["actual"]
    return Waiver.model_validate(written | more)


def noise(**more: Any) -> Noise:
    when = {"resource_type": "aws_s3_bucket", "attribute": ["tags.*", "odd.*"], **more.pop("when", {})}
    written = {
        "id": "hum",
        "reason": "The agent writes the time into this tag.",
        "owner": "platform",
        "approver": "ada",
        "expires": NOW + timedelta(days=60),
    }
    return Noise.model_validate(written | {"when": when} | more)


def filed(*entries: Waiver | Noise, problems: Iterable[Problem] = (), people: Any = ("ada",)) -> Waivers:
    return Waivers(
        waivers=tuple(Filed(what=one, file="f", line=1) for one in entries if isinstance(one, Waiver)),
        noise=tuple(Filed(what=one, file="f", line=1) for one in entries if isinstance(one, Noise)),
        problems=tuple(problems),
        people=None if people is None else frozenset(people),
    )


def judged(
    book: Rulebook, waivers: Waivers, *findings: Finding, now: datetime = NOW, **history: Any
) -> tuple[list[Drift], tuple[Waived, ...]]:
    with closing(merge.connect()) as connection:
        merge.load(connection, [seen(*findings)])
        merge.merge(connection, estate=ESTATE)
        classify(connection, book)
        judge.summarise(connection, rulebook=book, history=history, now=now, waivers=waivers)
        return judge.drifts(connection), told(connection)


def off(**more: Any) -> Change:
    return change("versioning.0.enabled", True, False, **more)


def one(book: Rulebook, waivers: Waivers, *changes: Change) -> tuple[Drift, tuple[Waived, ...]]:
    (drift,), found = judged(book, waivers, finding(BUCKET, *changes))
    return drift, found


def test_the_value_that_was_accepted_is_waived_and_says_by_what(book: Rulebook) -> None:
    drift, (found,) = one(book, filed(waiver()), off())
    assert (drift.state, drift.changes[0].waived_by) == ("waived", "mine")
    assert (found.standing, found.waived, found.place, found.approver) == ("holds", 1, "f:1", "ada")


LAPSES: dict[str, tuple[Waivers, Change, str]] = {
    "another value": (filed(waiver(actual="Suspended")), off(), "moved"),
    "the value moved": (filed(waiver()), change("versioning.0.enabled", True, None), "moved"),
    "text is no number": (filed(waiver(actual="0")), change("versioning.0.enabled", 1, 0), "moved"),
    "another attribute": (filed(waiver(attribute="versioning.0.mfa_delete")), off(), "idle"),
    "an attribute that only begins so": (filed(waiver(attribute="versioning.0.ena")), off(), "idle"),
    "below what begins so": (filed(waiver(attribute="vers.*")), off(), "idle"),
    "another resource": (filed(waiver(resource=f"{BUCKET}-2")), off(), "idle"),
    "the resource by its address": (filed(waiver(resource="aws_s3_bucket.ledger")), off(), "idle"),
    "it has ended": (filed(waiver(expires=NOW)), off(), "expired"),
    "it ends too late": (filed(waiver(expires=NOW + timedelta(days=400))), off(), "refused"),
    "nobody's name": (filed(waiver(approver="eve")), off(), "refused"),
    "an estate without people": (filed(waiver(), people=()), off(), "refused"),
    "no estate at all": (filed(waiver(), people=None), off(), "refused"),
    "another kind": (filed(waiver()), off(kind="noncompliant"), "idle"),
    "gone, where null was accepted": (
        filed(waiver(attribute="resource", actual=None)),
        change("resource", {"a": 1}, None, kind="missing"),
        "idle",
    ),
    "a concealed value in clear": (
        filed(waiver(attribute="odd", actual="hunter2")),
        change("odd", "x", DIGEST, redacted=True),
        "moved",
    ),
    "another digest": (
        filed(waiver(attribute="odd", actual=DIGEST[:-1] + "0")),
        change("odd", "x", DIGEST, redacted=True),
        "moved",
    ),
    "another fingerprint": (filed(waiver(fingerprint="0" * 64)), off(), "moved"),
}


@pytest.mark.parametrize("case", LAPSES)
def test_every_failure_of_a_waiver_is_a_report(book: Rulebook, case: str) -> None:
    waivers, drifted, standing = LAPSES[case]
    drift, (found,) = one(book, waivers, drifted)
    assert (drift.state, drift.changes[0].waived_by) == ("open", None)
    assert (found.standing, found.waived) == (standing, 0)
    assert found.why


def test_a_waiver_that_is_written_wrong_is_told_and_waives_nothing(book: Rulebook) -> None:
    problem = Problem(file="d/waivers/x.yaml", line=7, where="[0].reason", message="missing")
    drift, (found,) = one(book, filed(problems=[problem]), off())
    assert drift.state == "open"
    assert (found.sort, found.standing, found.place, found.why) == (
        "unread",
        "refused",
        "d/waivers/x.yaml:7",
        "missing",
    )


def test_a_concealed_value_is_pinned_by_its_digest(book: Rulebook) -> None:
    drifted = change("odd", "x", DIGEST, redacted=True)
    assert one(book, filed(waiver(attribute="odd", actual=DIGEST)), drifted)[0].state == "waived"
    _, (found,) = one(book, filed(waiver(attribute="odd", actual="x")), drifted)
    assert "pinned by its digest" in found.why


def test_a_fingerprint_pins_the_whole_drift(book: Rulebook) -> None:
    drift, _ = one(book, filed(), off())
    waivers = filed(waiver(attribute="versioning.*", fingerprint=drift.fingerprint))
    assert one(book, waivers, off())[0].state == "waived"
    assert one(book, waivers, off(), change("tags.Owner"))[0].state == "open"


def test_all_below_an_attribute_is_waived_where_it_has_the_accepted_value(book: Rulebook) -> None:
    waivers = filed(waiver(attribute="block.*"))
    drift, (found,) = one(book, waivers, *(change(f"block.{flag}", True, False) for flag in FLAGS))
    assert (drift.state, found.waived) == ("waived", 2)
    drift, (found,) = one(book, waivers, change("block.a", True, False), change("block.b", True, None))
    assert [each.waived_by for each in drift.changes] == ["mine", None]
    assert (drift.state, found.standing, found.why) == (
        "open",
        "holds",
        "1 more that it speaks of are reported",
    )


def test_the_worst_that_is_not_waived_decides_for_the_whole(book: Rulebook) -> None:
    plain, _ = one(book, filed(), off(), change("tags.Owner"))
    drift, _ = one(book, filed(waiver()), off(), change("tags.Owner"))
    alone, _ = one(book, filed(), change("tags.Owner"))
    assert (plain.severity, drift.severity, drift.rule_id) == ("high", alone.severity, alone.rule_id)
    assert drift.fingerprint == plain.fingerprint


def test_what_is_waived_in_part_is_never_put_right_by_itself(book: Rulebook) -> None:
    assert one(book, filed(), change("tags.Owner"))[0].tier == "auto"
    drift, _ = one(book, filed(waiver()), off(), change("tags.Owner"))
    assert drift.tier == "review"
    assert drift.because.startswith("A part of it is waived (mine), and a remedy would undo that too.")


def test_a_waiver_about_to_end_is_told(book: Rulebook) -> None:
    for days, soon in ((13, True), (14, True), (15, False)):
        _, (found,) = one(book, filed(waiver(expires=NOW + timedelta(days=days))), off())
        assert found.soon is soon


ECHO = change("tags.LastSeen", "a", "b", drift_class="B")


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


@settings(max_examples=20)
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


@settings(max_examples=20)
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
