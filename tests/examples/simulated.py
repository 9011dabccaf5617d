"""Asking the simulated clouds as anyone would: the real SDK, the real Terraform."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from examples.clouds import Clouds


def client(service: str, running: Clouds, *, region: str = "eu-west-1", attempts: int = 1) -> Any:
    url = running.config_url if service == "config" else running.moto_url
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": attempts}),
    )


@dataclass(frozen=True, kw_only=True)
class Workspace:
    folder: Path
    environment: dict[str, str]

    def terraform(self, *arguments: str, expected: Sequence[int] = (0,)) -> str:
        run = subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert run.returncode in expected, (
            f"terraform {arguments[0]} ended with {run.returncode}: {run.stderr}"
        )
        return run.stdout
