"""Write down what a sweep saw, in one signed batch: looks, baselines, drift, and what is gone."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from evidence.batch import Batch
from evidence.canonical import canonical_json
from evidence.query import connect
from evidence.schema import record_id
from evidence.store import Store
from tasks.baselines import CONTROLS, NO_PERSON, Held
from tasks.blame import Blame, nobody
from tasks.case import Case, load_case
from tasks.history import Past
from tasks.inventory.unmanaged import settled
from tasks.memory import Memory
from tasks.population import controls_looked_at
from tasks.record import HOLDFAST, append_sweep, drift_rows, fan_out, swept_rows
from tasks.ruling import Occasion, append_rules
from tasks.snapshot import answer_document
from tasks.terraform.baseline import Baseline
from taxonomy.drift import OPEN_STATES, Drift, State
from taxonomy.observation import Observation
from taxonomy.rulebook import Rulebook

STILL_OPEN = OPEN_STATES | {"waived"}
"""States of a drift that a look which no longer finds it closes."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One sweep, as it is recorded.

    Args:
        run_id: the flow run; None where there is none.
        due: when the schedule wanted it; None for one by hand.
        schedule: the deployment that it came from; None for one by hand.
        now: when it is recorded.
        schedules: those in force, as `evidence.schedule` reads them; None where nobody knows.
    """

    sweep_id: str
    estate: str
    run_id: str | None
    due: datetime | None
    schedule: str | None
    now: datetime
    schedules: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """Drift of earlier sweeps that this one has not found.

    Args:
        gone: every target that saw it was looked at, and no longer finds it.
        unlooked: still open, and a target that saw it could not be looked at.
    """

    gone: tuple[Drift, ...]
    unlooked: tuple[Drift, ...]


def conclude(
    store: Store,
    sweep: Sweep,
    *,
    observations: Sequence[Observation],
    connection: duckdb.DuckDBPyConnection,
    drifts: Sequence[Drift],
    memory: Memory,
    rulebook: Rulebook,
    blame: Blame = nobody,
    people: Collection[str] | None = None,
) -> Earlier:
    """Record the sweep and return the drift of earlier sweeps that it has not found.

    `blame` says who answers for a line of the taxonomy, where a rule was loosened since the last sweep.
    A signed waiver of an earlier sweep counts while its signer is among `people`, where they are known.

    Raises:
        EvidenceError: it could not be written; then nothing of it was.
    """
    unfound = [
        _as_it_stands(case, memory.pasts[case.drift.drift_id].state_at(sweep.now, people=people))
        for case in _unfound(store, drifts, memory.pasts.values())
    ]
    gone = _gone(unfound, observations)
    with store.batch(sweep.now) as batch:
        append_rules(batch, _occasion(sweep), rulebook, last=memory.ruled, root=store.root, blame=blame)
        for observation in observations:
            _append_look(batch, sweep, observation, drifts, rulebook)
            if _first_clean(observation, memory):
                _append_baseline(batch, sweep, observation)
            elif observation.answer.fresh:
                _append_addition(batch, sweep, observation, memory.held[observation.target])
        append_sweep(
            batch,
            connection,
            now=sweep.now,
            sweep_id=sweep.sweep_id,
            run_id=sweep.run_id,
            taxonomy_digest=rulebook.digest,
        )
        for case in gone:
            batch.append(_closed(case, sweep))
    return Earlier(gone=tuple(case.drift for case in gone), unlooked=_unlooked(unfound, observations))


def _occasion(sweep: Sweep) -> Occasion:
    return Occasion(estate=sweep.estate, sweep_id=sweep.sweep_id, run_id=sweep.run_id, now=sweep.now)


def _append_look(
    batch: Batch, sweep: Sweep, observation: Observation, drifts: Iterable[Drift], rulebook: Rulebook
) -> None:
    found = {
        control
        for drift in drifts
        if observation.target in drift.targets
        for change in drift.changes
        if observation.layer in change.layer.split("+")
        for control in change.controls
    }
    answer = batch.seal("snapshots", answer_document(observation)) if observation.answer.findings else None
    rows = swept_rows(
        observation,
        controls=controls_looked_at(rulebook, observation),
        drifted=found,
        now=sweep.now,
        estate=sweep.estate,
        run_id=sweep.run_id,
        snapshot_sha256=answer,
        taxonomy_digest=rulebook.digest,
        details={**_look_details(sweep, observation), **_waived(observation, drifts)},
    )
    batch.append(rows)


def _look_details(sweep: Sweep, observation: Observation) -> dict[str, Any]:
    return {
        "sweep_id": sweep.sweep_id,
        "due": sweep.due.isoformat() if sweep.due else None,
        "schedule": sweep.schedule,
        "started_at": observation.started_at.isoformat(),
        "ended_at": observation.ended_at.isoformat(),
        "raw_digest": observation.raw_digest,
        "looked_at": len(observation.answer.looked_at),
        "drifted": len(observation.answer.findings),
        "unapplied": len(observation.answer.unapplied),
        "suppressed": len(observation.answer.suppressed),
        "suppressed_by": observation.answer.suppressed_by,
        **({"schedules": list(sweep.schedules)} if sweep.schedules is not None else {}),
        **({"plan_made_at": made.isoformat()} if (made := observation.answer.made_at) else {}),
        **_beside(observation),
    }


def _waived(observation: Observation, drifts: Iterable[Drift]) -> dict[str, Any]:
    """Return how many changes that this look saw are waived, by severity; nothing where none is."""
    counted = Counter(
        change.severity
        for drift in drifts
        if observation.target in drift.targets
        for change in drift.changes
        if change.waived_by is not None and observation.layer in change.layer.split("+")
    )
    return {"waived": dict(counted)} if counted else {}


def _beside(observation: Observation) -> dict[str, Any]:
    """Return what a look says beside its own target: of the account that it lies in, and of other states."""
    answer = observation.answer
    listed = [
        {
            "account": one.account,
            "region": one.region,
            "resource_types": sorted(one.resource_types),
            "live": one.live,
            "untold": len(one.untold),
        }
        for one in answer.listed
    ]
    unseen = [{"resource_type": one.resource_type, "reason": one.reason} for one in answer.unseen]
    shared = [{"resource_id": one.resource_id, "addresses": list(one.addresses)} for one in answer.shared]
    said = {"listed": listed, "unseen": unseen, "shared": shared}
    return {key: value for key, value in said.items() if value}


def _first_clean(observation: Observation, memory: Memory) -> bool:
    # what nobody declared beside the workspace says nothing of the workspace
    found = {change.kind for finding in observation.answer.findings for change in finding.changes}
    return (
        found <= {"unmanaged"}
        and observation.outcome != "could-not-look"
        and observation.target not in memory.baselines
        and bool(observation.answer.live)
    )


def _append_baseline(batch: Batch, sweep: Sweep, observation: Observation) -> None:
    baseline = Baseline.of(observation.target, observation.answer.live, taken_at=observation.ended_at)
    _append_sealed(batch, sweep, observation, baseline, reason=NO_PERSON)


def _append_addition(batch: Batch, sweep: Sweep, observation: Observation, held: Held) -> None:
    """Seal what came after the baseline was approved; what is approved already is never touched."""
    answer = observation.answer
    if held.standing is None or observation.outcome == "could-not-look":
        return
    added = Baseline.of(
        observation.target,
        {address: answer.live[address] for address in answer.fresh},
        taken_at=observation.ended_at,
        extends=held.standing.sha256,
    )
    reason = f"first clean look of {len(answer.fresh)} new resources; no person has approved them"
    _append_sealed(batch, sweep, observation, added, reason=reason)


def _append_sealed(
    batch: Batch, sweep: Sweep, observation: Observation, baseline: Baseline, *, reason: str
) -> None:
    details = {"resources": len(baseline.resources), "extends": baseline.extends}
    shared = {
        "record_id": record_id(sweep.now),
        "step": "baselined",
        "occurred_at": sweep.now,
        "estate": sweep.estate,
        "target": observation.target,
        "layer": observation.layer,
        "reason": reason,
        "run_id": sweep.run_id,
        "snapshot_sha256": batch.seal("baselines", baseline.to_document()),
        "details": canonical_json(details),
        **HOLDFAST,
    }
    batch.append(fan_out(shared, CONTROLS))


def _unfound(store: Store, drifts: Iterable[Drift], pasts: Iterable[Past]) -> list[Case]:
    seen = {drift.drift_id for drift in drifts}
    candidates = [p for p in pasts if not p.closed and p.state in STILL_OPEN and p.drift_id not in seen]
    if not candidates or not store.root.is_dir():
        return []
    connection = connect(store.root)
    try:
        return [load_case(connection, drift_id=past.drift_id, episode=past.episode) for past in candidates]
    finally:
        connection.close()


def _as_it_stands(case: Case, state: State) -> Case:
    return replace(case, drift=replace(case.drift, state=state))


def _gone(unfound: Iterable[Case], observations: Sequence[Observation]) -> list[Case]:
    # only a look that no longer finds a drift closes it: every target that saw it must have been looked at
    looked = {o.target for o in observations if o.outcome != "could-not-look"}
    return [c for c in unfound if set(c.drift.targets) <= looked and settled(c.drift, observations)]


def _unlooked(unfound: Iterable[Case], observations: Iterable[Observation]) -> tuple[Drift, ...]:
    blind = {o.target for o in observations if o.outcome == "could-not-look"}
    return tuple(
        case.drift for case in unfound if case.drift.state in OPEN_STATES and blind & set(case.drift.targets)
    )


def _closed(case: Case, sweep: Sweep) -> list[Any]:
    return drift_rows(
        case.drift,
        step="closed",
        now=sweep.now,
        estate=sweep.estate,
        run_id=sweep.run_id,
        outcome="gone",
        reason="a look no longer finds it, and no record says that Holdfast put it right",
        details={"sweep_id": sweep.sweep_id},
    )
