"""What other rules would have made of recorded drift: which drifts move, and whether that is looser.

Each drift counts once an episode, as the last sweep of the period recorded it. Its direction is taken as
recorded. What a tool reported of severity is not kept; the recorded severity stands for it, which is right
where the recorded rule asked for it or no rule matched; where an override moved it, nothing does.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import resources
from typing import Any

import duckdb

from taxonomy.classify import classify
from taxonomy.drift import SEVERITIES, TIERS, Severity, Tier
from taxonomy.loosening import EFFECTS, Effect, worst
from taxonomy.overrides import Overrides, data_classes, override
from taxonomy.rulebook import Rulebook


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a drift comes to: the worst of its attributes decides for the whole."""

    rule_id: str
    severity: Severity
    tier: Tier


@dataclass(frozen=True, kw_only=True)
class Move:
    """One drift that other rules classify otherwise."""

    drift_id: str
    episode: int
    resource_id: str
    resource_type: str
    was: Outcome
    now: Outcome

    @property
    def parts(self) -> tuple[tuple[Effect, str], ...]:
        """What moved, each with what it comes to: ``from review to auto``, ``from high to medium``."""
        found: list[tuple[Effect, str]] = []
        if self.was.tier != self.now.tier:
            effect: Effect = "tightened" if self.now.tier == "review" else "loosened"
            found.append((effect, f"from {self.was.tier} to {self.now.tier}"))
        if less := SEVERITIES.index(self.now.severity) - SEVERITIES.index(self.was.severity):
            effect = "loosened" if less > 0 else "tightened"
            found.append((effect, f"from {self.was.severity} to {self.now.severity}"))
        return tuple(found) or (("neutral", "to another rule only"),)

    @property
    def effect(self) -> Effect:
        """The worst that it comes to."""
        return worst(effect for effect, _ in self.parts)

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {**asdict(self), "effect": self.effect}


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What other rules would have made of a period.

    Args:
        drifts: how many were recorded in it.
        moves: those that move, loosened ones first.
    """

    drifts: int
    moves: tuple[Move, ...]

    def counts(self) -> list[tuple[Effect, str, int]]:
        """Return how many drifts made each move, loosening first, then the most."""
        found = Counter(part for move in self.moves for part in move.parts)
        return sorted(
            ((effect, said, number) for (effect, said), number in found.items()),
            key=lambda one: (EFFECTS.index(one[0]), -one[2], one[1]),
        )


def rehearse(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, *, since: datetime) -> Rehearsal:
    """Return what the rules would have made of the drift recorded since then.

    Args:
        connection: with the view or table `records`; the tables `changes` and `classified` are made in it.
        rulebook: what would have decided.
        since: an aware instant.
    """
    connection.execute(resources.files("tasks").joinpath("rehearsal.sql").read_text("utf-8"), [since])
    classify(connection, rulebook)
    result = connection.execute("SELECT * FROM classified ORDER BY drift_id, episode, attribute, kind, layer")
    names = [column[0] for column in result.description or ()]
    drifts: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for values in result.fetchall():
        row = dict(zip(names, values, strict=True))
        drifts.setdefault((row["drift_id"], row["episode"]), []).append(row)
    moves = [_move(_surrounded(rows, rulebook.overrides)) for rows in drifts.values()]
    moved = [move for move in moves if move.was != move.now]
    return Rehearsal(drifts=len(drifts), moves=tuple(sorted(moved, key=_worst_first)))


def _surrounded(rows: list[dict[str, Any]], overrides: Overrides) -> list[dict[str, Any]]:
    """Return the changes of one drift as environment and data class make them."""
    sides = [
        (row["attribute"], row["kind"], json.loads(row["declared"]), json.loads(row["actual"]))
        for row in rows
    ]
    classes = data_classes(overrides.data_class_tags, json.loads(rows[0]["tags"]), sides)
    after = (
        override(
            overrides.overrides,
            severity=row["severity"],
            tier=row["tier"],
            environment=row["environment"],
            direction=row["direction"],
            data_classes=classes,
        )
        for row in rows
    )
    return [row | {"severity": one.severity, "tier": one.tier} for row, one in zip(rows, after, strict=True)]


def _move(rows: list[dict[str, Any]]) -> Move:
    first = rows[0]
    return Move(
        drift_id=first["drift_id"],
        episode=first["episode"],
        resource_id=first["resource_id"],
        resource_type=first["resource_type"],
        was=_outcome({name: row[f"was_{name}"] for name in _DECIDED} for row in rows),
        now=_outcome({name: row[name] for name in _DECIDED} for row in rows),
    )


_DECIDED = ("rule_id", "severity", "tier")


def _outcome(rows: Iterable[Mapping[str, Any]]) -> Outcome:
    ranked = sorted(rows, key=lambda row: (SEVERITIES.index(row["severity"]), TIERS.index(row["tier"])))
    tier = min((row["tier"] for row in ranked), key=TIERS.index)
    return Outcome(rule_id=ranked[0]["rule_id"], severity=ranked[0]["severity"], tier=tier)


def _worst_first(move: Move) -> tuple[int, int, int, str]:
    was = move.was
    return EFFECTS.index(move.effect), SEVERITIES.index(was.severity), TIERS.index(was.tier), move.drift_id
