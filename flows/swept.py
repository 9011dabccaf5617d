"""What one sweep came to."""

from dataclasses import dataclass
from datetime import datetime

from taxonomy.drift import Drift
from taxonomy.observation import Observation
from taxonomy.route import Route
from taxonomy.waived import Waived


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What one sweep came to.

    Args:
        drifts: worst first, each with where it goes.
        gone: drifts of earlier sweeps that are no longer found.
        unlooked: open drift of earlier sweeps, of which a target could not be looked at now.
        unsealed: targets that have drifted and have no approved state yet.
        branches: the flow runs that were opened, by drift id.
        waivings: every waiver, noise rule and signed waiver, with what it came to.
    """

    sweep_id: str
    estate: str
    started_at: datetime
    ended_at: datetime
    observations: tuple[Observation, ...]
    drifts: tuple[tuple[Drift, Route], ...]
    gone: tuple[Drift, ...]
    branches: dict[str, str]
    unlooked: tuple[Drift, ...] = ()
    unsealed: tuple[str, ...] = ()
    waivings: tuple[Waived, ...] = ()
