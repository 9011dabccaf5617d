"""What the resources of a made-up service are called."""

import hashlib
from typing import Any

ACCOUNT = "123456789012"
REGION = "eu-west-1"

Resource = tuple[str, dict[str, Any]]
"""The type of a resource and the attributes that are set."""


def arn(service: str, rest: str, *, region: str = REGION) -> str:
    """Return an ARN of the account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def number(key: str, of: str) -> str:
    """Return 17 hex digits that are this key's own."""
    return hashlib.sha256(f"{of} {key}".encode()).hexdigest()[:17]
