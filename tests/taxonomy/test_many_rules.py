"""A taxonomy of ten thousand rules is read into SQL, and decides as the oracle does."""

import random
from typing import Any

import pytest
from classified_rows import ROW, assert_equal, rule

from taxonomy.controls import builtin_catalogue
from taxonomy.drift import DIRECTIONS, SEVERITIES
from taxonomy.rulebook import Rulebook

TYPES = 400


def one_of_many(number: int) -> Any:
    """A rule of its own type, attributes and direction; one in five asks for a value too."""
    when: dict[str, Any] = {
        "resource_type": f"aws_type_{number % TYPES}",
        "attribute": [f"part_{number // TYPES}.{name}" for name in ("a", "b", "c.*")],
        "direction": DIRECTIONS[number % 4],
    }
    if number % 5 == 0:
        when["actual"] = {"contains": f"v{number % 7}"}
    return rule(id=f"x-{number}", when=when, severity=SEVERITIES[number % 5])


def drifted(chance: random.Random, parts: int) -> dict[str, Any]:
    attribute = f"part_{chance.randrange(parts)}.{chance.choice(['a', 'b', 'c', 'c.d', 'e'])}"
    return ROW | {
        "resource_type": f"AWS_type_{chance.randrange(TYPES)}",
        "attribute": attribute,
        "direction": chance.choice(DIRECTIONS),
        "actual": f'"v{chance.randrange(9)}"',
    }


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.prove)])
def test_a_taxonomy_of_so_many_rules_decides_as_the_oracle_does(count: int) -> None:
    chance = random.Random(count)  # noqa: S311 - a seed, not a secret
    rules = tuple(one_of_many(number) for number in range(count))
    rulebook = Rulebook(rules=rules, catalogue=builtin_catalogue())
    assert_equal(rulebook, [drifted(chance, 1 + count // TYPES) for _ in range(200)])
