"""What would have changed the outcome: one thing about a change that, were it otherwise, gives another.

Each is tried, not argued: the change is decided again, by the oracle, with that one thing altered. Words of
closed lists are tried all; values, tags and environments only as rules ask for them that nearly matched.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

from taxonomy import oracle
from taxonomy.drift import DIRECTIONS, SEVERITIES, TIERS
from taxonomy.observation import Kind
from taxonomy.oracle import Decision, Predicate, Row
from taxonomy.rule import Rule, canonical
from taxonomy.rulebook import Rulebook

CLOSED: Mapping[str, tuple[str | None, ...]] = {
    "direction": DIRECTIONS,
    "kind": get_args(Kind),
    "drift_class": ("A", "B"),
}
"""What takes few values, all of which are tried."""

SHOWN = 6
"""How many are told to people; the document has all."""


@dataclass(frozen=True, kw_only=True)
class Counterfactual:
    """One thing that would have given another outcome.

    Args:
        key: what of the change: a predicate's key, or ``drift_class``.
        was: what it is; of a value, its canonical JSON.
        would: what it would have to be.
        decision: the outcome then.
    """

    key: str
    was: Any
    would: Any
    decision: Decision

    def __str__(self) -> str:
        """Return it in one line."""
        then = self.decision
        return f"were {self.key} {self.would}: {then.rule_id}, {then.severity}, {then.tier}"

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self)


def counterfactuals(change: Row, rulebook: Rulebook) -> tuple[Counterfactual, ...]:
    """Return what would have changed the rule, severity or tier; other tiers first, then the gravest."""
    decided = oracle.decide(change, rulebook)
    found: dict[tuple[str, str], Counterfactual] = {}
    for key, would, altered in _altered(change, rulebook, decided.rule_id):
        decision = oracle.decide(altered, rulebook)
        if _outcome(decision) != _outcome(decided):
            one = Counterfactual(key=key, was=change.get(key), would=would, decision=decision)
            found.setdefault((key, str(would)), one)
    return tuple(sorted(found.values(), key=lambda one: _telling(one, decided)))


def _outcome(decision: Decision) -> tuple[str, str, str]:
    return decision.rule_id, decision.severity, decision.tier


def _telling(one: Counterfactual, decided: Decision) -> tuple[bool, int, int, str, str]:
    then = one.decision
    moved = TIERS.index(then.tier), SEVERITIES.index(then.severity)
    return then.tier == decided.tier, *moved, one.key, str(one.would)


def _altered(change: Row, rulebook: Rulebook, decided: str) -> Iterable[tuple[str, Any, Row]]:
    for key, words in CLOSED.items():
        # a class is Terraform's alone
        if change.get(key) is not None:
            for word in words:
                if word != change[key]:
                    yield key, word, {**change, key: word}
    for rule in rulebook.ordered:
        if rule.id != decided and (missed := _only_missed(rule, change)):
            yield from _satisfied(rule, missed, change)


def _only_missed(rule: Rule, change: Row) -> Predicate | None:
    failed = [one for one in oracle.predicates(rule.when, change) if not one.holds]
    return failed[0] if len(failed) == 1 else None


def _satisfied(rule: Rule, missed: Predicate, change: Row) -> Iterable[tuple[str, Any, Row]]:
    """Yield the change with the one thing that the rule misses; of what can't be made up, nothing."""
    if missed.key in {"environment", "reported_severity", "layer"}:
        word = missed.wanted[0]
        if "*" not in word:
            yield missed.key, word, {**change, missed.key: word}
    elif missed.key in {"declared", "actual"}:
        if (text := _value(getattr(rule.when, missed.key))) is not None:
            yield missed.key, text, {**change, missed.key: text}
    elif missed.key.startswith("tags."):
        name, glob = missed.key.removeprefix("tags."), missed.wanted[0]
        tags = {**json.loads(change["tags"] or "{}"), name: glob.replace("*", "x")}
        yield missed.key, glob, {**change, "tags": canonical(tags)}


def _value(test: Any) -> str | None:
    """Return a value that the test of one side holds for, as canonical JSON; None where that is hard."""
    if test.equals is not None:
        return canonical(test.equals)
    if test.one_of:
        return canonical(test.one_of[0])
    return "null" if test.null else None
