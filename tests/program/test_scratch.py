"""Plans hold secrets in clear: their folder is one user's, and goes when its owner does."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tasks.detectors.terraform import collect
from tasks.errors import ToolError
from tasks.program import scratch
from tasks.reach import Reach
from taxonomy.target import TerraformTarget

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from tasks.program import scratch
with scratch.opened(Path(sys.argv[1])) as one:
    (one.path / "1.tfplan").write_text("secret")
    print(one.path, flush=True)
    time.sleep(60)
"""


def modes(root: Path) -> set[int]:
    return {stat.S_IMODE(path.lstat().st_mode) for path in root.rglob("*")}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o277])
def test_a_folder_is_its_owner_s_alone_under_any_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with scratch.opened(tmp_path / "home" / "scratch") as one:
            assert modes(tmp_path / "home") | {stat.S_IMODE(one.path.parent.stat().st_mode)} == {0o700, 0o600}
    finally:
        os.umask(before)
    assert list((tmp_path / "home" / "scratch").iterdir()) == []


def test_a_folder_that_others_could_look_into_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch").chmod(0o777)
    with scratch.opened(tmp_path / "scratch"):
        assert stat.S_IMODE((tmp_path / "scratch").stat().st_mode) == 0o700


def test_a_folder_goes_on_every_way_out(tmp_path: Path) -> None:
    def leave(error: BaseException) -> None:
        with scratch.opened(tmp_path) as one:
            (one.path / "1.tfplan").write_text("secret")
            raise error

    for error in (ToolError("x"), KeyboardInterrupt(), SystemExit()):
        with pytest.raises(type(error)):
            leave(error)
        assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_holds_is_not(tmp_path: Path) -> None:
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    dead, living = (Path(holder.stdout.readline().strip()) for holder in holders if holder.stdout)
    try:
        os.kill(holders[0].pid, signal.SIGKILL)
        holders[0].wait()
        assert (dead / "1.tfplan").exists()
        with scratch.opened(tmp_path) as one:
            assert set(tmp_path.iterdir()) == {living, one.path}
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()


def test_folders_that_are_opened_at_once_do_not_remove_one_another(tmp_path: Path) -> None:
    gone: list[Path] = []

    def hold() -> None:
        for _ in range(40):
            with scratch.opened(tmp_path) as one:
                if not (one.path / scratch.OWNER).exists():
                    gone.append(one.path)

    threads = [threading.Thread(target=hold) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gone == []
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, sys
from pathlib import Path
from tasks.detectors.terraform import collect
from tasks.reach import Reach
from taxonomy.target import TerraformTarget
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
target = TerraformTarget(name="t", path=Path(sys.argv[1]))
try:
    collect(target, Reach(scratch=Path(sys.argv[2]), terraform=sys.argv[3], path="/usr/bin:/bin"))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_disk_that_is_full_is_one_clear_line(tmp_path: Path) -> None:
    """A program that may write no more says so in the words of the system, as it does on a full disk."""
    (tmp_path / "code" / ".terraform").mkdir(parents=True)
    program = tmp_path / "terraform"
    out = 'for word in "$@"; do case $word in -out=*) out=${word#-out=};; esac; done'
    program.write_text(f'#!/bin/bash\ntrap "" XFSZ\n{out}\nexec head -c 4096 /dev/zero > "$out"\n')
    program.chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path / "code", tmp_path / "scratch", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("ToolError terraform plan of t: the disk of the worker is full; make room")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_scratch_that_can_t_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ToolError, match=r"can't make a private folder in .*file.*HOLDFAST_HOME"):
        collect(
            TerraformTarget(name="t", path=tmp_path / "code"), Reach(scratch=tmp_path / "file" / "scratch")
        )
