"""A small workspace that the real Terraform applied to a simulated cloud, and a hand that changes it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from prefect_api import Served

from examples.clouds import REGION
from flows.resume import resume
from tasks.queue import Waiting

LOGS = "/shop/ledger"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The workspace `shop` of the estate."""

    served: Served

    def client(self, service: str) -> Any:
        environment = self.served.estate.environment
        session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        return session.client(service, endpoint_url=environment["AWS_ENDPOINT_URL"])

    def retain(self, days: int) -> None:
        self.client("logs").put_retention_policy(logGroupName=LOGS, retentionInDays=days)

    def retention(self) -> int:
        (group,) = self.client("logs").describe_log_groups(logGroupNamePrefix=LOGS)["logGroups"]
        return int(group["retentionInDays"])

    def retag(self, topic: str, owner: str) -> None:
        tags = [{"Key": "Owner", "Value": owner}]
        self.client("sns").tag_resource(ResourceArn=self._arn(topic), Tags=tags)

    def owner(self, topic: str) -> str:
        tags = self.client("sns").list_tags_for_resource(ResourceArn=self._arn(topic))["Tags"]
        return str(next(tag["Value"] for tag in tags if tag["Key"] == "Owner"))

    def approve(self, question: Waiting) -> None:
        envelope = self.served.estate.envelope(question)
        resume(self.served.prefect.url, question.question.run_id, [envelope])

    def _arn(self, topic: str) -> str:
        return f"arn:aws:sns:{REGION}:123456789012:shop-{topic}"


def apply(folder: Path, code: Path, environment: Mapping[str, str], *, program: str) -> None:
    """Make the workspace in `folder` and apply it."""
    folder.mkdir(parents=True)
    (folder / "main.tf").write_bytes(code.read_bytes())
    for order in (("init",), ("apply", "-auto-approve")):
        done = subprocess.run(
            [program, *order, "-input=false", "-no-color"],
            cwd=folder,
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
