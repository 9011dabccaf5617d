"""Policies by meaning: who gains which action on what, on which condition."""

import json
from typing import Any

import pytest

from taxonomy.direction import judge
from taxonomy.direction_policy import newly_granted

OURS, THEIRS = "111122223333", "444455556666"
ROOT, ROLE = f"arn:aws:iam::{OURS}:root", f"arn:aws:iam::{OURS}:role/app"
BUCKET = "arn:aws:s3:::logs"


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def but(effect: str, part: str, names: Any, **more: Any) -> dict[str, Any]:
    """A statement about everything besides what it names."""
    told = {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*", f"Not{part}": names, **more}
    del told[part]
    return told


def to(principal: Any, action: Any = "s3:GetObject", **more: Any) -> dict[str, Any]:
    return allow(action, Principal=principal, **more)


def when(operator: str, key: str, *values: Any, **more: Any) -> dict[str, Any]:
    return allow(Condition={operator: {key: list(values)}}, **more)


def policy(*statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}
IP = "aws:SourceIp"
OLD = {"Statement": [allow()]}

WHO = [
    ("one account more", [to({"AWS": OURS})], [to({"AWS": [OURS, THEIRS]})], "weakened"),
    ("one account less", [to({"AWS": [OURS, THEIRS]})], [to({"AWS": OURS})], "strengthened"),
    ("another account", [to({"AWS": OURS})], [to({"AWS": THEIRS})], "weakened"),
    ("an account and its root", [to({"AWS": OURS})], [to({"AWS": ROOT})], "lateral"),
    ("an account and its root in China", [to({"AWS": OURS})],
     [to({"AWS": f"arn:aws-cn:iam::{OURS}:root"})], "lateral"),
    ("everybody", [to({"AWS": OURS})], [to("*")], "weakened"),
    ("everybody no more", [to("*")], [to({"AWS": OURS})], "strengthened"),
    ("everybody in two ways", [to("*")], [to({"AWS": "*"})], "lateral"),
    ("everybody in a list", [to("*")], [to({"AWS": ["*"]})], "lateral"),
    ("everybody covers the named", [to("*")], [to("*"), to({"AWS": OURS})], "lateral"),
    ("an account narrowed to a role", [to({"AWS": OURS})], [to({"AWS": ROLE})], "strengthened"),
    ("a role widened to its account", [to({"AWS": ROLE})], [to({"AWS": OURS})], "weakened"),
    ("a role of another account", [to({"AWS": OURS})],
     [to({"AWS": f"arn:aws:iam::{THEIRS}:role/app"})], "weakened"),
    ("a service more", [to({"AWS": OURS})], [to({"AWS": OURS, "Service": "sns.amazonaws.com"})], "weakened"),
    ("another service", [to({"Service": "ec2.amazonaws.com"})],
     [to({"Service": "lambda.amazonaws.com"})], "weakened"),
    ("a service in other letters", [to({"Service": "EC2.amazonaws.com"})],
     [to({"Service": "ec2.amazonaws.com"})], "lateral"),
    ("another identity provider", [to({"Federated": "arn:aws:iam::1:saml-provider/a"})],
     [to({"Federated": "accounts.example"})], "weakened"),
    ("a canonical user more", [to({"AWS": OURS})],
     [to({"AWS": OURS}), to({"CanonicalUser": "79a5"})], "weakened"),
    ("organisation no longer asked", [to("*", Condition=ORG)], [to("*")], "weakened"),
    ("organisation asked", [to("*")], [to("*", Condition=ORG)], "strengthened"),
    ("a named one who may be of it", [to("*", Condition=ORG)], [to({"AWS": THEIRS})], "unknown"),
    ("everybody of an account is the account",
     [to("*", Condition={"StringEquals": {"aws:PrincipalAccount": OURS}})], [to({"AWS": ROLE})],
     "strengthened"),
    ("everybody but one, from everybody", [to("*", "*")], [but("Allow", "Principal", {"AWS": ROLE})],
     "strengthened"),
    ("one exception less", [but("Allow", "Principal", {"AWS": [OURS, THEIRS]})],
     [but("Allow", "Principal", {"AWS": OURS})], "weakened"),
    ("prohibited for all but one more", [but("Deny", "Principal", {"AWS": OURS})],
     [but("Deny", "Principal", {"AWS": [OURS, THEIRS]})], "weakened"),
    ("prohibited for all but one less", [but("Deny", "Principal", {"AWS": [OURS, THEIRS]})],
     [but("Deny", "Principal", {"AWS": OURS})], "strengthened"),
]  # fmt: skip

WHAT = [
    ("a wildcard for one action", [allow()], [allow("s3:*")], "weakened"),
    ("one action for a wildcard", [allow("s3:*")], [allow()], "strengthened"),
    ("all actions", [allow("s3:*")], [allow("*")], "weakened"),
    ("an action in other letters", [allow("S3:getobject")], [allow()], "lateral"),
    ("actions in another order", [allow(["s3:A", "s3:B"])], [allow(["s3:B", "s3:A"])], "lateral"),
    ("one statement cut into two", [allow(["s3:A", "s3:B"])], [allow("s3:A"), allow("s3:B")], "lateral"),
    ("actions and resources cut", [allow(["s3:A", "s3:B"], ["x", "y"])],
     [allow("s3:A", ["x", "y"]), allow("s3:B", "x"), allow("s3:B", "y")], "lateral"),
    ("a crosswise part missing", [allow(["s3:A", "s3:B"], ["x", "y"])],
     [allow("s3:A", ["x", "y"]), allow("s3:B", "x")], "strengthened"),
    ("what a wildcard covers", [allow("s3:Get*")], [allow(["s3:Get*", "s3:GetObject"])], "lateral"),
    ("a letter for any", [allow("s3:Get?")], [allow("s3:Get*")], "weakened"),
    ("any letters for one", [allow("s3:Get*")], [allow("s3:Get?")], "strengthened"),
    ("another action", [allow("s3:GetObject")], [allow("s3:PutObject")], "weakened"),
    ("a prefix of the key", [allow(resource=f"{BUCKET}/a/*")], [allow(resource=f"{BUCKET}/*")], "weakened"),
    ("all buckets", [allow(resource=BUCKET)], [allow(resource="arn:aws:s3:::*")], "weakened"),
    ("one bucket", [allow(resource="*")], [allow(resource=BUCKET)], "strengthened"),
    ("a resource in other letters is another", [allow(resource="a/B")], [allow(resource="a/b")], "weakened"),
    ("a wildcard in the middle", [allow(resource="arn:*:a")], [allow(resource="arn:x:a")], "strengthened"),
    ("all but identity, from all", [allow("*")], [but("Allow", "Action", "iam:*")], "weakened"),
    ("all but identity, of nobody named", [allow("*")],
     [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "strengthened"),
    ("all from all but identity", [but("Allow", "Action", "iam:*")], [to("*", "*")], "weakened"),
    ("all but identity and identity are all", [but("Allow", "Action", "iam:*"), to("*", "iam:*")],
     [to("*", "*")], "lateral"),
    ("all is all but identity, and identity", [to("*", "*")],
     [but("Allow", "Action", "iam:*"), to("*", "iam:*")], "lateral"),
    ("an exception more", [but("Allow", "Action", "iam:*")], [but("Allow", "Action", ["iam:*", "kms:*"])],
     "strengthened"),
    ("an exception narrowed", [but("Allow", "Action", "iam:*")], [but("Allow", "Action", "iam:Create*")],
     "weakened"),
    ("inside what is not excepted", [but("Allow", "Action", "iam:*")], [to("*", "s3:*")], "strengthened"),
    ("inside what is excepted", [but("Allow", "Action", "iam:*")], [to("*", "iam:Get*")], "weakened"),
    ("exceptions in another order", [but("Allow", "Action", ["a:*", "b:*"])],
     [but("Allow", "Action", ["b:*", "a:*"])], "lateral"),
    ("all resources but one more", [but("Allow", "Resource", BUCKET)],
     [but("Allow", "Resource", [BUCKET, "arn:aws:s3:::x"])], "strengthened"),
    ("a prohibition with an exception more", [but("Deny", "Resource", BUCKET)],
     [but("Deny", "Resource", [BUCKET, "arn:aws:s3:::x"])], "weakened"),
    ("a prohibition of all but, lost", [but("Deny", "Action", "s3:*")], [], "weakened"),
    ("an exception with a variable may be any", [but("Allow", "Resource", "arn:${aws:username}/*")],
     [to("*", "*", resource="arn:bob/x")], "weakened"),
    ("a prohibition lost", [allow(), deny()], [allow()], "weakened"),
    ("a prohibition more", [allow()], [allow(), deny()], "strengthened"),
    ("a prohibition narrowed", [deny("*")], [deny("s3:*")], "weakened"),
    ("a prohibition widened", [deny("s3:Put*")], [deny("s3:*")], "strengthened"),
    ("a prohibition asks for more", [deny()], [deny(Condition=MFA)], "weakened"),
    ("a prohibition asks for less", [deny(Condition=MFA)], [deny()], "strengthened"),
    ("transport no longer enforced", [to({"AWS": OURS}), deny(Condition=PLAIN_HTTP)], [to({"AWS": OURS})],
     "weakened"),
    ("transport enforced", [to({"AWS": OURS})], [to({"AWS": OURS}), deny(Condition=PLAIN_HTTP)],
     "strengthened"),
    ("a grant lost and one gained", [allow("a:A"), allow("a:B")], [allow("a:A"), allow("a:C")], "weakened"),
    ("a list of a control policy narrowed", [allow("*")], [allow(["s3:*", "ec2:*"])], "strengthened"),
]  # fmt: skip

IF = [
    ("a condition lost", [allow(Condition=MFA)], [allow()], "weakened"),
    ("a condition more", [allow()], [allow(Condition=MFA)], "strengthened"),
    ("a condition and a statement without", [allow(Condition=MFA)], [allow(Condition=MFA), allow()],
     "weakened"),
    ("a value more", [when("StringEquals", "a:x", "1")], [when("StringEquals", "a:x", "1", "2")], "weakened"),
    ("a value less", [when("StringEquals", "a:x", "1", "2")], [when("StringEquals", "a:x", "1")],
     "strengthened"),
    ("values in two statements", [when("StringEquals", "a:x", "1", "2")],
     [when("StringEquals", "a:x", "1"), when("StringEquals", "a:x", "2")], "lateral"),
    ("a value kept out less", [when("StringNotEquals", "a:x", "1", "2")],
     [when("StringNotEquals", "a:x", "1")], "weakened"),
    ("a value kept out more", [when("StringNotEquals", "a:x", "1")],
     [when("StringNotEquals", "a:x", "1", "2")], "strengthened"),
    ("a pattern for a value", [when("StringEquals", "a:x", "ab")], [when("StringLike", "a:x", "a*")],
     "weakened"),
    ("a value for a pattern", [when("StringLike", "a:x", "a*")], [when("StringEquals", "a:x", "ab")],
     "strengthened"),
    ("a wider pattern", [when("StringLike", "a:x", "ab*")], [when("StringLike", "a:x", "a*")], "weakened"),
    ("a repository for any", [when("StringLike", "token:sub", "repo:acme/app:*")],
     [when("StringLike", "token:sub", "repo:acme/*")], "weakened"),
    ("another key", [when("StringEquals", "a:x", "1")], [when("StringEquals", "a:y", "1")], "weakened"),
    ("a key in other letters", [when("StringEquals", "aws:SourceVpc", "v")],
     [when("StringEquals", "aws:sourcevpc", "v")], "lateral"),
    ("a value alone and in a list", [allow(Condition={"StringEquals": {"a:x": "1"}})],
     [when("StringEquals", "a:x", "1")], "lateral"),
    ("a switch as text", [allow(Condition={"Bool": {"a:x": True}})], [when("Bool", "a:x", "true")],
     "lateral"),
    ("a switch turned", [when("Bool", "aws:SecureTransport", "true")],
     [when("Bool", "aws:SecureTransport", "false")], "weakened"),
    ("letters no longer regarded", [when("StringEquals", "a:x", "A")],
     [when("StringEqualsIgnoreCase", "a:x", "a")], "weakened"),
    ("a range widened", [when("IpAddress", IP, "10.1.0.0/16")], [when("IpAddress", IP, "10.0.0.0/8")],
     "weakened"),
    ("a range narrowed", [when("IpAddress", IP, "10.0.0.0/8")], [when("IpAddress", IP, "10.1.0.0/16")],
     "strengthened"),
    ("halves of everything", [when("IpAddress", IP, "0.0.0.0/0")],
     [when("IpAddress", IP, "0.0.0.0/1", "128.0.0.0/1")], "lateral"),
    ("a range kept out less", [when("NotIpAddress", IP, "10.0.0.0/8")],
     [when("NotIpAddress", IP, "10.1.0.0/16")], "weakened"),
    ("ARNs part by part", [when("ArnLike", "a:arn", "arn:aws:s3:::logs")],
     [when("ArnEquals", "a:arn", "arn:aws:s3:::*")], "weakened"),
    ("an ARN within a pattern", [when("ArnLike", "a:arn", "arn:aws:s3:::*")],
     [when("StringEquals", "a:arn", "arn:aws:s3:::logs")], "strengthened"),
    ("a larger number", [when("NumericLessThan", "aws:MultiFactorAuthAge", 3600)],
     [when("NumericLessThan", "aws:MultiFactorAuthAge", 86400)], "weakened"),
    ("a smaller number", [when("NumericLessThan", "aws:MultiFactorAuthAge", 86400)],
     [when("NumericLessThan", "aws:MultiFactorAuthAge", 3600)], "strengthened"),
    ("only if it is there", [when("StringEquals", "a:x", "1")], [when("StringEqualsIfExists", "a:x", "1")],
     "weakened"),
    ("no longer only if it is there", [when("StringEqualsIfExists", "a:x", "1")],
     [when("StringEquals", "a:x", "1")], "strengthened"),
    ("for all values, one more", [when("ForAllValues:StringEquals", "a:x", "1")],
     [when("ForAllValues:StringEquals", "a:x", "1", "2")], "weakened"),
    ("for any value is not for all", [when("ForAllValues:StringEquals", "a:x", "1")],
     [when("ForAnyValue:StringEquals", "a:x", "1")], "unknown"),
    ("whether it is there at all", [when("Null", "a:x", "true")], [when("Null", "a:x", "false")], "unknown"),
    ("it is there, and so", [when("Null", "a:x", "false")], [when("StringEquals", "a:x", "1")],
     "strengthened"),
    ("another operator of dates", [when("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z")],
     [when("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z")], "unknown"),
    ("an operator nobody knows", [when("StringSounds", "a:x", "1")], [when("StringSounds", "a:x", "2")],
     "unknown"),
    ("kept clear of what was kept out", [when("StringNotEquals", "a:x", "1")],
     [when("StringEquals", "a:x", "2")], "strengthened"),
    ("one of what was kept out", [when("StringNotEquals", "a:x", "1")],
     [when("StringEquals", "a:x", "1")], "weakened"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "actual", "direction"),
    [pytest.param(*case[1:], id=case[0]) for case in (*WHO, *WHAT, *IF)],
)
def test_a_policy_is_judged_by_what_it_grants(
    declared: list[dict[str, Any]], actual: list[dict[str, Any]], direction: str
) -> None:
    sides = policy(*declared), policy(*actual)
    assert judge("aws_s3_bucket", "policy", "changed", *sides) == direction
    texts = [json.dumps(side) for side in sides]
    assert judge("aws_iam_role", "assume_role_policy", "changed", *texts) == direction


@pytest.mark.parametrize(
    ("declared", "actual", "direction"),
    [
        (None, policy(to("*")), "weakened"),
        (policy(to("*")), None, "strengthened"),
        (policy(deny()), None, "weakened"),
        ("", json.dumps(policy(allow())), "weakened"),
        (policy(allow(Sid="a")), policy(allow(Sid="b")), "lateral"),
        (policy(allow()), {"Version": "2012-10-17", "Statement": allow()}, "lateral"),
        (OLD, {"Version": "2008-10-17", **OLD}, "lateral"),
        (OLD, {"Version": "2012-10-17", **OLD}, "lateral"),
        ({"Statement": [allow(resource="arn:${aws:username}")]}, policy(allow(resource="arn:*")), "unknown"),
        (policy(allow(), Id="x"), policy(allow()), "lateral"),
    ],
)
def test_a_document_is_more_than_its_text(declared: Any, actual: Any, direction: str) -> None:
    assert judge("aws_sqs_queue", "policy", "changed", declared, actual) == direction


@pytest.mark.parametrize(
    "broken",
    ["{", "[1]", {"Statement": 7}, {"Statement": [{"Effect": "Maybe", "Action": "*"}]}, {"Grants": []},
     {"Statement": [{"Effect": "Allow"}]}, policy(allow(Condition={"Bool": "x"})), policy(to(7)),
     policy(allow([{}])), "hmac-sha256:k:1", "[" * 100_000, policy(allow(NotAction="s3:*")),
     policy(allow(Condition={"Bool": {"a": "1", "A": "2"}})), policy(allow(Condition={"Bool": {"a": []}})),
     '{"Statement": NaN}', {"Version": 7, "Statement": []}, policy(allow("s" * 5000)),
     {"Statement": [{"Effect": [], "Action": "*"}]}],
)  # fmt: skip
def test_a_policy_that_cannot_be_read_is_unknown(broken: Any) -> None:
    assert judge("aws_s3_bucket", "policy", "changed", policy(allow()), broken) == "unknown"
    assert judge("aws_s3_bucket", "policy", "changed", broken, policy(allow())) == "unknown"


def test_what_is_newly_granted_is_told_grant_by_grant() -> None:
    before = policy(to({"AWS": OURS}, ["s3:GetObject", "s3:ListBucket"]))
    after = policy(to({"AWS": [OURS, THEIRS]}, "s3:GetObject"), to("*", "s3:Put*", Condition=MFA))
    found = newly_granted(before, after)
    assert [(grant.principal, grant.action) for grant in found] == [
        ("*", "s3:put*"),
        (f"AWS:arn:aws:iam::{THEIRS}:root", "s3:getobject"),
    ]
    assert json.loads(found[0].condition) == {"Bool": {"aws:multifactorauthpresent": ["true"]}}
    assert newly_granted(before, before) == ()
    lost = newly_granted(policy(to("*", "s3:*"), deny("s3:Put*", Principal="*")), policy(to("*", "s3:*")))
    assert [grant.action for grant in lost] == ["s3:*"]
    assert newly_granted(policy(allow("s3:*"), deny("iam:*")), policy(allow("s3:*"))) == ()
    excluded = newly_granted(None, policy(but("Allow", "Action", "iam:*")))
    assert (excluded[0].action, excluded[0].besides) == ("*", ("action iam:*",))
