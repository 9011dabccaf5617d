"""Keeps a program no longer than its caller lives: ``python -m flows.keeper PROGRAM ARGUMENT...``.

The caller holds the other end of standard input. When that closes, for whatever reason, `kill -9` of the
caller included, the program's whole process group is ended: SIGTERM first, SIGKILL after a grace. So is
all that it started in sessions of their own, as Prefect's worker does with every flow run.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

from tasks.program import keeper as keeping

GRACE = 8.0
"""Seconds between asking a program to end and ending it; a Prefect worker may not heed the first."""


def keep(command: list[str]) -> int:
    """Run a program until it ends or standard input does; return its exit code."""
    keeping.adopt_orphans()
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
    """End what the program has left: its own are ours since it died, whatever session they are in.

    A Terraform command has a keeper of its own, which asks it to end once its caller is gone. It is waited
    for: SIGTERM would kill the providers under an apply, and the state of what it did with them.
    """
    keeping.end_descendants(GRACE, spared=keeping.__file__)


def _watch(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 4096):
        pass
    end(child)


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1:]))
