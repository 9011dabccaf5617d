"""Who decided what: only a signed answer to exactly this question counts, and every other is recorded."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from asked import REASON, TERMS, Branch, branch
from house import House

from evidence import dsse
from evidence.keys import SigningKey, new_key
from tasks import question as questions
from tasks.approval import Decision, Question, answer
from tasks.errors import ApprovalError
from taxonomy.rulebook import Rulebook

Forge = Callable[[Branch, Question], str]


@pytest.fixture
def asking(house: House) -> Branch:
    return branch(house)


def packed(envelope: bytes) -> str:
    return base64.b64encode(envelope).decode()


def written(one: Branch, asked: Question, *, key: SigningKey | None = None, **fields: Any) -> str:
    """A decision as nobody's program would write it, signed all the same."""
    signing = key or one.keys["ada"]
    body = {
        **asdict(
            Decision(
                question=asked,
                decision="approve",
                approver="ada",
                reason=REASON,
                decided_at=one.clock().isoformat(),
                key_id=signing.key_id,
            )
        ),
        **fields,
    }
    return packed(dsse.sign(dsse.DECISION, json.dumps(body).encode(), signing))


def reworded(one: Branch, asked: Question, **fields: Any) -> str:
    """A decision whose payload was changed after it was signed."""
    envelope = json.loads(base64.b64decode(one.signed(asked, decision="reject")))
    body = {**json.loads(base64.b64decode(envelope["payload"])), **fields}
    envelope["payload"] = packed(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
    return packed(json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode())


OTHER: dict[str, Any] = {
    "estate": "other",
    "target": "other",
    "run_id": "run-2",
    "round": 2,
    "nonce": "0" * 32,
    "drift_id": "0" * 32,
    "episode": 2,
    "fingerprint": "0" * 64,
    "preview_sha256": "0" * 64,
    "snapshot_sha256": "0" * 64,
    "taxonomy_digest": "0" * 64,
    "role": "platform",
    "quorum": 2,
    "expires_at": "2099-01-01T00:00:00+00:00",
}

ATTACKS: dict[str, Forge] = {
    **{
        f"an answer to another {name}": lambda one, asked, name=name: one.signed(
            replace(asked, **{name: OTHER[name]})
        )
        for name in OTHER
    },
    "a question with a field left out": lambda one, asked: written(
        one, asked, question={k: v for k, v in asdict(asked).items() if k != "nonce"}
    ),
    "a question with a field more": lambda one, asked: written(
        one, asked, question={**asdict(asked), "force": True}
    ),
    "a question that is text": lambda one, asked: written(one, asked, question="yes"),
    "a decision flipped after signing": lambda one, asked: reworded(one, asked, decision="approve"),
    "a person put in after signing": lambda one, asked: reworded(one, asked, approver="ben"),
    "a decision of no such word": lambda one, asked: written(one, asked, decision="force"),
    "a decision with a field more": lambda one, asked: written(one, asked, admin=True),
    "a list of decisions": lambda one, _asked: packed(dsse.sign(dsse.DECISION, b"[]", one.keys["ada"])),
    "a payload nested without end": lambda one, _asked: packed(
        dsse.sign(dsse.DECISION, b"[" * 90_000, one.keys["ada"])
    ),
    "a reason that is a number": lambda one, asked: written(one, asked, reason=12345678901),
    "a person who is a list": lambda one, asked: written(one, asked, approver=["ada"]),
    "a key that nobody enrolled": lambda one, asked: written(one, asked, key=new_key()),
    "a key that is not trusted for approvals": lambda one, asked: one.signed(asked, by="ben"),
    "another person's name over one's own key": lambda one, asked: written(one, asked, approver="cy"),
    "another key's name in the answer": lambda one, asked: written(one, asked, key_id=one.keys["cy"].key_id),
    "a person without the role": lambda one, asked: one.signed(asked, by="cy"),
    "a person nobody knows": lambda one, asked: written(one, asked, approver="zed"),
    "an answer from the future": lambda one, asked: one.signed(asked, now=one.clock.now + timedelta(hours=1)),
    "an instant that is none": lambda one, asked: written(one, asked, decided_at="now"),
    "an instant without its offset": lambda one, asked: written(one, asked, decided_at="2026-11-23T09:30:01"),
    "a reason too short": lambda one, asked: written(one, asked, reason="ok        "),
    "a reason too long": lambda one, asked: written(one, asked, reason="x" * 501),
    "a waiver without an end": lambda one, asked: written(one, asked, decision="waive"),
    "a waiver that has ended": lambda one, asked: written(
        one, asked, decision="waive", until="2026-01-01T00:00:00+00:00"
    ),
    "an approval with an end": lambda one, asked: written(one, asked, until="2099-01-01T00:00:00+00:00"),
    "a batch passed off as a decision": lambda one, asked: packed(
        dsse.sign(dsse.BATCH, json.dumps(asdict(asked)).encode(), one.keys["ada"])
    ),
    "garbage": lambda _one, _asked: "garbage",
    "garbage that is not ASCII": lambda _one, _asked: "gärbäge",
    "half a character": lambda _one, _asked: "\ud800",
    "nothing": lambda _one, _asked: "",
    "base64 of nothing much": lambda _one, _asked: packed(b"{}"),
    "an envelope without a signature": lambda one, asked: packed(
        base64.b64decode(one.signed(asked)).replace(b'"signatures":[{', b'"signatures":[],"x":[{')
    ),
}


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory, builtin: Rulebook) -> tuple[Branch, Question]:
    root = tmp_path_factory.mktemp("besieged") / "evidence"
    one = branch(House(root=root, key=new_key(), rulebook=builtin))
    one = replace(one, trusted=frozenset(one.keys[name].key_id for name in ("ada", "cy")))
    return one, one.ask()


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_no_answer_is_recorded_and_moves_nothing(
    besieged: tuple[Branch, Question], attack: str
) -> None:
    one, asked = besieged
    before = one.count().refused
    ballot = one.receive(asked, ATTACKS[attack](one, asked))
    assert (ballot.verdict, ballot.decisions, ballot.refused) == (None, (), before + 1)


