"""One sweep as a Prefect flow: one task per target, never per resource; resources are rows in DuckDB."""

from collections.abc import Sequence
from dataclasses import replace

from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

from flows import branches
from flows import policy as policies
from flows.inventories import listing
from flows.lanes import LOOKS_AT_ONCE, as_they_end
from flows.scheduled import asked
from flows.settings import Settings, load
from flows.sweeping import Looks, gathered, judged, ready, warmed
from flows.swept import Swept
from tasks import steps
from tasks.memory import Memory
from tasks.program.run import interruptible
from taxonomy.observation import Observation
from taxonomy.target import AnyTarget


@flow(
    name="sweep",
    persist_result=False,
    task_runner=ThreadPoolTaskRunner(max_workers=LOOKS_AT_ONCE),  # type: ignore[arg-type]
)
def sweep(
    layers: list[str] | None = None,
    targets: list[str] | None = None,
    remediate: bool = False,  # noqa: FBT001, FBT002 - a flow's parameters are passed by name
) -> Swept:
    """Look at the estate, or a part of it, once.

    Args:
        layers: only these; None for all.
        targets: only these, by name; None for all.
        remediate: open a branch for what the estate lets be put right or asks a person about.
    """
    started = steps.utc_now()
    # the estate is the environment's to say: a parameter would be anybody's with access to the API
    settings = load()
    chosen = settings.select(layers=tuple(layers or ()), names=tuple(targets or ()))
    ready(settings)
    memory = steps.remember(
        settings.store(),
        settings.trust,
        policies.acceptors(settings),
        attributes=settings.rulebook.remembers,
    )
    if remediate:
        memory = branches.bury(settings, memory)
    with listing(settings, chosen) as told:
        observations = told(gathered(chosen, _looks(chosen, settings, memory), settings), memory)
    swept = judged(settings, memory, observations, started=started, asked=asked())
    if not remediate:
        return swept
    return replace(swept, branches=branches.open_all(settings, swept.drifts, memory))


def _looks(targets: Sequence[AnyTarget], settings: Settings, memory: Memory) -> Looks:
    redactor = settings.redactor

    with warmed(settings.reach, targets) as reach, interruptible():

        def start(target: AnyTarget) -> PrefectFuture[Observation]:
            baseline = memory.baselines.get(target.name)
            return steps.look_at.submit(target=target, reach=reach, redactor=redactor, baseline=baseline)

        for target, future in as_they_end(targets, start):
            yield target, future.result(raise_on_failure=False)
