"""Laws of policies: whoever is newly permitted anything was never called stronger."""

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.direction import judge
from taxonomy.direction_policy import judge_policy
from taxonomy.glob import covers, overlap

ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/app"
OTHER = "arn:aws:iam::444455556666:role/x"

actions = st.sampled_from(["s3:Get", "s3:GetObject", "s3:Get*", "s3:*", "*", "sqs:Send", "S3:GETOBJECT",
                           "s3:Get?bject"])  # fmt: skip
places = st.sampled_from(["*", "arn:a", "arn:a/*", "arn:a/b", "arn:*"])
who = st.sampled_from(["*", "111122223333", ROOT, ROLE, OTHER])
clauses = st.sampled_from([
    ("Bool", "aws:MultiFactorAuthPresent", "true"), ("StringEquals", "aws:x", "1"),
    ("StringEquals", "aws:x", ["1", "2"]), ("StringNotEquals", "aws:x", "1"), ("StringLike", "aws:x", "1*"),
    ("StringEqualsIfExists", "aws:x", "1"), ("StringNotEquals", "aws:x", ["1", "2"]),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/9", "10.128.0.0/9"]),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
    ("NotIpAddress", "aws:SourceIp", "10.1.0.0/16"), ("Null", "aws:x", "false"),
])  # fmt: skip


@st.composite
def a_statement(draw: st.DrawFn) -> dict[str, Any]:
    told: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    for part, values in (("Action", actions), ("Resource", places), ("Principal", who)):
        names = draw(st.lists(values, min_size=1, max_size=2))
        key = draw(st.sampled_from([part, part, part, f"Not{part}"]))
        told[key] = {"AWS": names} if part == "Principal" else names
    for operator, key, value in draw(st.lists(clauses, max_size=2)):
        told.setdefault("Condition", {}).setdefault(operator, {})[key] = value
    return told


documents = st.builds(
    lambda told: {"Version": "2012-10-17", "Statement": told}, st.lists(a_statement(), max_size=3)
)


def fits(glob: str, text: str) -> bool:
    if not glob:
        return not text
    if glob[0] == "*":
        return fits(glob[1:], text) or (bool(text) and fits(glob, text[1:]))
    return bool(text) and glob[0] in {"?", text[0]} and fits(glob[1:], text[1:])


def is_one(name: str, principal: str) -> bool:
    account = name if name.isdigit() else name.split(":")[4] if name.endswith(":root") else None
    return name in {"*", principal} or (account is not None and account == principal.split(":")[4])


def meets(operator: str, key: str, values: list[str], context: dict[str, str]) -> bool:
    found = context.get(key)
    if operator == "Null":
        return (found is None) is (values == ["true"])
    if found is None:
        return "Not" in operator or operator.endswith("IfExists")
    if operator.endswith("IpAddress"):
        inside = found == "10.1.2.3" or (found == "10.200.0.1" and "10.1.0.0/16" not in values)
        return inside is not operator.startswith("Not")
    plain = operator.removesuffix("IfExists").replace("Not", "")
    held = any(fits(value, found) if plain == "StringLike" else value == found for value in values)
    return held is not ("Not" in operator)


def permits(document: dict[str, Any], principal: str, action: str, resource: str, context: Any) -> bool:
    """Whether a request is allowed: IAM's evaluation, written as simply as it can be."""

    def speaks(told: dict[str, Any]) -> bool:
        def part(name: str, holds: Any) -> bool:
            listed = told.get(name, told.get(f"Not{name}"))
            names = listed["AWS"] if isinstance(listed, dict) else listed
            return any(holds(one) for one in names) is (name in told)

        asked = [(o, k, v) for o, keys in told.get("Condition", {}).items() for k, v in keys.items()]
        return (
            part("Principal", lambda name: is_one(name, principal))
            and part("Action", lambda glob: fits(glob.lower(), action.lower()))
            and part("Resource", lambda glob: fits(glob, resource))
            and all(meets(o, k, v if isinstance(v, list) else [v], context) for o, k, v in asked)
        )

    effects = {told["Effect"] for told in document["Statement"] if speaks(told)}
    return "Allow" in effects and "Deny" not in effects


requests = st.tuples(
    st.sampled_from([ROOT, ROLE, OTHER, "arn:aws:iam::777788889999:user/u"]),
    st.sampled_from(["s3:Get", "s3:GetObject", "s3:Put", "sqs:Send", "iam:Any"]),
    st.sampled_from(["arn:a", "arn:a/b", "arn:a/c", "arn:z"]),
    st.fixed_dictionaries(
        {},
        optional={
            "aws:MultiFactorAuthPresent": st.just("true"),
            "aws:x": st.sampled_from(["1", "2", "12"]),
            "aws:SourceIp": st.sampled_from(["10.1.2.3", "10.200.0.1", "192.0.2.1"]),
        },
    ),
)


asked_for = st.lists(requests, min_size=20, max_size=20)


@settings(max_examples=100, deadline=None)
@given(documents, documents, asked_for)
def test_a_request_newly_permitted_is_never_strengthened_or_lateral(
    declared: dict[str, Any], actual: dict[str, Any], asked: list[Any]
) -> None:
    hold_to_requests(declared, actual, asked)


@pytest.mark.prove
@settings(max_examples=5000, deadline=None)
@given(documents, documents, asked_for)
def test_a_request_newly_permitted_is_never_strengthened_in_thousands_of_policies(
    declared: dict[str, Any], actual: dict[str, Any], asked: list[Any]
) -> None:
    hold_to_requests(declared, actual, asked)


