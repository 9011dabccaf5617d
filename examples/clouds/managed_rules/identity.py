"""Managed rules about IAM; AWS Config names its resources by unique id, not by name or ARN."""

from collections.abc import Iterator, Mapping
from typing import Any

from examples.clouds.managed_rules.live import Live, Verdict

_PRINCIPALS = (
    # (type, list operation, key of the list, name, unique id, operation for inline policies)
    ("AWS::IAM::Role", "list_roles", "Roles", "RoleName", "RoleId", "list_role_policies"),
    ("AWS::IAM::User", "list_users", "Users", "UserName", "UserId", "list_user_policies"),
    ("AWS::IAM::Group", "list_groups", "Groups", "GroupName", "GroupId", "list_group_policies"),
)


def no_admin_access(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """iam-policy-no-statements-with-admin-access: no policy of the account allows ``*`` on ``*``."""
    iam = live.client("iam")
    for policy in live.pages("iam", "list_policies", "Policies", Scope="Local"):
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        compliant = not any(map(_allows_all, _listed(version["PolicyVersion"]["Document"]["Statement"])))
        yield Verdict(
            resource_type="AWS::IAM::Policy",
            resource_id=policy["PolicyId"],
            compliant=compliant,
            annotation="" if compliant else "A statement allows every action on every resource.",
        )


def no_inline_policy(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """iam-no-inline-policy-check: no user, role or group carries a policy of its own."""
    for kind, listing, key, name, unique, inline in _PRINCIPALS:
        for principal in live.pages("iam", listing, key):
            held = list(live.pages("iam", inline, "PolicyNames", **{name: principal[name]}))
            yield Verdict(
                resource_type=kind,
                resource_id=principal[unique],
                compliant=not held,
                annotation=f"Inline policies: {', '.join(held)}." if held else "",
            )


def _allows_all(statement: Mapping[str, Any]) -> bool:
    everything = "*" in _listed(statement.get("Action", [])) and "*" in _listed(statement.get("Resource", []))
    return statement["Effect"] == "Allow" and everything


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
