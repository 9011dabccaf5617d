"""Rules with one thing wrong: what somebody might do by mistake, or hope that nobody notices."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError

from taxonomy.drift import DIRECTIONS, SEVERITIES, TIERS
from taxonomy.observation import Kind
from taxonomy.rule import Rule

CLOSED: dict[str, tuple[str, ...]] = {
    "direction": DIRECTIONS,
    "kind": get_args(Kind),
    "reported_severity": SEVERITIES,
}
"""Predicates over few words, which can be negated: the other words instead."""

Mutant = tuple[str, Rule | None]
"""What was done, and the rule that came of it; None where it is refused outright."""


def flips(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule with each other severity and tier, and with each control gone."""
    for severity in SEVERITIES:
        if severity != rule.severity:
            yield f"severity {severity}", rewritten(rule, severity=severity)
    for tier in TIERS:
        if tier != rule.tier:
            yield f"tier {tier}", rewritten(rule, tier=tier)
    for control in rule.controls:
        rest = [name for name in rule.controls if name != control]
        yield f"without {control}", rewritten(rule, controls=rest)


def predicates(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule with each predicate dropped, negated, or changed by one glob or word."""
    when: dict[str, Any] = rule.model_dump(mode="json", by_alias=True, exclude_unset=True)["when"]
    for key, value in when.items():
        rest = {other: kept for other, kept in when.items() if other != key}
        yield f"{key} dropped", rewritten(rule, when=rest)
        if key in CLOSED and (others := [word for word in CLOSED[key] if word not in value]):
            yield f"{key} negated", rewritten(rule, when={**rest, key: others})
        for number, part in enumerate(value if isinstance(value, list) else ()):
            less = [*value[:number], *value[number + 1 :]]
            yield f"{key} without {part}", rewritten(rule, when={**rest, key: less})
            if key in {"attribute", "resource_type"}:
                yield f"{key} {part}x", rewritten(rule, when={**rest, key: [*less, f"{part}x"]})


def rewritten(rule: Rule, **fields: object) -> Rule | None:
    """Return the rule with other fields; None where that is refused."""
    written = rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
    try:
        return Rule.model_validate(written | fields)
    except ValidationError:
        return None
