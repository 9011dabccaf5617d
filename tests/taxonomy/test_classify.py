"""Classification in SQL, bound by laws that no rule can loosen."""

from typing import Any

import duckdb
import pytest
from classified_rows import COLUMNS, ROW, book, classified, rule

from taxonomy import oracle
from taxonomy.classify import classify
from taxonomy.rule import canonical
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


# --- laws


def test_every_column_of_the_change_stays_and_four_are_added(builtin: Rulebook) -> None:
    (row,) = classified(builtin, ROW)
    assert list(row) == [*COLUMNS, "rule_id", "severity", "tier", "controls"]
    assert {key: row[key] for key in ROW} == ROW


def test_no_row_is_lost_and_none_is_doubled(builtin: Rulebook) -> None:
    rows = [ROW, ROW, ROW | {"reported_controls": None}, ROW | {"resource_type": "x"}]
    assert [row["n"] for row in classified(builtin, *rows)] == [0, 1, 2, 3]


def test_an_empty_table_classifies_to_an_empty_table(builtin: Rulebook) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE changes ({', '.join(f'{n} {t}' for n, t in COLUMNS.items())})")
        classify(connection, builtin)
        assert connection.sql("SELECT count(*) FROM classified").fetchall() == [(0,)]


def test_a_missing_table_is_an_error_not_an_empty_result(builtin: Rulebook) -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="changes"):
        classify(connection, builtin)


def test_what_no_rule_matches_is_unclassified_and_goes_to_review(builtin: Rulebook) -> None:
    (row,) = classified(
        builtin, ROW | {"resource_type": "acme_thing", "attribute": "x", "direction": "unknown"}
    )
    assert (row["rule_id"], row["severity"], row["tier"]) == ("unclassified", "medium", "review")
    assert row["controls"] == ["none:unmapped"]


@pytest.mark.parametrize(
    ("reported", "severity"), [("critical", "critical"), ("info", "info"), ("dire", "medium")]
)
def test_an_unclassified_change_is_as_severe_as_its_tool_says(
    reported: str, severity: str, builtin: Rulebook
) -> None:
    (row,) = classified(
        builtin, ROW | {"resource_type": "x", "direction": "unknown", "reported_severity": reported}
    )
    assert (row["rule_id"], row["severity"]) == ("unclassified", severity)


def test_controls_are_the_rules_and_the_known_ones_of_the_tool(builtin: Rulebook) -> None:
    reported = ["nist-800-53-r5:AU-11", "cobit:X1", "nist-800-53-r5:CM-6"]
    (row,) = classified(book(builtin, rule()), ROW | {"reported_controls": reported})
    assert row["controls"] == ["nist-800-53-r5:AU-11", "nist-800-53-r5:CM-6"]


def test_the_most_severe_then_the_narrowest_then_the_first_id_decides(builtin: Rulebook) -> None:
    wide, narrow = {"resource_type": "aws_*"}, {"resource_type": "aws_s3_bucket", "attribute": "tags.*"}
    rules = [
        rule(id="b-wide", when=wide),
        rule(id="a-wide", when=wide),
        rule(id="z-narrow", when=narrow),
        rule(id="a-mild", when={**narrow, "kind": "changed"}, severity="medium"),
    ]
    decided = []
    while rules:
        (row,) = classified(book(builtin, *rules), ROW)
        decided.append(row["rule_id"])
        rules = [other for other in rules if other.id != row["rule_id"]]
    assert decided == ["z-narrow", "a-wide", "b-wide", "a-mild"]


AUTO = {"tier": "auto", "severity": "low", "when": {"attribute": "*"}}


@pytest.mark.parametrize(
    ("change", "tier"),
    [
        ({}, "auto"),
        ({"direction": "strengthened"}, "review"),
        ({"direction": "unknown"}, "review"),
        ({"direction": "weakened"}, "review"),
        ({"direction": None}, "review"),
        ({"kind": "missing"}, "review"),
        ({"kind": "unmanaged"}, "review"),
        ({"kind": "noncompliant"}, "review"),
        ({"drift_class": "B"}, "review"),
        ({"drift_class": None}, "review"),
    ],
)
def test_no_rule_can_make_auto_what_must_be_seen(
    change: dict[str, Any], tier: str, builtin: Rulebook
) -> None:
    rulebook = book(builtin, rule(**AUTO))
    (row,) = classified(rulebook, ROW | change)
    assert row["tier"] == tier
    decision = oracle.decide(ROW | change, rulebook)
    assert decision.tier == tier
    assert (decision.raised is None) == (tier == "auto")


def test_what_is_weakened_is_auto_only_where_the_rule_itself_says_weakened(builtin: Rulebook) -> None:
    said = rule(tier="auto", severity="low", when={"attribute": "*", "direction": ["weakened", "lateral"]})
    (row,) = classified(book(builtin, said), ROW | {"direction": "weakened"})
    assert row["tier"] == "auto"


