"""Records the plans that stand for Terraform where it can't be had: ``python -m examples.record``.

Applies `examples/acme` to the simulated AWS, makes a plan, changes the cloud in haste, makes another.
What a plan does not need to be read again is left out: it would only be noise in a diff.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from examples import haste
from examples.clouds import clouds
from examples.stage import HERE, Stage, set_stage
from flows.settings import own_environment

LEFT_OUT = ("variables", "timestamp", "relevant_attributes", "checks", "output_changes")


def main() -> None:
    """Make the recorded plans anew."""
    with clouds() as simulated, tempfile.TemporaryDirectory() as folder:
        stage = set_stage(Path(folder) / "stage", simulated, own_environment(), live=True)
        stage.terraform("init", "-no-color", "-input=false")
        stage.terraform("apply", "-auto-approve", "-no-color")
        _record(stage, "clean")
        haste.changes(stage.environment)
        _record(stage, "drifted")


def _record(stage: Stage, name: str) -> None:
    stage.terraform("plan", "-input=false", "-lock=false", "-out=recorded.tfplan")
    said = subprocess.run(
        ["terraform", "show", "-json", "recorded.tfplan"],
        cwd=stage.workspace,
        env=dict(stage.environment),
        capture_output=True,
        check=True,
    ).stdout
    document: dict[str, Any] = json.loads(said)
    kept = {key: value for key, value in document.items() if key not in LEFT_OUT}
    place = HERE / "recorded" / f"{name}.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
