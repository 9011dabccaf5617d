"""The approved states that the evidence holds, and which of them count.

Rows are signed by the machine that looks, so its key alone must not be able to launder. Once a person has
accepted a baseline of a target, only another signed acceptance replaces it; the one with the latest signed
instant counts, so that an old one played again changes nothing. Holdfast itself may only seal a first one,
and add resources that none holds yet.

A row that claims a person without an acceptance that counts makes its target one that can't be looked at. It
is no `TamperError`: rows are never taken away, so that would stop the whole estate for good, and a key that
was withdrawn looks the same. A person who accepts anew overrules it, by its record id.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from evidence.errors import EvidenceError
from evidence.objects import read_document, read_object
from tasks.acceptance import Acceptance, Acceptors, check
from tasks.errors import ApprovalError, ToolError
from tasks.terraform.baseline import Baseline

CONTROLS = ("nist-800-53-r5:CM-2",)
"""Baseline configuration: what a row that seals one speaks of."""

NO_PERSON = "taken at a first clean look; no person has approved it"

ROWS = """
SELECT DISTINCT record_id, occurred_at, target, actor, actor_kind, snapshot_sha256, decision_sha256, details
FROM records WHERE step = 'baselined' AND target IS NOT NULL
ORDER BY occurred_at, record_id
"""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Why nothing may be compared with what claims to be a target's baseline."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A row that claims to be an accepted baseline and does not count."""

    record_id: str
    at: datetime
    actor: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Addition:
    """Resources that came after a baseline and were looked at clean; no person has approved them."""

    sha256: str
    at: datetime
    baseline: Baseline


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The baseline of a target that counts, and how it came to be.

    Args:
        sha256: of the sealed document.
        acceptance: what a person signed; None where Holdfast took it at a first clean look.
        decision_sha256: of the sealed envelope.
        first: as it was taken or accepted.
        additions: what Holdfast has added since.
    """

    sha256: str
    at: datetime
    acceptance: Acceptance | None
    decision_sha256: str | None
    first: Baseline
    additions: tuple[Addition, ...] = ()

    @cached_property
    def baseline(self) -> Baseline:
        """The whole of it."""
        return self.first.extended(one.baseline for one in self.additions)

    @property
    def said(self) -> str:
        """Who approved it, for people."""
        return NO_PERSON if self.acceptance is None else f"accepted by {self.acceptance.approver}"


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the evidence holds of one target's approved state.

    Args:
        standing: what counts; None where nothing does.
        refused: rows that claim a person, do not count, and are not overruled; the oldest first.
        unreadable: why the baseline that counts can't be read; None where it can.
    """

    target: str
    standing: Standing | None = None
    refused: tuple[Refused, ...] = ()
    unreadable: str | None = None

    def usable(self) -> Baseline | Doubt | None:
        """Return what a look is to be compared with; a doubt where that can't be told."""
        if self.refused:
            one = self.refused[-1]
            said = f"a baseline of {self.target} claims to be accepted by {one.actor}: {one.reason}"
        elif self.unreadable is not None:
            said = self.unreadable
        else:
            return self.standing.baseline if self.standing else None
        return Doubt(
            reason=f"{said}; nothing may be compared with it until somebody who may runs "
            f"`holdfast baseline accept {self.target} --reason TEXT`"
        )


@dataclass(kw_only=True)
class _Gathered:
    """One target's rows, sorted by what they claim."""

    taken: list[Row] = field(default_factory=list)
    added: list[Row] = field(default_factory=list)
    accepted: list[tuple[Row, Acceptance]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def trusted(found: Baseline | Doubt | None) -> Baseline | None:
    """Return the baseline to compare with, where there is one.

    Raises:
        ToolError: nobody can tell which it is, so nothing can be said of what is live.
    """
    if isinstance(found, Doubt):
        raise ToolError(found.reason)
    return found


def held(connection: duckdb.DuckDBPyConnection, root: Path, acceptors: Acceptors | None) -> dict[str, Held]:
    """Return what the rows at hand hold of each target's approved state.

    Args:
        connection: with the table or view `records`.
        root: the folder of the evidence.
        acceptors: whose acceptance counts; None for nobody's.

    Raises:
        TamperError: a sealed document is not what was sealed.
    """
    result = connection.execute(ROWS)
    names = [column[0] for column in result.description or ()]
    gathered: dict[str, _Gathered] = {}
    for values in result.fetchall():
        row = dict(zip(names, values, strict=True))
        _sort(row, gathered.setdefault(row["target"], _Gathered()), root, acceptors)
    return {target: _held(target, rows, root) for target, rows in gathered.items()}


def _sort(row: Row, into: _Gathered, root: Path, acceptors: Acceptors | None) -> None:
    if row["decision_sha256"] is None and row["actor_kind"] != "person":
        (into.added if _details(row).get("extends") else into.taken).append(row)
        return
    try:
        into.accepted.append((row, _checked(row, root, acceptors)))
    except (ApprovalError, EvidenceError) as error:
        refused = Refused(
            record_id=row["record_id"], at=row["occurred_at"], actor=row["actor"], reason=str(error)
        )
        into.refused.append(refused)


def _checked(row: Row, root: Path, acceptors: Acceptors | None) -> Acceptance:
    if row["decision_sha256"] is None or row["snapshot_sha256"] is None:
        raise ApprovalError("no signed acceptance is kept with it")
    if acceptors is None:
        raise ApprovalError("nothing says whose acceptance counts")
    return check(
        read_object(root, "decisions", row["decision_sha256"]),
        acceptors,
        target=row["target"],
        baseline_sha256=row["snapshot_sha256"],
        actor=row["actor"],
        at=row["occurred_at"],
    )


def _held(target: str, rows: _Gathered, root: Path) -> Held:
    row, acceptance = max(rows.accepted, key=_when, default=(None, None))
    overruled = {name for _, accepted in rows.accepted for name in accepted.overrules}
    refused = tuple(
        one
        for one in rows.refused
        if one.record_id not in overruled and (row is None or one.at > row["occurred_at"])
    )
    row = row or next(iter(rows.taken), None)
    if row is None:
        return Held(target=target, refused=refused)
    try:
        standing = _standing(row, acceptance, rows.added, root)
    except ToolError as error:
        return Held(target=target, refused=refused, unreadable=str(error))
    return Held(target=target, standing=standing, refused=refused)


def _when(one: tuple[Row, Acceptance]) -> tuple[datetime, str]:
    return one[0]["occurred_at"], one[1].baseline_sha256


def _standing(row: Row, acceptance: Acceptance | None, added: Iterable[Row], root: Path) -> Standing:
    sha256 = row["snapshot_sha256"]
    additions = (
        Addition(
            sha256=one["snapshot_sha256"],
            at=one["occurred_at"],
            baseline=_read(one, root, extends=sha256),
        )
        for one in added
        if _details(one)["extends"] == sha256
    )
    return Standing(
        sha256=sha256,
        at=row["occurred_at"],
        acceptance=acceptance,
        decision_sha256=row["decision_sha256"],
        first=_read(row, root, extends=None),
        additions=tuple(additions),
    )


def _read(row: Row, root: Path, *, extends: str | None) -> Baseline:
    baseline = Baseline.from_document(read_document(root, "baselines", row["snapshot_sha256"]))
    if (baseline.target, baseline.extends) != (row["target"], extends):
        raise ToolError(
            f"the baseline {row['snapshot_sha256'][:12]} of {row['target']} is not what its row says"
        )
    return baseline


def _details(row: Row) -> dict[str, Any]:
    details = json.loads(row["details"] or "{}")
    return details if isinstance(details, dict) else {}
