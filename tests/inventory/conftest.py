"""A simulated account with resources that nobody declared, and what asks it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from strays import REGION, Account, make

from examples.clouds import aws_environment
from examples.clouds.moto import moto
from tasks.reach import Reach
from tasks.redaction import Redactor


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    return Redactor(bytes(range(32)))


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account where somebody has clicked; nothing in it is changed by a test."""
    with moto() as url:
        reach = Reach(
            scratch=tmp_path_factory.mktemp("scratch"), aws=dict(aws_environment(url, region=REGION))
        )
        account = Account(reach=reach)
        make(account)
        yield account


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
