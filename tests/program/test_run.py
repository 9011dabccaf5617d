"""Programs that hang, leak, die or are not there: real executables on a PATH of their own."""

import os
import stat
import time
from pathlib import Path

import pytest

from tasks.detectors.terraform import collect
from tasks.errors import ToolError
from tasks.program import run as running
from tasks.program.run import run
from tasks.reach import Reach
from taxonomy.target import TerraformTarget


def script(folder: Path, body: str, name: str = "terraform") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def gone(pid: int) -> bool:
    """Say whether a process has ended; one that waits for its parent to ask has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] in ("Z", "X")
    except FileNotFoundError:
        return True


@pytest.fixture
def environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin"}


def test_a_program_sees_nothing_but_what_it_is_given(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_leak", "1")
    monkeypatch.setenv("AWS_PROFILE", "leak")
    path = script(tmp_path, "env")
    ended = run((str(path),), cwd=tmp_path, environment=environment, timeout=10)
    names = {line.split("=")[0] for line in ended.stdout.decode().splitlines()}
    assert names - {"PATH", "PWD", "SHLVL", "_"} == set()


def test_a_program_that_hangs_is_interrupted_and_then_killed_with_its_children(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "GRACE", 0.3)
    path = script(
        tmp_path, "trap 'echo asked > asked' INT\nsleep 60 & echo $! > child\nwhile true; do wait; done"
    )
    began = time.monotonic()
    ended = run((str(path),), cwd=tmp_path, environment=environment, timeout=0.5)
    assert ended.timed_out
    assert time.monotonic() - began < 10
    assert (tmp_path / "asked").exists()
    assert gone(int((tmp_path / "child").read_text()))


def test_files_of_a_program_are_its_owners_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    path = script(tmp_path, "echo secret > made")
    run((str(path),), cwd=tmp_path, environment=environment, timeout=10)
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o600


def test_a_missing_program_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="can't run terraform: no such program on PATH; install"):
        run(("terraform",), cwd=tmp_path, environment={"PATH": str(tmp_path)}, timeout=1)


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    target = TerraformTarget(name="t", path=tmp_path / "nowhere")
    with pytest.raises(ToolError, match=r"no folder .*nowhere.*correct `path` of target t"):
        collect(target, Reach(scratch=tmp_path / "scratch"))


EMPTY = '{"format_version":"1.2","planned_values":{},"resource_changes":[],"applyable":false}'
LIES = {
    "says nothing and succeeds": ("exit 0", "breaks off"),
    "fails without a word": ("exit 1", "it gave no reason"),
    "summarises and is killed": (
        """echo '{"type":"change_summary","changes":{"add":0}}'; kill -9 $$""",
        "killed by signal 9",
    ),
    "summarises, then fails": (
        """echo '{"type":"change_summary"}'
echo '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Odd","detail":"thing"}}'; exit 1""",
        "Odd: thing",
    ),
    "hides its error behind exit code 0": (
        """echo '{"type":"change_summary"}'
echo '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Odd","detail":"thing"}}'; exit 0""",
        "Odd: thing",
    ),
    "panics in plain text": ("echo '!!! TERRAFORM CRASH'; exit 2", "terraform itself crashed"),
    "is killed in its container for want of memory": ("exit 137", "killed by signal 9; check the memory"),
    "shows another plan than it made": (
        f"""if [ "$1" = show ]; then echo '{EMPTY}'; exit; fi
echo '{{"type":"resource_drift","change":{{"resource":{{"addr":"aws_vpc.main"}},"action":"update"}}}}'
echo '{{"type":"change_summary"}}'""",
        "the plan of t can't be believed: the stream speaks of aws_vpc.main, the plan does not",
    ),
    "says that it would change something and shows nothing": (
        f"""if [ "$1" = show ]; then echo '{EMPTY}'; exit; fi; echo '{{"type":"change_summary"}}'; exit 2""",
        "can't be believed: exit code 2, and yet applyable is false",
    ),
    "shows half a plan": (
        """[ "$1" = show ] && echo '{"format_version":"1.2","pl' || echo '{"type":"change_summary"}'""",
        "no readable JSON",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_failing_terraform_is_an_error_not_an_absence_of_drift(tmp_path: Path, lie: str) -> None:
    body, reason = LIES[lie]
    (tmp_path / "code" / ".terraform").mkdir(parents=True)
    reach = Reach(
        scratch=tmp_path / "scratch", terraform=str(script(tmp_path, body)), path=os.environ["PATH"]
    )
    with pytest.raises(ToolError) as refused:
        collect(TerraformTarget(name="t", path=tmp_path / "code"), reach)
    assert reason in str(refused.value)
    assert list(reach.scratch.iterdir()) == []
    assert stat.S_IMODE(reach.scratch.stat().st_mode) == 0o700
