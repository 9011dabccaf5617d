"""How old a plan is that was made elsewhere: a pipeline that stopped must not look clean for ever.

https://developer.hashicorp.com/terraform/internals/json-format: ``timestamp``, RFC 3339, since Terraform 1.5.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tasks.errors import ToolError
from taxonomy.target import TerraformTarget

AHEAD = timedelta(minutes=5)
"""How far another machine's clock may be ahead."""


def made_at(plan: Mapping[str, Any]) -> datetime | None:
    """Return when a plan was made; None where it does not say so, with a time zone."""
    said = plan.get("timestamp")
    try:
        made = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return made if made is not None and made.tzinfo is not None else None


def check_age(plan: Mapping[str, Any], target: TerraformTarget, *, now: datetime | None, name: str) -> None:
    """Return only where a plan is no older than its target's `max_age` allows, or where that is None.

    Raises:
        ToolError: it is older, claims to be of the future, or nobody can say.
    """
    if target.max_age is None:
        return
    made = made_at(plan)
    if made is None or now is None:
        raise ToolError(
            f"{name} does not say when it was made, and `max_age` of target {target.name} asks for it; "
            "expected `timestamp`: make the plan with Terraform 1.5 or later"
        )
    if made > now + AHEAD:
        raise ToolError(f"{name} claims to be made at {made.isoformat()}, which is to come; make it anew")
    if now - made > target.max_age:
        days = f"{(now - made).total_seconds() / 86400:.1f} days"
        raise ToolError(
            f"{name} is too old: it was made at {made.isoformat()}, {days} ago; make it anew, or correct "
            f"`max_age` of target {target.name}"
        )
