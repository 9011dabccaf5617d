"""The published schema says of rules what the program says of them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import taxonomy
from taxonomy.schema import document, text
from taxonomy.when import When

FOLDER = Path(taxonomy.__file__).parent
PUBLISHED = FOLDER / "rule.schema.json"
RULES = sorted((FOLDER / "rules").glob("*.yaml"))


@pytest.fixture(scope="module")
def checker() -> Draft202012Validator:
    schema = json.loads(PUBLISHED.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def wrong(checker: Draft202012Validator, rules: Any) -> list[str]:
    return ["/".join(map(str, error.absolute_path)) for error in checker.iter_errors(rules)]


def test_the_published_schema_is_what_the_models_say() -> None:
    assert PUBLISHED.read_text("utf-8") == text()


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_every_file_of_rules_that_comes_with_holdfast_fits_the_schema(
    path: Path, checker: Draft202012Validator
) -> None:
    assert wrong(checker, yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)) == []


def test_an_editor_can_explain_every_key_of_when() -> None:
    properties = document()["$defs"]["When"]["properties"]
    assert set(properties) == set(When.model_fields)
    assert [key for key, said in properties.items() if len(said.get("description", "")) < 5] == []


RULE: dict[str, Any] = {
    "id": "acme-queues-001",
    "title": "Delay of the payment queue differs",
    "status": "stable",
    "severity": "medium",
    "tier": "review",
    "controls": ["nist-800-53-r5:CM-6"],
    "when": {"attribute": "delay_seconds", "actual": {"above": 3}, "newly_admits": {"ports": [22, "80-90"]}},
    "because": "A delay here holds up money, as its owner knows.",
    "remedy": "terraform-apply",
    "false_positives": ["A drill."],
    "examples": [{"name": "yes", "match": True}, {"name": "not", "match": False, "each": "attribute"}],
}


def test_a_sound_rule_fits(checker: Draft202012Validator) -> None:
    assert wrong(checker, [RULE]) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"severity": "dire"},
        {"colour": "red"},
        {"id": "../x"},
        {"controls": []},
        {"controls": ["cm6"]},
        {"when": {}},
        {"when": {"tag": {"a": "b"}}},
        {"when": {"attribute": "a?"}},
        {"when": {"attribute": []}},
        {"when": {"actual": {}}},
        {"when": {"actual": {"abov": 3}}},
        {"when": {"became_null": False}},
        {"when": {"newly_grants": {"to": "everybody"}}},
        {"when": {"recurrence": 3}},
        {"when": None},
        {"examples": [{"name": "yes"}]},
    ],
    ids=str,
)
def test_what_the_program_refuses_the_schema_refuses(
    fields: dict[str, Any], checker: Draft202012Validator
) -> None:
    assert wrong(checker, [RULE | fields]) != []


def test_a_rule_without_a_key_it_needs_and_a_file_without_rules_do_not_fit(
    checker: Draft202012Validator,
) -> None:
    for key in RULE:
        assert wrong(checker, [{name: value for name, value in RULE.items() if name != key}]) != [], key
    for file in ([], {}, None, [None]):
        assert wrong(checker, file) != []
