"""Merging: one drift per resource, whatever layer, order, name or character it comes in."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from made import BUCKET, ESTATE, change, finding, seen

from evidence.canonical import canonical_json, drift_id, fingerprint
from tasks import merge
from taxonomy.observation import KINDS, Change, Finding, Observation
from taxonomy.target import LAYERS

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")


def merged(*observations: Observation) -> dict[str, list[dict[str, Any]]]:
    with closing(merge.connect()) as connection:
        merge.load(connection, observations)
        merge.merge(connection, estate=ESTATE)
        found = {}
        for table in ("resources", "changes"):
            result = connection.sql(f"SELECT * FROM {table} ORDER BY ALL")  # noqa: S608 - named above
            found[table] = [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]
        return found


def resources(*observations: Observation) -> list[dict[str, Any]]:
    return merged(*observations)["resources"]


def test_layers_that_know_a_resource_by_one_alias_make_one_drift() -> None:
    code = finding(BUCKET, address="aws_s3_bucket.ledger", aliases=("acme-ledger",))
    config = finding("acme-ledger", change("config_rule.s3-versioning"), resource_type="aws_s3_bucket")
    (found,) = resources(seen(code), seen(config, target="eu", layer="aws_config"))
    assert found["resource_id"] == BUCKET
    assert found["layers"] == ["aws_config", "terraform"]
    assert found["targets"] == ["eu", "network"]
    assert found["address"] == "aws_s3_bucket.ledger"
    assert {"acme-ledger", BUCKET} <= set(found["aliases"])


def test_a_name_carries_over_any_number_of_others() -> None:
    chain = [finding(f"id-{n}", change(f"tags.{n}"), aliases=(f"id-{n + 1}",)) for n in range(7)]
    (found,) = resources(*(seen(one, target=f"t{n}") for n, one in enumerate(chain)))
    assert len(found["targets"]) == 7


def test_resources_that_share_nothing_stay_apart() -> None:
    assert len(resources(seen(finding("a", aliases=("x",)), finding("b", aliases=("y",))))) == 2


def test_the_clouds_own_name_stands_for_a_resource_whichever_layer_says_it() -> None:
    short, long = finding("acme-ledger", aliases=(BUCKET,)), finding(BUCKET, change("acl"))
    assert [one["resource_id"] for one in resources(seen(short), seen(long, target="z"))] == [BUCKET]


def test_two_layers_that_see_the_same_corroborate_one_change() -> None:
    (found,) = merged(seen(finding()), seen(finding(), target="eu", layer="aws_config"))["changes"]
    assert found["layer"] == "aws_config+terraform"
    assert found["layers"] == ["aws_config", "terraform"]
    assert found["targets"] == ["eu", "network"]


def test_two_layers_that_see_other_values_make_two_changes_of_one_drift() -> None:
    found = merged(
        seen(finding(BUCKET, change(actual="b"))),
        seen(finding(BUCKET, change(actual="c")), target="eu", layer="aws_config"),
    )
    assert len(found["resources"]) == 1
    assert [(one["actual"], one["layer"]) for one in found["changes"]] == [
        ('"b"', "terraform"),
        ('"c"', "aws_config"),
    ]


def test_a_corroborated_change_cites_what_every_layer_reports() -> None:
    one = change(reported_severity="low", reported_controls=("soc2:CC7.1",))
    two = change(reported_severity="high", reported_controls=("cis:2.2",), redacted=True)
    (found,) = merged(
        seen(finding(BUCKET, one)), seen(finding(BUCKET, two), target="eu", layer="aws_config")
    )["changes"]
    assert found["reported_controls"] == ["cis:2.2", "soc2:CC7.1"]
    assert found["reported_severity"] == "high"
    assert found["redacted"] is True


def test_a_drifts_kind_is_the_first_that_any_of_its_changes_has() -> None:
    for kinds in itertools.permutations(KINDS, 2):
        one, two = (change(f"x.{kind}", kind=kind) for kind in kinds)
        (found,) = resources(seen(finding(BUCKET, one, two)))
        assert found["kind"] == min(kinds, key=KINDS.index)


def test_nothing_seen_is_nothing_merged() -> None:
    assert merged(seen()) == {"resources": [], "changes": []}


def test_of_two_targets_of_one_layer_the_first_by_name_is_believed() -> None:
    one = seen(finding(address="aws_s3_bucket.one", tags={"of": "one"}), target="one")
    two = seen(finding(address="aws_s3_bucket.two", tags={"of": "two"}), target="two")
    for looks in ((one, two), (two, one)):
        (found,) = resources(*looks)
        assert found["address"] == "aws_s3_bucket.one"


words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
changes = st.builds(
    lambda attribute, kind, declared, actual: change(attribute, declared, actual, kind=kind),
    words,
    st.sampled_from(KINDS),
    values,
    values,
)


def lines(findings: Iterable[Finding]) -> list[tuple[str, str, str, str]]:
    return [
        (one.attribute, one.kind, canonical_json(one.declared), canonical_json(one.actual))
        for each in findings
        for one in each.changes
    ]


@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.dictionaries(words, st.lists(changes, min_size=1, max_size=4), min_size=1, max_size=20), words)
def test_ids_and_fingerprints_are_what_an_auditor_computes(
    drifted: Mapping[str, Sequence[Change]], estate: str
) -> None:
    findings = [finding(resource_id, *parts) for resource_id, parts in drifted.items()]
    with closing(merge.connect()) as connection:
        merge.load(connection, [seen(*findings)])
        merge.merge(connection, estate=estate)
        rows = connection.sql("SELECT resource_id, drift_id, fingerprint FROM resources").fetchall()
    expected = {
        (one.resource_id, drift_id(estate, one.resource_id), fingerprint(lines([one]))) for one in findings
    }
    assert set(rows) == expected


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([change("ab", "c", "d")], [change("a", "bc", "d")]),
        ([change("a", None, "d")], [change("a", "null", "d")]),
        ([change("a", "x", "y"), change("b", "x", "y")], [change("a", "x", "y")]),
        ([change("a", "x", "y", kind="missing")], [change("a", "x", "y", kind="unmanaged")]),
        ([change("a", '"', "y")], [change("a", '\\"', "y")]),
    ],
)
def test_other_drift_has_another_fingerprint(one: list[Change], two: list[Change]) -> None:
    (first,), (second,) = (resources(seen(finding(BUCKET, *parts))) for parts in (one, two))
    assert first["drift_id"] == second["drift_id"]
    assert first["fingerprint"] != second["fingerprint"]


@st.composite
def estates(draw: st.DrawFn) -> list[Observation]:
    """A handful of looks at few resources, whose names overlap."""
    looks = []
    for number in range(draw(st.integers(2, 4))):
        ids = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
        found = [
            finding(
                name,
                *draw(
                    st.lists(
                        st.builds(change, st.sampled_from(["acl", "tags.a"]), st.just("x"), words),
                        min_size=1,
                        max_size=2,
                    )
                ),
                address=draw(st.none() | st.sampled_from(["aws_a.b", "aws_c.d"])),
                aliases=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=1))),
            )
            for name in ids
        ]
        looks.append(seen(*found, target=f"t{number}", layer=draw(st.sampled_from(LAYERS))))
    return looks


@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
@given(estates(), st.randoms(use_true_random=False))
def test_the_order_of_the_looks_does_not_matter(looks: list[Observation], order: Any) -> None:
    shuffled = looks.copy()
    order.shuffle(shuffled)
    assert merged(*looks) == merged(*shuffled)
