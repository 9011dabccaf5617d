"""How often and since when each attribute has drifted, as the evidence remembers it.

Only rules that ask `recurrence` or `hours_open` need it, so it is read only for them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

import duckdb

HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What the evidence says of one attribute of one drift.

    Args:
        recurrence: in how many earlier episodes, each of them over, it had drifted.
        first_seen: when the episode that a new look belongs to first saw it; None where it has not.
    """

    drift_id: str
    attribute: str
    recurrence: int
    first_seen: datetime | None


SIGHTINGS = """
SELECT s.drift_id, s.attribute,
       count(*) FILTER (s.episode < h.episode)              AS recurrence,
       min(s.first_seen) FILTER (s.episode = h.episode)     AS first_seen
FROM seen AS s JOIN history AS h USING (drift_id)
GROUP BY s.drift_id, s.attribute
"""


def build(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `seen` from the view `records`, as `sightings.sql` says."""
    connection.execute(resources.files("tasks").joinpath("sightings.sql").read_text("utf-8"))


def sightings(connection: duckdb.DuckDBPyConnection) -> tuple[Sighting, ...]:
    """Return what the table `seen` says, by the episodes of the table `history`."""
    rows = connection.execute(SIGHTINGS).fetchall()
    return tuple(Sighting(drift_id=d, attribute=a, recurrence=r, first_seen=f) for d, a, r, f in rows)


def remember(connection: duckdb.DuckDBPyConnection, seen: Iterable[Sighting], *, now: datetime) -> None:
    """Make the table `remembered` that `merge.sql` reads: drift_id, attribute, recurrence, hours_open.

    Args:
        connection: of the sweep.
        seen: what the evidence remembers; what it does not has never drifted before.
        now: when the sweep judges; hours are counted to it and are never less than none.
    """
    rows = [(one.drift_id, one.attribute, one.recurrence, _hours(one, now)) for one in seen]
    kinds = ("VARCHAR", "VARCHAR", "INTEGER", "DOUBLE")
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    names = ("drift_id", "attribute", "recurrence", "hours_open")
    unnested = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in zip(names, kinds, strict=True))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE remembered AS SELECT {unnested}", columns)


def _hours(one: Sighting, now: datetime) -> float:
    if one.first_seen is None:
        return 0.0
    return max(0.0, (now - one.first_seen).total_seconds() / HOUR)