def hold_to_requests(declared: dict[str, Any], actual: dict[str, Any], asked: list[Any]) -> None:
    direction = judge_policy(declared, actual)
    for request in asked:
        before, after = permits(declared, *request), permits(actual, *request)
        if after and not before:
            assert direction in {"weakened", "unknown"}, request
        if direction == "lateral":
            assert after == before, request


def widened(told: dict[str, Any], way: str) -> dict[str, Any]:
    """Return the statement with something more in it."""
    wide = dict(told)
    if way == "condition":
        wide.pop("Condition", None)
    for part, everything in (("Action", "*"), ("Resource", "*"), ("Principal", {"AWS": "*"})):
        if way == part:
            wide.pop(f"Not{part}", None)
            wide[part] = everything
    return wide


ways = st.sampled_from(["condition", "Action", "Resource", "Principal", "more"])


@settings(max_examples=60, deadline=None)
@given(documents, a_statement(), ways)
def test_widening_is_never_strengthened_and_narrowing_never_weakened(
    document: dict[str, Any], told: dict[str, Any], way: str
) -> None:
    hold_to_widening(document, told, way)


@pytest.mark.prove
@settings(max_examples=5000, deadline=None)
@given(documents, a_statement(), ways)
def test_widening_is_never_strengthened_in_thousands_of_policies(
    document: dict[str, Any], told: dict[str, Any], way: str
) -> None:
    hold_to_widening(document, told, way)


def hold_to_widening(document: dict[str, Any], told: dict[str, Any], way: str) -> None:
    rest = document["Statement"]
    narrow = {**document, "Statement": [*rest, told]}
    wide = {**document, "Statement": [*rest, widened(told, way)] if way != "more" else [*rest, told, told]}
    if told["Effect"] == "Deny":
        narrow, wide = wide, narrow
    assert judge_policy(narrow, wide) in {"weakened", "lateral", "unknown"}
    assert judge_policy(wide, narrow) in {"strengthened", "lateral", "unknown"}
    fewer = {**document, "Statement": rest}
    gained = judge_policy(fewer, {**document, "Statement": [*rest, told]})
    allows = told["Effect"] == "Allow"
    assert gained in ({"weakened", "lateral", "unknown"} if allows else {"strengthened", "lateral"})


@settings(max_examples=40, deadline=None)
@given(documents, st.randoms(use_true_random=False))
def test_the_same_written_otherwise_is_lateral(document: dict[str, Any], chance: random.Random) -> None:
    statements = [
        {
            **{key: value[::-1] if isinstance(value, list) else value for key, value in told.items()},
            "Sid": str(n),
        }
        for n, told in enumerate(document["Statement"])
    ]
    chance.shuffle(statements)
    assert judge_policy(document, {"Statement": statements, "Version": "2012-10-17"}) == "lateral"


@settings(max_examples=60, deadline=None)
@given(documents, documents)
def test_no_two_policies_are_each_stronger_than_the_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert {judge_policy(one, other), judge_policy(other, one)} != {"strengthened"}


patterns = st.text(alphabet="ab*?", max_size=6)


@given(patterns, patterns, st.lists(st.text(alphabet="abc", max_size=6), max_size=20))
def test_patterns_cover_and_overlap_as_their_words_say(one: str, other: str, words: list[str]) -> None:
    for word in words:
        if covers(one, other) and fits(other, word):
            assert fits(one, word)
        if fits(one, word) and fits(other, word):
            assert overlap(one, other)
    assert overlap(one, other) == overlap(other, one)


STARS = "*a" * 500
HOSTILE = [
    [{"Effect": "Allow", "Action": f"s3:A{n}", "Resource": "*"} for n in range(10_000)],
    [{"Effect": "Allow", "Action": f"s3:A{n}*", "Resource": "*"} for n in range(4_000)],
    [{"Effect": "Allow", "Action": "s3:*", "Resource": f"{STARS}{n}"} for n in range(400)],
    [{"Effect": "Allow", "NotAction": [f"{STARS}{n}{m}" for m in range(20)], "Resource": "*"}
     for n in range(99)],
    [{"Effect": "Allow", "Action": "*", "Resource": "*",
      "Condition": {"StringLike": {"a:x": [f"{STARS}{n}" for n in range(400)]}}}],
]  # fmt: skip

NAMES = ["many", "patterns", "stars", "exceptions", "conditions"]


@pytest.mark.parametrize("statements", HOSTILE, ids=NAMES)
def test_no_policy_takes_long(statements: list[Any]) -> None:
    hold_to_time(statements, statements)


@pytest.mark.prove
@pytest.mark.parametrize("declared", HOSTILE, ids=NAMES)
@pytest.mark.parametrize("actual", HOSTILE, ids=NAMES)
def test_no_two_policies_take_long(declared: list[Any], actual: list[Any]) -> None:
    hold_to_time(declared, actual)


def hold_to_time(declared: list[Any], actual: list[Any]) -> None:
    grown = [{**told, "Resource": "a" * 1000 + "b"} for told in actual]
    begun = time.monotonic()
    assert judge("aws_iam_policy", "policy", "changed", {"Statement": declared}, {"Statement": grown}) in {
        "unknown",
        "weakened",
        "strengthened",
    }
    assert time.monotonic() - begun < 10
