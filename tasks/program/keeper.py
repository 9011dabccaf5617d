"""Keeps one program no longer than whoever started it lives.

``python keeper.py GRACE OUT ERR PROGRAM ARGUMENT...``

The caller holds the other end of standard input. When it writes there, or when that closes because it is
dead, `kill -9` included, the program is asked to end with SIGINT, **once**: Terraform takes a second signal
as leave to drop what it does and its state with it. It has `GRACE` seconds; then its process group is killed.
Whatever it leaves behind is killed too, in whichever session, so no provider outlives it.

`OUT` and `ERR` are the ends at which the caller reads what the program says. Once the caller is dead they are
read here: a program that writes where nobody reads is killed by SIGPIPE in the middle of an apply, and its
state and lock are left as they were.

It ends as the program did: with its exit code, or by its signal. Standard output and error are the program's
own. This file is run by path, by an interpreter that imports next to nothing: it must start in milliseconds.

Elsewhere than on Linux what leaves the program's group may outlive it; all else holds.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Iterator

CANT_RUN = 126
"""The exit code where the program could not be started, as shells have it."""

PR_SET_PDEATHSIG = 1
"""https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html"""

PR_SET_CHILD_SUBREAPER = 36
"""https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html"""

SIGNALLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Keeper:
    """One program, and what has been asked of it."""

    def __init__(self, grace: float, ends: tuple[int, ...]) -> None:
        """Catch signals, and let the end of a child be seen beside the pipe."""
        self.grace = grace
        self.ends = ends
        self.pid = 0
        self.asked = False
        self._told, told = os.pipe()
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in SIGNALLED:
            # whoever signals the keeper signals a whole group, the program in it: it has been asked already
            signal.signal(number, self._note)

    def keep(self, command: list[str]) -> int:
        """Run the program to its end, or to the caller's; return how it ended, negative for a signal."""
        adopt_orphans()
        self.pid = _start(command, self.ends)
        watched = [0, self._told]
        deadline: float | None = None
        while (status := self._ended()) is None:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select(watched, [], [], left)
            for end in ready:
                if not os.read(end, 1 << 16):
                    watched.remove(end)
                    watched += self.ends if end == 0 else ()
                if end == 0 and deadline is None:
                    self._ask()
                    deadline = time.monotonic() + self.grace
            if deadline is not None and time.monotonic() >= deadline:
                self._kill_group()
        self._kill_group()
        end_descendants(0.0)
        return os.waitstatus_to_exitcode(status)

    def _ended(self) -> int | None:
        """Reap what has ended; return the program's own status once it is among it."""
        found: int | None = None
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                found = ended[1] if ended[0] == self.pid else found
        return found

    def _note(self, *_: object) -> None:
        self.asked = True

    def _ask(self) -> None:
        if not self.asked:
            self.asked = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGINT)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of what any process below this one leaves behind, where the system can do that."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_descendants(grace: float, *, spared: str | None = None) -> None:
    """End all processes below this one, in whatever session: SIGTERM, where there is a grace, then SIGKILL.

    Args:
        grace: seconds between the two; 0 for SIGKILL at once.
        spared: one whose command line holds this is left alone with all below it, and waited for: it ends by
            itself.
    """
    for number in (signal.SIGTERM, signal.SIGKILL) if grace else (signal.SIGKILL,):
        for pid in descendants(spared=spared):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + (grace or 5.0)
        while any(descendants(spared=spared)) and time.monotonic() < deadline:
            time.sleep(0.02)
    while spared is not None and any(descendants()):
        time.sleep(0.1)


def descendants(*, spared: str | None = None) -> Iterator[int]:
    """Yield the processes below this one that still run."""
    parents = dict(_parents())
    kept = {pid for pid in parents if spared is not None and spared in _said(pid, "cmdline")}
    for pid, parent in parents.items():
        ancestor: int | None = parent
        line = {pid}
        while ancestor is not None and ancestor != os.getpid():
            line.add(ancestor)
            ancestor = parents.get(ancestor)
        if ancestor is not None and not line & kept:
            yield pid


def _start(command: list[str], ends: tuple[int, ...]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        for end in ends:
            os.close(end)
        os.setpgid(0, 0)
        _prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        # Python itself adds it where no locale is set
        os.unsetenv("LC_CTYPE")
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(2, f"can't run {command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(CANT_RUN)


def _prctl(option: int, value: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _parents() -> Iterator[tuple[int, int]]:
    with contextlib.suppress(OSError):
        for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - pathlib takes as long to import as all else
            # the name in brackets may hold anything; state and parent follow it
            words = _said(pid, "stat").rpartition(")")[2].split()
            if words and words[0] != "Z":
                yield int(pid), int(words[1])


def _said(pid: int | str, about: str) -> str:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/{about}", "rb") as file:  # noqa: PTH123
        return file.read().decode(errors="replace")
    return ""


def _end_as(code: int) -> None:
    if code >= 0:
        sys.exit(code)
    with contextlib.suppress(OSError, ValueError):
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)


if __name__ == "__main__":
    _end_as(Keeper(float(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[3]))).keep(sys.argv[4:]))
