"""Which attributes open something, or let somebody act: nothing vouches for them that may not mean them."""

GRANTS = frozenset(
    {
        "access_config",
        "access_policies",
        "access_policy",
        "acl",
        "allowed_principals",
        "assume_role_policy",
        "cors_rule",
        "egress",
        "grant",
        "iam_instance_profile",
        "iam_roles",
        "ingress",
        "inline_policy",
        "layers",
        "managed_policy_arns",
        "metadata_options",
        "permissions_boundary",
        "policy",
        "resource_policy",
        "role",
        "role_arn",
        "route",
        "security_group_ids",
        "security_groups",
        "user_data",
        "user_data_base64",
        "vpc_security_group_ids",
    }
)
"""Names of attributes and blocks. A ``dynamic`` block that may make none does not vouch for one, nor does
another resource that happens to name the same things."""
