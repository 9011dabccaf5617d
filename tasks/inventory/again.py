"""Look at one unmanaged resource again: is it still live, and still in no state of its target?"""

from collections.abc import Iterable

from tasks.errors import ToolError
from tasks.inventory.listing import take
from tasks.inventory.live import Place
from tasks.inventory.table import ROWS
from tasks.reach import Reach
from taxonomy.drift import Drift
from taxonomy.holding import Held
from taxonomy.target import TerraformTarget


def still_live(drift: Drift, target: TerraformTarget, reach: Reach) -> bool:
    """Return whether a resource is still there.

    Raises:
        ToolError: it could not be looked for, which is not "gone".
    """
    scopes = [row.scope for row in ROWS if row.type == drift.resource_type]
    place = Place(
        account=target.account or "",
        region=drift.region or target.region or "",
        role_arn=target.read_role_arn,
        scope=scopes[0] if scopes else "region",
        types=frozenset({drift.resource_type}),
    )
    inventory = take(place, reach)
    if drift.resource_type not in inventory.listed:
        why = next((unseen.reason for unseen in inventory.unseen), "nothing here lists it")
        raise ToolError(f"can't look for {drift.resource_type}: {why}")
    names = {drift.resource_id, *drift.aliases}
    return any(names & live.names for live in inventory.live)


def held(drift: Drift, state: Iterable[Held]) -> bool:
    """Return whether a state holds the resource by now."""
    names = {drift.resource_id, *drift.aliases}
    return any(names.intersection(one.names) for one in state if not one.prefix)
