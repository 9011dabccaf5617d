"""A program lives no longer than whoever started it, and is asked to end before it is made to."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.errors import ToolError
from tasks.program import run as running
from tasks.program.run import run

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
ROOT = Path(__file__).parents[2]

ASKED = """
trap 'echo asked >> asked; sleep 0.3; echo saved > saved; exit 1' INT
echo $$ > pid
while true; do sleep 0.05; done
"""
HEEDS = f"""exec {sys.executable} -c '
import os, signal, time

def hear(number, frame):
    heard.append(number)
    open("heard", "a").write(f"{{signal.Signals(number).name}} ")

heard = []
signal.signal(signal.SIGINT, hear)
signal.signal(signal.SIGTERM, hear)
open("pid", "w").write(str(os.getpid()))
while signal.SIGINT not in heard:
    time.sleep(0.02)
end = time.monotonic() + 1.5
while time.monotonic() < end:
    time.sleep(0.02)
open("saved", "w")
'"""
"""Writes down every signal that it gets, and takes a while to save what it has."""

DEAF = """
trap '' INT TERM
echo $$ > pid
setsid sleep 120 & echo $! > apart
while true; do sleep 0.05; done
"""
CALLER = """
import threading
from pathlib import Path
from tasks.program.run import run
run(("{script}",), cwd=Path("{folder}"), environment={{"PATH": "/usr/bin:/bin"}}, timeout=60, grace={grace})
"""


def script(folder: Path, body: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o700)
    return path


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
    except FileNotFoundError:
        return True


def keeper_of(program: int) -> int:
    return int(Path(f"/proc/{program}/stat").read_text().rpartition(")")[2].split()[1])


def until(seen: Callable[[], object], *, within: float = 15.0) -> None:
    deadline = time.monotonic() + within
    while not seen():
        assert time.monotonic() < deadline, "not seen in time"
        time.sleep(0.02)


def pid_in(file: Path) -> int:
    until(lambda: file.exists() and file.read_text().strip())
    return int(file.read_text())


def caller(folder: Path, body: str, *, grace: float) -> "subprocess.Popen[bytes]":
    """Start a process that runs a program, and wait until that one runs."""
    code = textwrap.dedent(CALLER.format(script=script(folder, body), folder=folder, grace=grace))
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    pid_in(folder / "pid")
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_program_whose_caller_dies_is_asked_once_and_may_save_what_it_has(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = caller(tmp_path, ASKED, grace=30)
    process.send_signal(number)
    process.wait()
    until(lambda: gone(pid_in(tmp_path / "pid")))
    assert (tmp_path / "asked").read_text() == "asked\n"
    assert (tmp_path / "saved").exists()


def test_a_program_that_goes_on_talking_after_its_caller_s_death_is_listened_to(tmp_path: Path) -> None:
    """Else SIGPIPE kills it in the middle, or a full pipe holds it up."""
    body = """
trap 'for n in $(seq 20000); do echo line $n of many; echo and another $n >&2; done; echo > saved; exit 1' INT
echo $$ > pid
while true; do sleep 0.05; done
"""
    process = caller(tmp_path, body, grace=30)
    process.kill()
    process.wait()
    until(lambda: gone(pid_in(tmp_path / "pid")))
    assert (tmp_path / "saved").exists()


def test_a_program_that_does_not_heed_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    process = caller(tmp_path, DEAF, grace=0.5)
    program, apart = pid_in(tmp_path / "pid"), pid_in(tmp_path / "apart")
    process.kill()
    process.wait()
    until(lambda: gone(program) and gone(apart))


def test_a_program_that_was_asked_by_a_group_s_signal_is_not_asked_again(tmp_path: Path) -> None:
    """Terraform takes a second signal as leave to drop what it does, and its state with it."""
    process = caller(tmp_path, HEEDS, grace=30)
    program = pid_in(tmp_path / "pid")
    for pid in (keeper_of(program), program):
        os.kill(pid, signal.SIGINT)
    until((tmp_path / "heard").exists)
    process.kill()
    process.wait()
    until(lambda: gone(program))
    assert (tmp_path / "heard").read_text().split() == ["SIGINT"]


def test_a_program_whose_keeper_is_killed_is_asked_to_end(tmp_path: Path) -> None:
    process = caller(tmp_path, ASKED, grace=30)
    program = pid_in(tmp_path / "pid")
    os.kill(keeper_of(program), signal.SIGKILL)
    until(lambda: gone(program))
    assert (tmp_path / "saved").exists()
    process.wait(10)


def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    path = script(tmp_path, "setsid sleep 120 >&- 2>&- & echo $! > apart; sleep 0.1; exit 2")
    ended = run((str(path),), cwd=tmp_path, environment=ENVIRONMENT, timeout=20)
    assert ended.exit_code == 2
    assert gone(pid_in(tmp_path / "apart"))


@pytest.mark.parametrize("code", [0, 1, 2, 137])
def test_a_program_s_exit_code_is_told_as_it_is(tmp_path: Path, code: int) -> None:
    path = script(tmp_path, f"exit {code}")
    assert run((str(path),), cwd=tmp_path, environment=ENVIRONMENT, timeout=20).exit_code == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_program_s_signal_is_told_as_such(tmp_path: Path, number: signal.Signals) -> None:
    path = script(tmp_path, f"ulimit -c 0; kill -{int(number)} $$")
    assert run((str(path),), cwd=tmp_path, environment=ENVIRONMENT, timeout=20).exit_code == -number


def test_a_program_that_can_t_be_started_says_why(tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(b"\x7fELF of another machine")
    path.chmod(0o700)
    ended = run((str(path),), cwd=tmp_path, environment=ENVIRONMENT, timeout=20)
    assert ended.exit_code == 126
    assert "Exec format error" in ended.stderr


def test_nothing_is_started_once_the_block_is_interrupted(tmp_path: Path) -> None:
    path = script(tmp_path, "exit 0")
    with pytest.raises(KeyboardInterrupt), running.interruptible():
        raise KeyboardInterrupt
    with pytest.raises(ToolError, match="being stopped"):
        run((str(path),), cwd=tmp_path, environment=ENVIRONMENT, timeout=20)
    with running.interruptible():
        assert run((str(path),), cwd=tmp_path, environment=ENVIRONMENT, timeout=20).exit_code == 0


def test_what_serves_flows_waits_for_a_program_that_is_asked_to_end_and_does_not_kill_it(
    tmp_path: Path,
) -> None:
    """SIGTERM would go to the providers under an apply too, and they would die with what they do."""
    code = textwrap.dedent(CALLER.format(script=script(tmp_path, HEEDS), folder=tmp_path, grace=30))
    serving = subprocess.Popen(
        [sys.executable, "-m", "flows.keeper", sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE
    )
    program = pid_in(tmp_path / "pid")
    serving.communicate(timeout=60)
    assert gone(program)
    assert (tmp_path / "saved").exists()
    assert (tmp_path / "heard").read_text().split() == ["SIGINT"]
