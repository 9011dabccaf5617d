"""Runs a simulated cloud as a program of its own, and ends it with its caller.

The two sides of one promise. The program binds a free port of 127.0.0.1, prints its address as the
first line of standard output, and lives until its standard input ends. The caller holds the other
end of that input; so the program ends with the caller even if the caller is killed.
"""

import os
import selectors
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).parents[2]
_GRACE = 5.0


class CloudError(Exception):
    """A simulated cloud did not start; the message holds the end of what it said."""


@contextmanager
def serving(module: str, *arguments: str, timeout: float = 60.0) -> Iterator[str]:
    """Run `module` with this Python until the block ends; yields its address, without a final slash.

    Args:
        module: a module that calls `announce` when run with ``python -m``.
        arguments: its command line.
        timeout: seconds that it may take to say its address.

    Raises:
        CloudError: it ended, or said nothing in time.
    """
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
        )
        try:
            yield _address(process, module, complaints, timeout)
        finally:
            _end(process)


def announce(url: str, serve: Callable[[], object]) -> None:
    """Say `url`, then `serve` until standard input ends; the program's side of `serving`."""
    threading.Thread(target=_end_with_caller, daemon=True).start()
    sys.stdout.write(url + "\n")
    sys.stdout.flush()
    serve()


def _end_with_caller() -> None:
    while os.read(0, 4096):
        pass
    # Requests may be in flight in other threads; nothing here is worth a slow end.
    os._exit(0)


def _address(process: subprocess.Popen[bytes], module: str, complaints: IO[bytes], timeout: float) -> str:
    assert process.stdout is not None  # noqa: S101 - asked for above; only the type checker can't know
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(timeout) else b""
    if not line:
        complaints.seek(0)
        last = complaints.read().decode(errors="replace").strip().splitlines()[-1:]
        raise CloudError(f"{module} did not start within {timeout:g} s: {''.join(last) or 'it said nothing'}")
    return line.decode().strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
