"""Whatever is flipped in a rule is noticed: by its own examples, by the lock, or because it is refused."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

import pytest
from mutants import Mutant, flips, predicates

from taxonomy.lint import changes_of, decided_by_oracle
from taxonomy.lock import read_lock
from taxonomy.meaning import builtin_meanings
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook, load

SEED = 20261124
SAMPLE = 150

BY_EXAMPLES_ALONE = 0.33
"""How many of the mutated predicates the examples notice without the lock; it only rises."""


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


def mutants(rulebook: Rulebook) -> list[tuple[Rule, Mutant]]:
    return [(rule, mutant) for rule in rulebook.rules for mutant in chain(flips(rule), predicates(rule))]


def noticed(rulebook: Rulebook, cases: Iterable[tuple[Rule, Mutant]]) -> Iterator[tuple[str, bool, bool]]:
    """Yield of each mutant what was done, whether its examples notice, and whether the lock does."""
    lock = read_lock()
    for rule, (done, mutant) in cases:
        if mutant is None:
            yield done, True, True
        elif mutant.meaning() != rule.meaning():
            told = mutant.meaning() != lock.rules[rule.id]
            yield f"{rule.id}: {done}", kills(rulebook, rule, mutant), told


def kills(rulebook: Rulebook, rule: Rule, mutant: Rule) -> bool:
    """Whether an example of the rule is decided otherwise among all rules, once the mutant stands there."""
    changed = replace(rulebook, rules=tuple(mutant if one.id == rule.id else one for one in rulebook.rules))
    # the rows are those of the rule as it was: what it promised to decide
    rows = [
        (example.match, row)
        for example in rule.examples
        for row in changes_of(rule, example, builtin_meanings())
    ]
    decided = decided_by_oracle(changed, [row for _, row in rows])
    return any(match != (by == rule.id) for (match, _), by in zip(rows, decided, strict=True))


def test_a_mutated_rule_is_noticed(builtin: Rulebook) -> None:
    drawn = random.Random(SEED).sample(mutants(builtin), SAMPLE)  # noqa: S311 - a seeded draw
    missed = [done for done, by_examples, by_lock in noticed(builtin, drawn) if not (by_examples or by_lock)]
    assert missed == []


@pytest.mark.prove
def test_every_mutated_rule_is_noticed_and_by_whom_is_told(
    builtin: Rulebook, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = mutants(builtin)
    shares = {}
    for kind, of in (("flips", flips), ("predicates", predicates)):
        cases = [(rule, mutant) for rule in builtin.rules for mutant in of(rule)]
        found = list(noticed(builtin, cases))
        assert all(by_lock for _, _, by_lock in found), [done for done, _, by_lock in found if not by_lock]
        shares[kind] = sum(by_examples for _, by_examples, _ in found) / len(found)
    with capsys.disabled():
        told = ", ".join(f"{share:.0%} of {kind}" for kind, share in shares.items())
        print(f"\n{len(everything)} mutants: the lock notices all, examples alone {told}")  # noqa: T201
    assert shares["predicates"] >= BY_EXAMPLES_ALONE


def test_a_rule_that_its_examples_do_not_hold_is_noticed_by_the_lock(builtin: Rulebook) -> None:
    rule = builtin.by_id["aws-messaging-002"]
    for done, mutant in flips(rule):
        assert mutant is not None, done
        assert mutant.meaning() != read_lock().rules[rule.id], done
