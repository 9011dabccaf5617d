"""What the evidence holds of approved states, for `holdfast baseline show`: as JSON, and in lines."""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from evidence.query import connect
from evidence.verify import verify
from flows import policy as policies
from flows.settings import Settings
from tasks.baselines import Doubt, Held, Standing, held
from tasks.memory import keep

LAST_LOOK = """
SELECT occurred_at, outcome, details FROM records WHERE step = 'swept' AND target = ?
ORDER BY occurred_at DESC, outcome = 'drifted' DESC LIMIT 1
"""


@dataclass(frozen=True, kw_only=True)
class LastLook:
    """What came of the last look at a target; `drifted` counts resources."""

    at: datetime
    outcome: str
    drifted: int


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One target's approved state, and how live differed from it when last looked at."""

    held: Held
    last_look: LastLook | None

    @property
    def doubt(self) -> str | None:
        """Why nothing may be compared with it; None where it counts, or where there is none."""
        usable = self.held.usable()
        return usable.reason if isinstance(usable, Doubt) else None


def recorded(settings: Settings, names: Iterable[str]) -> list[Recorded]:
    """Return what is approved at each of these targets, from evidence that verifies.

    Raises:
        TamperError: it does not.
    """
    if not settings.root.is_dir():
        return [Recorded(held=Held(target=name), last_look=None) for name in names]
    verify(settings.root, trust=settings.trust)
    with closing(connect(settings.root)) as connection:
        keep(connection, "step IN ('baselined', 'swept')")
        found = held(connection, settings.root, policies.acceptors(settings))
        return [
            Recorded(held=found.get(name) or Held(target=name), last_look=_last_look(connection, name))
            for name in names
        ]


def document(one: Recorded, *, whole: bool) -> dict[str, Any]:
    """Return one target's approved state as JSON values.

    Args:
        one: what is recorded.
        whole: with every resource and its attributes.
    """
    standing = one.held.standing
    look = one.last_look
    resources = standing.baseline.resources if standing else {}
    return {
        "target": one.held.target,
        **_standing_document(standing),
        "resources": len(resources),
        "doubt": one.doubt,
        "refused": [{**asdict(refused), "at": _instant(refused.at)} for refused in one.held.refused],
        "last_look": {**asdict(look), "at": _instant(look.at)} if look else None,
        **({"state": _state(standing)} if whole else {}),
    }


def who(standing: Standing | None, address: str) -> str:
    """Return who approved a resource: a person, or nobody."""
    late = standing is None or any(address in one.baseline.resources for one in standing.additions)
    accepted = standing.acceptance if standing and not late else None
    return accepted.approver if accepted else "no person"


def lines(one: Recorded) -> Iterator[str]:
    """Yield what is to be known of one target's approved state, apart from its resources."""
    standing = one.held.standing
    yield f"{'target':10} {one.held.target}"
    if one.doubt:
        yield f"{'doubt':10} {one.doubt}"
    if standing is None:
        yield f"{'baseline':10} none yet: a first clean look takes one, or `holdfast baseline accept`"
        return
    yield f"{'baseline':10} {standing.sha256}"
    yield f"{'approved':10} {standing.said}, {_instant(standing.at)}"
    if standing.acceptance:
        yield f"{'reason':10} {standing.acceptance.reason}"
    for added in standing.additions:
        count = len(added.baseline.resources)
        yield f"{'added':10} {count} at a first clean look, {_instant(added.at)}; no person has approved them"
    if look := one.last_look:
        yield f"{'last look':10} {look.outcome}, {look.drifted} drifted, {_instant(look.at)}"


def _standing_document(standing: Standing | None) -> dict[str, Any]:
    accepted = standing.acceptance if standing else None
    additions = [
        {"sha256": one.sha256, "at": _instant(one.at), "addresses": sorted(one.baseline.resources)}
        for one in (standing.additions if standing else ())
    ]
    return {
        "baseline_sha256": standing.sha256 if standing else None,
        "approved": standing.said if standing else None,
        "approved_at": _instant(standing.at) if standing else None,
        "approver": accepted.approver if accepted else None,
        "key_id": accepted.key_id if accepted else None,
        "reason": accepted.reason if accepted else None,
        "previous_sha256": accepted.previous_sha256 if accepted else None,
        "decision_sha256": standing.decision_sha256 if standing else None,
        "additions": additions,
    }


def _state(standing: Standing | None) -> dict[str, Any]:
    resources = standing.baseline.resources if standing else {}
    return {
        address: {**asdict(resource), "approved_by": who(standing, address)}
        for address, resource in sorted(resources.items())
    }


def _last_look(connection: duckdb.DuckDBPyConnection, target: str) -> LastLook | None:
    row = connection.execute(LAST_LOOK, [target]).fetchone()
    if row is None:
        return None
    details = json.loads(row[2] or "{}")
    drifted = int(details.get("drifted", 0))
    outcome = "drifted" if row[1] != "could-not-look" and drifted else str(row[1])
    return LastLook(at=row[0], outcome=outcome, drifted=drifted)


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="seconds").replace("+00:00", "Z")
