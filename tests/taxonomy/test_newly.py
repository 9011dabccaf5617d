"""What a change newly lets in: by meaning, for networks and for policies."""

from fnmatch import fnmatchcase
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.newly import holds
from taxonomy.newly_granted import globs_meet
from taxonomy.when import NewlyAdmits, NewlyGrants, canonical

EVERYONE = {"every_address_of": ["0.0.0.0/0", "::/0"]}


def tcp(first: int, last: int, *addresses: str, **more: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "from_port": first, "to_port": last, "cidr_blocks": [*addresses], **more}


def admits(asked: dict[str, Any], declared: Any, actual: Any) -> bool:
    return holds(NewlyAdmits.model_validate(asked), canonical(declared), canonical(actual), None)


INSIDE = [tcp(443, 443, "10.0.0.0/8")]
HALVES = [tcp(443, 443, "0.0.0.0/1", "128.0.0.0/1")]


@pytest.mark.parametrize(
    ("asked", "declared", "actual", "held"),
    [
        (EVERYONE, INSIDE, [tcp(443, 443, "0.0.0.0/0")], True),
        (EVERYONE, INSIDE, HALVES, True),
        (EVERYONE, INSIDE, [tcp(443, 443, "0.0.0.0/1")], False),
        (EVERYONE, HALVES, [tcp(443, 443, "0.0.0.0/0")], False),
        (EVERYONE, [tcp(443, 443, "0.0.0.0/0")], INSIDE, False),
        (EVERYONE, None, [tcp(22, 22, ipv6_cidr_blocks=["::/0"])], True),
        (EVERYONE, [tcp(443, 443, "0.0.0.0/0")], [tcp(443, 444, "0.0.0.0/0")], True),
        (EVERYONE, [], ["0.0.0.0/0"], True),
        (EVERYONE, "10.0.0.0/8", "0.0.0.0/0", True),
        ({"any_address_of": "8.8.8.0/24"}, INSIDE, HALVES, True),
        ({"any_address_of": "10.1.0.0/16"}, INSIDE, HALVES, False),
        ({"ports": 22}, INSIDE, [*INSIDE, tcp(20, 25, "10.0.0.0/8")], True),
        ({"ports": ["26-442", 80]}, INSIDE, [*INSIDE, tcp(20, 25, "10.0.0.0/8")], False),
        ({"ports": 22}, INSIDE, [*INSIDE, tcp(22, 22, security_groups=["sg-1"])], True),
        ({"ports": 3389}, INSIDE, [{"protocol": "-1", "cidr_blocks": ["10.0.0.0/8"]}], True),
        ({"ports": 0}, [], [{**tcp(-1, -1, "0.0.0.0/0"), "protocol": "icmp"}], False),
        ({**EVERYONE, "ports": 22}, [tcp(22, 22, "10.0.0.0/8")], [tcp(443, 443, "0.0.0.0/0")], False),
        ({**EVERYONE, "ports": 22}, [tcp(22, 22, "10.0.0.0/8")], [tcp(0, 99, "0.0.0.0/0")], True),
        (EVERYONE, INSIDE, "hmac-sha256:k:00", False),
        (EVERYONE, True, {"a": 1}, False),
    ],
)
def test_traffic_is_newly_admitted_by_what_rules_mean(
    asked: dict[str, Any], declared: Any, actual: Any, *, held: bool
) -> None:
    assert admits(asked, declared, actual) is held


