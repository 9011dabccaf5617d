"""Waivers meet drift: only the pinned value is waived, and every failure is a report."""

# ruff: noqa: FBT003 - a switch that drifted is told as true and false

from datetime import timedelta
from typing import Any

import pytest
from made import BUCKET, ESTATE, NOW, change, finding
from waived import few_rules, filed, judged, off, one, waiver

from evidence.canonical import drift_id, fingerprint
from tasks.history import Past
from taxonomy.errors import Problem
from taxonomy.observation import Change
from taxonomy.rulebook import Rulebook
from taxonomy.waivers import Waivers

DIGEST = "hmac-sha256:3e4c226f:" + "0123456789abcdef" * 4
FLAGS = "block_public_acls", "restrict_public_buckets"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return few_rules()


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


def decided(**more: Any) -> Past:
    told: dict[str, Any] = {
        "drift_id": drift_id(ESTATE, BUCKET),
        "episode": 1,
        "state": "waived",
        "attempt": 1,
        "closed": False,
        "last_state": "waived",
        "asked_run": "r",
        "fingerprint": "",
        "first_seen": NOW,
        "rejected_at": None,
        "rejected_fingerprint": None,
        "waived_until": NOW + timedelta(days=1),
        "waived_by": "ada",
        "waived_reason": "The migration ends tomorrow.",
        "waived_fingerprint": fingerprint((("versioning.0.enabled", "changed", "true", "false"),)),
    }
    return Past(**told | more)


@pytest.mark.parametrize(
    ("more", "people", "standing", "state"),
    [
        ({}, ("ada",), "holds", "waived"),
        ({}, None, "holds", "waived"),
        ({}, ("bob",), "refused", "open"),
        ({"waived_by": None}, ("ada",), "refused", "open"),
        ({"waived_until": NOW}, ("ada",), "expired", "open"),
        ({"waived_until": None}, ("ada",), "refused", "open"),
        ({"waived_fingerprint": "0" * 64}, ("ada",), "moved", "open"),
        ({"drift_id": "0" * 32}, ("ada",), "idle", "open"),
    ],
)
def test_a_signed_waiver_acts_as_one_in_a_file_does(
    book: Rulebook, more: dict[str, Any], people: Any, standing: str, state: str
) -> None:
    past = decided(**more)
    (drift,), (found,) = judged(
        book, filed(people=people), finding(BUCKET, off()), history={past.drift_id: past}
    )
    assert (drift.state, found.standing, found.sort) == (state, standing, "decision")
    assert found.soon is (standing in {"holds", "idle", "moved"})
    assert (drift.changes[0].waived_by is not None) == (state == "waived")
