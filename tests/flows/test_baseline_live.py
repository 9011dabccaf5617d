"""A person-approved baseline against real Terraform and a simulated cloud, through the command line."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from yard import Done, Yard, enrol, make_yard

from examples.clouds import aws_environment
from examples.clouds.moto import ACCOUNT, moto
from examples.terraform import cli_config, mirror
from tasks.baselines import Held
from tasks.memory import remember

pytestmark = pytest.mark.terraform

REGION = "eu-west-1"
NAME = "roles"
DOOR = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
ACCEPT = ("baseline", "accept", NAME, "--reason", "Looked at with the platform team.")
CODE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2
}

resource "aws_iam_role" "clerk" {
  name        = "clerk"
  description = "keeps the books"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
"""


@dataclass(frozen=True, kw_only=True)
class Site:
    """An estate of one workspace that is applied, and a person who may accept."""

    yard: Yard
    program: str
    environment: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return self.yard.folder / NAME

    @property
    def held(self) -> Held:
        from flows import policy  # noqa: PLC0415

        settings = self.yard.settings
        memory = remember(settings.root, trust=settings.trust, acceptors=policy.acceptors(settings))
        return memory.held[NAME]

    def client(self, service: str) -> Any:
        session = boto3.Session(
            aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION
        )
        return session.client(service, endpoint_url=self.environment["AWS_ENDPOINT_URL"])

    def terraform(self, *arguments: str) -> None:
        done = subprocess.run(
            [self.program, *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout

    def apply(self, *arguments: str) -> None:
        self.terraform("apply", "-auto-approve", "-input=false", "-no-color", *arguments)

    def backdoor(self) -> None:
        self.client("iam").put_role_policy(RoleName="clerk", PolicyName="quick", PolicyDocument=DOOR)

    def run(self, *arguments: str) -> Done:
        return self.yard.run(*arguments, **self.environment)

    def told(self) -> set[tuple[str | None, str, str | None]]:
        done = self.run("detect", "-o", "json")
        assert done.code in {0, 2}, done.err
        return {
            (drift["address"], one["attribute"], one["class"])
            for drift in done.document["drift"]
            for one in drift["changes"]
        }


@pytest.fixture
def site(tmp_path: Path, terraform: str) -> Iterator[Site]:
    yard = make_yard(tmp_path / "acme")
    enrol(yard)
    target = {"name": NAME, "layer": "terraform", "path": NAME, "account": ACCOUNT, "region": REGION}
    # a sweep leaves a file per control, so few rules make a sweep that takes no seconds
    yard.write(targets=[target])
    with moto() as url:
        environment = {
            "PATH": str(Path(terraform).parent),
            "HOME": str(tmp_path),
            **aws_environment(url, region=REGION),
        }
        held = mirror()
        if held is not None:
            (tmp_path / "tf.rc").write_text(cli_config(held))
            environment["TF_CLI_CONFIG_FILE"] = str(tmp_path / "tf.rc")
        site = Site(yard=yard, program=terraform, environment=environment)
        site.folder.mkdir()
        (site.folder / "main.tf").write_text(CODE)
        site.terraform("init", "-input=false", "-no-color")
        site.apply()
        yield site


def test_a_backdoor_that_a_targeted_apply_absorbed_is_found_through_what_a_person_approved(
    site: Site,
) -> None:
    accepted = site.run(*ACCEPT, "-o", "json")
    assert (accepted.code, accepted.document["added"]) == (0, ["aws_iam_role.clerk"]), accepted.err
    site.backdoor()
    site.apply("-target=aws_iam_role.clerk")
    assert site.told() == {("aws_iam_role.clerk", "inline_policy.quick", "B")}
