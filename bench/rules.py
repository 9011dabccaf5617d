"""Rules of every predicate beside the built-in ones, so that none goes unmeasured."""

from typing import Any

from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook

EXAMPLES: list[dict[str, Any]] = [
    {
        "name": "opened to everybody",
        "match": True,
        "declared": [{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"]}],
        "actual": [{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]}],
    },
    {
        "name": "granted to another account",
        "match": False,
        "declared": {"Version": "2012-10-17", "Statement": []},
        "actual": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": "*",
                    "Principal": {"AWS": "123456789012"},
                }
            ],
        },
    },
]

NETWORK = ["aws_security_group", "aws_default_security_group"]

WHENS: dict[str, dict[str, Any]] = {
    "admits": {
        "resource_type": NETWORK,
        "attribute": "ingress",
        "newly_admits": {"every_address_of": ["0.0.0.0/0", "::/0"], "ports": [22, 3389]},
    },
    "admits-any": {
        "resource_type": NETWORK,
        "attribute": "ingress",
        "newly_admits": {"any_address_of": "8.8.0.0/16"},
    },
    "grants": {"attribute": ["policy", "assume_role_policy"], "newly_grants": {"to": "anyone"}},
    "grants-iam": {
        "attribute": ["policy", "assume_role_policy"],
        "newly_grants": {"any_action_of": ["iam:*"], "to": "another_account"},
    },
    "account": {"account": "12345678900*", "attribute": "tags.*", "direction": "weakened"},
    "again": {"recurrence": {"above": 4}, "resource_type": "aws_iam_*"},
    "late": {"hours_open": {"above": 720}, "direction": "unknown", "environment": "prod"},
    "gone": {"became_null": True, "attribute": "kms_*"},
    "short": {"attribute": "*retention*", "declared": {"above": 30}, "actual": {"below": 14}},
    "tagged": {"tags": {"Owner": ["team-1", "team-2*"]}, "kind": "changed", "resource_type": "aws_db_*"},
}


def with_all_predicates(rulebook: Rulebook) -> Rulebook:
    """Return the rulebook with a rule more for each predicate that its own may not use."""
    more = tuple(_rule(name, when) for name, when in WHENS.items())
    return Rulebook(rules=(*rulebook.rules, *more), catalogue=rulebook.catalogue)


def _rule(name: str, when: dict[str, Any]) -> Rule:
    return Rule.model_validate(
        {
            "id": f"bench-{name}",
            "title": "A rule of a benchmark",
            "status": "stable",
            "severity": "high",
            "tier": "review",
            "controls": ["nist-800-53-r5:CM-6"],
            "when": when,
            "because": "Because each predicate is to be measured.",
            "remedy": "by-hand",
            "false_positives": ["None in a benchmark."],
            "examples": EXAMPLES,
        }
    )
