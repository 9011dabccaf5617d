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

pytestmark = pytest.mark.terraform

REGION = "eu-west-1"
NAME = "roles"
DOOR = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
ACCEPT = ("baseline", "accept", NAME, "--reason", "Looked at with the platform team.", "--yes")
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
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }
    ]
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


def test_a_backdoor_that_a_targeted_apply_absorbed_is_found_by_what_a_person_approved(
    site: Site,
) -> None:
    accepted = site.run(*ACCEPT, "-o", "json")
    assert (accepted.code, accepted.document["added"]) == (0, ["aws_iam_role.clerk"]), accepted.err
    site.backdoor()
    site.apply("-target=aws_iam_role.clerk")
    assert site.told() == {("aws_iam_role.clerk", "inline_policy.quick", "B")}


@pytest.mark.prove
def test_a_moved_block_launders_nothing_and_applied_code_stays_quiet(site: Site) -> None:
    assert site.run(*ACCEPT).code == 0
    main = site.folder / "main.tf"
    code = CODE.replace('"aws_iam_role" "clerk"', '"aws_iam_role" "scribe"').replace(
        "the books", "the ledger"
    )
    main.write_text(code + "moved {\n  from = aws_iam_role.clerk\n  to   = aws_iam_role.scribe\n}\n")
    site.apply()
    assert site.told() == set()
    site.backdoor()
    site.apply("-refresh-only")
    assert site.told() == {("aws_iam_role.scribe", "inline_policy.quick", "B")}
    shown = site.run("baseline", "show", NAME, "-o", "json").document
    assert (shown["approver"], shown["additions"], list(shown["state"])) == (
        "ada",
        [],
        ["aws_iam_role.clerk"],
    )
    accepted = site.run(*ACCEPT, "-o", "json").document
    assert accepted["moved"] == [{"from": "aws_iam_role.clerk", "to": "aws_iam_role.scribe"}]
    assert {one["attribute"] for one in accepted["changes"]} == {"description", "inline_policy"}


@pytest.mark.prove
def test_what_came_later_is_held_from_its_first_clean_look_and_approved_by_no_person(site: Site) -> None:
    assert site.run(*ACCEPT).code == 0
    later = CODE.partition('resource "aws_iam_role"')[2].replace('"clerk"', '"page"')
    (site.folder / "main.tf").write_text(CODE + 'resource "aws_iam_role"' + later)
    site.apply()
    assert site.told() == set()
    shown = site.run("baseline", "show", NAME, "-o", "json").document
    assert {address: one["approved_by"] for address, one in shown["state"].items()} == {
        "aws_iam_role.clerk": "ada",
        "aws_iam_role.page": "no person",
    }
    site.client("iam").put_role_policy(RoleName="page", PolicyName="quick", PolicyDocument=DOOR)
    site.apply("-refresh-only")
    assert site.told() == {("aws_iam_role.page", "inline_policy.quick", "B")}


@pytest.mark.prove
def test_what_an_apply_would_undo_is_accepted_only_once_it_is_put_right(site: Site) -> None:
    site.client("iam").update_role(RoleName="clerk", Description="changed by hand")
    refused = site.run(*ACCEPT)
    assert (refused.code, refused.out) == (1, "")
    assert "the code says otherwise of aws_iam_role.clerk description" in refused.err
    site.apply()
    assert site.run(*ACCEPT).code == 0
    site.client("iam").update_role(RoleName="clerk", Description="changed by hand")
    site.apply("-refresh-only")
    assert site.told() == {("aws_iam_role.clerk", "description", "A")}
    assert site.run(*ACCEPT).code == 1
    site.apply()
    assert site.told() == set()
