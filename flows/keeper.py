"""Keeps a program no longer than its caller lives: ``python -m flows.keeper PROGRAM ARGUMENT...``.

The caller holds the other end of standard input. When that closes, for whatever reason, `kill -9` of the
caller included, the program's whole process group is ended: SIGTERM first, SIGKILL after a grace.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE = 8.0
"""Seconds between asking a program to end and ending it; a Prefect worker may not heed the first."""


def keep(command: list[str]) -> int:
    """Run a program until it ends or standard input does; return its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end(child))
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    return child.wait()


def end(child: "subprocess.Popen[bytes]") -> None:
    """End a program and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)


def _watch(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 4096):
        pass
    end(child)


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1:]))
