"""Keeps a program no longer than its caller lives: ``python -m flows.keeper PROGRAM ARGUMENT...``.

The caller holds the other end of standard input. When that closes, for whatever reason, `kill -9` of the
caller included, the program's whole process group is ended: SIGTERM first, SIGKILL after a grace. So is
all that it started in sessions of their own, as Prefect's worker does with every flow run.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

GRACE = 8.0
"""Seconds between asking a program to end and ending it; a Prefect worker may not heed the first."""

PR_SET_CHILD_SUBREAPER = 36
"""https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html"""


def keep(command: list[str]) -> int:
    """Run a program until it ends or standard input does; return its exit code."""
    _adopt_orphans()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end(child))
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    code = child.wait()
    end_orphans()
    return code


def end(child: "subprocess.Popen[bytes]") -> None:
    """End a program and its process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)


def end_orphans() -> None:
    """End what the program has left: its own are ours since it died, whatever session they are in."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + GRACE
        for pid in _descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while any(_descendants()) and time.monotonic() < deadline:
            time.sleep(0.05)


def _watch(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 4096):
        pass
    end(child)


def _adopt_orphans() -> None:
    # Linux only; elsewhere what leaves the program's group outlives it
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _descendants() -> Iterator[int]:
    """Yield the processes below this one that still run."""
    parents = dict(_parents())
    for pid, parent in parents.items():
        ancestor: int | None = parent
        while ancestor is not None and ancestor != os.getpid():
            ancestor = parents.get(ancestor)
        if ancestor is not None:
            yield pid


def _parents() -> Iterator[tuple[int, int]]:
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # the name in brackets may hold anything; state and parent follow it
            state, parent = place.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
            if state != "Z":
                yield int(place.parent.name), int(parent)


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1:]))
