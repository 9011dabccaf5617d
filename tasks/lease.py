"""One remedy at a time per target: a create-only lease with an expiry.

A process that dies holding a lease blocks its target until the lease has expired, no longer.
"""

import contextlib
import fcntl
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tasks.errors import ToolError

LASTS = timedelta(hours=1)

BETWEEN = 0.5
"""Seconds between two looks at a lease that somebody else holds."""


class HeldError(ToolError):
    """Somebody else holds the lease."""


@contextlib.contextmanager
def lease(
    folder: Path, *, target: str, holder: str, clock: Callable[[], datetime], patience: float = 0.0
) -> Iterator[None]:
    """Hold the lease of a target while the block runs.

    Args:
        folder: where leases lie; shared by all that may remediate.
        target: what may be changed by one at a time.
        holder: who holds it, for the others' message.
        clock: returns the time, in UTC.
        patience: how many seconds to wait for whoever holds it.

    Raises:
        HeldError: somebody else still holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{target}.json"
    _await(path, holder=holder, clock=clock, patience=patience)
    try:
        yield
    finally:
        if _holder(path) == holder:
            path.unlink(missing_ok=True)


def release(folder: Path, *, holder: str) -> None:
    """Give up every lease of a holder that is known to be dead, so that none waits for its expiry.

    Args:
        folder: where leases lie.
        holder: who held them.
    """
    for path in folder.glob("*.json"):
        if _holder(path) == holder:
            path.unlink(missing_ok=True)


def _await(path: Path, *, holder: str, clock: Callable[[], datetime], patience: float) -> None:
    deadline = clock() + timedelta(seconds=patience)
    while True:
        try:
            return _take(path, holder=holder, now=clock())
        except HeldError:
            if clock() >= deadline:
                raise
            time.sleep(BETWEEN)


def _take(path: Path, *, holder: str, now: datetime) -> None:
    # the lock makes looking and taking one step: two who see the same expired lease can't both have it
    with path.with_name(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists() and not _expired(path, now):
            raise HeldError(
                f"target {path.stem}: {_holder(path)} is changing it; one remedy at a time per target, "
                "try again later"
            )
        word = json.dumps({"holder": holder, "until": (now + LASTS).isoformat()})
        fresh = path.with_suffix(".new")
        fresh.write_text(word, "utf-8")
        fresh.replace(path)


def _read(path: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        value = json.loads(path.read_text("utf-8"))
        if isinstance(value, dict):
            return value
    return {}


def _holder(path: Path) -> str:
    return _read(path).get("holder", "somebody")


def _expired(path: Path, now: datetime) -> bool:
    # what can't be read counts as held
    with contextlib.suppress(TypeError, ValueError):
        return datetime.fromisoformat(_read(path).get("until", "")) < now
    return False
