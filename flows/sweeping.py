"""What a sweep is, apart from who runs it: look everywhere at once, judge, record, route.

`flows.sweep` runs it as a Prefect flow; `holdfast detect` runs it in plain threads where no Prefect
server is known, for a look alone needs none.
"""

import getpass
import os
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from evidence.schema import record_id
from flows import policy as policies
from flows import progress
from flows.inventories import listing
from flows.lanes import LOOKS_AT_ONCE, as_they_end
from flows.settings import Settings
from flows.swept import Swept
from tasks import judge, routing, waiving
from tasks.blame import Blame, blame
from tasks.conclude import Sweep, conclude
from tasks.look import could_not_look, look
from tasks.memory import Memory, remember
from tasks.program.run import interruptible
from tasks.reach import Reach
from tasks.terraform.warm import kept
from taxonomy.observation import Observation
from taxonomy.target import AnyTarget, TerraformTarget


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What made a sweep happen; all None for one by hand and without Prefect.

    Args:
        run_id: the flow run.
        due: when a schedule wanted it.
        schedule: the deployment.
        schedules: those of it that are in force, as `evidence.schedule` reads them; None where nobody knows.
    """

    run_id: str | None = None
    due: datetime | None = None
    schedule: str | None = None
    schedules: tuple[Mapping[str, Any], ...] | None = None


Looks = Generator[tuple[AnyTarget, object]]
"""Targets as their looks end, each with its observation, or with whatever went wrong inside Holdfast.

Closed early, it has every program asked to end.
"""


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
    memory = remember(
        settings.root,
        trust=settings.trust,
        acceptors=policies.acceptors(settings),
        attributes=settings.rulebook.remembers,
    )
    with listing(settings, chosen) as told:
        observations = told(gathered(chosen, _threads(chosen, settings, memory), settings), memory)
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
    with closing(looks):
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
    waivers = policies.waivers(settings)
    with closing(
        judge.judge(
            observations,
            estate=estate,
            rulebook=rulebook,
            history=memory.pasts,
            now=now,
            sightings=memory.sightings,
            waivers=waivers,
        )
    ) as connection:
        drifts = judge.drifts(connection)
        waived = waiving.told(connection)
        this = Sweep(
            sweep_id=record_id(now),
            estate=estate,
            run_id=asked.run_id,
            due=asked.due,
            schedule=asked.schedule,
            schedules=asked.schedules,
            now=now,
        )
        earlier = conclude(
            settings.store(),
            this,
            observations=observations,
            connection=connection,
            drifts=drifts,
            memory=memory,
            rulebook=rulebook,
            blame=_blame(settings),
            people=waivers.people,
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
        gone=earlier.gone,
        unlooked=earlier.unlooked,
        unsealed=_unsealed(observations, memory),
        branches={},
        waivings=waived,
    )


def _blame(settings: Settings) -> Blame:
    reach = settings.reach
    return partial(blame, folder=settings.folder, user=_user(), path=reach.path, home=reach.home)


def _user() -> str:
    """Return who runs this; in a container the user often has a number and no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _unsealed(observations: Sequence[Observation], memory: Memory) -> tuple[str, ...]:
    """Return the Terraform targets whose look left no baseline where there was none: it found drift."""
    return tuple(
        o.target
        for o in observations
        if o.layer == "terraform" and o.outcome == "drifted" and o.target not in memory.held
    )


@contextmanager
def warmed(reach: Reach, targets: Sequence[AnyTarget]) -> Iterator[Reach]:
    """Yield how the world is reached by looks that run together; what they share ends with the block."""
    live = sum(1 for target in targets if isinstance(target, TerraformTarget) and target.path is not None)
    keeper = (sys.executable, "-P", "-m", "flows.keeper")
    with kept(keeper, reach.scratch, workspaces=live) as warm:
        yield replace(reach, warm=warm)


def _threads(targets: Sequence[AnyTarget], settings: Settings, memory: Memory) -> Looks:
    redactor = settings.redactor
    pool = ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="look")
    try:
        with warmed(settings.reach, targets) as reach, interruptible():

            def looking(target: AnyTarget) -> Callable[[], Observation]:
                baseline = memory.baselines.get(target.name)
                return lambda: look(target, reach=reach, redactor=redactor, baseline=baseline, clock=utc_now)

            for target, future in as_they_end(targets, lambda target: pool.submit(looking(target))):
                yield target, future.exception() or future.result()
    finally:
        # where all have ended there is nothing to wait for; where we were interrupted, nobody wants to
        pool.shutdown(wait=False, cancel_futures=True)
