"""Each attribute pattern and each resource type of a rule is hit by a matching example of its own."""

import pytest

from taxonomy.patterns import unhit
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


def test_each_pattern_of_each_builtin_rule_is_hit_by_an_example(builtin: Rulebook) -> None:
    assert [str(one.problem()) for one in unhit(builtin)] == []


def test_a_pattern_that_no_example_hits_is_told_with_its_line(builtin: Rulebook) -> None:
    rule = builtin.by_id["aws-messaging-001"]
    fields = rule.model_dump(by_alias=True, exclude_unset=True)
    when = {**fields["when"], "attribute": [*fields["when"]["attribute"], "spin.*"]}
    book = Rulebook(
        rules=(Rule.model_validate(fields | {"when": when}),),
        catalogue=builtin.catalogue,
        places=builtin.places,
        fields=builtin.fields,
    )
    told = [str(one.problem()) for one in unhit(book)]
    assert any(
        text.startswith("builtin/rules/aws-messaging.yaml:")
        and "aws-messaging-001: no matching example hits attribute spin.*; add one" in text
        for text in told
    ), told