def test_a_hardening_is_never_auto_even_where_the_rule_names_it(builtin: Rulebook) -> None:
    said = rule(tier="auto", severity="low", when={"direction": ["strengthened", "weakened", "unknown"]})
    for direction in ("strengthened", "unknown"):
        (row,) = classified(book(builtin, said), ROW | {"direction": direction})
        assert row["tier"] == "review"


def test_a_glob_with_a_trailing_dot_star_also_matches_its_parent(builtin: Rulebook) -> None:
    rulebook = book(builtin, rule(when={"attribute": "tags.*"}))
    names = ["tags", "tags.Owner", "tags_all", "tagsy"]
    decided = [row["rule_id"] for row in classified(rulebook, *(ROW | {"attribute": name} for name in names))]
    assert decided == ["x-001", "x-001", "unclassified", "unclassified"]


def test_a_quote_in_a_rule_is_text_and_not_sql(builtin: Rulebook) -> None:
    hostile = "x' OR '1'='1"
    rulebook = book(builtin, rule(when={"attribute": hostile, "actual": {"equals": hostile}}))
    assert classified(rulebook, ROW)[0]["rule_id"] == "unclassified"
    (row,) = classified(rulebook, ROW | {"attribute": hostile, "actual": canonical(hostile)})
    assert row["rule_id"] == "x-001"


def test_nothing_there_is_the_same_as_json_null_and_as_no_text(builtin: Rulebook) -> None:
    rulebook = book(builtin, rule(when={"declared": {"null": True}, "actual": {"null": False}}))
    for nothing in (None, "null"):
        assert classified(rulebook, ROW | {"declared": nothing})[0]["rule_id"] == "x-001"
        assert classified(rulebook, ROW | {"declared": nothing, "actual": nothing})[0]["rule_id"] != "x-001"


def test_tags_of_the_resource_may_be_asked_for(builtin: Rulebook) -> None:
    rulebook = book(builtin, rule(when={"tags": {"data/class": ["restricted", "secret*"]}}))
    tags = [{"data/class": "restricted"}, {"data/class": "secret-2"}, {"data/class": "public"}, {}]
    decided = [row["rule_id"] for row in classified(rulebook, *(ROW | {"tags": canonical(t)} for t in tags))]
    assert decided == ["x-001", "x-001", "unclassified", "unclassified"]


# --- why


def test_an_explanation_names_the_rule_its_line_and_what_each_predicate_saw(builtin: Rulebook) -> None:
    change = ROW | {
        "resource_type": "aws_kms_key",
        "attribute": "enable_key_rotation",
        "direction": "weakened",
    }
    explained = oracle.explain(change, builtin)
    assert explained.decision.rule_id == "aws-kms-001"
    assert explained.place is not None
    assert explained.place.startswith("builtin/rules/aws-keys.yaml:")
    assert {predicate.key for predicate in explained.predicates} == {
        "resource_type",
        "attribute",
        "direction",
    }
    assert all(predicate.holds for predicate in explained.predicates)


def test_an_explanation_says_what_nearly_decided_and_what_kept_it(builtin: Rulebook) -> None:
    explained = oracle.explain(ROW | {"attribute": "tags.DataClass"}, builtin)
    assert explained.decision.rule_id == "aws-tags-002"
    explained = oracle.explain(ROW | {"attribute": "tags.Dta"}, builtin)
    missed = dict(explained.near_misses)
    assert explained.decision.rule_id == "aws-tags-001"
    assert missed["aws-tags-002"].key == "attribute"
    assert missed["aws-tags-002"].got == "tags.Dta"
    told = [line for line in str(explained).splitlines() if line.startswith("nearly")]
    assert len(told) <= oracle.NEAR
    assert not [line for line in told if ": resource_type is" in line]
    assert len(told) == len(missed) or f"and {len(missed) - len(told)} more rules nearly" in str(explained)


def test_an_explanation_of_a_raised_tier_says_what_raised_it(builtin: Rulebook) -> None:
    explained = oracle.explain(ROW | {"drift_class": "B"}, builtin)
    assert (explained.decision.rule_id, explained.decision.tier) == ("aws-tags-001", "review")
    assert explained.decision.raised == "applying the code would not undo it"
    assert "not auto, for applying the code would not undo it" in str(explained)
    assert "held: direction is lateral, the rule wants lateral" in str(explained)


def test_an_unclassified_change_is_explained_too(builtin: Rulebook) -> None:
    explained = oracle.explain(ROW | {"resource_type": "x", "direction": "unknown"}, builtin)
    assert explained.place is None
    assert "No rule matches" in explained.because
