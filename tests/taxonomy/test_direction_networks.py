"""Networks by meaning: what is newly reachable, and from where."""

from typing import Any

import pytest

from taxonomy.addresses import read_addresses
from taxonomy.direction import judge
from taxonomy.direction_network import judge_rules, newly_admitted

GROUP = "aws_security_group"
TEN, ALL = "10.0.0.0/8", "0.0.0.0/0"


def tcp(port: int | tuple[int, int], *cidrs: str, **more: Any) -> dict[str, Any]:
    first, last = port if isinstance(port, tuple) else (port, port)
    told = {"protocol": "tcp", "from_port": first, "to_port": last, **more}
    return {**told, "cidr_blocks": list(cidrs)} if cidrs else told


def every(*cidrs: str) -> dict[str, Any]:
    return {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": list(cidrs)}


def icmp(kind: int, code: int) -> dict[str, Any]:
    return {"protocol": "icmp", "from_port": kind, "to_port": code, "cidr_blocks": [TEN]}


def acl(number: int, action: str, cidr: str, port: int = 22, **more: Any) -> dict[str, Any]:
    return {"rule_no": number, "action": action, "protocol": "tcp", "from_port": port, "to_port": port,
            "cidr_block": cidr, **more}  # fmt: skip


def nsg(priority: int, access: str, source: str, ports: str = "22", **more: Any) -> dict[str, Any]:
    return {"name": f"r{priority}", "priority": priority, "direction": "Inbound", "access": access,
            "protocol": "Tcp", "source_port_range": "*", "destination_port_range": ports,
            "source_address_prefix": source, "destination_address_prefix": "*", **more}  # fmt: skip


DENY_ALL = nsg(4000, "Deny", "*", "*", protocol="*")

ALLOWING = [
    ("a wider range", [tcp(443, "10.1.0.0/16")], [tcp(443, TEN)], "weakened"),
    ("a narrower range", [tcp(443, TEN)], [tcp(443, "10.1.0.0/16")], "strengthened"),
    ("everybody", [tcp(443, TEN)], [tcp(443, ALL)], "weakened"),
    ("everybody on IPv6", [tcp(443, ALL)], [tcp(443, ALL, ipv6_cidr_blocks=["::/0"])], "weakened"),
    ("IPv6 narrowed", [tcp(1, ipv6_cidr_blocks=["2001:db8::/32"])],
     [tcp(1, ipv6_cidr_blocks=["2001:db8::/48"])], "strengthened"),
    ("IPv6 spelled out", [tcp(1, ipv6_cidr_blocks=["2001:db8::/32"])],
     [tcp(1, ipv6_cidr_blocks=["2001:0db8:0000::/32"])], "lateral"),
    ("IPv4 written as IPv6", [tcp(1, TEN)], [tcp(1, ipv6_cidr_blocks=["::ffff:10.0.0.0/104"])], "lateral"),
    ("two halves are everybody", [tcp(1, ALL)], [tcp(1, "0.0.0.0/1", "128.0.0.0/1")], "lateral"),
    ("everybody in two halves", [tcp(1, TEN)], [tcp(1, "0.0.0.0/1", "128.0.0.0/1")], "weakened"),
    ("rules cut at a port", [tcp((80, 81), TEN)], [tcp(80, TEN), tcp(81, TEN)], "lateral"),
    ("rules cut at an address", [tcp(1, TEN)], [tcp(1, "10.0.0.0/9"), tcp(1, "10.128.0.0/9")], "lateral"),
    ("in another order", [tcp(1, TEN), tcp(2, TEN)], [tcp(2, TEN), tcp(1, TEN)], "lateral"),
    ("a host bit set", [tcp(1, "10.1.2.3/8")], [tcp(1, TEN)], "lateral"),
    ("a description", [tcp(1, TEN, description="a")], [tcp(1, TEN, description="b")], "lateral"),
    ("a port more", [tcp(443, TEN)], [tcp((443, 444), TEN)], "weakened"),
    ("a port less", [tcp((443, 444), TEN)], [tcp(443, TEN)], "strengthened"),
    ("another port", [tcp(443, TEN)], [tcp(22, TEN)], "weakened"),
    ("all ports", [tcp(443, TEN)], [tcp((0, 65535), TEN)], "weakened"),
    ("all protocols", [tcp((0, 65535), TEN)], [every(TEN)], "weakened"),
    ("all protocols hold each", [every(TEN)], [every(TEN), tcp(443, TEN)], "lateral"),
    ("one of all protocols", [every(TEN)], [tcp(443, TEN)], "strengthened"),
    ("a protocol by number", [tcp(443, TEN)], [tcp(443, TEN, protocol="6")], "lateral"),
    ("another protocol", [tcp(443, TEN)], [tcp(443, TEN, protocol="udp")], "weakened"),
    ("every kind of ping", [icmp(8, 0)], [icmp(-1, -1)], "weakened"),
    ("one kind of ping", [icmp(-1, -1)], [icmp(8, 0)], "strengthened"),
    ("a ping is no port", [tcp((0, 65535), TEN)], [tcp((0, 65535), TEN), icmp(8, 0)], "weakened"),
    ("a private range moved", [tcp(1, "10.1.0.0/16")], [tcp(1, "10.2.0.0/16")], "lateral"),
    ("moved to a larger one", [tcp(1, "10.1.0.0/24")], [tcp(1, "192.168.0.0/16")], "weakened"),
    ("moved, and another port", [tcp(443, "10.1.0.0/16")], [tcp(22, "10.2.0.0/16")], "weakened"),
    ("moved into public", [tcp(1, "10.1.0.0/16")], [tcp(1, "8.8.0.0/16")], "weakened"),
    ("a public range moved", [tcp(1, "8.8.0.0/16")], [tcp(1, "9.9.0.0/16")], "weakened"),
    ("a group more", [tcp(1, security_groups=["sg-1"])],
     [tcp(1, security_groups=["sg-1", "sg-2"])], "weakened"),
    ("another group", [tcp(1, security_groups=["sg-1"])], [tcp(1, security_groups=["sg-2"])], "weakened"),
    ("a group for everybody", [tcp(1, ALL)], [tcp(1, security_groups=["sg-1"])], "strengthened"),
    ("everybody for a group", [tcp(1, security_groups=["sg-1"])], [tcp(1, ALL)], "weakened"),
    ("a group for a range", [tcp(1, TEN)], [tcp(1, security_groups=["sg-1"])], "weakened"),
    ("a prefix list", [tcp(1, TEN)], [tcp(1, TEN, prefix_list_ids=["pl-1"])], "weakened"),
    ("itself", [tcp(1, TEN)], [tcp(1, TEN, self=True)], "weakened"),
    ("no longer itself", [tcp(1, TEN, self=True)], [tcp(1, TEN, self=False)], "strengthened"),
    ("all gone", [tcp(1, TEN)], [], "strengthened"),
    ("the first", None, [tcp(1, TEN)], "weakened"),
    ("nobody named", [], [tcp(1)], "lateral"),
    ("a rule of its own", [],
     {"ip_protocol": "tcp", "from_port": 1, "to_port": 1, "cidr_ipv4": ALL}, "weakened"),
]  # fmt: skip

ORDERED = [
    ("a number moved", [acl(100, "allow", TEN)], [acl(110, "allow", TEN)], "lateral"),
    ("an entry opened", [acl(100, "allow", TEN)], [acl(100, "allow", ALL)], "weakened"),
    ("an entry narrowed", [acl(100, "allow", ALL)], [acl(100, "allow", TEN)], "strengthened"),
    ("an entry turned to allow", [acl(100, "deny", TEN)], [acl(100, "allow", TEN)], "weakened"),
    ("an entry turned to deny", [acl(100, "allow", TEN)], [acl(100, "deny", TEN)], "strengthened"),
    ("a prohibition moved behind", [acl(1, "deny", "10.1.0.0/16"), acl(2, "allow", TEN)],
     [acl(2, "allow", TEN), acl(3, "deny", "10.1.0.0/16")], "weakened"),
    ("a prohibition moved before", [acl(2, "allow", TEN), acl(3, "deny", "10.1.0.0/16")],
     [acl(1, "deny", "10.1.0.0/16"), acl(2, "allow", TEN)], "strengthened"),
    ("a prohibition lost", [acl(1, "deny", "10.1.0.0/16"), acl(2, "allow", TEN)], [acl(2, "allow", TEN)],
     "weakened"),
    ("a prohibition narrowed", [acl(1, "deny", "10.1.0.0/16"), acl(2, "allow", TEN)],
     [acl(1, "deny", "10.1.1.0/24"), acl(2, "allow", TEN)], "weakened"),
    ("a prohibition widened", [acl(1, "deny", "10.1.1.0/24"), acl(2, "allow", TEN)],
     [acl(1, "deny", "10.1.0.0/16"), acl(2, "allow", TEN)], "strengthened"),
    ("a prohibition of what nobody allows", [acl(1, "deny", "192.0.2.0/24"), acl(2, "allow", TEN)],
     [acl(2, "allow", TEN)], "lateral"),
    ("of another port", [acl(1, "deny", TEN, 80), acl(2, "allow", TEN)], [acl(2, "allow", TEN)], "lateral"),
    ("ping by type", [acl(1, "allow", TEN, protocol="icmp", icmp_type=8, icmp_code=0)],
     [acl(1, "allow", TEN, protocol="icmp", icmp_type=-1, icmp_code=-1)], "weakened"),
    ("from the internet", [nsg(100, "Allow", TEN), DENY_ALL], [nsg(100, "Allow", "Internet"), DENY_ALL],
     "weakened"),
    ("any is more than the internet", [nsg(100, "Allow", "Internet")], [nsg(100, "Allow", "*")], "weakened"),
    ("the network for any", [nsg(100, "Allow", "*")], [nsg(100, "Allow", "VirtualNetwork")], "strengthened"),
    ("a tag for a range", [nsg(100, "Allow", TEN)], [nsg(100, "Allow", "AzureCloud")], "weakened"),
    ("everything prohibited no more", [DENY_ALL], [], "weakened"),
    ("everything prohibited", [], [DENY_ALL], "strengthened"),
    ("a prohibition of a tag lost", [nsg(100, "Deny", "VirtualNetwork"), nsg(200, "Allow", TEN)],
     [nsg(200, "Allow", TEN)], "weakened"),
    ("leaving for the internet no longer prohibited",
     [nsg(100, "Deny", "*", direction="Outbound", destination_address_prefix="Internet")], [], "weakened"),
    ("ports as a list", [nsg(100, "Allow", TEN, "22,443"), DENY_ALL],
     [nsg(100, "Allow", TEN, "", destination_port_ranges=["443", "22"]), DENY_ALL], "lateral"),
    ("a range of ports", [nsg(100, "Allow", TEN, "22")], [nsg(100, "Allow", TEN, "20-25")], "weakened"),
    ("to one machine only", [nsg(100, "Allow", TEN), DENY_ALL],
     [nsg(100, "Allow", TEN, destination_address_prefix="10.1.1.1"), DENY_ALL], "strengthened"),
    ("to every machine", [nsg(100, "Allow", TEN, destination_address_prefix="10.1.1.1"), DENY_ALL],
     [nsg(100, "Allow", TEN), DENY_ALL], "weakened"),
    ("letters of a word", [nsg(100, "Allow", TEN)],
     [nsg(100, "allow", TEN, direction="inbound", protocol="TCP")], "lateral"),
    ("named otherwise", [nsg(100, "Allow", TEN)], [nsg(100, "Allow", TEN, name="x")], "lateral"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "actual", "direction"), [pytest.param(*case[1:], id=case[0]) for case in ALLOWING]
)
@pytest.mark.parametrize("way", ["ingress", "egress"])
def test_a_security_group_is_judged_by_what_it_admits(
    way: str, declared: Any, actual: Any, direction: str
) -> None:
    assert judge(GROUP, way, "changed", declared, actual) == direction


@pytest.mark.parametrize(
    ("declared", "actual", "direction"), [pytest.param(*case[1:], id=case[0]) for case in ORDERED]
)
def test_rules_with_an_order_are_judged_by_what_stands_before_them(
    declared: Any, actual: Any, direction: str
) -> None:
    azure = "priority" in (declared or actual)[0]
    place = ("azurerm_network_security_group", "security_rule") if azure else ("aws_network_acl", "ingress")
    assert judge(*place, "changed", declared, actual) == direction


@pytest.mark.parametrize(
    "broken",
    ["open", [7], [{"from_port": 1, "to_port": 2}], [tcp(443, "everywhere")], [tcp((9, 3), TEN)],
     [{"protocol": "tcp", "cidr_blocks": [TEN]}], [tcp(443, cidr_blocks=[7])], [{"protocol": True}],
     [acl(0, "allow", TEN)], [acl(1, "maybe", TEN)], [nsg(1, "Allow", TEN, "http")], [{"access": "Allow"}],
     [tcp(n, TEN) for n in range(5000)], [icmp(300, 0)], [acl(n + 1, "deny", TEN) for n in range(300)]],
)  # fmt: skip
def test_rules_that_cannot_be_read_are_unknown_never_lateral(broken: Any) -> None:
    assert judge(GROUP, "ingress", "changed", [], broken) == "unknown"
    assert judge(GROUP, "ingress", "changed", broken, []) == "unknown"


@pytest.mark.parametrize(
    ("attribute", "declared", "actual", "direction"),
    [
        ("cidr_blocks", [TEN], [ALL], "weakened"),
        ("cidr_blocks", [ALL], [TEN], "strengthened"),
        ("cidr_blocks", [TEN], [], "unknown"),
        ("cidr_blocks", [], ["::/0"], "weakened"),
        ("cidr_ipv4", "10.1.0.0/16", TEN, "weakened"),
        ("vpc_config.0.public_access_cidrs", [ALL], ["192.0.2.0/24"], "strengthened"),
        ("vpc_config.0.public_access_cidrs", ["192.0.2.0/24"], [], "weakened"),
        ("source_address_prefix", ALL, "*", "weakened"),
        ("source_address_prefix", "*", TEN, "strengthened"),
        ("api_server_authorized_ip_ranges", None, ["192.0.2.0/24"], "strengthened"),
        ("start_ip_address", "10.0.0.9", "10.0.0.1", "weakened"),
        ("start_ip_address", "10.0.0.1", "10.0.0.9", "strengthened"),
        ("end_ip_address", "10.0.0.1", "255.255.255.255", "weakened"),
        ("end_ip_address", "10.0.0.9", "10.0.0.1", "strengthened"),
        ("end_ip_address", "10.0.0.9", "0.0.0.0", "unknown"),  # noqa: S104 - the services of the cloud
        ("end_ip_address", "10.0.0.9", "somewhere", "unknown"),
        ("vpc_security_group_ids", ["sg-1"], ["sg-1", "sg-2"], "weakened"),
        ("vpc_security_group_ids", ["sg-1", "sg-2"], ["sg-1"], "strengthened"),
        ("vpc_security_group_ids", ["sg-1"], [], "weakened"),
    ],
)
def test_a_list_of_those_let_in_is_a_set_of_addresses(
    attribute: str, declared: Any, actual: Any, direction: str
) -> None:
    assert judge("aws_thing", attribute, "changed", declared, actual) == direction


@pytest.mark.parametrize(
    ("attribute", "declared", "actual", "direction"),
    [
        ("source_address_prefix", TEN, "*", "weakened"),
        ("source_address_prefix", "*", TEN, "unknown"),
        ("destination_port_range", "443", "*", "weakened"),
        ("destination_port_range", "*", "443", "unknown"),
        ("destination_port_ranges", ["22", "443"], ["443", "22"], "lateral"),
        ("access", "Deny", "Allow", "weakened"),
        ("access", "Allow", "Deny", "strengthened"),
    ],
)
def test_a_rule_that_may_keep_out_is_never_stronger_for_speaking_of_less(
    attribute: str, declared: Any, actual: Any, direction: str
) -> None:
    assert judge("azurerm_network_security_rule", attribute, "changed", declared, actual) == direction


def test_azure_lists_beside_a_default_action_let_nobody_in_when_empty() -> None:
    vault = "azurerm_key_vault"
    assert judge(vault, "network_acls.0.ip_rules", "changed", ["192.0.2.0/24"], []) == "strengthened"
    assert judge(vault, "network_acls.0.ip_rules", "changed", [], ["192.0.2.0/24"]) == "weakened"
    assert judge(vault, "network_acls.0.default_action", "changed", "Deny", "Allow") == "weakened"
    assert judge(vault, "network_acls.0.bypass", "changed", "None", "AzureServices") == "weakened"
    assert judge("azurerm_storage_account", "network_rules.0.bypass", "changed", ["Logging"], ["None"]) == (
        "strengthened"
    )


def test_what_is_newly_admitted_is_told_beside_all_that_is() -> None:
    found = newly_admitted([tcp(22, TEN)], [tcp((22, 23), "0.0.0.0/1", "128.0.0.0/1")])
    assert [(part.protocol, part.first, part.last) for part in found] == [("tcp", 22, 22), ("tcp", 23, 23)]
    assert [list(part.admitted.shown()) for part in found] == [[ALL], [ALL]]
    assert read_addresses("10.1.0.0/16").minus(found[0].new) == read_addresses("10.1.0.0/16")
    assert list(found[1].new.shown()) == [ALL]
    assert newly_admitted([tcp(22, ALL)], [tcp(22, TEN)]) == ()
    assert list(newly_admitted(None, "192.0.2.0/24")[0].new.shown()) == ["192.0.2.0/24"]
    group = newly_admitted([], [tcp(1, "10.0.0.1/32", "10.0.0.2/31", security_groups=["sg-1"])])
    assert list(group[0].new.shown()) == ["10.0.0.1/32", "10.0.0.2/31", "security group:sg-1"]
    assert judge_rules([], []) == "lateral"
