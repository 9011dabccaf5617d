"""The rules evaluated one change at a time, in plain Python: the oracle that the SQL is held to.

Also says why: which rule decided, what each of its predicates saw, and which rules nearly matched.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from taxonomy import newly
from taxonomy.classify import UNMATCHED_SEVERITY
from taxonomy.condition import NOTHING, NUMBER
from taxonomy.controls import UNMAPPED
from taxonomy.drift import SEVERITIES, UNCLASSIFIED, Drift, DriftChange, Severity, Tier
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook
from taxonomy.when import NumberTest, ValueTest, When, canonical

Row = Mapping[str, Any]
"""A row of the table `changes`: column to value, both sides as canonical JSON text."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the table `classified` holds for one row.

    Args:
        raised: why the tier is review although the rule says auto; None where it stands as written.
    """

    rule_id: str
    severity: Severity
    tier: Tier
    controls: tuple[str, ...]
    raised: str | None = None


@dataclass(frozen=True, kw_only=True)
class Predicate:
    """One key of a rule's `when` against one change.

    Args:
        wanted: what the rule asks for: its words or globs, or the tests of a value.
        got: what the change has; of a value, its canonical JSON.
    """

    key: str
    wanted: Any
    got: Any
    holds: bool


_NUMBER = re.compile(NUMBER)

NEAR = 5
"""How many rules that nearly decided are named; the others are counted."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why a change was classified so.

    Args:
        place: ``file:line`` of the rule; None for `unclassified`.
        near_misses: rules that would outrank or stand beside it but for one predicate, which is named.
    """

    decision: Decision
    because: str
    place: str | None
    predicates: tuple[Predicate, ...]
    near_misses: tuple[tuple[str, Predicate], ...]

    def __str__(self) -> str:
        """Return the explanation as lines for people."""
        decision = self.decision
        near = [(rule_id, missed) for rule_id, missed in self.near_misses if missed.key != "resource_type"]
        lines = [
            f"{decision.rule_id} ({self.place or 'no rule'}): {decision.severity}, {decision.tier}",
            f"because: {self.because}",
        ]
        if decision.raised:
            lines.append(f"not auto, for {decision.raised}")
        lines += [
            f"held: {seen.key} is {seen.got}, the rule wants {_shown(seen.wanted)}"
            for seen in self.predicates
        ]
        lines += [
            f"nearly {rule_id}: {missed.key} is {missed.got}, it wants {_shown(missed.wanted)}"
            for rule_id, missed in near[:NEAR]
        ]
        if others := len(self.near_misses) - len(near[:NEAR]):
            lines.append(f"and {others} more rules nearly")
        return "\n".join(lines)


def match(change: Row, rulebook: Rulebook) -> Rule | None:
    """Return the first rule, in deciding order, that holds for the change; None where none does."""
    return next((rule for rule in rulebook.ordered if holds(rule.when, change)), None)


def decide(change: Row, rulebook: Rulebook) -> Decision:
    """Return what `classify` writes for the change."""
    rule = match(change, rulebook)
    reported = change.get("reported_controls") or []
    controls = {*(rule.controls if rule else ()), *(name for name in reported if name in rulebook.catalogue)}
    raised = _raised(rule, change) if rule and rule.tier == "auto" else None
    return Decision(
        rule_id=rule.id if rule else UNCLASSIFIED,
        severity=rule.severity if rule else _graded(change["reported_severity"]),
        tier="review" if rule is None or raised else rule.tier,
        controls=tuple(sorted(controls)) or (UNMAPPED,),
        raised=raised,
    )


def explain(change: Row, rulebook: Rulebook) -> Explanation:
    """Return why the change is classified so, and what nearly decided instead."""
    decision = decide(change, rulebook)
    rule = rulebook.by_id.get(decision.rule_id)
    place = rulebook.places.get(decision.rule_id)
    return Explanation(
        decision=decision,
        because=rulebook.because(decision.rule_id),
        place=f"{place.file}:{place.line}" if place else None,
        predicates=tuple(predicates(rule.when, change)) if rule else (),
        near_misses=tuple(_near_misses(change, rulebook, decision.rule_id)),
    )


def row_of(drift: Drift, change: DriftChange) -> dict[str, Any]:
    """Return a classified change as the row it was classified from.

    The severity that a tool reported is not kept in the noun; where the recorded rule asks for one, it
    equals the severity decided or stands among those asked for, so the decided one is taken.
    """
    return {
        "layer": change.layer,
        "layers": change.layer.split("+"),
        "provider": drift.provider,
        "account": drift.account,
        "resource_type": drift.resource_type,
        "attribute": change.attribute,
        "kind": change.kind,
        "environment": drift.environment,
        "declared": canonical(change.declared),
        "actual": canonical(change.actual),
        "direction": change.direction,
        "drift_class": change.drift_class,
        "reported_severity": change.severity,
        "reported_controls": list(change.controls),
        "tags": canonical(dict(drift.tags)),
        "recurrence": change.recurrence,
        "hours_open": change.hours_open,
    }


def holds(when: When, change: Row) -> bool:
    """Whether every predicate holds; what is NULL holds for none but ``null: true``."""
    return all(found for _, _, _, found in _compared(when, change))


def predicates(when: When, change: Row) -> Iterable[Predicate]:
    """Yield each predicate that the rule has, against the change."""
    for key, wanted, got, found in _compared(when, change):
        yield Predicate(key=key, wanted=wanted, got=got, holds=found)


def _compared(when: When, change: Row) -> Iterable[tuple[str, Any, Any, bool]]:
    for key in ("kind", "direction", "reported_severity"):
        if words := getattr(when, key):
            yield key, words, change[key], change[key] in words
    if when.layer:
        yield "layer", when.layer, change["layer"], bool(set(change["layer"].split("+")) & set(when.layer))
    if when.resource_type:
        lowered = change["resource_type"].lower()
        yield "resource_type", when.resource_type, lowered, _any(when.resource_type, lowered)
    for key in ("attribute", "provider", "environment", "account"):
        if globs := getattr(when, key):
            got = change.get(key)
            yield key, globs, got, _any(globs, got, parents=key == "attribute")
    yield from _compared_values(when, change)


def _compared_values(when: When, change: Row) -> Iterable[tuple[str, Any, Any, bool]]:
    declared, actual = change["declared"] or "null", change["actual"] or "null"
    for side, test, text in (("declared", when.declared, declared), ("actual", when.actual, actual)):
        if test is not None:
            yield side, test.meaning(), text, _value_holds(test, text)
    if when.became_null:
        yield "became_null", True, actual, declared not in NOTHING and actual in NOTHING
    for key, asked in (("newly_admits", when.newly_admits), ("newly_grants", when.newly_grants)):
        if asked is not None:
            held = newly.holds(asked, change["declared"], change["actual"], change.get("account"))
            yield key, asked.meaning(), actual, held
    for key, number in (("recurrence", when.recurrence), ("hours_open", when.hours_open)):
        if number is not None:
            yield key, number.meaning(), change.get(key), _number_holds(number, change.get(key))
    if when.tags:
        tags = json.loads(change["tags"] or "{}")
        for key, globs in when.tags.items():
            yield f"tags.{key}", globs, tags.get(key), _any(globs, tags.get(key))


def _shown(wanted: Any) -> str:
    return " or ".join(wanted) if isinstance(wanted, tuple) else canonical(wanted)


def _any(globs: tuple[str, ...], text: str | None, *, parents: bool = False) -> bool:
    return text is not None and _regex(globs, parents).fullmatch(text) is not None


@lru_cache(maxsize=65536)
def _regex(globs: tuple[str, ...], parents: bool) -> re.Pattern[str]:  # noqa: FBT001
    """Return what matches any of the globs; with `parents`, ``x.*`` is also ``x``."""
    bare = [glob.removesuffix(".*") for glob in globs if parents and glob.endswith(".*")]
    each = (".*".join(re.escape(part) for part in glob.split("*")) for glob in (*globs, *bare))
    return re.compile("|".join(each), re.DOTALL)


def _value_holds(test: ValueTest, text: str) -> bool:
    wanted = [
        test.equals is None or text == canonical(test.equals),
        test.one_of is None or text in {canonical(value) for value in test.one_of},
        test.contains is None or any(part in text for part in test.contains),
        test.null is None or (text == "null") is test.null,
        _number_holds(test, _number(text)),
    ]
    return all(wanted)


def _number(text: str) -> float | None:
    return float(text.strip('"')) if _NUMBER.fullmatch(text) else None


def _number_holds(test: NumberTest | ValueTest, number: float | None) -> bool:
    if test.above is None and test.below is None:
        return True
    if number is None:
        return False
    return (test.above is None or number > test.above) and (test.below is None or number < test.below)


def _graded(reported: str | None) -> Severity:
    return next((severity for severity in SEVERITIES if severity == reported), UNMATCHED_SEVERITY)


def _raised(rule: Rule, change: Row) -> str | None:
    if change["kind"] != "changed":
        return f"{change['kind']} is never put right by itself"
    if change["drift_class"] != "A":
        return "applying the code would not undo it"
    if change["direction"] == "strengthened":
        return "the remedy would weaken what is live"
    if change["direction"] == "weakened" and "weakened" not in (rule.when.direction or ()):
        return "it is weaker than declared, and the rule does not say that this may be put right by itself"
    return None if change["direction"] in {"lateral", "weakened"} else "nobody has judged its direction"


def _near_misses(change: Row, rulebook: Rulebook, decided: str) -> Iterable[tuple[str, Predicate]]:
    for rule in rulebook.ordered:
        if rule.id == decided:
            continue
        failed = [predicate for predicate in predicates(rule.when, change) if not predicate.holds]
        if len(failed) == 1 and len(rule.when.model_fields_set) > 1:
            yield rule.id, failed[0]
