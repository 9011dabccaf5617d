import json
import re
import string
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.redaction import Redactor, shapes
from tasks.redaction.names import suspicion
from tasks.redaction.shapes import REDACTED

KEY = bytes(range(32))
ARN = "arn:aws:s3:::ledger"
REDACTOR = Redactor(KEY)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

# Planted, and split so that no scanner of this repository takes one for real.
SHAPES = {
    "AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "AWS temporary key": "ASIA" + "IOSFODNN7EXAMPLE",
    "AWS secret key": "wJalrXUtnFEMI/K7MDENG{}".format("/bPxRfiCYEXAMPLEKEY"),
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQ\n" + "-----END RSA PRIVATE KEY-----",
    "OpenSSH key": "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY-----",
    "cut private key": "-----BEGIN PRIVATE KEY-----\n" + "MIIEowIBAAKCAQ",
    "JWT": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "GitHub token": "ghp_" + "a1B2" * 9,
    "GitHub fine-grained token": "github_pat_" + "11ABCDEFG0" * 4,
    "Slack bot token": "xoxb-" + "123456789012-abcdefABCDEF",
    "Slack app token": "xapp-" + "1-A0123456789-abcdef0123456789",
    "Slack webhook": "hooks.slack.com/services/" + "T00000000/B00000000/XXXXXXXXXXXX",
    "GitLab token": "glpat-" + "a1B2c3D4e5F6g7H8i9J0",
    "Stripe key": "sk_live_" + "a1B2c3D4e5F6g7H8",
    "vault token": "hvs." + "a1B2c3D4e5F6g7H8i9J0k1L2",
}
CARRIERS = {
    "URL": ("postgres://app:{}@db.internal:5432/ledger", "hunter2hunter2"),
    "bearer header": ("Authorization: Bearer {}", "abc123def456ghi789"),
    "assignment": ("connect failed: user=app password={} host=db", "hunter2hunter2"),
    "connection string": ("Server=db;AccountKey={};Ssl=true", "q1w2e3r4t5y6"),
    "signed URL": ("https://a.blob.core.windows.net/c?sv=1&sig={}&se=2", "a1B2c3D4e5F6"),
}

TELLING = """
    password Password db_password masterUserPassword passwd secret client_secret secret_string token
    auth_token api_key apiKey private_key credentials connection_string primary_access_key
    primaryConnectionString secretAccessKey
    passphrase pre_shared_key account_key password_hash session_token password1
"""
ONLY_ABOUT = """
    secret_arn secret_name token_ttl password_policy key_id kms_key_id password_reset_required http_tokens
    public_key ssh_public_key minimum_password_length max_password_age password_reuse_prevention token_url
    token_endpoint access_key_id secret_id kms_master_key_id hash_key range_key key_name tokenization
    author encryption_configuration bucket_key_enabled passwordless_type secretsmanager_endpoint
    credential_source access_token_validity auth_type authorization_scopes name bucket tags Environment key
"""


def conceal(value: Any, attribute: str = "", **how: Any) -> Any:
    return REDACTOR.conceal(value, resource=ARN, attribute=attribute, **how)[0]


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes, got 31"):
        Redactor(b"k" * 31)


def test_the_key_id_is_not_a_digest_of_the_key_itself_and_tells_keys_apart() -> None:
    assert re.fullmatch("[0-9a-f]{8}", REDACTOR.key_id)
    assert Redactor(KEY).key_id == REDACTOR.key_id
    assert Redactor(KEY[::-1]).key_id != REDACTOR.key_id


def test_a_concealed_secret_has_the_form_of_the_contract_and_a_changed_one_still_shows() -> None:
    before, after = conceal("one", "password"), conceal("two", "password")
    assert REDACTED.fullmatch(before)
    assert before.startswith(f"hmac-sha256:{REDACTOR.key_id}:")
    assert before != after
    assert conceal("one", "password") == before


def test_the_same_secret_elsewhere_or_under_another_key_has_another_digest() -> None:
    here = conceal("one", "password")
    assert here != conceal("one", "old_password")
    assert here != REDACTOR.conceal("one", resource="arn:aws:s3:::other", attribute="password")[0]
    assert (
        here.split(":")[2]
        != Redactor(KEY[::-1]).conceal("one", resource=ARN, attribute="password")[0].split(":")[2]
    )


def test_resource_and_attribute_can_not_be_shifted_into_one_another() -> None:
    one, _ = REDACTOR.conceal("s", resource="ab", attribute="c", sensitive=True)
    other, _ = REDACTOR.conceal("s", resource="a", attribute="bc", sensitive=True)
    assert one != other


def test_a_secret_that_two_shapes_recognise_is_replaced_once() -> None:
    shown = REDACTOR.scrub(f"password={SHAPES['GitHub token']} host=db")
    assert len(REDACTED.findall(shown)) == 1
    assert REDACTED.sub("x", shown) == "password=x host=db"


def test_whole_and_leaf_are_concealed_alike() -> None:
    whole = conceal({"login": [{"password": "one"}]})
    assert whole["login"][0]["password"] == conceal("one", "login.0.password")


