"""Killed with SIGKILL at every point of a commit, and again in the recovery: all of a batch, or nothing."""

import signal
from pathlib import Path

import pytest
from kept_store import Kept
from test_evidence_store import files_of, pem, start

from evidence.query import ask, connect
from evidence.survey import survey
from evidence.verify import verify

BEFORE = ("staged",)
SEALED = ("sealed", "rename-0", "rename-1", "rename-2", "rename-3", "moved", "listed")
EVERYDAY = ("staged", "sealed", "rename-1", "listed")


def run(kept: Kept, key: Path, *orders: str) -> int:
    process = start(kept.root, key, *orders)
    process.communicate(timeout=60)
    return process.returncode


def detected(kept: Kept) -> int:
    with connect(kept.root) as records:
        return int(ask(records, "SELECT count(*) FROM records WHERE step = 'detected'").rows[0][0])


def check_killed_at(kept: Kept, key: Path, point: str) -> None:
    assert run(kept, key, "--die-at", point) == -signal.SIGKILL
    verify(kept.root, trust=kept.trust)
    kept.store.recover()
    verify(kept.root, trust=kept.trust)
    assert detected(kept) == (0 if point in BEFORE else 6)
    assert not survey(kept.root).pending
    assert run(kept, key) == 0
    verify(kept.root, trust=kept.trust)
    assert detected(kept) == (6 if point in BEFORE else 12)
    assert {name for name in files_of(kept.root) if name.startswith("_staging")} == {
        "_staging/one/commit.lock",
        "_staging/two/commit.lock",
    }


@pytest.mark.parametrize("point", EVERYDAY)
def test_who_is_killed_leaves_all_or_nothing(kept: Kept, tmp_path: Path, point: str) -> None:
    check_killed_at(kept, pem(kept.key, tmp_path / "key"), point)


@pytest.mark.prove
@pytest.mark.parametrize("point", [point for point in BEFORE + SEALED if point not in EVERYDAY])
def test_who_is_killed_at_any_other_point_leaves_all_or_nothing(
    kept: Kept, tmp_path: Path, point: str
) -> None:
    check_killed_at(kept, pem(kept.key, tmp_path / "key"), point)


@pytest.mark.prove
@pytest.mark.parametrize("first", SEALED[:-2])
@pytest.mark.parametrize("second", ["rename-0", "rename-2", "moved", "listed"])
def test_who_is_killed_again_while_recovering_leaves_all(
    kept: Kept, tmp_path: Path, first: str, second: str
) -> None:
    key = pem(kept.key, tmp_path / "key")
    assert run(kept, key, "--die-at", first) == -signal.SIGKILL
    assert run(kept, key, "--die-at", second) == -signal.SIGKILL
    verify(kept.root, trust=kept.trust)
    kept.store.recover()
    verify(kept.root, trust=kept.trust)
    assert detected(kept) == 6
    assert not survey(kept.root).pending
