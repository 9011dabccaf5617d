"""Managed rules about security groups."""

from collections.abc import Iterator, Mapping
from typing import Any

from examples.clouds.managed_rules.live import Live, Verdict

_TYPE = "AWS::EC2::SecurityGroup"
_ANYWHERE = {"0.0.0.0/0", "::/0"}


def ssh_restricted(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """restricted-ssh: nobody anywhere may reach port 22."""
    return _closed(live, {22})


def common_ports_restricted(live: Live, parameters: Mapping[str, str]) -> Iterator[Verdict]:
    """restricted-common-ports: nobody anywhere may reach ``blockedPort1`` to ``blockedPort5``."""
    return _closed(live, {int(value) for name, value in parameters.items() if name.startswith("blockedPort")})


def default_closed(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """vpc-default-security-group-closed: a VPC's default group has no rule at all."""
    for group in live.security_groups:
        if group["GroupName"] == "default":
            compliant = not group["IpPermissions"] and not group["IpPermissionsEgress"]
            annotation = "" if compliant else "The default security group has rules."
            yield Verdict(
                resource_type=_TYPE,
                resource_id=group["GroupId"],
                compliant=compliant,
                annotation=annotation,
            )


def _closed(live: Live, ports: set[int]) -> Iterator[Verdict]:
    for group in live.security_groups:
        opened = sorted(p for p in ports if any(_admits(rule, p) for rule in group["IpPermissions"]))
        yield Verdict(
            resource_type=_TYPE,
            resource_id=group["GroupId"],
            compliant=not opened,
            annotation=f"Open to the internet: {', '.join(map(str, opened))}." if opened else "",
        )


def _admits(permission: Mapping[str, Any], port: int) -> bool:
    if permission["IpProtocol"] not in {"-1", "tcp", "6"}:
        return False
    sources = {r["CidrIp"] for r in permission.get("IpRanges", [])}
    sources |= {r["CidrIpv6"] for r in permission.get("Ipv6Ranges", [])}
    lowest, highest = permission.get("FromPort", 0), permission.get("ToPort", 65535)
    return bool(sources & _ANYWHERE) and (permission["IpProtocol"] == "-1" or lowest <= port <= highest)
