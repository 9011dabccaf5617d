"""Recorded plans, and a small workspace that is really applied to a simulated cloud."""

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from examples.clouds import aws_environment
from examples.clouds.moto import ACCOUNT, moto
from examples.terraform import cli_config, mirror
from tasks.detectors.terraform import RawPlan
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.target import TerraformTarget

REGION = "eu-west-1"
CODE = Path(__file__).with_name("small.tf")


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


@dataclass(frozen=True, kw_only=True)
class Live:
    """A workspace applied to a simulated cloud."""

    target: TerraformTarget
    reach: Reach

    @property
    def path(self) -> Path:
        assert self.target.path is not None
        return self.target.path

    def client(self, service: str) -> Any:
        session = boto3.Session(
            aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION
        )
        return session.client(service, endpoint_url=self.reach.aws["AWS_ENDPOINT_URL"])

    def terraform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **self.reach.aws,
            **self.reach.terraform_env,
            "PATH": self.reach.path,
            "HOME": self.reach.home,
        }
        done = subprocess.run(
            [self.reach.terraform, *arguments],
            cwd=self.path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done

    def with_aws(self, **variables: str) -> "Live":
        return replace(self, reach=replace(self.reach, aws={**self.reach.aws, **variables}))


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
    folder = tmp_path_factory.mktemp("small")
    shutil.copy(CODE, folder / "main.tf")
    with moto() as url:
        reach = Reach(
            scratch=tmp_path_factory.mktemp("scratch"),
            terraform=program,
            aws=dict(aws_environment(url, region=REGION)),
            terraform_env=terraform_env,
            path=os.environ["PATH"],
            home=str(tmp_path_factory.mktemp("home")),
            timeout=240.0,
        )
        target = TerraformTarget(name="small", path=folder, account=ACCOUNT, region=REGION)
        live = Live(target=target, reach=reach)
        live.terraform("init", "-input=false", "-no-color")
        live.terraform("apply", "-auto-approve", "-input=false", "-no-color")
        yield live