ranges = st.sampled_from(["0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "10.0.0.0/9", "8.8.8.8/32", "::/0"])
lists = st.lists(ranges, max_size=3)


@given(lists, lists, ranges)
def test_what_was_let_in_before_is_never_newly_admitted(old: list[str], new: list[str], asked: str) -> None:
    for key in ("every_address_of", "any_address_of"):
        assert not admits({key: asked}, [*old, asked], [*new, asked])


@given(lists, lists, ranges)
def test_what_is_wholly_let_in_is_partly_let_in(old: list[str], new: list[str], asked: str) -> None:
    if admits({"every_address_of": asked}, old, new):
        assert admits({"any_address_of": asked}, old, new)


def allow(action: Any, principal: Any = None, **more: Any) -> dict[str, Any]:
    who = {} if principal is None else {"Principal": principal}
    return {"Effect": "Allow", "Action": action, "Resource": "*", **who, **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


OWN, OTHER = "111111111111", "222222222222"
READ = policy(allow("s3:GetObject", {"AWS": OWN}))
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}
ANYONE, ANOTHER = {"to": "anyone"}, {"to": "another_account"}
PUT = {"to": "anyone", "any_action_of": "s3:Put*"}
DENY_IAM = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
WHO = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, {"StringEquals": {"aws:SourceAccount": OWN}}
UNLIKE = {"StringNotEquals": ORG["StringEquals"]}


def get(principal: Any, condition: Any = None) -> dict[str, Any]:
    return policy(allow("s3:GetObject", principal, **({"Condition": condition} if condition else {})))


BUT_IAM = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("asked", "declared", "actual", "held"),
    [
        ({"any_action_of": "iam:PassRole"}, None, policy(allow("*")), True),
        ({"any_action_of": "iam:PassRole"}, None, policy(allow("iam:P*")), True),
        ({"any_action_of": "iam:*"}, policy(allow("iam:*")), policy(allow("iam:PassRole")), False),
        ({"any_action_of": "s3:*"}, None, policy(allow("ec2:*")), False),
        ({"every_action_of": "iam:*"}, None, policy(allow("iam:PassRole")), False),
        ({"every_action_of": "iam:*"}, None, policy(allow(["ec2:*", "iam:*"])), True),
        ({"every_action_of": "*"}, None, policy(allow("*")), True),
        ({"any_action_of": "s3:Get*"}, None, policy(BUT_IAM), True),
        ({"any_action_of": "iam:PassRole"}, None, policy(BUT_IAM), False),
        ({"every_action_of": "*"}, None, policy(BUT_IAM), False),
        ({"any_action_of": "iam:PassRole"}, policy(allow("*"), DENY_IAM), policy(allow("*")), True),
        ({"any_action_of": "s3:*"}, policy(allow("s3:*"), DENY_IAM), policy(allow("s3:*")), False),
        (ANYONE, READ, policy(allow("s3:GetObject", "*")), True),
        (ANYONE, READ, canonical(policy(allow("s3:GetObject", {"AWS": "*"}))), True),
        (ANYONE, READ, get("*", ORG), False),
        (ANYONE, READ, get("*", {"StringLike": {"aws:userid": "*"}}), True),
        (ANYONE, READ, get("*", WHO[0]), True),
        (ANYONE, READ, get("*", UNLIKE), True),
        (ANYONE, policy(allow("s3:*", "*")), policy(allow("s3:GetObject", "*")), False),
        (ANOTHER, READ, get("*", ORG), True),
        (ANOTHER, READ, policy(allow("s3:GetObject", {"AWS": OTHER})), True),
        (ANOTHER, READ, policy(allow("s3:PutObject", {"AWS": f"arn:aws:iam::{OWN}:role/app"})), False),
        (ANOTHER, READ, policy(allow("s3:PutObject", {"Service": "sns.amazonaws.com"})), False),
        (ANOTHER, READ, get("*", WHO[1]), False),
        (ANOTHER, None, policy({**allow("s3:*"), "NotPrincipal": {"AWS": OWN}}), True),
        (PUT, READ, policy(allow("s3:Get*", "*"), allow("s3:Put*", {"AWS": OTHER})), False),
        (PUT, READ, "hmac-sha256:k:00", False),
        (ANYONE, READ, [1, 2], False),
    ],
)  # fmt: skip
def test_what_is_newly_granted_is_read_from_what_policies_mean(
    asked: dict[str, Any], declared: Any, actual: Any, *, held: bool
) -> None:
    question = NewlyGrants.model_validate(asked)
    assert holds(question, canonical(declared), canonical(actual), OWN) is held


def test_where_nobody_knows_the_account_every_one_is_another() -> None:
    own = canonical(policy(allow("s3:*", {"AWS": OWN})))
    question = NewlyGrants.model_validate(ANOTHER)
    assert holds(question, "null", own, None)
    assert not holds(question, "null", own, OWN)


short = st.text(alphabet="ab*?", max_size=4)
WORDS = [
    "".join(letters) for size in range(7) for letters in (product("ab", repeat=size) if size < 7 else ())
]


@settings(max_examples=300, deadline=None)
@given(short, short)
def test_two_globs_meet_where_some_word_fits_both(one: str, other: str) -> None:
    fits = any(fnmatchcase(word, one) and fnmatchcase(word, other) for word in WORDS)
    assert globs_meet(one, other) is fits
    assert globs_meet(other, one) is fits
