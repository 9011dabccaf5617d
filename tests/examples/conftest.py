"""Fixtures over the simulated clouds: one set for all tests of this folder, ended with the session."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulated import Workspace

from examples.clouds import Clouds, clouds
from examples.terraform import cli_config, mirror

ACME = Path(__file__).parents[2] / "examples" / "acme"


@pytest.fixture(scope="session")
def cloud() -> Iterator[Clouds]:
    with clouds() as running:
        yield running


@pytest.fixture(scope="module")
def fresh() -> Iterator[Clouds]:
    with clouds() as running:
        yield running


@pytest.fixture(scope="module")
def acme(fresh: Clouds, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    if shutil.which("terraform") is None:
        pytest.skip("no terraform on the PATH")
    home = tmp_path_factory.mktemp("home")
    held = mirror()
    (home / "terraform.rc").write_text(cli_config(held) if held else "")
    folder = home / "acme"
    shutil.copytree(ACME, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TF_CLI_CONFIG_FILE": str(home / "terraform.rc"),
        "TF_INPUT": "0",
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        **fresh.environment,
    }
    return Workspace(folder=folder, environment=environment)
