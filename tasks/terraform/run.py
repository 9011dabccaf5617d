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
from typing import Any

from tasks.errors import ToolError
from tasks.terraform import keeper

GRACE = 15.0
"""Seconds that a program has after SIGINT to end by itself; one that only reads has nothing to lose."""

APPLY_GRACE = 600.0
"""Seconds that an apply has: it has to finish or cancel what runs, and to save its state."""

KEEPER = Path(keeper.__file__)

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


class _Running:
    """The programs that run in this process's threads, and whether any may still be started."""

    def __init__(self) -> None:
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._stopping = False
        self._lock = threading.Lock()

    def start(self, begin: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopping:
                raise ToolError("Holdfast is being stopped; look again")
            process = begin()
            self._processes.add(process)
            return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._processes.discard(process)

    def stop(self, *, stopping: bool) -> None:
        with self._lock:
            self._stopping = stopping
            for process in self._processes if stopping else ():
                _let_go(process)


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
    process = _RUNNING.start(
        lambda: _start(command, cwd=cwd, environment=environment, grace=grace, holds_open=holds_open)
    )
    late = threading.Event()

    def expire() -> None:
        late.set()
        _let_go(process)

    timer = threading.Timer(timeout, expire)
    stderr: list[bytes] = []
    drain = threading.Thread(target=lambda: stderr.append(_read(process.stderr)), daemon=True)
    timer.start()
    drain.start()
    try:
        events: tuple[Event, ...] = ()
        stdout = b""
        if lines and process.stdout is not None:
            events = tuple(read_events(process.stdout, progress))
        else:
            stdout = _read(process.stdout)
        exit_code = process.wait()
        drain.join()
    except BaseException:
        _let_go(process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace + _LATE)
        raise
    finally:
        timer.cancel()
        timer.join()
        _RUNNING.end(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return Ended(
        command=command,
        exit_code=exit_code,
        stdout=stdout,
        stderr=b"".join(stderr).decode(errors="replace"),
        events=events,
        timed_out=late.is_set(),
    )


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Have a command asked to end: its keeper sees the pipe close."""
    if process.stdin is not None:
        process.stdin.close()


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
) -> subprocess.Popen[bytes]:
    if not cwd.is_dir():
        raise ToolError(
            f"no folder {cwd}: expected a Terraform workspace there; correct `path` of the target"
        )
    try:
        return subprocess.Popen(
            (sys.executable, "-I", "-S", str(KEEPER), str(grace), *_found(command, environment)),
            cwd=cwd,
            env=dict(environment),
            bufsize=0,
            pass_fds=holds_open,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=0o077,
        )
    except (FileNotFoundError, PermissionError) as error:
        raise ToolError(
            f"can't run {command[0]}: no such program on PATH; install Terraform 1.5 or "
            "OpenTofu 1.6 or newer, or name the program in the settings or in `binary` of the target",
            command=command,
        ) from error


def _found(command: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Resolve the program on the PATH that it is given, not on ours."""
    program = command[0]
    if os.sep in program:
        return command
    for folder in environment.get("PATH", "").split(os.pathsep):
        candidate = Path(folder) / program
        if folder and candidate.is_file() and os.access(candidate, os.X_OK):
            return (str(candidate), *command[1:])
    raise FileNotFoundError(program)


def _read(pipe: Any) -> bytes:
    return b"" if pipe is None else bytes(pipe.read())
