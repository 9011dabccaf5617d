"""Overrides in the tables: what SQL reads of tags and surroundings is what the plain reading says."""

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import BUCKET, ESTATE, NOW, change, finding, seen

from tasks import judge, merge
from taxonomy.classify import classify
from taxonomy.drift import SEVERITIES, TIERS, Drift
from taxonomy.observation import Change
from taxonomy.overrides import data_classes, override
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="module")
def book() -> Rulebook:
    whole = load()
    few = tuple(rule for rule in whole.rules if rule.id.startswith(("aws-s3-", "aws-tags-")))
    return replace(whole, rules=few)


def judged(book: Rulebook, *changes: Change, environment: str | None = None, **more: Any) -> Drift:
    look = replace(seen(finding(BUCKET, *changes, **more)), environment=environment)
    with closing(merge.connect()) as connection:
        merge.load(connection, [look])
        merge.merge(connection, estate=ESTATE)
        classify(connection, book)
        judge.summarise(connection, rulebook=book, history={}, now=NOW)
        (drift,) = judge.drifts(connection)
        return drift


def plain(book: Rulebook) -> Rulebook:
    return Rulebook(rules=book.rules, catalogue=book.catalogue)


def test_a_tag_of_restricted_data_is_looked_at_by_a_person(book: Rulebook) -> None:
    assert judged(book, change(), tags={"data-class": "internal"}).tier == "auto"
    drift = judged(book, change(), tags={"Data-Class": "Restricted"})
    assert (drift.tier, drift.changes[0].overridden_by) == ("review", ("restricted-data",))


def test_whoever_takes_the_tag_away_does_not_lower_the_ceremony(book: Rulebook) -> None:
    taken = change("tags.data-class", "restricted", None)
    drift = judged(book, taken, change("tags.Owner"))
    assert [each.overridden_by for each in drift.changes] == [("restricted-data",), ("restricted-data",)]
    assert drift.tier == "review"


def test_what_surroundings_have_raised_is_what_the_drift_is_ranked_by(book: Rulebook) -> None:
    mild, raised = (judged(book, change(), tags=tags) for tags in ({}, {"data-class": "phi"}))
    assert SEVERITIES.index(raised.severity) == SEVERITIES.index(mild.severity) - 1


KEYS = ("data-class", "Classification", "a/b~c", "owner")
WORDS = ("restricted", "Secret ", "internal", "x", None)
TAGS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([word for word in WORDS if word]), max_size=3)
CHANGES = st.one_of(
    st.builds(
        lambda stem, key, sides: change(f"{stem}.{key}", *sides),
        st.sampled_from(["tags", "tags_all"]),
        st.sampled_from(KEYS),
        st.permutations(WORDS).map(lambda words: words[:2]),
    ),
    st.builds(lambda tags: change("tags", tags, None), TAGS),
    st.builds(lambda tags: change("resource", {"tags": tags}, None, kind="missing"), TAGS),
    st.builds(lambda cls: change("versioning.0.enabled", "a", "b", drift_class=cls), st.sampled_from("AB")),
    st.builds(
        lambda side: change("policy", side, "b"), st.sampled_from(["{", '{"tags":{"data-class":"phi"}}', 3])
    ),
)


@settings(max_examples=8)
@given(
    tags=TAGS,
    changes=st.lists(CHANGES, min_size=1, max_size=3, unique_by=lambda each: each.attribute),
    environment=st.sampled_from([None, "prod", "sandbox", "x"]),
)
def test_sql_and_the_plain_reading_agree_and_no_tier_is_loosened(
    book: Rulebook, tags: dict[str, str], changes: list[Change], environment: str | None
) -> None:
    before = judged(plain(book), *changes, environment=environment, tags=tags)
    after = judged(book, *changes, environment=environment, tags=tags)
    sides = [(each.attribute, each.kind, each.declared, each.actual) for each in changes]
    classes = data_classes(book.overrides.data_class_tags, tags, sides)
    for old, new in zip(before.changes, after.changes, strict=True):
        expected = override(
            book.overrides.overrides,
            severity=old.severity,
            tier=old.tier,
            environment=environment,
            direction=old.direction,
            data_classes=classes,
        )
        assert (new.severity, new.tier, new.overridden_by) == (expected.severity, expected.tier, expected.by)
        assert TIERS.index(new.tier) <= TIERS.index(old.tier)