def test_every_attack_stands_in_the_evidence_and_the_drift_still_waits(
    besieged: tuple[Branch, Question],
) -> None:
    one, asked = besieged
    one.receive(asked, "garbage")
    assert set(one.steps()) == {
        ("asked", None, "holdfast", None),
        ("refused", "unauthorised", "unknown", None),
    }
    assert len(one.steps()) == one.again().count().refused + 1
    assert one.house.memory.pasts[asked.drift_id].state == "waiting"


def test_there_are_attacks_enough() -> None:
    assert len(ATTACKS) >= 25
    assert set(OTHER) == set(asdict(Question(**OTHER)))


def test_the_same_answer_counts_where_nothing_is_wrong_with_it(asking: Branch) -> None:
    asked = asking.ask()
    ballot = asking.receive(asked, written(asking, asked))
    assert (ballot.verdict, ballot.refused) == ("approve", 0)
    assert asking.steps()[-1] == ("decided", "approved", "ada", "approve")
    assert asking.house.memory.pasts[asked.drift_id].state == "approved"


def test_an_answer_after_the_deadline_does_not_count(asking: Branch) -> None:
    asked = asking.ask()
    envelope = asking.signed(asked)
    asking.clock.now += timedelta(hours=25)
    assert asking.receive(asked, envelope).verdict is None
    assert asking.steps()[-1][:2] == ("refused", "unauthorised")
    with pytest.raises(ApprovalError, match="expired"):
        asking.signed(asked)


def test_no_round_moves_the_deadline(asking: Branch) -> None:
    asked = first = asking.ask()
    for number in range(2, 5):
        asking.clock.now += timedelta(hours=2)
        asking.receive(asked, "garbage")
        asked = asking.ask()
        assert (asked.round, asked.expires_at) == (number, first.expires_at)
        assert asked.nonce != first.nonce


def test_an_answer_to_an_earlier_round_does_not_count_in_the_next(asking: Branch) -> None:
    first = asking.ask()
    asking.receive(first, "garbage")
    second = asking.ask()
    assert asking.receive(second, asking.signed(first)).verdict is None


def test_more_answers_than_a_resume_may_bring_are_not_read(asking: Branch) -> None:
    asked = asking.ask()
    ballot = asking.receive(asked, *["garbage"] * questions.MAX_ENVELOPES, asking.signed(asked))
    assert (ballot.verdict, ballot.refused) == (None, questions.MAX_ENVELOPES)


@pytest.fixture
def two(asking: Branch) -> Branch:
    return replace(asking, terms=replace(TERMS, quorum=2))


