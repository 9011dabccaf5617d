"""What is known of each drift today: episodes, states, attempts, the freeze.

An index over the evidence, rebuilt at will and never evidence itself (ARCHITECTURE.md, decision 15).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

import duckdb

from evidence.query import define_state
from taxonomy.drift import OPEN_STATES, State
from taxonomy.waivers import Standing

COLUMNS = (
    "drift_id",
    "episode",
    "state",
    "attempt",
    "closed",
    "last_state",
    "asked_run",
    "fingerprint",
    "first_seen",
    "rejected_at",
    "rejected_fingerprint",
    "waived_until",
    "waived_fingerprint",
    "over_limit",
    "waived_by",
    "waived_reason",
    "filed_until",
)


@dataclass(frozen=True, kw_only=True)
class Past:
    """What the evidence says of one drift.

    Args:
        episode: the episode that a new look belongs to.
        state: the drift's state in that episode.
        attempt: the number that the next branch would bear.
        closed: whether the last episode is over.
        last_state: the state of the last episode, also where it is over.
        asked_run: the flow run that last asked for a decision.
        fingerprint: what had drifted when it was last recorded.
        first_seen: when the last episode began.
        rejected_at: when it was last rejected, in the last episode.
        rejected_fingerprint: what was rejected.
        over_limit: a sweep of the last episode had no room to let it be put right by itself.
        waived_until: when the last signed waiver ends; it accepts `waived_fingerprint` and nothing else.
        waived_by: who signed it.
        filed_until: until when files waive all of it, as the last look found them; None where they don't.
    """

    drift_id: str
    episode: int
    state: State
    attempt: int
    closed: bool
    last_state: State
    asked_run: str | None
    fingerprint: str
    first_seen: datetime
    rejected_at: datetime | None
    rejected_fingerprint: str | None
    waived_until: datetime | None
    waived_fingerprint: str | None
    over_limit: bool = False
    waived_by: str | None = None
    waived_reason: str | None = None
    filed_until: datetime | None = None

    def lapsed(self, people: Collection[str] | None, *, now: datetime) -> tuple[Standing, str] | None:
        """Return why the last signed waiver accepts nothing now; None where it still holds.

        Args:
            people: every name that the estate file gives to somebody; None: a signature is enough.
            now: an aware instant.
        """
        if self.waived_until is None:
            return "refused", "it names no end"
        if self.waived_until <= now:
            return "expired", f"ended {self.waived_until.isoformat()}: what it accepted is reported again"
        if people is not None and self.waived_by not in people:
            return "refused", f"{self.waived_by} is nobody of the estate file's people or roles any more"
        return None

    def state_at(self, now: datetime, *, people: Collection[str] | None = None) -> State:
        """Return the drift's state: a waiver that has lapsed, or was for something else, leaves it open."""
        if self.filed_until is not None and now < self.filed_until and self.state in OPEN_STATES | {"waived"}:
            return "waived"
        holds = self.fingerprint == self.waived_fingerprint and self.lapsed(people, now=now) is None
        return "open" if self.state == "waived" and not holds else self.state


def build(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `history` from the view `records`, as `history.sql` says."""
    define_state(connection)
    connection.execute(resources.files("tasks").joinpath("history.sql").read_text("utf-8"))


def pasts(connection: duckdb.DuckDBPyConnection) -> dict[str, Past]:
    """Return what the table `history` holds, by drift id."""
    rows = connection.table("history").select(*COLUMNS).fetchall()
    found = (Past(**dict(zip(COLUMNS, row, strict=True))) for row in rows)
    return {past.drift_id: past for past in found}


def frozen(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return why every remedy is frozen, or None where none is.

    The last `frozen` or `thawed` record rules.
    """
    row = connection.execute(
        "SELECT step, actor, reason FROM records WHERE step IN ('frozen', 'thawed') "
        "ORDER BY occurred_at DESC, record_id DESC LIMIT 1"
    ).fetchone()
    return f"frozen by {row[1]}: {row[2]}" if row and row[0] == "frozen" else None