def test_the_order_of_a_set_does_not_move_its_digests() -> None:
    users = [{"name": "a", "password": "one"}, {"name": "b", "password": "two"}]
    forth, back = conceal(users, "user"), conceal(users[::-1], "user")
    assert forth == back[::-1]


@pytest.mark.parametrize(
    ("value", "mark", "hidden"),
    [
        ("plain", True, ["plain"]),
        ({"a": "one", "b": "two"}, {"a": True}, ["one"]),
        ([{"a": "one"}, {"a": "two"}], [{}, {"a": True}], ["two"]),
        ({"a": {"b": ["one", "two"]}}, {"a": True}, ["one", "two"]),
        ({"a": 7000001}, {"a": True}, ["7000001"]),
        ({"a": ["one"]}, {"a": [True, True]}, ["one"]),
    ],
)
def test_what_terraform_marks_is_concealed_and_nothing_beside_it(
    value: Any, mark: Any, hidden: list[str]
) -> None:
    concealed, redacted = REDACTOR.conceal(value, resource=ARN, attribute="x", sensitive=mark)
    shown = json.dumps(concealed)
    assert redacted
    assert not [word for word in hidden if word in shown]
    assert all(leaf in hidden or str(leaf) in shown for leaf in map(str, leaves(value)))


@pytest.mark.parametrize("name", TELLING.split())
def test_a_telling_name_conceals_any_value(name: str) -> None:
    assert REDACTED.fullmatch(conceal("plain", name))
    assert REDACTED.fullmatch(conceal({name: 12345})[name])


@pytest.mark.parametrize("name", ONLY_ABOUT.split())
def test_a_name_that_only_speaks_about_a_secret_conceals_nothing(name: str) -> None:
    assert conceal("required-value", name) == "required-value"
    assert suspicion(name) != "secret"


@pytest.mark.parametrize(
    "value", ["arn:aws:secretsmanager:eu-west-1:1:secret:a", "required", "NONE", True, None, ""]
)
def test_what_stands_under_a_telling_name_but_is_no_secret_stays(value: Any) -> None:
    assert conceal({"auth_token": value}) == {"auth_token": value}


def test_below_a_telling_name_everything_is_concealed_that_is_not_about_it() -> None:
    managed = {
        "master_user_secret": [{"secret_arn": "x", "secret_status": "active", "kms_key_id": "k", "v": "s3"}]
    }
    [shown] = conceal(managed)["master_user_secret"]
    assert {k: v for k, v in shown.items() if k != "v"} == {
        "secret_arn": "x",
        "secret_status": "active",
        "kms_key_id": "k",
    }
    assert REDACTED.fullmatch(shown["v"])


@pytest.mark.parametrize("secret", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("frame", ["{}", "see {} there", '{{"a": "{}"}}'])
def test_a_known_shape_is_concealed_wherever_it_stands(secret: str, frame: str) -> None:
    text = frame.format(secret)
    assert secret not in json.dumps(conceal({"description": text}))
    assert secret not in REDACTOR.scrub(text)


@pytest.mark.parametrize(("frame", "secret"), CARRIERS.values(), ids=CARRIERS)
def test_a_secret_is_cut_out_of_the_text_that_carries_it(frame: str, secret: str) -> None:
    shown = REDACTOR.scrub(frame.format(secret))
    before, after = frame.split("{}")
    assert shown.startswith(before)
    assert shown.endswith(after)
    assert REDACTED.search(shown)
    assert secret not in conceal(frame.format(secret), "description")


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        "0123456789abcdef0123456789abcdef01234567",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "e876812c-46a1-4f63-8200-de41e2b69866",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
        "Basic authentication is off; a bearer token is used",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 audit@example",
        "subnet-0123456789abcdef0",
    ],
)
def test_ordinary_text_stays_readable(text: str) -> None:
    assert conceal(text, "description") == text
    assert REDACTOR.scrub(text) == text


def test_a_value_that_looks_random_is_concealed_only_under_a_name_that_may_hold_a_key() -> None:
    random = "q7RkP2vXz" + "9LmT4wBn8YdH3s"
    assert REDACTED.fullmatch(conceal(random, "webhook"))
    assert conceal(random, "etag") == random
    assert conceal("reports/2026/january.csv", "key") == "reports/2026/january.csv"


def test_environment_variables_and_user_data_are_always_concealed() -> None:
    function = {"environment": [{"variables": {"LOG_LEVEL": "debug-ish", "TABLE": "orders"}}]}
    assert all(REDACTED.fullmatch(v) for v in conceal(function)["environment"][0]["variables"].values())
    assert REDACTED.fullmatch(conceal("debug-ish", "environment.0.variables.LOG_LEVEL"))
    assert REDACTED.fullmatch(conceal("#!/bin/sh", "user_data"))
    assert REDACTED.fullmatch(conceal("IyEvYmluL3No", "user_data_base64"))
    assert conceal({"user_data_replace_on_change": True}) == {"user_data_replace_on_change": True}
    assert conceal({"environment": "prod"}) == {"environment": "prod"}


