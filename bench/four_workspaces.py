"""(e) one sweep of four workspaces, against bare `terraform plan` and `show` of the same, as many at once."""

import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from bench.measure import Measured, paired, timed
from examples.clouds import ACCOUNT, REGION, clouds
from examples.stage import Stage, set_stage
from flows.lanes import CORES

CODE = Path(__file__).with_name("workspace.tf")
NAMES = ("north", "east", "south", "west")


def measure(rounds: int) -> list[Measured]:
    """Return the line of the sweep; none where there is no Terraform."""
    if shutil.which("terraform") is None:
        return []
    with clouds() as simulated, tempfile.TemporaryDirectory() as folder:
        stage = set_stage(Path(folder) / "stage", simulated, os.environ, live=True)
        _estate(stage)
        for name in NAMES:
            _workspace(stage, name)
        # once each, so that no round pays for a cold cache, and that a baseline is sealed
        _bare(stage)
        stage.holdfast("detect")
        done = [_round(stage) for _ in range(rounds)]
    note = f"50 resources each; {CORES} at once; start-up and evidence included"
    return [
        paired(
            f"one sweep of {len(NAMES)} workspaces", done, peer="terraform plan + show", limit=1.15, note=note
        )
    ]


def _estate(stage: Stage) -> None:
    file = stage.folder / "holdfast.yaml"
    document = yaml.safe_load(file.read_text("utf-8"))
    document["targets"] = [
        {"name": name, "layer": "terraform", "path": name, "account": ACCOUNT, "region": REGION}
        for name in NAMES
    ]
    file.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")


def _workspace(stage: Stage, name: str) -> None:
    folder = stage.folder / name
    folder.mkdir()
    shutil.copy(CODE, folder / "main.tf")
    (folder / "terraform.tfvars").write_text(f'name = "{name}"\n', "utf-8")
    _terraform(stage, name, "init", "-no-color", "-input=false")
    _terraform(stage, name, "apply", "-auto-approve", "-no-color")


def _round(stage: Stage) -> dict[str, float]:
    theirs = timed(lambda: _bare(stage))
    return {"ours": timed(lambda: stage.holdfast("detect")), "theirs": theirs}


def _bare(stage: Stage) -> None:
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(lambda name: _plan_and_show(stage, name), NAMES))


def _plan_and_show(stage: Stage, name: str) -> None:
    _terraform(stage, name, "plan", "-json", "-input=false", "-lock=false", "-out=bench.tfplan")
    _terraform(stage, name, "show", "-json", "bench.tfplan")
    (stage.folder / name / "bench.tfplan").unlink()


def _terraform(stage: Stage, name: str, *arguments: str) -> None:
    command = ["terraform", *arguments]
    subprocess.run(
        command, cwd=stage.folder / name, env=dict(stage.environment), check=True, capture_output=True
    )
