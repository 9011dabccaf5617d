"""Directions by meaning; above all, nothing that lets something in anew is ever called strengthened."""

import ipaddress
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.direction import REDACTED, judge, worst
from taxonomy.direction_network import judge_rules
from taxonomy.direction_policy import judge_policy
from taxonomy.drift import DIRECTIONS
from taxonomy.observation import KINDS

GROUP = "aws_security_group"


def port(first: int, last: int | None = None, **sources: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "from_port": first, "to_port": first if last is None else last, **sources}


def changed(resource_type: str, attribute: str, declared: Any, actual: Any) -> str:
    return judge(resource_type, attribute, "changed", declared, actual)


# --- networks


def test_a_range_that_contains_the_old_one_is_weakened() -> None:
    assert (
        judge_rules([port(443, cidr_blocks=["10.1.0.0/16"])], [port(443, cidr_blocks=["10.0.0.0/8"])])
        == "weakened"
    )


def test_rules_cut_differently_that_admit_the_same_are_lateral() -> None:
    halves = [port(443, cidr_blocks=["10.0.0.0/9"]), port(443, cidr_blocks=["10.128.0.0/9"])]
    assert judge_rules([port(443, cidr_blocks=["10.0.0.0/8"])], halves) == "lateral"
    assert judge_rules([port(80, 81, self=True)], [port(80, self=True), port(81, self=True)]) == "lateral"


def test_a_description_of_a_rule_is_lateral() -> None:
    said = port(22, cidr_blocks=["10.0.0.0/8"], description="ssh")
    assert judge_rules([said], [said | {"description": "bastion"}]) == "lateral"


def test_all_protocols_contain_each_protocol() -> None:
    everything = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]}
    assert judge_rules([everything], [port(443, cidr_blocks=["10.0.0.0/8"])]) == "strengthened"
    assert judge_rules([port(0, 65535, cidr_blocks=["10.0.0.0/8"])], [everything]) == "weakened"


def test_a_protocol_is_the_same_by_name_and_by_number() -> None:
    named = port(443, cidr_blocks=["10.0.0.0/8"])
    assert judge_rules([named], [named | {"protocol": "6"}]) == "lateral"


def test_one_icmp_type_more_is_weakened_and_ping_is_not_a_port() -> None:
    ping = {"protocol": "icmp", "from_port": 8, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]}
    all_kinds = ping | {"from_port": -1, "to_port": -1}
    assert judge_rules([ping], [all_kinds]) == "weakened"
    assert judge_rules([all_kinds], [ping]) == "strengthened"


def test_another_port_for_a_private_range_is_weakened_not_moved() -> None:
    before, after = port(443, cidr_blocks=["10.1.0.0/16"]), port(22, cidr_blocks=["10.2.0.0/16"])
    assert judge_rules([before], [after]) == "weakened"


def test_a_move_to_a_larger_private_range_is_weakened() -> None:
    before, after = port(443, cidr_blocks=["10.1.0.0/24"]), port(443, cidr_blocks=["192.168.0.0/16"])
    assert judge_rules([before], [after]) == "weakened"


def test_another_group_instead_is_weakened() -> None:
    assert (
        judge_rules([port(22, security_groups=["sg-1"])], [port(22, security_groups=["sg-2"])]) == "weakened"
    )


