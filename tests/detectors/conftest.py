"""What the laws of all detectors need: a redactor, a reach, and the simulated clouds, started once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.clouds import Clouds, clouds
from tasks.reach import Reach
from tasks.redaction import Redactor


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    return Redactor(bytes(range(32)))


@pytest.fixture(scope="session")
def cloud() -> Iterator[Clouds]:
    with clouds() as running:
        yield running


@pytest.fixture
def reach(cloud: Clouds, tmp_path: Path) -> Reach:
    return Reach(
        scratch=tmp_path,
        aws={name: value for name, value in cloud.environment.items() if name.startswith("AWS_")},
        azure_base_url=cloud.azure_url,
        azure_credential="none",
        home=str(tmp_path),
        timeout=30,
    )