def test_container_definitions_hide_values_and_keep_names() -> None:
    text = json.dumps(
        [
            {
                "image": "app:1",
                "environment": [{"name": "DB", "value": "x1"}],
                "secrets": [{"name": "PW", "valueFrom": "y1"}],
            }
        ]
    )
    [shown] = json.loads(conceal(text, "container_definitions"))
    assert shown["image"] == "app:1"
    assert shown["environment"][0]["name"] == "DB"
    assert REDACTED.fullmatch(shown["environment"][0]["value"])
    assert REDACTED.fullmatch(shown["secrets"][0]["valueFrom"])


def test_a_pair_of_name_and_value_is_read_like_a_key() -> None:
    pairs = [{"name": "db_password", "value": "one"}, {"name": "port", "value": "5432"}]
    shown = conceal(pairs, "parameter")
    assert REDACTED.fullmatch(shown[0]["value"])
    assert shown[1] == pairs[1]


def test_a_secret_beside_a_pair_is_not_forgotten() -> None:
    shown = conceal({"name": "db_password", "value": "one", "token": "two"})
    assert REDACTED.fullmatch(shown["token"])


def test_a_secret_used_as_a_key_is_concealed_too() -> None:
    key = SHAPES["AWS access key"]
    assert key not in json.dumps(conceal({"tags": {key: "x"}}))


def test_json_without_a_secret_keeps_its_own_spelling() -> None:
    text = '{ "b": 1,\n  "a": 2 }'
    assert conceal(text, "policy") == text


def test_nesting_too_deep_to_walk_is_concealed_as_a_whole() -> None:
    deep: Any = "plain"
    for _ in range(200):
        deep = [deep]
    assert "plain" not in json.dumps(conceal(deep))
    assert conceal("[" * 100_000, "policy") == "[" * 100_000


@given(JSON)
@example({"password": "\ud800"})
@example({"\ud800": "x", "token": "a\x00b"})
def test_concealing_never_fails_and_what_comes_out_can_be_written(value: Any) -> None:
    concealed, _ = REDACTOR.conceal(value, resource=ARN, attribute="x")
    json.dumps(concealed, ensure_ascii=False).encode()


@given(JSON, st.sampled_from(["x", "password", "environment.variables", "user_data", ""]))
def test_concealing_twice_is_concealing_once(value: Any, attribute: str) -> None:
    once = conceal(value, attribute)
    assert conceal(once, attribute, again=True) == once


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("{}", "password"),
        ({"variables": {"UPSTREAM_TOKEN": "{}"}}, "environment.0"),
        ("{}", "description"),
        ("see {} for more", "description"),
        ("postgres://app:{}@db.internal:5432/ledger", "url"),
        ("password={} host=db", "description"),
        ('{"password": "{}"}', "policy"),
        ({"{}": "x"}, "tags"),
        ("{}", "marked"),
    ],
)
def test_a_planted_digest_never_passes_for_the_secret_that_it_was_read_of(value: Any, attribute: str) -> None:
    def filled(tree: Any, word: str) -> Any:
        if isinstance(tree, dict):
            return {filled(key, word): filled(item, word) for key, item in tree.items()}
        return tree.replace("{}", word)

    marked = {"sensitive": True} if attribute == "marked" else {}
    approved = conceal(filled(value, "hunter2hunter2" if value != "{}" else "one"), attribute, **marked)
    shown = REDACTED.search(json.dumps(approved))
    planted = shown[0] if shown else conceal("one", "password")
    live = conceal(filled(value, planted), attribute, **marked)
    assert live != approved
    assert planted not in json.dumps(live)


@given(st.text(st.characters(codec="utf-8"), min_size=6), JSON)
def test_a_marked_value_never_survives(secret: str, beside: Any) -> None:
    value = {"beside": beside, "holder": [{"x": secret}]}
    mark = {"holder": [{"x": True}]}
    concealed = conceal(value, "y", sensitive=mark)
    assert REDACTED.fullmatch(concealed["holder"][0]["x"])


@given(JSON)
def test_nothing_but_a_secret_is_moved(value: Any) -> None:
    concealed, redacted = REDACTOR.conceal(value, resource=ARN, attribute="x")
    if not redacted:
        assert concealed == value


@given(st.text(string.printable, max_size=200))
def test_scrubbing_twice_is_scrubbing_once(text: str) -> None:
    once = REDACTOR.scrub(text)
    assert REDACTOR.scrub(once) == once


@pytest.mark.parametrize(
    "letter", ["a-", "A", "AKIA", "eyJ.", "password=", "://", "-----BEGIN PRIVATE KEY-----"]
)
def test_hostile_text_is_read_in_linear_time(letter: str) -> None:
    text = letter * (200_000 // len(letter))
    assert len(REDACTOR.scrub(text)) > 0


@pytest.mark.parametrize("shape", shapes._SHAPES, ids=lambda shape: shape.pattern[:24])
@given(data=st.data())
def test_no_secret_is_too_short_to_be_looked_for(shape: re.Pattern[str], data: st.DataObject) -> None:
    text = data.draw(st.from_regex(shape, fullmatch=True))
    assert len(text) >= shapes._SHORTEST or shapes._SIGNS.search(text)
