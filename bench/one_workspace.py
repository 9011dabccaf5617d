"""(a) one sweep of one workspace, against bare `terraform plan` and `show` of the same workspace."""

import os
import shutil
import tempfile
from pathlib import Path

from bench.measure import Measured, paired, timed
from examples.clouds import clouds
from examples.stage import Stage, set_stage

SMALL = "web-01"
"""A target that is one small file: what a sweep of it takes is the fixed start-up of any sweep."""


def measure(rounds: int) -> list[Measured]:
    """Return the line of the sweep; none where there is no Terraform."""
    if shutil.which("terraform") is None:
        return []
    with clouds() as simulated, tempfile.TemporaryDirectory() as folder:
        stage = set_stage(Path(folder) / "stage", simulated, os.environ, live=True)
        stage.show_report("web-01-clean")
        stage.terraform("init", "-no-color", "-input=false")
        stage.terraform("apply", "-auto-approve", "-no-color")
        _bare(stage)
        stage.holdfast("detect", "--target", "acme")
        done = [_round(stage) for _ in range(rounds)]
    start = sorted(one["start"] for one in done)[rounds // 2]
    note = f"25 resources; beyond a fixed start-up of {start:.2f} s, printed apart"
    return [
        paired("one sweep of one workspace", done, peer="terraform plan + show", limit=1.25, note=note),
    ]


def _round(stage: Stage) -> dict[str, float]:
    theirs = timed(lambda: _bare(stage))
    start = timed(lambda: stage.holdfast("detect", "--target", SMALL))
    whole = timed(lambda: stage.holdfast("detect", "--target", "acme"))
    return {"ours": whole - start, "theirs": theirs, "start": start}


def _bare(stage: Stage) -> None:
    stage.terraform("plan", "-json", "-input=false", "-lock=false", "-out=bench.tfplan")
    stage.terraform("show", "-json", "bench.tfplan")
    (stage.workspace / "bench.tfplan").unlink()
