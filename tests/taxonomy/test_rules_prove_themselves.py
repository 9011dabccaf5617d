"""Every rule decides its own examples, and no meaning moves unsaid."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from taxonomy.errors import RuleError
from taxonomy.lint import lint, prove
from taxonomy.lock import check_lock, write_lock
from taxonomy.rule import Example, Rule, When
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


def changed(rulebook: Rulebook, rule: Rule) -> Rulebook:
    others = tuple(other for other in rulebook.rules if other.id != rule.id)
    return Rulebook(rules=(*others, rule), catalogue=rulebook.catalogue, places=rulebook.places)


def rewritten(rule: Rule, **fields: object) -> Rule:
    return Rule.model_validate(rule.model_dump(by_alias=True, exclude_unset=True) | fields)


def test_every_builtin_rule_decides_its_own_examples() -> None:
    lint()


def test_the_builtin_rules_mean_what_the_lock_says(builtin: Rulebook) -> None:
    check_lock(builtin)


def test_a_rule_that_is_gone_or_new_breaks_the_lock(builtin: Rulebook) -> None:
    first, *rest = builtin.rules
    with pytest.raises(RuleError, match=f"{first.id}: is gone"):
        check_lock(Rulebook(rules=tuple(rest), catalogue=builtin.catalogue))
    twin = rewritten(first, id="my-rule-001")
    with pytest.raises(RuleError, match="my-rule-001: is a new rule"):
        check_lock(Rulebook(rules=(*builtin.rules, twin), catalogue=builtin.catalogue))


def test_a_lock_written_anew_agrees(builtin: Rulebook, tmp_path: Path) -> None:
    write_lock(builtin, tmp_path / "rules.lock")
    check_lock(builtin, tmp_path / "rules.lock")


def test_a_lock_that_cannot_be_read_is_an_error_not_an_agreement(builtin: Rulebook, tmp_path: Path) -> None:
    (tmp_path / "rules.lock").write_text("{", "utf-8")
    with pytest.raises(RuleError, match="can't be read"):
        check_lock(builtin, tmp_path / "rules.lock")


def test_a_rule_that_does_not_decide_its_example_is_told_why(builtin: Rulebook) -> None:
    rule = builtin.by_id["aws-kms-001"]
    deaf = rewritten(
        rule, when={"resource_type": "aws_kms_key", "attribute": "spin", "direction": "weakened"}
    )
    with pytest.raises(RuleError, match="expected this rule to decide, but"):
        prove(changed(builtin, deaf))


def test_a_rule_that_decides_what_it_should_not_is_told(builtin: Rulebook) -> None:
    rule = builtin.by_id["aws-kms-001"]
    when = {"resource_type": "aws_kms_key", "attribute": "enable_key_rotation"}
    greedy = rewritten(rule, when=when, severity="critical")
    with pytest.raises(RuleError, match="expected this rule not to decide, but it did"):
        prove(changed(builtin, greedy))


def test_every_rule_argues_its_tier_and_says_when_it_is_wrong(builtin: Rulebook) -> None:
    for rule in builtin.rules:
        assert rule.because[0].isupper(), rule.id
        assert rule.because.endswith("."), rule.id
        assert all(len(text) > 10 for text in rule.false_positives), rule.id


def test_an_example_stands_for_every_type_with_every_attribute_that_it_names(builtin: Rulebook) -> None:
    rule = builtin.by_id["aws-kms-001"]
    many = Example(name="of many", match=True, resource_type=["t_one", "t_two"], attribute=["a", "b.c"])
    assert [(row["resource_type"], row["attribute"]) for row in many.rows(rule.when)] == [
        ("t_one", "a"),
        ("t_one", "b.c"),
        ("t_two", "a"),
        ("t_two", "b.c"),
    ]


def test_an_example_of_each_stands_for_every_glob_that_the_rule_names() -> None:
    when = When(resource_type=["aws_a", "aws_b*"], attribute=["x", "y.*", "y"])
    each = Example(name="of each", match=True, each=["attribute", "resource_type"])
    assert [(row["resource_type"], row["attribute"]) for row in each.rows(when)] == [
        ("aws_a", "x"),
        ("aws_a", "y"),
        ("aws_bx", "x"),
        ("aws_bx", "y"),
    ]


def test_the_change_of_an_example_that_fails_is_named(builtin: Rulebook) -> None:
    rule = builtin.by_id["aws-kms-001"]
    one = {"name": "the rotation is off", "match": True, "declared": True, "actual": False}
    near = {"name": "a near miss", "match": False, "attribute": "x", "declared": 1, "actual": 2}
    several = one | {"attribute": ["enable_key_rotation", "deletion_window"]}
    with pytest.raises(RuleError) as refusal:
        prove(changed(builtin, rewritten(rule, examples=[several, near])))
    (problem,) = refusal.value.problems
    assert "example 'the rotation is off' (aws_kms_key, deletion_window): expected" in str(problem)


def test_an_example_of_each_is_refused_where_the_rule_names_none_or_it_names_its_own(
    builtin: Rulebook,
) -> None:
    rule = builtin.by_id["aws-kms-001"]
    near = {"name": "a near miss", "match": False, "attribute": "x"}
    told = {"name": "of each", "match": True, "each": "attribute"}
    with pytest.raises(ValidationError, match="stands for each attribute, but when names none"):
        rewritten(rule, when={"resource_type": "aws_kms_key"}, examples=[told, near])
    with pytest.raises(ValidationError, match="expected either attribute or each: attribute, not both"):
        rewritten(rule, examples=[told | {"attribute": "x"}, near])
