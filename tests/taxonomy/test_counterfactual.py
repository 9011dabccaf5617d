"""What would have changed the outcome is tried by deciding again, so it is true of the rules at hand."""

import pytest

from taxonomy import oracle
from taxonomy.counterfactual import counterfactuals
from taxonomy.lint import changes_of
from taxonomy.meaning import builtin_meanings
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


def test_each_one_told_gives_the_outcome_told(builtin: Rulebook) -> None:
    told = 0
    for rule in builtin.rules[::4]:
        change = next(iter(changes_of(rule, rule.examples[0], builtin_meanings())))
        decided = oracle.decide(change, builtin)
        for one in counterfactuals(change, builtin):
            told += 1
            if one.key in change:
                assert oracle.decide({**change, one.key: one.would}, builtin) == one.decision
            then = one.decision
            assert (then.rule_id, then.severity, then.tier) != (
                decided.rule_id,
                decided.severity,
                decided.tier,
            )
    assert told > 50


def test_another_tier_is_told_first(builtin: Rulebook) -> None:
    rule = builtin.by_id["aws-tags-001"]
    change = next(iter(changes_of(rule, next(e for e in rule.examples if e.match), builtin_meanings())))
    tiers = [one.decision.tier for one in counterfactuals(change, builtin)]
    assert tiers[0] == "review"


def test_what_has_no_class_is_never_told_one(builtin: Rulebook) -> None:
    rule = builtin.by_id["aws-messaging-002"]
    change = next(iter(changes_of(rule, rule.examples[0], builtin_meanings()))) | {
        "layer": "aws_config",
        "drift_class": None,
    }
    assert "drift_class" not in {one.key for one in counterfactuals(change, builtin)}
