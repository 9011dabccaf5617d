"""One Terraform command, run so that it can't outlive us, and nothing of ours leaks into it.

What it writes with ``-json`` is one JSON object a line; the words are documented at
https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tasks.errors import ToolError
from tasks.terraform import keeper

GRACE = 15.0
"""Seconds that a program has after SIGINT to end by itself; one that only reads has nothing to lose."""

APPLY_GRACE = 600.0
"""Seconds that an apply has: it has to finish or cancel what runs, and to save its state."""

KEEPER = keeper.__file__

_LATE = 10.0
"""Seconds after a grace in which the keeper must have ended."""

Event = Mapping[str, Any]

UNREADABLE = "unreadable"
"""The type of an event that stands for a line which is no JSON object."""


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


@dataclass(frozen=True, kw_only=True)
class _Started:
    """A program and its keeper, and the ends at which we read what it says."""

    process: subprocess.Popen[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    def ask(self) -> None:
        """Have it asked to end; we go on reading what it says."""
        if self.process.stdin is not None:
            # it may have ended by itself just now
            with contextlib.suppress(OSError, ValueError):
                self.process.stdin.write(b"x")

    def leave(self, within: float) -> None:
        """Have it asked to end, read no more, and wait for that."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(within)

    def close(self) -> None:
        for pipe in (self.process.stdin, self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()


class _Running:
    """The programs that run in this process's threads, and whether any may still be started."""

    def __init__(self) -> None:
        self._programs: list[_Started] = []
        self._stopping = False
        self._lock = threading.Lock()

    def start(self, begin: Callable[[], _Started]) -> _Started:
        with self._lock:
            if self._stopping:
                raise ToolError("Holdfast is being stopped; look again")
            started = begin()
            self._programs.append(started)
            return started

    def end(self, started: _Started) -> None:
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
    grace: see `tasks.terraform.keeper`.

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
        lambda: _start(command, cwd=cwd, environment=environment, grace=grace, holds_open=holds_open)
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


def read_events(lines: Iterable[bytes], progress: Callable[[Event], None] | None = None) -> Iterable[Event]:
    """Yield the JSON objects among the lines, in order.

    A line that is none is kept as an event of type `UNREADABLE`: Terraform's own crashes are plain text,
    and a killed one stops in the middle of a line.
    """
    for line in lines:
        if not line.strip():
            continue
        event = _event(line)
        if progress is not None:
            progress(event)
        yield event


def _event(line: bytes) -> Event:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    if isinstance(event, dict):
        return event
    return {"type": UNREADABLE, "@message": line.decode(errors="replace")}


def _start(
    command: tuple[str, ...],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    grace: float,
    holds_open: tuple[int, ...],
) -> _Started:
    if not cwd.is_dir():
        raise ToolError(
            f"no folder {cwd}: expected a Terraform workspace there; correct `path` of the target"
        )
    try:
        program = _found(command, environment)
    except (FileNotFoundError, PermissionError) as error:
        raise ToolError(
            f"can't run {command[0]}: no such program on PATH; install Terraform 1.5 or "
            "OpenTofu 1.6 or newer, or name the program in the settings or in `binary` of the target",
            command=command,
        ) from error
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    try:
        process = subprocess.Popen(
            (sys.executable, "-I", "-S", KEEPER, str(grace), str(out), str(err), *program),
            cwd=cwd,
            env=dict(environment),
            bufsize=0,
            pass_fds=(out, err, *holds_open),
            stdin=subprocess.PIPE,
            stdout=out_end,
            stderr=err_end,
            start_new_session=True,
            umask=0o077,
        )
    except BaseException:
        os.close(out)
        os.close(err)
        raise
    finally:
        os.close(out_end)
        os.close(err_end)
    return _Started(process=process, stdout=os.fdopen(out, "rb"), stderr=os.fdopen(err, "rb"))


def _found(command: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Resolve the program on the PATH that it is given, not on ours."""
    program = command[0]
    if os.sep in program:
        here = Path(program).absolute()
        if not os.access(here, os.X_OK):
            raise FileNotFoundError(program)
        return (str(here), *command[1:])
    for folder in environment.get("PATH", "").split(os.pathsep):
        candidate = Path(folder) / program
        if folder and candidate.is_file() and os.access(candidate, os.X_OK):
            return (str(candidate), *command[1:])
    raise FileNotFoundError(program)
