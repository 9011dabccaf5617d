"""How many looks run at once, whoever runs them: plain threads or Prefect's.

A look at a Terraform target computes: Terraform and its providers keep a core busy, and more of them than
cores are slower together than in turn. All other looks wait for the network.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from taxonomy.target import AnyTarget

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Looks at Terraform targets that run at once."""

OTHERS = 8
"""Looks at all other targets that run at once."""

LOOKS_AT_ONCE = CORES + OTHERS
"""Threads that are enough for both lanes."""


class _Ending(Protocol):
    def add_done_callback(self, fn: Callable[[Any], None], /) -> None: ...


Future = TypeVar("Future", bound=_Ending)


def as_they_end(
    targets: Sequence[AnyTarget], start: Callable[[AnyTarget], Future]
) -> Iterator[tuple[AnyTarget, Future]]:
    """Start the looks, each as soon as its lane has room, and yield them as they end.

    Args:
        targets: in order; those of one lane start in this order.
        start: begins a look in another thread and returns its future.
    """
    ended: SimpleQueue[tuple[AnyTarget, Future]] = SimpleQueue()
    lanes = {
        True: deque(target for target in targets if _computes(target)),
        False: deque(target for target in targets if not _computes(target)),
    }

    def begin(lane: deque[AnyTarget]) -> None:
        if lane:
            target = lane.popleft()
            future = start(target)
            future.add_done_callback(lambda _: ended.put((target, future)))

    for _ in range(CORES):
        begin(lanes[True])
    for _ in range(OTHERS):
        begin(lanes[False])
    for _ in targets:
        target, future = ended.get()
        begin(lanes[_computes(target)])
        yield target, future


def _computes(target: AnyTarget) -> bool:
    return target.layer == "terraform"
