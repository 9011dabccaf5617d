"""Laws of networks: whatever packet is newly admitted, the change was never called stronger."""

import ipaddress
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.direction import judge
from taxonomy.direction_network import judge_rules

networks = st.builds(
    lambda address, length: str(ipaddress.ip_network((address, length), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
six = st.builds(
    lambda address, length: str(ipaddress.ip_network((address, length), strict=False)),
    st.integers(2**100, 2**128 - 1),
    st.integers(0, 128),
)
private = st.sampled_from(
    ["10.0.0.0/8", "10.0.0.0/9", "10.1.0.0/16", "10.1.1.0/24", "0.0.0.0/0", "10.1.1.1/32"]
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


rules = st.lists(a_rule(), max_size=3)


def speaks(rule: dict[str, Any], protocol: str, number: int, address: str) -> bool:
    """Whether a rule speaks of a packet: the definition, written as simply as it can be."""
    if rule["protocol"] not in {"tcp": {"tcp", "6", "-1"}, "udp": {"udp", "-1"}}[protocol]:
        return False
    blocks = (*rule.get("cidr_blocks", []), *rule.get("ipv6_cidr_blocks", []), rule.get("cidr_block"))
    inside = any(ipaddress.ip_address(address) in ipaddress.ip_network(block) for block in blocks if block)
    return inside and (rule["protocol"] == "-1" or rule["from_port"] <= number <= rule["to_port"])


@settings(max_examples=50, deadline=None)
@given(rules, rules, st.data())
def test_a_packet_newly_admitted_is_never_strengthened(
    declared: list[dict[str, Any]], actual: list[dict[str, Any]], data: st.DataObject
) -> None:
    direction = judge_rules(declared, actual)
    both = declared + actual
    edges = [0, 22, 65535, *(rule[end] for rule in both for end in ("from_port", "to_port"))]
    blocks = [block for rule in both for block in (*rule["cidr_blocks"], *rule["ipv6_cidr_blocks"])]
    ends = [str(ipaddress.ip_network(block)[end]) for block in blocks for end in (0, -1)]
    packet = (
        data.draw(st.sampled_from(["tcp", "udp"])),
        data.draw(st.sampled_from(edges)),
        data.draw(st.sampled_from(ends or ["192.0.2.1"])),
    )
    before, after = (any(speaks(rule, *packet) for rule in side) for side in (declared, actual))
    if after and not before:
        assert direction in {"weakened", "lateral"}
    if before != after and direction == "lateral":
        assert not ipaddress.ip_address(packet[2]).is_global


@settings(max_examples=50, deadline=None)
@given(rules, a_rule())
def test_adding_a_rule_is_weakened_or_adds_nothing(
    declared: list[dict[str, Any]], more: dict[str, Any]
) -> None:
    assert judge_rules(declared, [*declared, more]) in {"weakened", "lateral"}
    assert judge_rules([*declared, more], declared) in {"strengthened", "lateral"}


@settings(max_examples=50, deadline=None)
@given(rules, a_rule(), networks, st.integers(0, 65535))
def test_a_source_or_a_port_more_is_never_strengthened(
    declared: list[dict[str, Any]], told: dict[str, Any], source: str, port: int
) -> None:
    before = [*declared, told]
    for wide in (
        {**told, "cidr_blocks": [*told["cidr_blocks"], source]},
        {**told, "from_port": min(port, told["from_port"]), "to_port": max(port, told["to_port"])},
        {**told, "protocol": "-1"},
    ):
        assert judge_rules(before, [*declared, wide]) in {"weakened", "lateral"}
        assert judge_rules([*declared, wide], before) in {"strengthened", "lateral"}


@settings(max_examples=50, deadline=None)
@given(rules)
def test_the_same_rules_cut_and_turned_are_lateral(declared: list[dict[str, Any]]) -> None:
    cut = [
        {**rule, "from_port": first, "to_port": last}
        for rule in reversed(declared)
        for first, last in (
            (rule["from_port"], (rule["from_port"] + rule["to_port"]) // 2),
            ((rule["from_port"] + rule["to_port"]) // 2, rule["to_port"]),
        )
    ]
    assert judge_rules(declared, cut) == "lateral"


@settings(max_examples=50, deadline=None)
@given(rules, rules)
def test_no_two_lists_are_each_stronger_than_the_other(one: Any, other: Any) -> None:
    assert {judge_rules(one, other), judge_rules(other, one)} != {"strengthened"}


@st.composite
def a_list_with_an_order(draw: st.DrawFn) -> list[dict[str, Any]]:
    numbers = draw(st.lists(st.integers(1, 9), max_size=4, unique=True))
    return [
        {
            "rule_no": number,
            "action": draw(st.sampled_from(["allow", "deny"])),
            "protocol": draw(st.sampled_from(["tcp", "-1"])),
            "from_port": draw(st.sampled_from([22, 80])),
            "to_port": draw(st.sampled_from([80, 443])),
            "cidr_block": draw(private),
        }
        for number in numbers
    ]


def let_in(entries: list[dict[str, Any]], port: int, address: str) -> bool:
    """Whether a packet gets in: the first entry that speaks of it decides."""
    for entry in sorted(entries, key=lambda entry: entry["rule_no"]):
        if speaks(entry, "tcp", port, address):
            return bool(entry["action"] == "allow")
    return False


@settings(max_examples=100, deadline=None)
@given(a_list_with_an_order(), a_list_with_an_order())
def test_a_packet_newly_let_in_by_ordered_rules_is_never_strengthened(declared: Any, actual: Any) -> None:
    direction = judge_rules(declared, actual)
    for port in (22, 80, 443, 8080):
        for address in ("10.1.1.1", "10.1.1.2", "10.1.2.1", "10.2.0.1", "10.200.0.1", "192.0.2.1"):
            before, after = let_in(declared, port, address), let_in(actual, port, address)
            if after and not before:
                assert direction in {"weakened", "lateral"}, (port, address)
                assert direction == "weakened" or address != "192.0.2.1"


def tcp(port: int, cidrs: list[str]) -> dict[str, Any]:
    return {"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": cidrs}


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ([tcp(n, ["10.0.0.0/8"]) for n in range(10_000)], [tcp(n, ["11.0.0.0/8"]) for n in range(10_000)]),
        ([tcp(n, ["10.0.0.0/8"]) for n in range(3_000)], [tcp(n, ["11.0.0.0/8"]) for n in range(3_000)]),
        ([tcp(n, ["10.0.0.0/8"]) for n in range(700)], [tcp(n, ["11.0.0.0/8"]) for n in range(700)]),
        ([tcp(1, [f"10.{n // 250}.{n % 250}.0/25" for n in range(5_000)])],
         [tcp(1, [f"11.{n // 250}.{n % 250}.0/25" for n in range(5_000)])]),
        ([{**tcp(22, []), "rule_no": n + 1, "action": ["deny", "allow"][n % 2],
           "cidr_block": f"10.{n}.0.0/16"} for n in range(120)],) * 2,
    ],
    ids=["many", "ports", "fewer ports", "addresses", "ordered"],
)  # fmt: skip
def test_no_list_of_rules_takes_long(declared: list[Any], actual: list[Any]) -> None:
    begun = time.monotonic()
    assert judge("aws_security_group", "ingress", "changed", declared, [*actual, *actual[:1]])
    assert time.monotonic() - begun < 10
