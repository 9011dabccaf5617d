"""Why a change is classified so, for people and programs: the rule, its lines, what else might have been."""

from collections.abc import Iterator
from typing import Any

from taxonomy.counterfactual import SHOWN, counterfactuals
from taxonomy.oracle import Row, explain
from taxonomy.rulebook import Rulebook

DECIDING = ("severity", "tier", "controls", "when")
"""Fields whose line is told where it is in another file than the rule's own."""


WANTED = 4
"""How many of the words or globs that a rule wants are told to people; the document has all."""


def lines(change: Row, rulebook: Rulebook) -> Iterator[str]:
    """Yield the explanation as lines for people."""
    explanation = explain(change, rulebook)
    yield from map(_cut, str(explanation).splitlines())
    for field, place in elsewhere(explanation.decision.rule_id, rulebook).items():
        yield f"{field} from {place}"
    found = counterfactuals(change, rulebook)
    yield from (f"otherwise, {one}" for one in found[:SHOWN])
    if more := len(found[SHOWN:]):
        yield f"and {more} more would have changed it"


def _cut(line: str) -> str:
    """Return a line about a predicate with the first few of what its rule wants, and the count of others."""
    first, *others = line.split(" or ") if line.startswith(("held: ", "nearly ")) else [line]
    more = f" or {len(others) - WANTED + 1} more" if len(others) >= WANTED else ""
    return " or ".join((first, *others[: WANTED - 1])) + more


def document(change: Row, rulebook: Rulebook) -> dict[str, Any]:
    """Return the explanation as plain JSON values."""
    explanation = explain(change, rulebook)
    decision = explanation.decision
    seen = [{"key": one.key, "wanted": one.wanted, "got": one.got} for one in explanation.predicates]
    near = [
        {"rule_id": rule_id, "key": missed.key, "wanted": missed.wanted, "got": missed.got}
        for rule_id, missed in explanation.near_misses
    ]
    return {
        "resource_type": change["resource_type"],
        "attribute": change["attribute"],
        "rule_id": decision.rule_id,
        "severity": decision.severity,
        "tier": decision.tier,
        "direction": change["direction"],
        "controls": list(decision.controls),
        "because": explanation.because,
        "place": explanation.place,
        "places": elsewhere(decision.rule_id, rulebook),
        "not_auto": decision.raised,
        "held": seen,
        "nearly": near,
        "otherwise": [one.document() for one in counterfactuals(change, rulebook)],
    }


def elsewhere(rule_id: str, rulebook: Rulebook) -> dict[str, str]:
    """Return where an overlay wrote a deciding field of a rule, by field."""
    own = rulebook.places.get(rule_id)
    places = rulebook.fields.get(rule_id, {})
    return {
        field: str(places[field])
        for field in DECIDING
        if field in places and own is not None and places[field].file != own.file
    }
