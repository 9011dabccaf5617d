"""One sweep: look everywhere at once, merge, classify, record, route; open branches where that is wanted.

One task per target, never per resource: resources are rows in DuckDB.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prefect import flow
from prefect.futures import as_completed
from prefect.runtime import deployment, flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from evidence.schema import record_id
from flows import branches, progress
from flows import policy as policies
from flows.settings import Settings, load
from tasks import judge, routing, steps
from tasks.conclude import Sweep, conclude
from tasks.look import could_not_look
from tasks.memory import Memory
from taxonomy.drift import Drift
from taxonomy.observation import Observation
from taxonomy.route import Route
from taxonomy.target import AnyTarget

LOOKS_AT_ONCE = 8
"""Looks wait for the network more than they compute; Terraform's own processes are held to the cores."""


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What one sweep came to.

    Args:
        drifts: worst first, each with where it goes.
        gone: drifts of earlier sweeps that are no longer found.
        branches: the flow runs that were opened, by drift id.
    """

    sweep_id: str
    estate: str
    started_at: datetime
    ended_at: datetime
    observations: tuple[Observation, ...]
    drifts: tuple[tuple[Drift, Route], ...]
    gone: tuple[Drift, ...]
    branches: dict[str, str]


@flow(
    name="sweep",
    persist_result=False,
    validate_parameters=True,
    task_runner=ThreadPoolTaskRunner(max_workers=LOOKS_AT_ONCE),  # type: ignore[arg-type]
)
def sweep(
    layers: list[str] | None = None,
    targets: list[str] | None = None,
    remediate: bool = False,  # noqa: FBT001, FBT002 - a flow's parameters are passed by name
    estate: str | None = None,
) -> Swept:
    """Look at the estate, or a part of it, once.

    Args:
        layers: only these; None for all.
        targets: only these, by name; None for all.
        remediate: open a branch for what the estate lets be put right or asks a person about.
        estate: the estate file; None for what the environment says.
    """
    started = steps.utc_now()
    settings = load(Path(estate) if estate else None)
    chosen = settings.select(layers=tuple(layers or ()), names=tuple(targets or ()))
    store = settings.store()
    memory = steps.remember(store, settings.trust)
    if remediate:
        memory = branches.bury(settings, memory)
    observations = _observe(chosen, settings, memory)
    return _judged(settings, memory, observations, started=started, remediate=remediate)


def _observe(targets: Sequence[AnyTarget], settings: Settings, memory: Memory) -> tuple[Observation, ...]:
    """Look at all targets at once; one that fails, in whatever way, never hides the others."""
    redactor = settings.redactor
    futures = {
        steps.look_at.submit(
            target=target, reach=settings.reach, redactor=redactor, baseline=memory.baselines.get(target.name)
        ): target
        for target in targets
    }
    seen: dict[str, Observation] = {}
    for future in as_completed(list(futures)):
        target = futures[future]
        result: object = future.result(raise_on_failure=False)
        if not isinstance(result, Observation):
            reason = f"Holdfast itself failed, please report it: {type(result).__name__}: {result}"
            now = steps.utc_now()
            result = could_not_look(target, redactor.scrub(reason), started=now, ended=now)
        seen[target.name] = result
        progress.tell(result, done=len(seen), of=len(targets))
    return tuple(seen[target.name] for target in targets)


def _judged(
    settings: Settings,
    memory: Memory,
    observations: tuple[Observation, ...],
    *,
    started: datetime,
    remediate: bool,
) -> Swept:
    now = steps.utc_now()
    rulebook = settings.rulebook
    estate = settings.estate.estate
    with closing(
        judge.judge(observations, estate=estate, rulebook=rulebook, history=memory.pasts, now=now)
    ) as connection:
        drifts = judge.drifts(connection)
        this = Sweep(
            sweep_id=record_id(now),
            estate=estate,
            run_id=str(flow_run.id) if flow_run.id else None,
            due=flow_run.scheduled_start_time if deployment.id else None,
            schedule=deployment.name,
            now=now,
        )
        gone = conclude(
            settings.store(),
            this,
            observations=observations,
            connection=connection,
            drifts=drifts,
            memory=memory,
            rulebook=rulebook,
        )
    looked_at = {o.target: len(o.answer.looked_at) for o in observations}
    policy = policies.policy(settings, now=now)
    routed = routing.choose_all(drifts, policy, memory, looked_at=looked_at, now=now)
    opened = branches.open_all(settings, routed, memory) if remediate else {}
    return Swept(
        sweep_id=this.sweep_id,
        estate=estate,
        started_at=started,
        ended_at=steps.utc_now(),
        observations=observations,
        drifts=tuple(routed),
        gone=gone,
        branches=opened,
    )
