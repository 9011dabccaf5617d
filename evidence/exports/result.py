"""What the evidence says of one target or one drift, as `results.sql` tells it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from evidence.exports.words import cut

Subject = Literal["look", "drift"]
Verdict = Literal["passed", "failed", "unknown", "waived", "settled"]

SAID: Mapping[Verdict, str] = {
    "passed": "looked at and clean",
    "failed": "drifted",
    "unknown": "could not look: this is no sign that nothing drifted",
    "waived": "drifted, and accepted for a time",
    "settled": "drifted, and no longer",
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One attribute that differs; both sides are canonical JSON of redacted values, or None for nothing."""

    attribute: str | None
    kind: str | None
    declared: str | None
    actual: str | None
    severity: str | None
    rule_id: str | None
    direction: str | None
    source: str | None
    file: str | None
    line: int | None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step in the life of a drift, by its record."""

    record_id: str
    step: str
    occurred_at: datetime
    actor: str | None
    actor_kind: str | None
    decision: str | None
    reason: str | None
    outcome: str | None
    until: datetime | None
    snapshot_sha256: str | None
    preview_sha256: str | None
    decision_sha256: str | None

    @property
    def decided(self) -> bool:
        """Whether a person decided here, and it counted."""
        return self.step in ("decided", "waived") and self.actor_kind == "person"

    @property
    def accepted(self) -> bool:
        """Whether a person approved or waived here, and it counted."""
        return self.decided and self.decision in ("approve", "waive")

    @property
    def said(self) -> str:
        """The step in one line."""
        parts = (
            self.step,
            self.decision or self.outcome,
            f"by {self.actor}" if self.actor else None,
            f"until {self.until.isoformat()}" if self.until else None,
            f"({cut(self.reason)})" if self.reason else None,
        )
        return f"{self.occurred_at.isoformat()} {' '.join(part for part in parts if part)}"

    def as_json(self) -> dict[str, Any]:
        """Return the step as plain values, without what is not said."""
        values = {**vars(self), "occurred_at": self.occurred_at.isoformat()}
        values["until"] = None if self.until is None else self.until.isoformat()
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What is said of one target (its looks of one outcome, taken together) or of one drift.

    Args:
        subject: which of the two.
        verdict: as it stood at the end of what is exported.
        state: a look's outcome, or a drift's state, in the contract's words.
        controls: ``framework:control_id`` of all that it concerns; never empty.
        times: how many looks; for a drift, how many looks found it.
        record_id: the last record that it rests on.
        details: of the last look, or of the last record that found the drift.
        reason: why the last look could not look.
        until: when the last waiver ends.
        steps: what was done about a drift, oldest first.
    """

    subject: Subject
    verdict: Verdict
    state: str
    controls: tuple[str, ...]
    target: str | None
    layer: str | None
    times: int
    first_at: datetime
    last_at: datetime
    record_id: str
    details: Mapping[str, Any]
    drift_id: str | None
    episode: int | None
    fingerprint: str | None
    provider: str | None
    account: str | None
    region: str | None
    resource_id: str | None
    resource_type: str | None
    address: str | None
    kind: str | None
    severity: str | None
    tier: str | None
    rule_id: str | None
    author: str | None
    reason: str | None
    until: datetime | None
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Result":
        """Read a row of `results`."""
        steps = [
            Step(**{**step, "occurred_at": utc(step["occurred_at"]), "until": utc(step["until"])})
            for step in row["steps"] or ()
        ]
        return cls(
            **{
                **row,
                "controls": tuple(row["controls"]),
                "first_at": utc(row["first_at"]),
                "last_at": utc(row["last_at"]),
                "until": utc(row["until"]),
                "details": json.loads(row["details"] or "{}"),
                "changes": tuple(Change(**change) for change in row["changes"] or ()),
                "steps": tuple(steps),
            }
        )

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it this one: a drift keeps its key for as long as its episode lives."""
        if self.subject == "drift":
            return ("drift", self.drift_id, self.episode)
        return ("look", self.record_id, self.state, self.times, self.first_at.isoformat())

    @property
    def title(self) -> str:
        """What it is about, in a few words."""
        if self.subject == "look":
            return f"{self.target} looked at by {self.layer}: {self.state}"
        return f"{self.kind or 'drift'}: {self.resource_id or self.address or self.drift_id}"

    @property
    def message(self) -> str:
        """What is said of it, in full sentences, cut where it is long."""
        said = f"{SAID[self.verdict]}; {self._counted}"
        why = self.reason or self.details.get("because")
        return f"{said}. {cut(str(why))}" if why else f"{said}."

    @property
    def _counted(self) -> str:
        looks = "look" if self.times == 1 else "looks"
        period = f"{self.first_at.isoformat()} to {self.last_at.isoformat()}"
        if self.subject == "look":
            return f"{self.times} {looks}, {period}{self._aside}"
        return f"state {self.state}, found by {self.times} {looks}, {period}"

    @property
    def _aside(self) -> str:
        suppressed = self.details.get("suppressed_by") or {}
        if not suppressed:
            return ""
        counts = ", ".join(f"{word} {count}" for word, count in sorted(suppressed.items()))
        return f"; the last put aside: {counts}"

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who approved that it be put right, each once, in order of time."""
        approved = [step for step in self.steps if step.decided and step.decision == "approve"]
        return tuple(dict.fromkeys(step.actor for step in approved if step.actor))

    @property
    def waived_by(self) -> str:
        """Why a waived drift is accepted, by whom and until when; empty where it is not."""
        if self.verdict != "waived":
            return ""
        last = [step for step in self.steps if step.decision == "waive"][-1]
        until = f" until {self.until.isoformat()}" if self.until else ""
        return f"waived by {last.actor}{until}: {cut(last.reason or 'no reason given')}"

    def facts(self) -> dict[str, Any]:
        """Return all that is known of it under the contract's words."""
        names = (
            "state record_id drift_id episode fingerprint target layer provider account region resource_id "
            "resource_type address kind severity tier rule_id author reason"
        )
        known = {name: getattr(self, name) for name in names.split()}
        listed = {
            "verdict": self.verdict,
            **known,
            "approvers": list(self.approvers),
            "changes": [{k: v for k, v in vars(c).items() if v is not None} for c in self.changes],
            "steps": [step.as_json() for step in self.steps],
            "suppressed_by": self.details.get("suppressed_by"),
            "until": None if self.until is None else self.until.isoformat(),
        }
        return {name: value for name, value in listed.items() if value not in (None, [], {})}


def utc(moment: datetime | None) -> Any:
    """Return the instant in UTC, or None."""
    return None if moment is None else moment.astimezone(UTC)
