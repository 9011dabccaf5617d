"""What one set of rules says otherwise than another: added, changed, retired, gone, and how much looser."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from taxonomy.loosening import EFFECTS, Difference, Effect, Meaning, differences, worst
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """One rule that is not what it was.

    Args:
        differences: field by field, of a rule that is in both.
        reason: why it was retired or revised; None where nobody said.
    """

    rule_id: str
    what: Literal["added", "changed", "retired", "gone"]
    effect: Effect
    differences: tuple[Difference, ...] = ()
    reason: str | None = None

    def __str__(self) -> str:
        """Return the change in one line."""
        said = "; ".join(str(one) for one in self.differences)
        return f"{self.rule_id}: {self.what}{f', {said}' if said else ''} ({self.effect})"

    def document(self) -> dict[str, Any]:
        """Return the change as plain JSON values."""
        fields = [
            {"field": one.field, "was": one.was, "now": one.now, "effect": one.effect}
            for one in self.differences
        ]
        about = {"rule_id": self.rule_id, "what": self.what, "effect": self.effect}
        return {**about, "fields": fields, "reason": self.reason}


def compare(
    was: Mapping[str, Meaning], now: Mapping[str, Meaning], reasons: Mapping[str, str]
) -> tuple[RuleChange, ...]:
    """Return what moved between two sets of meanings, worst first.

    Args:
        was: the earlier meanings, by rule id.
        now: the later ones.
        reasons: why rules are retired or changed, by id; a rule that is gone and has none is `gone`.
    """
    changes = [
        change
        for rule_id in was.keys() | now.keys()
        if (change := _change(rule_id, was.get(rule_id), now.get(rule_id), reasons.get(rule_id)))
    ]
    return tuple(sorted(changes, key=lambda one: (EFFECTS.index(one.effect), one.rule_id)))


def compare_rulebooks(was: Rulebook, now: Rulebook) -> tuple[RuleChange, ...]:
    """Return what moved between two rulebooks, worst first."""
    return compare(meanings(was.rules), meanings(now.rules), reasons(now))


def meanings(rules: Iterable[Rule]) -> dict[str, Meaning]:
    """Return what rules mean, by id."""
    return {rule.id: rule.meaning() for rule in rules}


def reasons(rulebook: Rulebook) -> dict[str, str]:
    """Return why rules were revised or retired, by id, where somebody said."""
    revised = {one.rule_id: one.reason for one in rulebook.revisions if one.reason}
    return revised | {rule_id: one.reason for rule_id, one in rulebook.retired.items()}


def _change(rule_id: str, was: Meaning | None, now: Meaning | None, reason: str | None) -> RuleChange | None:
    if was is None and now is not None:
        # a new rule that asks nobody may outrank one that asks
        effect: Effect = "tightened" if now["tier"] == "review" else "undecided"
        return RuleChange(rule_id=rule_id, what="added", effect=effect)
    if was is not None and now is None:
        what: Literal["retired", "gone"] = "retired" if reason else "gone"
        return RuleChange(rule_id=rule_id, what=what, effect="loosened", reason=reason)
    found = differences(was or {}, now or {}) if was != now else ()
    if not found:
        return None
    effect = worst(one.effect for one in found)
    return RuleChange(rule_id=rule_id, what="changed", effect=effect, differences=found, reason=reason)
