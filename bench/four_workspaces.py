"""(e) one sweep of four workspaces, against bare `terraform plan` and `show` of the same, as many at once."""

import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from bench.measure import Measured, paired, timed
from bench.one_workspace import SMALL
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
        stage.show_report("web-01-clean")
        _estate(stage)
        for name in NAMES:
            _workspace(stage, name)
        # once each, so that no round pays for a cold cache, and that a baseline is sealed
        _bare(stage)
        stage.holdfast("detect")
        done = [_round(stage) for _ in range(rounds)]
    start = sorted(one["start"] for one in done)[rounds // 2]
    name, peer = f"one sweep of {len(NAMES)} workspaces", "terraform plan + show"
    beyond = f"50 resources each; {CORES} at once; beyond a fixed start-up of {start:.2f} s"
    wholes = [{**one, "ours": one["ours"] + one["start"]} for one in done]
    return [
        paired(name, done, peer=peer, limit=1.15, note=beyond),
        paired("the same, start-up included", wholes, peer=peer, limit=None),
    ]


def _estate(stage: Stage) -> None:
    file = stage.folder / "holdfast.yaml"
    document = yaml.safe_load(file.read_text("utf-8"))
    document["targets"] = [
        {"name": name, "layer": "terraform", "path": name, "account": ACCOUNT, "region": REGION}
        for name in NAMES
    ] + [target for target in document["targets"] if target["name"] == SMALL]
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
    start = timed(lambda: stage.holdfast("detect", "--target", SMALL))
    whole = timed(lambda: stage.holdfast("detect", "--layer", "terraform"))
    return {"ours": whole - start, "theirs": theirs, "start": start}


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