def test_a_quorum_of_two_wants_two_people(two: Branch) -> None:
    asked = two.ask()
    assert two.receive(asked, two.signed(asked)).verdict is None
    asked = two.ask()
    assert asked.round == 2
    assert two.receive(asked, two.signed(asked, by="ben")).verdict == "approve"


def test_one_resume_may_bring_both(two: Branch) -> None:
    asked = two.ask()
    assert two.receive(asked, two.signed(asked), two.signed(asked, by="ben")).verdict == "approve"


def test_one_person_is_no_quorum_of_two_however_often(two: Branch) -> None:
    asked = two.ask()
    assert two.receive(asked, two.signed(asked), two.signed(asked)).verdict is None
    asked = two.ask()
    assert two.receive(asked, two.signed(asked, reason="A second reason of mine.")).verdict is None


def test_one_key_under_two_names_is_no_quorum_of_two(two: Branch) -> None:
    one = replace(two, keys={**two.keys, "ben": two.keys["ada"]})
    asked = one.ask()
    assert one.receive(asked, one.signed(asked), one.signed(asked, by="ben")).verdict is None


@pytest.mark.parametrize("by", ["ada", "ben"])
def test_one_reject_ends_it_even_of_who_approved_before(two: Branch, by: str) -> None:
    asked = two.ask()
    assert two.receive(asked, two.signed(asked)).verdict is None
    asked = two.ask()
    assert two.receive(asked, two.signed(asked, by=by, decision="reject")).verdict == "reject"
    assert two.house.memory.pasts[asked.drift_id].state == "rejected"


def test_the_first_completed_decision_wins(asking: Branch) -> None:
    asked = asking.ask()
    late = asking.signed(asked, by="ben", decision="reject")
    assert asking.receive(asked, asking.signed(asked), late).verdict == "approve"


def test_a_waiver_says_until_when(asking: Branch) -> None:
    asked = asking.ask()
    until = asking.clock.now + timedelta(days=30)
    assert asking.receive(asked, asking.signed(asked, decision="waive", until=until)).verdict == "waive"
    past = asking.house.memory.pasts[asked.drift_id]
    assert (past.state, past.waived_until, past.waived_fingerprint) == ("waived", until, asked.fingerprint)


@pytest.mark.parametrize(
    "lost",
    [
        {"members": {"security": frozenset({"ben"})}},
        {"trusted": frozenset[str]()},
        {"enrolled": {"ada": new_key()}},
    ],
    ids=["the role", "the trust in the key", "the key"],
)
def test_who_has_lost_it_between_two_rounds_no_longer_counts(two: Branch, lost: dict[str, Any]) -> None:
    asked = two.ask()
    two.receive(asked, two.signed(asked))
    later = two.again(**lost)
    assert later.count().decisions == ()
    asked = later.ask()
    assert later.receive(asked, later.signed(asked, by="ben")).verdict is None


def test_a_replay_asks_and_records_nothing_twice(two: Branch) -> None:
    asked = two.ask()
    assert two.again().ask() == asked
    two.receive(asked, two.signed(asked))
    replayed = two.again()
    assert len(replayed.count().decisions) == 1
    second = replayed.ask()
    assert (second.round, two.again().ask()) == (2, second)
    assert [step[0] for step in two.steps()] == ["asked", "decided", "asked"]


def test_a_sealed_answer_that_was_swapped_is_found_out(asking: Branch) -> None:
    asked = asking.ask()
    asking.receive(asked, asking.signed(asked))
    (stored,) = (asking.house.root / "decisions").iterdir()
    stored.chmod(0o600)
    stored.write_bytes(base64.b64decode(written(asking, asked, reason="Another reason entirely.")))
    with pytest.raises(Exception, match="decisions"):
        asking.count()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": "short"}, "10 to 500 characters"),
        ({"decision": "waive"}, "instant at which the waiver ends"),
        ({"decision": "approve", "until": 1}, "only for a waiver"),
    ],
)
def test_a_person_is_told_before_signing_what_would_be_refused(
    asking: Branch, fields: dict[str, Any], said: str
) -> None:
    if "until" in fields:
        fields = {**fields, "until": asking.clock.now + timedelta(days=1)}
    told = {"decision": "approve", "reason": REASON, **fields}
    with pytest.raises(ApprovalError, match=said):
        answer(asking.ask(), approver="ada", now=asking.clock.now, key=asking.keys["ada"], **told)
