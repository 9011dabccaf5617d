"""Recorded plans, and a small workspace that is really applied to a simulated cloud."""

import gzip
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from workspace_on_moto import CODE, Live, on_moto

from examples.terraform import cli_config, mirror
from tasks.detectors.terraform import RawPlan
from tasks.redaction import Redactor
from taxonomy.target import TerraformTarget


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    return Redactor(b"a key of the tests, 32 bytes long")


@pytest.fixture(scope="session")
def recorded(samples: Path) -> Callable[[str], RawPlan]:
    def read(name: str) -> RawPlan:
        path = samples / "terraform" / "plans" / name
        data = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
        return RawPlan(document=json.loads(data), digest=name)

    return read


@pytest.fixture(scope="session")
def target() -> TerraformTarget:
    return TerraformTarget(name="recorded", plan_json=Path("plan.json"))


@pytest.fixture(scope="session")
def program() -> str:
    found = shutil.which("terraform")
    if found is None:
        pytest.skip("no terraform on PATH")
    return found


@pytest.fixture(scope="session")
def terraform_env(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    folder = mirror()
    if folder is None:
        return {}
    path = tmp_path_factory.mktemp("cli") / "tf.rc"
    path.write_text(cli_config(folder))
    return {"TF_CLI_CONFIG_FILE": str(path)}


@pytest.fixture(scope="session")
def applied(
    tmp_path_factory: pytest.TempPathFactory, program: str, terraform_env: Mapping[str, str]
) -> Iterator[Live]:
    with on_moto("small", CODE, tmp_path_factory, program, terraform_env) as live:
        yield live
