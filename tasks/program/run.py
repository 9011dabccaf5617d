"""One command, run so that it can't outlive us, and nothing of ours leaks into it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.errors import ToolError
from tasks.program.events import Event, read_events
from tasks.program.started import Started, start

GRACE = 15.0
"""Seconds that a program has after SIGINT to end by itself; one that only reads has nothing to lose."""

APPLY_GRACE = 600.0
"""Seconds that an apply has: it has to finish or cancel what runs, and to save its state."""

_LATE = 10.0
"""Seconds after a grace in which the keeper must have ended."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended.

    Args:
        exit_code: negative where a signal ended it.
        stdout: all that it wrote there, where that was not read line by line.
        stderr: all that it wrote there.
        events: the JSON lines of a ``-json`` command, in order.
        timed_out: True where we stopped it.
    """

    command: tuple[str, ...]
    exit_code: int
    stdout: bytes = b""
    stderr: str = ""
    events: tuple[Event, ...] = ()
    timed_out: bool = False


class _Running:
    """The programs that run in this process's threads, and whether any may still be started."""

    def __init__(self) -> None:
        self._programs: list[Started] = []
        self._stopping = False
        self._lock = threading.Lock()

    def start(self, begin: Callable[[], Started]) -> Started:
        with self._lock:
            if self._stopping:
                raise ToolError("Holdfast is being stopped; look again")
            started = begin()
            self._programs.append(started)
            return started

    def end(self, started: Started) -> None:
        with self._lock:
            self._programs.remove(started)
        started.close()

    def stop(self, *, stopping: bool) -> None:
        with self._lock:
            self._stopping = stopping
            for started in self._programs if stopping else ():
                started.ask()


_RUNNING = _Running()


@contextmanager
def interruptible() -> Iterator[None]:
    """Ask every program that runs to end when the block is interrupted, and start none after that.

    Signals arrive in the main thread alone, and other threads wait for their programs: without this, ^C
    would be heeded only once the slowest of them has ended.
    """
    _RUNNING.stop(stopping=False)
    try:
        yield
    except Exception:
        raise
    except BaseException:
        _RUNNING.stop(stopping=True)
        raise


def run(
    command: tuple[str, ...],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    timeout: float,
    grace: float | None = None,
    lines: bool = False,
    progress: Callable[[Event], None] | None = None,
    holds_open: tuple[int, ...] = (),
) -> Ended:
    """Run one command to its end and return how it ended; which exit codes are good is the caller's to say.

    However this process ends, `kill -9` included, the command is asked to end too, and killed after its
    grace: see `tasks.program.keeper`.

    Args:
        command: the program and its arguments; never a shell's line.
        cwd: where it runs.
        environment: all that the program sees; nothing of our own is added.
        timeout: seconds; then SIGINT, `grace` seconds, SIGKILL to its process group.
        grace: seconds between being asked to end and being killed; None for `GRACE`.
        lines: read standard output as JSON lines.
        progress: gets each of these as it comes.
        holds_open: file descriptors that stay open until the program has ended, should it outlive us.

    Raises:
        ToolError: the program or the folder does not exist, or Holdfast is being stopped.
    """
    grace = GRACE if grace is None else grace
    started = _RUNNING.start(
        lambda: start(command, cwd=cwd, environment=environment, grace=grace, holds_open=holds_open)
    )
    late = threading.Event()

    def expire() -> None:
        late.set()
        started.ask()

    timer = threading.Timer(timeout, expire)
    stderr: list[bytes] = []
    drain = threading.Thread(target=lambda: stderr.append(started.stderr.read()), daemon=True)
    timer.start()
    drain.start()
    events: tuple[Event, ...] = ()
    stdout = b""
    try:
        if lines:
            events = tuple(read_events(started.stdout, progress))
        else:
            stdout = started.stdout.read()
        exit_code = started.process.wait()
        drain.join()
    except BaseException:
        started.leave(grace + _LATE)
        raise
    finally:
        timer.cancel()
        timer.join()
        _RUNNING.end(started)
    return Ended(
        command=command,
        exit_code=exit_code,
        stdout=stdout,
        stderr=b"".join(stderr).decode(errors="replace"),
        events=events,
        timed_out=late.is_set(),
    )
