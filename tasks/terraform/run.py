"""One Terraform command, run so that it can't outlive us, and nothing of ours leaks into it.

What it writes with ``-json`` is one JSON object a line; the words are documented at
https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tasks.errors import ToolError

GRACE = 30.0
"""Seconds that Terraform has after SIGINT to cancel what runs and save its state."""

Event = Mapping[str, Any]


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


@dataclass(kw_only=True)
class _Watch:
    """Stops one process group when its time is over, gently first."""

    process: subprocess.Popen[bytes]
    timed_out: bool = field(default=False, init=False)

    def expire(self) -> None:
        self.timed_out = True
        self.stop()

    def stop(self) -> None:
        """Ask with SIGINT, wait, then SIGKILL the whole group: provider processes belong to it."""
        self._signal(signal.SIGINT)
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def run(
    command: tuple[str, ...],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    timeout: float,
    lines: bool = False,
    progress: Callable[[Event], None] | None = None,
    holds_open: tuple[int, ...] = (),
) -> Ended:
    """Run one command to its end and return how it ended; which exit codes are good is the caller's to say.

    Args:
        command: the program and its arguments; never a shell's line.
        cwd: where it runs.
        environment: all that the program sees; nothing of our own is added.
        timeout: seconds; then SIGINT, `GRACE` seconds, SIGKILL to its process group.
        lines: read standard output as JSON lines.
        progress: gets each of these as it comes.
        holds_open: file descriptors that the program inherits.

    Raises:
        ToolError: the program or the folder does not exist.
    """
    process = _start(command, cwd=cwd, environment=environment, holds_open=holds_open)
    watch = _Watch(process=process)
    timer = threading.Timer(timeout, watch.expire)
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
        watch.stop()
        raise
    finally:
        timer.cancel()
        timer.join()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return Ended(
        command=command,
        exit_code=exit_code,
        stdout=stdout,
        stderr=b"".join(stderr).decode(errors="replace"),
        events=events,
        timed_out=watch.timed_out,
    )


def read_events(lines: Iterable[bytes], progress: Callable[[Event], None] | None = None) -> Iterable[Event]:
    """Yield the JSON objects among the lines, in order.

    A line that is none is kept as an event of type ``unreadable``: Terraform's own crashes are plain text,
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
    kind: Literal["unreadable"] = "unreadable"
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    return event if isinstance(event, dict) else {"type": kind, "@message": line.decode(errors="replace")}


def _start(
    command: tuple[str, ...], *, cwd: Path, environment: Mapping[str, str], holds_open: tuple[int, ...]
) -> subprocess.Popen[bytes]:
    if not cwd.is_dir():
        raise ToolError(
            f"no folder {cwd}: expected a Terraform workspace there; correct `path` of the target"
        )
    try:
        return subprocess.Popen(
            _found(command, environment),
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=0o077,
            pass_fds=holds_open,
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
