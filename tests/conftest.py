"""Fixtures that every test may use, and what CI asks of a run."""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# How long one example takes says more of the machine than of the code.
hypothesis.settings.register_profile("holdfast", deadline=None)
hypothesis.settings.load_profile("holdfast")

ROOT = Path(__file__).parents[1]
NO_SKIP = os.environ.get("HOLDFAST_NO_SKIP") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove-sample", type=int, help="run so many of the selected tests, drawn by the seed")
    parser.addoption("--prove-seed", default=os.environ.get("HOLDFAST_SEED", "holdfast"), help="the seed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # what needs Prefect takes longest, so it goes first
    items.sort(key=lambda item: item.get_closest_marker("prefect") is None)
    wanted = config.getoption("--prove-sample")
    proving = [item for item in items if item.get_closest_marker("prove")]
    if wanted is None or len(proving) <= wanted:
        return
    kept = set(random.Random(config.getoption("--prove-seed")).sample(proving, wanted))  # noqa: S311 - a draw, not a secret
    dropped = [item for item in proving if item not in kept]
    config.hook.pytest_deselected(items=dropped)
    items[:] = [item for item in items if item not in dropped]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip into a failure where CI says that every part is there."""
    report = yield
    absent = item.get_closest_marker("terraform") and shutil.which("terraform") is None
    if NO_SKIP and report.skipped and not absent and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real samples; an outside contributor's clone has none and does not fail for it."""
    folder = Path(os.environ.get("HOLDFAST_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no real samples at {folder}: set HOLDFAST_SHARED to a folder that holds data/")
    return folder


@pytest.fixture(scope="session")
def terraform() -> str:
    """The real terraform; a machine without it skips what needs it."""
    found = shutil.which("terraform")
    if found is None:
        pytest.skip("no terraform on PATH")
    return found
