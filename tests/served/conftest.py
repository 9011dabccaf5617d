"""One Prefect server with its workers for all laws; each law takes a host of its own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from host import Host
from played import SECRETS, set_stage
from prefect_api import PrefectApi, Served
from shop import Shop, apply

from examples.clouds import ACCOUNT, REGION, SUBSCRIPTION, aws_environment
from examples.clouds.azure import azure
from examples.clouds.moto import moto
from examples.terraform import cli_config, mirror
from flows.settings import UP_NOTE
from flows.up import running

CODE = Path(__file__).with_name("shop.tf")
HOSTS = tuple(f"host-{number:02}" for number in range(1, 41))
CLOUD = {"name": "cloud", "layer": "azure_policy", "subscription": SUBSCRIPTION}
SHOP = {"name": "shop", "layer": "terraform", "path": "shop", "account": ACCOUNT, "region": REGION}


def simulated(stack: ExitStack, folder: Path) -> Mapping[str, str]:
    """Start the clouds; return the variables under which programs reach them."""
    rc = folder / "terraform.rc"
    place = mirror()
    rc.write_text(cli_config(place) if place else "", "utf-8")
    return {
        **aws_environment(stack.enter_context(moto())),
        "HOLDFAST_AZURE_BASE_URL": stack.enter_context(azure()),
        "HOLDFAST_AZURE_CREDENTIAL": "none",
        "TF_CLI_CONFIG_FILE": str(rc),
        "CHECKPOINT_DISABLE": "1",
    }


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("served")
    with ExitStack() as stack:
        clouds = simulated(stack, base)
        estate = set_stage(base / "estate", os.environ, HOSTS, more=[CLOUD, SHOP], clouds=clouds)
        home = estate.folder / "home" / "prefect"
        given = {**estate.environment, **SECRETS}
        prefect = stack.enter_context(running(home=home, environment=given, schedules=False))
        (estate.folder / "home" / UP_NOTE).write_text(prefect.api_url, "utf-8")
        yield Served(estate=estate, prefect=PrefectApi(url=prefect.api_url), home=home)


@pytest.fixture(scope="session")
def names() -> Iterator[str]:
    return iter(HOSTS)


@pytest.fixture
def host(served: Served, names: Iterator[str]) -> Host:
    return Host(served=served, name=next(names))


@pytest.fixture
def other(served: Served, names: Iterator[str]) -> Host:
    return Host(served=served, name=next(names))


@pytest.fixture(scope="session")
def shop(served: Served, terraform: str) -> Shop:
    apply(served.estate.folder / "shop", CODE, served.estate.environment, program=terraform)
    return Shop(served=served)
