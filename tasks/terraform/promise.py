"""What the code promises of a resource that is gone, in the shape its parent tells it."""

from typing import TYPE_CHECKING, Any

from tasks.terraform import group_rules
from tasks.terraform.mask import Side
from tasks.terraform.spelling import spelled

if TYPE_CHECKING:
    from tasks.terraform.judge import Case

PAYLOADS = {
    "aws_iam_group_policy": "policy",
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_iam_role_policy": "policy",
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_user_policy": "policy",
    "aws_iam_user_policy_attachment": "policy_arn",
}
"""Sub-resources that are one value under a name: the drift's attribute is the name, not a path inside."""


def promised(case: "Case") -> Any:
    """Return what was to be there: one value, the elements of a group, or all that is not empty."""
    side: Side = "wanted" if case.resource.wanted else "state"
    values = case.resource.wanted or case.resource.state or {}
    if case.is_rule:
        return rules_of(case, side)
    payload = PAYLOADS.get(case.resource.type) or (case.prefix if case.prefix in values else "")
    if payload:
        return spelled(case.mask.value(side, (payload,)))
    whole = case.mask.value(side, ())
    return {key: spelled(value) for key, value in whole.items() if value not in (None, "", [], {})}


def rules_of(case: "Case", side: Side) -> list[dict[str, Any]]:
    """Return one side of a rule resource as its group would list it."""
    return group_rules.elements(group_rules.of_rule(case.mask.value(side, ())))
