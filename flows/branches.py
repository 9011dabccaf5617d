"""Open the branches that a sweep asks for, and bury those that died without a word."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from prefect import State, get_run_logger
from prefect.client.orchestration import get_client
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound

from flows import policy as policies
from flows.settings import Settings
from tasks import steps
from tasks.lease import release
from tasks.memory import Memory, remember
from tasks.remediate import LEASES
from tasks.story import open_story
from taxonomy.drift import Drift
from taxonomy.route import Route

DEPLOYMENT = "branch/branch"

ALIVE = frozenset({"waiting", "approved"})
"""States of a drift whose branch must have a run that lives."""


def open_all(settings: Settings, routed: Iterable[tuple[Drift, Route]], memory: Memory) -> dict[str, str]:
    """Open a branch for each drift that goes to `auto` or `review` and has none; return runs by drift id."""
    opened = {}
    for drift, route in routed:
        if route.kind in {"auto", "review"} and drift.state not in ALIVE:
            past = memory.pasts.get(drift.drift_id)
            attempt = past.attempt if past is not None and past.episode == drift.episode else 1
            if route.over_limit:
                _record_over_limit(settings, drift, route.reason)
            run = _open(drift, route, attempt)
            while (ending := _ended(run.state)) is not None:
                _record_end(settings, drift.drift_id, drift.episode, run_id=str(run.id), ending=ending)
                attempt += 1
                run = _open(drift, route, attempt)
            get_run_logger().info("%s: %s, branch %s", drift.resource_id, route.kind, run.name)
            opened[drift.drift_id] = str(run.id)
    return opened


def bury(settings: Settings, memory: Memory) -> Memory:
    """Record the end of every branch whose run is over without an outcome, and return what is known then.

    Prefect runs no code when a suspended run expires, and a killed process records nothing.
    """
    died = 0
    for past in memory.pasts.values():
        if past.state in ALIVE and past.asked_run is not None:
            ending = _ended(_state(past.asked_run))
            if ending is not None:
                _record_end(settings, past.drift_id, past.episode, run_id=past.asked_run, ending=ending)
                died += 1
    if not died:
        return memory
    known = remember(settings.root, trust=settings.trust, acceptors=policies.acceptors(settings))
    # the end of a branch closes no episode, so what is known of single attributes still holds
    return replace(known, sightings=memory.sightings)


def _open(drift: Drift, route: Route, attempt: int) -> Any:
    # an idempotency key is eternal and its parameters are the first ones, so it names the attempt too
    return run_deployment(
        DEPLOYMENT,
        parameters={"drift_id": drift.drift_id, "episode": drift.episode, "attempt": attempt},
        idempotency_key=f"{drift.drift_id}:{drift.episode}:{attempt}",
        tags=["holdfast", route.kind, drift.severity, f"drift:{drift.drift_id[:12]}"],
        as_subflow=False,
        timeout=0,
    )


def _record_over_limit(settings: Settings, drift: Drift, reason: str) -> None:
    # before the branch opens: it chooses its route itself, from the evidence, and knows no other drift
    story = open_story(
        settings.store(),
        settings.trust,
        run_id="",
        drift_id=drift.drift_id,
        episode=drift.episode,
        clock=steps.utc_now,
    )
    story.tell("refused", outcome="over-limit", reason=reason, run_id=None)


def _record_end(
    settings: Settings, drift_id: str, episode: int, *, run_id: str, ending: tuple[str, str]
) -> None:
    outcome, reason = ending
    story = open_story(
        settings.store(),
        settings.trust,
        run_id=run_id,
        drift_id=drift_id,
        episode=episode,
        clock=steps.utc_now,
    )
    story.tell("refused", outcome=outcome, reason=settings.redactor.scrub(reason))
    release(settings.root / LEASES, holder=run_id)


def _state(run_id: str) -> State[Any] | None:
    with get_client(sync_client=True) as client:
        try:
            return client.read_flow_run(UUID(run_id)).state
        except (ObjectNotFound, ValueError):
            return None  # another Prefect may have asked; what this one does not know has not ended


def _ended(state: State[Any] | None) -> tuple[str, str] | None:
    """Return the outcome and reason of a run that is over; None while it lives."""
    if state is None or not state.is_final():
        return None
    message = f"run ended as {state.name}: {state.message or 'no message'}"
    return ("expired" if "never resumed" in message else "failed"), message
