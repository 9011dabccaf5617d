"""A workspace applied to a simulated cloud."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from examples.clouds import aws_environment
from examples.clouds.moto import ACCOUNT, moto
from tasks.reach import Reach
from taxonomy.target import TerraformTarget

REGION = "eu-west-1"


CODE = Path(__file__).with_name("small.tf")


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


@contextmanager
def on_moto(
    name: str,
    code: Path,
    folders: pytest.TempPathFactory,
    program: str,
    terraform_env: Mapping[str, str],
) -> Iterator[Live]:
    """Apply one file of code to a simulated cloud of its own, for as long as the block runs."""
    folder = folders.mktemp(name)
    shutil.copy(code, folder / "main.tf")
    with moto() as url:
        reach = Reach(
            scratch=folders.mktemp("scratch"),
            terraform=program,
            aws=dict(aws_environment(url, region=REGION)),
            terraform_env=terraform_env,
            path=os.environ["PATH"],
            home=str(folders.mktemp("home")),
            timeout=240.0,
        )
        target = TerraformTarget(name=name, path=folder, account=ACCOUNT, region=REGION)
        live = Live(target=target, reach=reach)
        live.terraform("init", "-input=false", "-no-color")
        live.terraform("apply", "-auto-approve", "-input=false", "-no-color")
        yield live
