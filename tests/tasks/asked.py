"""A branch that has asked: its story, its people and their keys, and what each answers."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from house import House
from made import NOW, drift

from evidence.canonical import canonical_json
from evidence.keys import SigningKey, new_key
from evidence.schema import Row, record_id
from tasks import question as questions
from tasks.approval import Electorate, Question, Verdict, answer
from tasks.case import Case
from tasks.memory import Memory
from tasks.question import Ballot, Terms
from tasks.record import drift_rows, fan_out
from tasks.story import Story, open_story
from taxonomy.drift import Drift

RUN = "run-1"
REASON = "Nobody asked for this change."
TERMS = Terms(role="security", quorum=1, expires_after=timedelta(hours=24))
PEOPLE = ("ada", "ben", "cy")


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def record_drift(house: House, one: Drift) -> None:
    """Put a drift into the evidence as a sweep does, with one attribute and without an answer."""
    details = {
        "sweep_id": "s1",
        "aliases": [],
        "because": one.because,
        "direction": one.direction,
        "environment": None,
        "layers": list(one.layers),
        "remedy": one.remedy,
        "tags": {},
        "targets": list(one.targets),
    }
    part = one.changes[0]
    of_it = {
        "class": part.drift_class,
        "controls": list(part.controls),
        "direction": part.direction,
        "redacted": False,
        "source_file": None,
        "source_line": None,
        "sweep_id": "s1",
    }
    columns: dict[str, Any] = {"now": house.now, "estate": "acme", "taxonomy_digest": "t" * 64}
    with house.store.batch(house.now) as batch:
        batch.append(drift_rows(one, step="detected", outcome="drifted", details=details, **columns))
        batch.append(
            drift_rows(
                one,
                step="classified",
                details=of_it,
                attribute=part.attribute,
                declared=canonical_json(part.declared),
                actual=canonical_json(part.actual),
                **columns,
            )
        )


def plain(step: str, at: datetime, **columns: Any) -> list[Row]:
    shared = {"record_id": record_id(at), "step": step, "occurred_at": at, "estate": "acme", **columns}
    return fan_out(shared, ["nist-800-53-r5:CM-5"])


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One run that asks about one drift; `again` is the same run, replayed in a new process."""

    house: House
    story: Story
    clock: Clock
    keys: Mapping[str, SigningKey]
    members: Mapping[str, frozenset[str]]
    terms: Terms = TERMS
    trusted: frozenset[str] | None = None
    enrolled: Mapping[str, SigningKey] = field(default_factory=dict)

    @property
    def electorate(self) -> Electorate:
        keys = {name: key.public for name, key in {**self.keys, **self.enrolled}.items()}
        trusted = frozenset(key.key_id for key in keys.values()) if self.trusted is None else self.trusted
        return Electorate(members=self.members, keys=keys, trusted=trusted)

    def again(self, **changed: Any) -> "Branch":
        drifted = self.story.case.drift
        story = open_story(
            self.house.store,
            self.house.trust,
            run_id=self.story.run_id,
            drift_id=drifted.drift_id,
            episode=drifted.episode,
            clock=self.clock,
        )
        return replace(self, story=story, **changed)

    def ask(self) -> Question:
        return questions.put(self.story, self.terms, preview_sha256="p" * 64, snapshot_sha256="5" * 64)

    def signed(self, question: Question, by: str = "ada", decision: Verdict = "approve", **more: Any) -> str:
        told: dict[str, Any] = {"reason": REASON, "now": self.clock(), "key": self.keys[by], **more}
        return base64.b64encode(answer(question, decision=decision, approver=by, **told)).decode()

    def receive(self, question: Question, *envelopes: str) -> Ballot:
        questions.receive(self.story, question, envelopes, self.electorate)
        return self.count()

    def count(self) -> Ballot:
        return questions.count(self.story, self.electorate)

    def steps(self) -> list[tuple[Any, ...]]:
        return self.house.ask(
            "SELECT any_value(step), any_value(outcome), any_value(actor), any_value(decision) FROM records "
            "WHERE run_id = 'run-1' GROUP BY record_id ORDER BY min(occurred_at), record_id"
        )


def branch(house: House) -> Branch:
    """A branch over a drift that the evidence holds, about to ask."""
    one = drift()
    record_drift(house, one)
    case = Case(drift=one, seen_at=house.now, sweep_id="s1", taxonomy_digest="t" * 64, answers={})
    clock = Clock()
    return Branch(
        house=house,
        story=Story(store=house.store, run_id=RUN, case=case, memory=Memory(), clock=clock),
        clock=clock,
        keys={name: new_key() for name in PEOPLE},
        members={"security": frozenset({"ada", "ben"}), "platform": frozenset({"cy"})},
    )
