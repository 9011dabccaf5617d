"""Simulated clouds on loopback: AWS (moto), AWS Config, and Azure Policy.

Each runs as a program of its own on a free port of 127.0.0.1, so that several may run at once, and none
outlives the process that started it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from examples.clouds.aws_config import aws_config
from examples.clouds.azure import azure
from examples.clouds.azure_states import SUBSCRIPTION
from examples.clouds.loopback import simulate
from examples.clouds.moto import ACCOUNT, moto

__all__ = ["ACCOUNT", "REGION", "SUBSCRIPTION", "Clouds", "aws_environment", "clouds", "simulate"]

REGION = "eu-west-1"
"""Where `examples/acme` lives."""


@dataclass(frozen=True, kw_only=True)
class Clouds:
    """Where the simulated clouds answer.

    Args:
        moto_url: AWS, all services but Config.
        config_url: AWS Config.
        azure_url: Azure Resource Manager.
        environment: the variables under which Terraform, boto3 and Holdfast reach all three.
    """

    moto_url: str
    config_url: str
    azure_url: str
    environment: Mapping[str, str]


@contextmanager
def clouds(*, region: str = REGION, timeout: float = 60.0) -> Iterator[Clouds]:
    """Run all simulated clouds until the block ends.

    AWS starts empty; Azure starts with every state compliant that can be.

    Raises:
        CloudError: one did not start within `timeout` seconds.
    """
    with (
        moto(timeout=timeout) as moto_url,
        aws_config(moto_url, timeout=timeout) as config_url,
        azure(timeout=timeout) as azure_url,
    ):
        yield Clouds(
            moto_url=moto_url,
            config_url=config_url,
            azure_url=azure_url,
            environment={
                **aws_environment(moto_url, region=region),
                "AWS_ENDPOINT_URL_CONFIG_SERVICE": config_url,
                "HOLDFAST_AZURE_BASE_URL": azure_url,
                "HOLDFAST_AZURE_CREDENTIAL": "none",
            },
        )


def aws_environment(moto_url: str, *, region: str = REGION) -> Mapping[str, str]:
    """The ``AWS_*`` variables under which Terraform and boto3 reach the AWS at `moto_url`."""
    return {
        "AWS_ENDPOINT_URL": moto_url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
