"""How a rule's meaning moved, and whether it is looser for it.

Loosened is what lets more pass with less ceremony: a lower severity, a way out of `review`, a control
dropped. Between `auto` and `record` either way counts as loosened: one asks nobody and changes something,
the other asks nobody and leaves it. What `when` holds for can't be told from its text (a narrower rule
leaves changes to others, a wider one takes them away from others), so a moved `when` is `undecided`, and
so is whatever may let a rule that asks nobody outrank one that asks. `preview` shows what they come to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from taxonomy.drift import SEVERITIES

Effect = Literal["loosened", "undecided", "tightened", "neutral"]
EFFECTS: tuple[Effect, ...] = ("loosened", "undecided", "tightened", "neutral")
"""Worst first: a rule takes the first that any of its fields has."""

Meaning = Mapping[str, Any]
"""What a rule decides, as `Rule.meaning` tells it and the lock keeps it."""

FIELDS = ("severity", "tier", "controls", "when", "remedy", "status")
"""In the order in which a reader wants to know of them."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field of one rule that says something else than before."""

    field: str
    was: Any
    now: Any
    effect: Effect

    def __str__(self) -> str:
        """Return the difference in one line: ``tier review → record``."""
        if self.field == "controls":
            dropped = [f"-{name}" for name in self.was if name not in self.now]
            added = [f"+{name}" for name in self.now if name not in self.was]
            return f"controls {' '.join((*dropped, *added))}"
        if self.field == "when":
            return f"when {'; '.join(_moved(self.was, self.now))}"
        return f"{self.field} {self.was} → {self.now}"


def differences(was: Meaning, now: Meaning) -> tuple[Difference, ...]:
    """Return what moved from one meaning to the other, field by field."""
    return tuple(
        Difference(field=field, was=was[field], now=now[field], effect=_effect(field, was, now))
        for field in FIELDS
        if _told(field, was) != _told(field, now)
    )


def worst(found: Iterable[Effect]) -> Effect:
    """Return the worst of some effects; `neutral` where there is none."""
    return min(found, key=EFFECTS.index, default="neutral")


def _told(field: str, meaning: Meaning) -> Any:
    return sorted(meaning[field]) if field == "controls" else meaning[field]


def _effect(field: str, was: Meaning, now: Meaning) -> Effect:
    if field == "severity":
        return _of_severity(was, now)
    if field == "tier":
        return "tightened" if now["tier"] == "review" else "loosened"
    if field == "controls":
        return "tightened" if set(was["controls"]) <= set(now["controls"]) else "loosened"
    return "undecided" if field == "when" else "neutral"


def _of_severity(was: Meaning, now: Meaning) -> Effect:
    if SEVERITIES.index(now["severity"]) > SEVERITIES.index(was["severity"]):
        return "loosened"
    # the most severe match wins: raised, a rule that asks nobody may outrank one that asks
    return "tightened" if now["tier"] == "review" else "undecided"


def _moved(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[str]:
    for key in dict.fromkeys((*was, *now)):
        if key not in now:
            yield f"{key} dropped"
        elif key not in was:
            yield f"{key} added ({_shown(now[key])})"
        elif was[key] != now[key]:
            yield f"{key} {_shown(was[key])} → {_shown(now[key])}"


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
