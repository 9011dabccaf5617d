"""A workspace applied to a simulated cloud."""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3

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
