"""What is live in the accounts of an estate, asked while its workspaces are planned."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from flows.settings import Settings
from tasks.inventory.knowledge import Ignored, States, places
from tasks.inventory.listing import nothing_of, take
from tasks.inventory.live import Inventory, Place
from tasks.inventory.shared import with_shared
from tasks.inventory.unmanaged import with_unmanaged
from tasks.memory import Memory
from tasks.terraform.baseline import Baseline
from taxonomy.observation import Observation
from taxonomy.target import AnyTarget, TerraformTarget

PLACES_AT_ONCE = 2
"""Accounts and regions; each asks a few services at once."""

Told = Callable[[Sequence[Observation], Memory], tuple[Observation, ...]]


@contextmanager
def listing(settings: Settings, chosen: Sequence[AnyTarget]) -> Iterator[Told]:
    """Ask what is live around the chosen targets while the block runs.

    Yields:
        What waits for the answers and returns the looks with what only the whole estate can tell: live
        resources that no state knows, and what stands in two states.
    """
    ignored = tuple(
        Ignored(resource=one.resource, reason=one.reason) for one in settings.estate.unmanaged.ignore
    )
    asked = places(_terraform(chosen), ignored)
    pool = ThreadPoolExecutor(PLACES_AT_ONCE, thread_name_prefix="inventory")
    futures = {place: pool.submit(take, place, settings.reach) for place in asked}

    def told(observations: Sequence[Observation], memory: Memory) -> tuple[Observation, ...]:
        states = States(
            targets=tuple(_terraform(settings.targets)), baselines=_approved(memory), ignored=ignored
        )
        inventories = [_taken(place, future, settings) for place, future in futures.items()]
        whole = with_unmanaged(observations, inventories, states, redactor=settings.redactor)
        return with_shared(whole, states)

    try:
        yield told
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _approved(memory: Memory) -> dict[str, Baseline]:
    """Return the baselines that count; one in doubt names nothing that its state holds."""
    return {name: one for name, one in memory.baselines.items() if isinstance(one, Baseline)}


def _taken(place: Place, future: Future[Inventory], settings: Settings) -> Inventory:
    error = future.exception()
    if error is None:
        return future.result()
    reason = f"Holdfast itself failed, please report it: {type(error).__name__}: {error}"
    return nothing_of(place, settings.redactor.scrub(reason))


def _terraform(targets: Sequence[AnyTarget]) -> Iterator[TerraformTarget]:
    return (target for target in targets if isinstance(target, TerraformTarget))
