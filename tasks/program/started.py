"""One program that has been started behind a keeper, and the ends at which we read what it says."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tasks.errors import ToolError
from tasks.program import keeper

KEEPER = keeper.__file__


@dataclass(frozen=True, kw_only=True)
class Started:
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
        """Close our ends."""
        for pipe in (self.process.stdin, self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()


def start(
    command: tuple[str, ...],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    grace: float,
    holds_open: tuple[int, ...],
) -> Started:
    """Start a program behind its keeper; see `tasks.program.run.run` for what is given.

    Raises:
        ToolError: the program or the folder does not exist.
    """
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
    return Started(process=process, stdout=os.fdopen(out, "rb"), stderr=os.fdopen(err, "rb"))


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
