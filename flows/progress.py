"""Tell whoever waits for a sweep how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from taxonomy.observation import Observation

Listener = Callable[[Observation, int, int], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Call `listener` with each observation, how many are done and of how many, while the block runs."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(observation: Observation, *, done: int, of: int) -> None:
    """Say that one more target was looked at."""
    listener = _listener.get()
    if listener is not None:
        listener(observation, done, of)
