"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real samples; an outside contributor's clone has none and does not fail for it."""
    folder = Path(os.environ.get("HOLDFAST_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no real samples at {folder}: set HOLDFAST_SHARED to a folder that holds data/")
    return folder
