"""What a sweep is, apart from who runs it: look everywhere at once, judge, record, route.

`flows.sweep` runs it as a Prefect flow; `holdfast detect` runs it in plain threads where no Prefect
server is known, for a look alone needs none.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from evidence.schema import record_id
from flows import policy as policies
from flows import progress
from flows.settings import Settings
from flows.swept import Swept
from tasks import judge, routing
from tasks.conclude import Sweep, conclude
from tasks.look import could_not_look, look
from tasks.memory import Memory, remember
from taxonomy.observation import Observation
from taxonomy.target import AnyTarget

LOOKS_AT_ONCE = 8
"""Looks wait for the network more than they compute; Terraform's own processes are held to the cores."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What made a sweep happen; all None for one by hand and without Prefect.

    Args:
        run_id: the flow run.
        due: when a schedule wanted it.
        schedule: the deployment.
    """

    run_id: str | None = None
    due: datetime | None = None
    schedule: str | None = None


Looks = Iterable[tuple[AnyTarget, object]]
"""Targets as their looks end, each with its observation, or with whatever went wrong inside Holdfast."""


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def sweep_once(settings: Settings, *, layers: Sequence[str] = (), names: Sequence[str] = ()) -> Swept:
    """Look at the estate, or a part of it, in plain threads; open no branch.

    Raises:
        TamperError: the evidence does not verify.
        ContractError: the merged table breaks its contract.
    """
    started = utc_now()
    chosen = settings.select(layers=tuple(layers), names=tuple(names))
    ready(settings)
    memory = remember(settings.root, trust=settings.trust, acceptors=policies.acceptors(settings))
    observations = gathered(chosen, _threads(chosen, settings, memory), settings)
    return judged(settings, memory, observations, started=started, asked=Asked())


def ready(settings: Settings) -> None:
    """Read what a sweep can't do without before it looks: what is wrong with it is better known at once."""
    settings.store()
    _ = settings.rulebook, settings.redactor


def gathered(targets: Sequence[AnyTarget], looks: Looks, settings: Settings) -> tuple[Observation, ...]:
    """Return every look's observation in the targets' order; one that fails never hides the others.

    Args:
        targets: all that were asked for.
        looks: as they end.
        settings: whose redactor conceals what an error might say.
    """
    seen: dict[str, Observation] = {}
    for target, result in looks:
        observation = result if isinstance(result, Observation) else _broken(target, result, settings)
        seen[target.name] = observation
        progress.tell(observation, done=len(seen), of=len(targets))
    return tuple(seen[target.name] for target in targets)


def _broken(target: AnyTarget, error: object, settings: Settings) -> Observation:
    now = utc_now()
    reason = f"Holdfast itself failed, please report it: {type(error).__name__}: {error}"
    return could_not_look(target, settings.redactor.scrub(reason), started=now, ended=now)


def judged(
    settings: Settings,
    memory: Memory,
    observations: tuple[Observation, ...],
    *,
    started: datetime,
    asked: Asked,
) -> Swept:
    """Merge, classify, record and route what was seen; nothing is opened or changed.

    Raises:
        ContractError: the merged table breaks its contract, so nothing was recorded.
        EvidenceError: it could not be recorded.
    """
    now = utc_now()
    rulebook = settings.rulebook
    estate = settings.estate.estate
    with closing(
        judge.judge(observations, estate=estate, rulebook=rulebook, history=memory.pasts, now=now)
    ) as connection:
        drifts = judge.drifts(connection)
        this = Sweep(
            sweep_id=record_id(now),
            estate=estate,
            run_id=asked.run_id,
            due=asked.due,
            schedule=asked.schedule,
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
    return Swept(
        sweep_id=this.sweep_id,
        estate=estate,
        started_at=started,
        ended_at=utc_now(),
        observations=observations,
        drifts=tuple(routing.choose_all(drifts, policy, memory, looked_at=looked_at, now=now)),
        gone=gone,
        branches={},
    )


def _threads(
    targets: Sequence[AnyTarget], settings: Settings, memory: Memory
) -> Iterator[tuple[AnyTarget, object]]:
    redactor = settings.redactor

    def looking(target: AnyTarget) -> Callable[[], Observation]:
        baseline = memory.baselines.get(target.name)
        return lambda: look(target, reach=settings.reach, redactor=redactor, baseline=baseline, clock=utc_now)

    with ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="look") as pool:
        futures = {pool.submit(looking(target)): target for target in targets}
        for future in as_completed(futures):
            yield futures[future], future.exception() or future.result()
