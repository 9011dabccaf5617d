"""The contract of the merged table: each invariant and each expectation, broken on purpose."""

import re
from collections.abc import Iterator
from importlib import resources

import duckdb
import pytest
from house import House
from made import BUCKET, NOW, change, finding, seen

from tasks import contract, judge
from tasks.contract import ContractError
from taxonomy.rulebook import Rulebook


@pytest.fixture(scope="module")
def met(builtin: Rulebook) -> Iterator[duckdb.DuckDBPyConnection]:
    looks = seen(finding(BUCKET, change(), change("acl")), finding("arn:b"))
    connection = judge.judge([looks], estate="acme", rulebook=builtin, history={}, now=NOW)
    yield connection
    connection.close()


@pytest.fixture
def judged(met: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    met.execute("BEGIN")
    yield met
    met.execute("ROLLBACK")


def test_what_merging_and_classifying_make_meets_it(judged: duckdb.DuckDBPyConnection) -> None:
    counted = contract.check(judged)
    assert counted["invariants"] == 12
    assert counted["expectations"] == 2 * len(contract.WORDS) + 3


@pytest.mark.parametrize(
    ("broken", "sql"),
    [
        ("a change names its resource", "UPDATE classified SET resource_id = ''"),
        ("a change names its resource", "UPDATE classified SET resource_id = NULL"),
        ("a change names its attribute", "UPDATE classified SET attribute = NULL"),
        ("a change names a layer", "UPDATE classified SET layers = [] WHERE attribute = 'acl'"),
        ("a change names a layer", "UPDATE classified SET layers = NULL WHERE attribute = 'acl'"),
        ("a change belongs to a drift", "UPDATE classified SET drift_id = 'x' WHERE attribute = 'acl'"),
        ("a drift has a change", "DELETE FROM classified WHERE resource_id = 'arn:b'"),
        ("a drift stands once", "INSERT INTO drifts SELECT * FROM drifts"),
        ("a resource drifts once", "UPDATE drifts SET resource_id = 'arn:b'"),
        ("a change stands once", "INSERT INTO classified SELECT * FROM classified"),
        ("both sides are JSON", "UPDATE classified SET declared = 'not JSON'"),
        ("both sides are JSON", "UPDATE classified SET actual = NULL"),
        ("the two sides differ", "UPDATE classified SET actual = declared"),
        ("a change cites a control", "UPDATE classified SET controls = []"),
        ("a change cites a control", "UPDATE classified SET controls = NULL"),
        ("a fingerprint is a digest", "UPDATE drifts SET fingerprint = upper(fingerprint)"),
        ("a fingerprint is a digest", "UPDATE drifts SET fingerprint = NULL"),
    ],
)
def test_what_breaks_an_invariant_is_counted_under_its_name(
    judged: duckdb.DuckDBPyConnection, broken: str, sql: str
) -> None:
    judged.execute(sql)
    counted = dict(judged.execute(resources.files("tasks").joinpath("contract.sql").read_text()).fetchall())
    assert counted[broken] > 0


WORDS_OF = {
    "classified": ("kind", "direction", "severity", "tier", "drift_class"),
    "drifts": ("severity", "tier", "state", "remedy"),
}


def setting(value: str) -> list[str]:
    return [f"UPDATE {table} SET {name} = {value}" for table, names in WORDS_OF.items() for name in names]  # noqa: S608


def refused(connection: duckdb.DuckDBPyConnection, *statements: str) -> set[str]:
    for sql in statements:
        connection.execute(sql)
    with pytest.raises(ContractError) as said:
        contract.check(connection)
    return {re.split(r"[,(]", name)[0].strip() for name in said.value.broken}


def test_words_of_no_list_are_refused_each_by_name(judged: duckdb.DuckDBPyConnection) -> None:
    said = refused(judged, *setting("'odd'"), "UPDATE classified SET layers = ['odd']")
    assert said == {f"expect_column_values_to_be_in_set on {name}" for name in contract.WORDS}


def test_what_is_left_unsaid_is_refused_by_name(judged: duckdb.DuckDBPyConnection) -> None:
    said = refused(judged, *setting("NULL"), "UPDATE classified SET layers = [NULL]")
    unsaid = {f"expect_column_values_to_not_be_null on {name}" for name in contract.WORDS}
    # a class is Terraform's to say, so one that nobody said counts as the word 'none'
    assert said == unsaid - {"expect_column_values_to_not_be_null on drift_class"}


def test_a_change_without_rule_or_provider_is_refused(judged: duckdb.DuckDBPyConnection) -> None:
    said = refused(
        judged,
        "UPDATE classified SET rule_id = NULL, provider = NULL WHERE attribute = 'acl'",
        "UPDATE drifts SET fingerprint = 'none'",
    )
    assert said == {
        "a fingerprint is a digest",
        "expect_column_pair_values_to_be_equal on changes and with_rule",
        "expect_column_pair_values_to_be_equal on changes and with_provider",
    }


def test_a_sweep_that_breaks_it_records_nothing(house: House) -> None:
    bad = change(kind="odd")
    with pytest.raises(ContractError, match="on kind"):
        house.sweep(seen(finding(BUCKET, bad)), seen(target="other"))
    assert not house.root.exists()