@pytest.mark.parametrize(
    "broken",
    [
        "open",
        [7],
        [{"from_port": 1, "to_port": 2}],
        [port(443, cidr_blocks=["everywhere"])],
        [port(9, 3, cidr_blocks=["10.0.0.0/8"])],
        [{"protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}],
        [port(443, cidr_blocks=[7])],
    ],
)
def test_rules_that_cannot_be_read_are_unknown_never_lateral(broken: Any) -> None:
    assert changed(GROUP, "ingress", [], broken) == "unknown"
    assert changed(GROUP, "ingress", broken, []) == "unknown"


networks = st.builds(
    lambda address, length: str(ipaddress.ip_network((address, length), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
six = st.builds(
    lambda address, length: str(ipaddress.ip_network((address, length), strict=False)),
    st.integers(2**32, 2**128 - 1),
    st.integers(0, 128),
)


@st.composite
def a_rule(draw: st.DrawFn) -> dict[str, Any]:
    first, second = sorted((draw(st.integers(0, 65535)), draw(st.integers(0, 65535))))
    return {
        "protocol": draw(st.sampled_from(["tcp", "udp", "-1", "6"])),
        "from_port": first,
        "to_port": second,
        "cidr_blocks": draw(st.lists(networks, max_size=3)),
        "ipv6_cidr_blocks": draw(st.lists(six, max_size=2)),
        "security_groups": draw(st.lists(st.sampled_from(["sg-1", "sg-2"]), max_size=2)),
    }


def admitted(rules: list[dict[str, Any]], protocol: str, number: int, address: str) -> bool:
    """Whether a packet gets in: the definition, written as simply as it can be."""
    of_protocol = {"tcp": {"tcp", "6", "-1"}, "udp": {"udp", "-1"}}[protocol]
    for rule in rules:
        every_port = rule["protocol"] == "-1"
        if rule["protocol"] in of_protocol and (every_port or rule["from_port"] <= number <= rule["to_port"]):
            for block in (*rule["cidr_blocks"], *rule["ipv6_cidr_blocks"]):
                if ipaddress.ip_address(address) in ipaddress.ip_network(block):
                    return True
    return False


@given(st.lists(a_rule(), max_size=3), st.lists(a_rule(), max_size=3), st.data())
def test_a_packet_newly_admitted_is_never_strengthened(
    declared: list[dict[str, Any]], actual: list[dict[str, Any]], data: st.DataObject
) -> None:
    direction = judge_rules(declared, actual)
    rules = declared + actual
    edges = [0, 22, 65535, *(rule[end] for rule in rules for end in ("from_port", "to_port"))]
    blocks = [block for rule in rules for block in (*rule["cidr_blocks"], *rule["ipv6_cidr_blocks"])]
    ends = [str(ipaddress.ip_network(block)[end]) for block in blocks for end in (0, -1)]
    packet = (
        data.draw(st.sampled_from(["tcp", "udp"])),
        data.draw(st.sampled_from(edges)),
        data.draw(st.sampled_from(ends or ["192.0.2.1"])),
    )
    before, after = admitted(declared, *packet), admitted(actual, *packet)
    if after and not before:
        assert direction in {"weakened", "lateral"}
    if before != after and direction == "lateral":
        assert not ipaddress.ip_address(packet[2]).is_global


@given(st.lists(a_rule(), max_size=3), a_rule())
def test_adding_a_rule_is_weakened_or_adds_nothing(
    declared: list[dict[str, Any]], more: dict[str, Any]
) -> None:
    assert judge_rules(declared, [*declared, more]) in {"weakened", "lateral"}
    assert judge_rules([*declared, more], declared) in {"strengthened", "lateral"}


def test_an_emptied_allow_list_is_unknown_unless_somebody_said_what_it_admits() -> None:
    assert changed("aws_thing", "cidr_blocks", ["192.0.2.0/24"], []) == "unknown"
    assert changed("aws_eks_cluster", "vpc_config.0.public_access_cidrs", ["192.0.2.0/24"], []) == "weakened"
    assert changed("azurerm_key_vault", "network_acls.0.ip_rules", ["192.0.2.0/24"], []) == "strengthened"


def test_a_star_admits_both_internets() -> None:
    rule = "azurerm_network_security_rule"
    assert changed(rule, "source_address_prefix", "0.0.0.0/0", "*") == "weakened"
    assert changed("aws_thing", "source_address_prefix", "*", "10.0.0.0/8") == "strengthened"


def test_a_rule_that_may_keep_out_and_speaks_of_less_is_unknown() -> None:
    rule = "azurerm_network_security_rule"
    assert changed(rule, "source_address_prefix", "*", "10.0.0.0/8") == "unknown"
    assert changed(rule, "destination_port_range", "*", "443") == "unknown"
    assert changed(rule, "destination_port_range", "443", "*") == "weakened"


# --- policies


def statement(
    effect: str = "Allow", principal: Any = None, action: Any = "s3:Get*", **more: Any
) -> dict[str, Any]:
    told = {"Effect": effect, "Action": action, "Resource": more.pop("resource", "*"), **more}
    return told if principal is None else told | {"Principal": principal}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OURS = {"AWS": "111122223333"}


@pytest.mark.parametrize(
    ("declared", "actual", "direction"),
    [
        (document(statement(action="s3:GetObject")), document(statement(action="s3:*")), "weakened"),
        (document(statement(action="s3:*")), document(statement(action="s3:GetObject")), "strengthened"),
        (document(statement(action="S3:getobject")), document(statement(action="s3:GetObject")), "lateral"),
        (document(statement(resource="arn:x:a/*")), document(statement(resource="arn:x:*")), "weakened"),
        (document(statement(principal=OURS)), document(statement(principal="*")), "weakened"),
        (document(statement(principal="*")), document(statement(principal={"AWS": "*"})), "lateral"),
        (
            document(statement(principal=OURS)),
            document(statement(principal={"AWS": "arn:aws:iam::111122223333:root"})),
            "lateral",
        ),
        (document(statement(Condition=WITH_MFA)), document(statement()), "weakened"),
        (document(statement()), document(statement(Condition=WITH_MFA)), "strengthened"),
        (document(statement("Deny")), document(), "weakened"),
        (document(), document(statement("Deny")), "strengthened"),
        (document(statement("Deny", action="*")), document(statement("Deny", action="s3:*")), "weakened"),
        (document(statement("Deny")), document(statement("Deny", Condition=WITH_MFA)), "weakened"),
        (document(statement(Sid="a")), document(statement(Sid="b")), "lateral"),
        (document(statement(action=["a:A", "a:B"])), document(statement(action=["a:B", "a:A"])), "lateral"),
        (document(statement(action=["a:A", "a:B"])),
         document(statement(action="a:A"), statement(action="a:B")), "lateral"),
        (None, document(statement(principal="*")), "weakened"),
        (document(statement(principal="*")), None, "strengthened"),
        ("", json.dumps(document(statement())), "weakened"),
        (document(statement(action="s3:Get?bject")), document(statement(action="s3:Get*")), "weakened"),
        (document(statement(action="s3:Get?")), document(statement(action="s3:Get*")), "weakened"),
    ],
)  # fmt: skip
def test_a_policy_is_judged_by_what_it_grants(declared: Any, actual: Any, direction: str) -> None:
    assert judge_policy(declared, actual) == direction


def test_fewer_values_of_a_condition_are_narrower_and_of_a_negated_one_are_not() -> None:
    def asking(operator: str, *values: str) -> dict[str, Any]:
        return document(statement(Condition={operator: {"aws:SourceVpc": list(values)}}))

    assert judge_policy(asking("StringEquals", "a", "b"), asking("StringEquals", "a")) == "strengthened"
    assert judge_policy(asking("StringNotEquals", "a", "b"), asking("StringNotEquals", "a")) == "weakened"


def test_a_grant_by_exclusion_is_weakened_unless_it_was_there() -> None:
    excluding = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert judge_policy(document(statement()), document(excluding)) == "weakened"
    assert judge_policy(document(excluding), document(excluding | {"Sid": "x"})) == "lateral"


@pytest.mark.parametrize(
    "broken",
    ["{", "[1]", {"Statement": 7}, {"Statement": [{"Effect": "Maybe", "Action": "*"}]}, {"Grants": []},
     {"Statement": [{"Effect": "Allow"}]}, {"Statement": [statement(Condition={"Bool": "x"})]},
     {"Statement": [statement(principal=7)]}, {"Statement": [statement(action=[{}])]}, REDACTED + "k:1",
     "[" * 100_000],
)  # fmt: skip
def test_a_policy_that_cannot_be_read_is_unknown(broken: Any) -> None:
    assert changed("aws_s3_bucket", "policy", document(statement()), broken) == "unknown"
    assert changed("aws_s3_bucket", "policy", broken, document(statement())) == "unknown"


def test_a_document_too_large_to_compare_is_unknown() -> None:
    many = [f"s3:A{n}" for n in range(100)]
    huge = document(statement(action=many, resource=[f"arn:{n}" for n in range(100)]))
    assert changed("aws_s3_bucket", "policy", None, huge) == "unknown"


words = st.sampled_from(
    ["s3:Get", "s3:GetObject", "s3:Get*", "s3:*", "*", "sqs:Send", "S3:GETOBJECT", "s3:Get?bject"]
)
places = st.sampled_from(["*", "arn:a", "arn:a/*", "arn:a/b", "arn:*"])
who = st.sampled_from(
    [None, "*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:role/x"]
)
conditions = st.sampled_from(
    [
        {},
        {"Condition": WITH_MFA},
        *({"Condition": {"StringEquals": {"aws:x": x}}} for x in (["1"], ["1", "2"])),
    ]
)


@st.composite
def a_document(draw: st.DrawFn) -> dict[str, Any]:
    return document(
        *(
            statement(
                draw(st.sampled_from(["Allow", "Allow", "Deny"])),
                None if (name := draw(who)) is None else {"AWS": name},
                draw(st.lists(words, min_size=1, max_size=2)),
                resource=draw(st.lists(places, min_size=1, max_size=2)),
                **draw(conditions),
            )
            for _ in range(draw(st.integers(0, 3)))
        )
    )


def glob_holds(glob: str, text: str) -> bool:
    if not glob:
        return not text
    if glob[0] == "*":
        return glob_holds(glob[1:], text) or (bool(text) and glob_holds(glob, text[1:]))
    return bool(text) and glob[0] in {"?", text[0]} and glob_holds(glob[1:], text[1:])


def permits(
    policy: dict[str, Any], principal: str, action: str, resource: str, context: dict[str, str]
) -> bool:
    """Whether a request is allowed: IAM's evaluation, written as simply as it can be."""

    def speaks(told: dict[str, Any]) -> bool:
        named = told.get("Principal", {}).get("AWS")
        who_holds = named in {None, "*", principal} or (
            named == "111122223333" and principal == "arn:aws:iam::111122223333:root"
        )
        asks = [pair for keys in told.get("Condition", {}).values() for pair in keys.items()]
        return (
            who_holds
            and any(glob_holds(glob.lower(), action.lower()) for glob in told["Action"])
            and any(glob_holds(glob, resource) for glob in told["Resource"])
            and all(
                context.get(key) in (wanted if isinstance(wanted, list) else [wanted]) for key, wanted in asks
            )
        )

    effects = {told["Effect"] for told in policy["Statement"] if speaks(told)}
    return "Allow" in effects and "Deny" not in effects


requests = st.tuples(
    st.sampled_from(["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:role/x", "anybody"]),
    st.sampled_from(["s3:Get", "s3:GetObject", "s3:Put", "sqs:Send"]),
    st.sampled_from(["arn:a", "arn:a/b", "arn:a/c", "arn:z"]),
    st.sampled_from([{}, {"aws:MultiFactorAuthPresent": "true"}, {"aws:x": "1"}, {"aws:x": "2"}]),
)


@given(a_document(), a_document(), st.lists(requests, min_size=20, max_size=20))
def test_a_request_newly_permitted_is_always_weakened(
    declared: dict[str, Any], actual: dict[str, Any], asked: list[tuple[str, str, str, dict[str, str]]]
) -> None:
    direction = judge_policy(declared, actual)
    for request in asked:
        if permits(actual, *request) and not permits(declared, *request):
            assert direction == "weakened", request
        if direction == "lateral":
            assert permits(actual, *request) == permits(declared, *request), request


# --- single attributes


@pytest.mark.parametrize(
    ("resource_type", "attribute", "strong", "weak"),
    [
        ("aws_kms_key", "enable_key_rotation", True, False),
        ("aws_ebs_volume", "encrypted", True, False),
        ("aws_db_instance", "publicly_accessible", False, True),
        ("aws_s3_bucket", "force_destroy", False, True),
        ("aws_s3_bucket", "versioning.versioning_configuration.0.status", "Enabled", "Disabled"),
        ("aws_s3_bucket_versioning", "versioning_configuration.0.status", "Enabled", "Suspended"),
        ("aws_cloudwatch_log_group", "retention_in_days", 0, 365),
        ("aws_cloudwatch_log_group", "retention_in_days", 365, 90),
        ("aws_db_instance", "backup_retention_period", 7, 0),
        ("aws_iam_role", "max_session_duration", 3600, 43200),
        ("aws_lb_listener", "protocol", "HTTPS", "HTTP"),
        ("azurerm_storage_account", "min_tls_version", "TLS1_2", "TLS1_0"),
        ("aws_opensearch_domain", "domain_endpoint_options.0.tls_security_policy",
         "Policy-Min-TLS-1-2-2019-07", "Policy-Min-TLS-1-0-2019-07"),
        ("aws_cloudfront_distribution", "viewer_certificate.0.minimum_protocol_version",
         "TLSv1.2_2021", "SSLv3"),
        ("aws_sns_topic", "kms_master_key_id", "alias/x", None),
        ("aws_eks_cluster", "enabled_cluster_log_types", ["api", "audit"], ["api"]),
        ("aws_instance", "metadata_options.0.http_tokens", "required", "optional"),
    ],
)  # fmt: skip
def test_each_way_of_an_attribute_has_its_direction(
    resource_type: str, attribute: str, strong: Any, weak: Any
) -> None:
    assert changed(resource_type, attribute, strong, weak) == "weakened"
    assert changed(resource_type, attribute, weak, strong) == "strengthened"


def test_a_key_exchanged_for_another_is_not_judged() -> None:
    assert changed("aws_sns_topic", "kms_master_key_id", "alias/a", "alias/b") == "unknown"


def test_a_switch_that_was_never_declared_and_is_off_is_not_judged() -> None:
    assert changed("aws_ebs_volume", "encrypted", None, False) == "unknown"  # noqa: FBT003 - a value


def test_a_block_that_guards_is_weakened_when_it_is_gone() -> None:
    assert changed("aws_dynamodb_table", "point_in_time_recovery", [{"enabled": True}], []) == "weakened"
    assert (
        judge("aws_s3_bucket", "public_access_block", "missing", {"block_public_acls": True}, None)
        == "weakened"
    )


def test_a_block_is_judged_by_the_worst_of_its_parts() -> None:
    before = [{"block_public_acls": True, "block_public_policy": False}]
    after = [{"block_public_acls": False, "block_public_policy": True}]
    assert changed("aws_s3_bucket", "public_access_block", before, after) == "weakened"


def test_blocks_that_stand_more_than_once_are_not_guessed_at() -> None:
    assert changed("aws_wafv2_web_acl", "rule", [{"a": 1}, {"b": 2}], [{"a": 1}]) == "unknown"


def test_redacted_values_are_unknown_unless_the_attribute_is_only_words() -> None:
    before, after = REDACTED + "k:1", REDACTED + "k:2"
    assert changed("aws_ebs_volume", "encrypted", before, after) == "unknown"
    assert changed("aws_s3_bucket", "policy", {"Statement": [{"x": before}]}, {"Statement": []}) == "unknown"
    assert changed("aws_s3_bucket", "tags.Owner", before, after) == "lateral"
    assert changed("aws_sns_topic", "kms_master_key_id", None, after) == "unknown"
    assert changed("aws_eks_cluster", "enabled_cluster_log_types", [], [after]) == "unknown"


def test_a_nested_name_is_not_mistaken_for_words() -> None:
    assert changed("aws_db_parameter_group", "parameter.0.name", "a", "b") == "unknown"


def test_what_no_table_names_is_unknown() -> None:
    assert changed("aws_new_thing", "mode", "a", "b") == "unknown"


def test_something_missing_is_weakened_only_where_it_guards() -> None:
    assert judge("aws_cloudtrail", "resource", "missing", {"a": 1}, None) == "weakened"
    assert judge("aws_sns_topic", "resource", "missing", {"a": 1}, None) == "unknown"


def test_noncompliant_is_weakened_and_unmanaged_is_unknown() -> None:
    assert judge("aws_s3_bucket", "config_rule.x", "noncompliant", "COMPLIANT", "NON_COMPLIANT") == "weakened"
    assert judge("aws_s3_bucket", "resource", "unmanaged", None, {"bucket": "x"}) == "unknown"
    assert judge("aws_s3_bucket", "tags.Owner", "unmanaged", None, "x") == "unknown"


def test_strengthened_beside_lateral_stays_strengthened() -> None:
    assert worst(["lateral", "strengthened"]) == "strengthened"
    assert worst(["strengthened", "unknown"]) == "unknown"
    assert worst([]) == "lateral"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
attributes = st.sampled_from(
    ["ingress", "policy", "tags.x", "encrypted", "retention_in_days", "min_tls_version", "acl", "groups",
     "inline_policy.x", "kms_key_id", "enabled_cluster_log_types", "public_access_cidrs", "logging", "",
     "a..0.b", "server_side_encryption_configuration", "shared_with", "max_session_duration"]
)  # fmt: skip


@given(st.sampled_from(["aws_security_group", "aws_cloudwatch_log_group", "aws_iam_role", "x"]), attributes,
       st.sampled_from(KINDS), anything, anything)  # fmt: skip
def test_whatever_a_detector_says_gets_one_direction(
    resource_type: str, attribute: str, kind: str, declared: Any, actual: Any
) -> None:
    assert judge(resource_type, attribute, kind, declared, actual) in DIRECTIONS


@given(attributes, anything)
def test_what_did_not_change_is_lateral_or_cannot_be_read(attribute: str, value: Any) -> None:
    assert judge("aws_iam_role", attribute, "changed", value, value) in {"lateral", "unknown"}
