"""`binary` of a target names the program of every command; OpenTofu itself is not to be had here."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.detectors.terraform import collect
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.terraform import apply as applying
from tasks.terraform import workspace
from taxonomy.target import TerraformTarget

pytestmark = pytest.mark.terraform

CODE = 'resource "terraform_data" "x" {\n  input = 1\n}\n'


def stand_in(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def reach(tmp_path: Path, program: str) -> Reach:
    """A PATH where `tofu` is a stand-in that notes what it is asked, and `terraform` always fails."""
    bin_ = tmp_path / "bin"
    stand_in(bin_, "tofu", f'echo "$1" >> {tmp_path}/asked; exec {program} "$@"')
    stand_in(bin_, "terraform", f"echo wrong >> {tmp_path}/asked; exit 1")
    return Reach(scratch=tmp_path / "scratch", path=f"{bin_}:/usr/bin:/bin", home=str(tmp_path))


@pytest.fixture
def target(tmp_path: Path) -> TerraformTarget:
    code = tmp_path / "code"
    code.mkdir()
    (code / "main.tf").write_text(CODE)
    (code / ".terraform.lock.hcl").touch()
    return TerraformTarget(name="t", path=code, binary="tofu")


def test_every_command_of_a_target_runs_its_own_program(
    tmp_path: Path, reach: Reach, target: TerraformTarget
) -> None:
    with workspace.opened(target, reach, role_arn=None) as opened:
        applying.carry_out(opened.plan(), opened, original=opened, drift_id="d" * 32, creates=())
    assert collect(target, reach).document["complete"] is True
    with pytest.raises(ToolError, match="no workspace prod in target t"):
        collect(replace(target, workspace="prod"), reach)
    asked = (tmp_path / "asked").read_text().split()
    assert asked == ["init", "plan", "apply", "init", "plan", "show", "init", "workspace"]


def test_a_target_that_names_no_program_runs_that_of_the_settings(
    tmp_path: Path, reach: Reach, target: TerraformTarget
) -> None:
    with pytest.raises(ToolError, match="terraform init of t"):
        collect(replace(target, binary=None), reach)
    assert (tmp_path / "asked").read_text().split() == ["wrong"]


def test_a_program_that_is_not_there_is_one_clear_line(reach: Reach, target: TerraformTarget) -> None:
    with pytest.raises(
        ToolError, match=r"can't run tofu-2: no such program on PATH; .*`binary` of the target"
    ):
        collect(replace(target, binary="tofu-2"), reach)
