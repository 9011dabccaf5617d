"""What a sweep put aside and why, in lines for people: unapplied code apart, everything else by category."""

from collections import Counter
from collections.abc import Iterable, Iterator

from taxonomy.observation import CATEGORIES, Observation, Suppressed

ATTRIBUTES = 6
"""How many attributes of one address a line names; it counts the others."""


def unapplied_lines(observations: Iterable[Observation]) -> Iterator[str]:
    """Yield a line per address whose code nobody has applied, with the attributes; it is no drift."""
    for observation in observations:
        for line in by_address(observation.answer.unapplied):
            yield f"{observation.target}  {line}"


def by_address(suppressed: Iterable[Suppressed]) -> Iterator[str]:
    """Yield a line per address, with its attributes, in order of address."""
    found: dict[str, list[str]] = {}
    for one in suppressed:
        found.setdefault(one.address, []).append(one.attribute)
    for address, attributes in sorted(found.items()):
        more = f" and {len(attributes) - ATTRIBUTES} more" if len(attributes) > ATTRIBUTES else ""
        yield f"{address}: {', '.join(attributes[:ATTRIBUTES])}{more}"


def counted(observations: Iterable[Observation]) -> str:
    """Return how many differences were put aside for each reason, worst first; empty where none was."""
    total: Counter[str] = Counter()
    for observation in observations:
        total.update(observation.answer.suppressed_by)
    return ", ".join(f"{total[category]} {category}" for category in CATEGORIES if total[category])


def put_aside(observations: Iterable[Observation]) -> list[Suppressed]:
    """Return everything that was put aside, in the order of categories, then as it was seen."""
    every = [one for observation in observations for one in observation.answer.suppressed]
    return sorted(every, key=lambda one: CATEGORIES.index(one.category))
