"""The SQL decides any row as the oracle does, by any rules."""

import random
from typing import Any

import pytest
from classified_rows import ROW, assert_equal, rule
from hypothesis import example, given, settings
from hypothesis import strategies as st

from taxonomy import oracle
from taxonomy.controls import builtin_catalogue
from taxonomy.drift import DIRECTIONS, SEVERITIES
from taxonomy.observation import KINDS
from taxonomy.rule import canonical
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


TYPES = [
    "aws_s3_bucket",
    "aws_security_group",
    "aws_iam_role",
    "aws_kms_key",
    "azurerm_storage_account",
    "AWS_x",
]


def grant(action: Any, principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Principal": principal, "Resource": "*", **more}


def admit(*addresses: str, port: int = 22) -> dict[str, Any]:
    return {"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": list(addresses)}


SIDES = [
    *(None, True, False, "", "a", "a'b", [], {}, [1], ["a"], {"a": "x"}, {"a": None}),
    *(0, 1, 12, 12.5, -3, 1e16, 1e-7, "12", "012", "1e3", "-0.5", "nan", 10**40),
    *("0.0.0.0/0", ["10.0.0.0/8"], ["::/0", "10.0.0.0/9"]),
    *([admit("10.0.0.0/8")], [admit("0.0.0.0/1", "128.0.0.0/1")], [admit("0.0.0.0/0", port=443)]),
    {"Statement": [grant("s3:Get*", {"AWS": "111111111111"})]},
    {"Statement": [grant("iam:PassRole"), {**grant("s3:*"), "Effect": "Deny"}]},
    canonical({"Statement": [grant(["s3:*", "iam:*"], {"AWS": "222222222222"})]}),
    {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*", "Principal": "*"}]},
]
VALUES = [None, *(canonical(side) for side in SIDES), "1.50", '"12', "x"]


def random_row(chance: random.Random, rulebook: Rulebook) -> dict[str, Any]:
    """A row near some rule, so that most predicates are met by many rows and missed by many."""
    when = chance.choice(rulebook.rules).when

    def near(asked: tuple[str, ...] | None, others: list[Any]) -> Any:
        if asked and chance.random() < 0.8:
            return chance.choice(asked).replace("*", chance.choice(["", "x", ".y"]))
        return chance.choice(others)

    return {
        "layer": near(when.layer, ["terraform", "aws_config", "terraform+aws_config", "inspec"]),
        "provider": chance.choice(["aws", "azure", None]),
        "account": near(when.account, ["111111111111", "222222222222", None]),
        "resource_type": near(when.resource_type, TYPES),
        "attribute": near(when.attribute, ["tags", "tags.A", "policy", "x", "encrypted", ""]),
        "kind": near(when.kind, list(KINDS)),
        "environment": chance.choice(["prod", "dev", None]),
        "declared": chance.choice(VALUES),
        "actual": chance.choice(VALUES),
        "direction": near(when.direction, list(DIRECTIONS)),
        "drift_class": chance.choice(["A", "B", None]),
        "reported_severity": near(when.reported_severity, [*SEVERITIES, None, "dire"]),
        "reported_controls": chance.sample(
            ["soc2:CC7.1", "nist-800-53-r5:AU-2", "no:such"], chance.randint(0, 3)
        ),
        "tags": canonical({"team": "a"}),
        "recurrence": chance.choice([0, 1, 2, 5, None]),
        "hours_open": chance.choice([0.0, 0.5, 24.0, 24.01, 1000.0, None]),
    }


def random_rules(chance: random.Random, count: int, rulebook: Rulebook) -> Rulebook:
    """Rules of all predicates, near the built-in ones and near the values above."""
    rules = []
    for number in range(count):
        near = chance.choice(rulebook.rules).when
        when = near.model_dump(by_alias=True, exclude_unset=True, include={"resource_type", "attribute"})
        for key, choices in PREDICATES.items():
            if chance.random() < 0.2:
                when[key] = chance.choice(choices)
        severity, tier = chance.choice(SEVERITIES), chance.choice(["auto", "review", "record"])
        rules.append(rule(id=f"x-{number}", when=when or {"layer": "inspec"}, severity=severity, tier=tier))
    return Rulebook(rules=tuple(rules), catalogue=rulebook.catalogue)


TESTS: list[dict[str, Any]] = [
    *({"equals": value} for value in (True, 0, "a'b", ["a"], {"a": None}, 12.5)),
    *({"in": [12, None]}, {"in": ["a", [], False]}),
    *({"contains": "a"}, {"contains": ['"', "["]}, {"null": True}, {"null": False}),
    *({"above": 1}, {"below": 12}, {"above": -3.5, "below": 1e16}, {"above": 0, "null": False}),
]
PREDICATES: dict[str, list[Any]] = {
    "layer": ["terraform", ["aws_config", "inspec"]],
    "account": ["1*", ["222222222222", "3*"], "*"],
    "environment": ["prod", "*"],
    "kind": ["changed", ["missing", "changed"]],
    "direction": ["weakened", ["lateral", "unknown"]],
    "declared": TESTS,
    "actual": TESTS,
    "became_null": [True],
    "newly_admits": [
        {"every_address_of": ["0.0.0.0/0", "::/0"]},
        {"any_address_of": "8.8.8.0/24", "ports": ["20-25"]},
        {"ports": 443},
        {"every_address_of": "10.0.0.0/8", "ports": [22, 80]},
    ],
    "newly_grants": [
        {"any_action_of": "iam:PassRole"},
        {"every_action_of": ["s3:*"], "to": "anyone"},
        {"to": "another_account"},
        {"any_action_of": "s3:get*", "to": ["anyone", "another_account"]},
    ],
    "recurrence": [{"above": 1}, {"below": 1}, {"above": 0, "below": 5}],
    "hours_open": [{"above": 24}, {"below": 0.5}],
    "tags": [{"team": "a"}, {"a/b": "*"}, {"team": ["b*", "a*"]}],
}


def test_the_sql_decides_two_thousand_random_rows_as_the_oracle_does(builtin: Rulebook) -> None:
    chance = random.Random(20261123)  # noqa: S311 - a seed, not a secret
    rows = [random_row(chance, builtin) for _ in range(2000)]
    assert_equal(builtin, rows)
    decided = {oracle.decide(row, builtin).rule_id for row in rows}
    assert len(decided) > len(builtin.rules) * 0.4


def test_by_rules_of_all_predicates_the_sql_decides_as_the_oracle_does(builtin: Rulebook) -> None:
    chance = random.Random(7)  # noqa: S311 - a seed, not a secret
    rulebook = random_rules(chance, 150, builtin)
    for key in PREDICATES:
        assert sum(getattr(one.when, key) is not None for one in rulebook.rules) > 10
    assert_equal(rulebook, [random_row(chance, rulebook) for _ in range(2000)])


@pytest.mark.prove
def test_the_sql_decides_a_hundred_thousand_random_rows_as_the_oracle_does(builtin: Rulebook) -> None:
    chance = random.Random(4)  # noqa: S311 - a seed, not a secret
    assert_equal(builtin, [random_row(chance, builtin) for _ in range(50_000)])
    for _ in range(10):
        rulebook = random_rules(chance, 150, builtin)
        assert_equal(rulebook, [random_row(chance, rulebook) for _ in range(5_000)])


letters = st.text(alphabet="ab.*'", max_size=4)
globs = st.lists(letters.filter(bool), min_size=1, max_size=2)
OWN = ("account", "environment", "tags")
whens = st.fixed_dictionaries(
    {"attribute": globs},
    optional={
        "resource_type": globs,
        "environment": globs,
        "account": globs,
        "tags": st.dictionaries(st.sampled_from(["a", "a/b", "a.b"]), globs, min_size=1, max_size=1),
        **{key: st.sampled_from(choices) for key, choices in PREDICATES.items() if key not in OWN},
    },
)
plain = st.text(alphabet="aAb.'", max_size=4)
changes = st.fixed_dictionaries(
    {
        "layer": st.sampled_from(["terraform", "aws_config", "terraform+aws_config", "inspec"]),
        "resource_type": plain,
        "attribute": plain,
        "environment": st.none() | plain,
        "account": st.none() | plain,
        "kind": st.sampled_from(KINDS),
        "direction": st.sampled_from(DIRECTIONS),
        "drift_class": st.sampled_from(["A", "B", None]),
        "declared": st.sampled_from(VALUES),
        "actual": st.sampled_from(VALUES),
        "tags": st.dictionaries(st.sampled_from(["a", "a/b", "a.b"]), plain, max_size=2).map(canonical),
        "recurrence": st.none() | st.integers(0, 6),
        "hours_open": st.none() | st.sampled_from([0.0, 0.25, 24.0, 24.5]),
    }
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(whens, st.sampled_from(SEVERITIES), st.sampled_from(["auto", "review", "record"])),
             min_size=1, max_size=4),
    st.lists(changes, min_size=1, max_size=8),
)  # fmt: skip
@example([({"attribute": ["*.*"]}, "low", "review")], [{"attribute": ""}])  # the parent of a glob is a glob
@example([({"attribute": ["a*.*"]}, "low", "review")], [{"attribute": "ab"}])
def test_any_rules_decide_any_rows_as_the_oracle_does(
    written: list[tuple[dict[str, Any], str, str]], drifted: list[dict[str, Any]]
) -> None:
    rules = [rule(id=f"x-{n}", when=when, severity=s, tier=t) for n, (when, s, t) in enumerate(written)]
    rulebook = Rulebook(rules=tuple(rules), catalogue=builtin_catalogue())
    assert_equal(rulebook, [ROW | change for change in drifted])
