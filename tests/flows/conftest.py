"""One estate per test."""

from pathlib import Path

import pytest
from yard import Yard, make_yard


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return make_yard(tmp_path / "acme")
