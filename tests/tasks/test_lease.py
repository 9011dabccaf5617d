"""One remedy at a time per target; who dies holding a lease blocks its target no longer than it lasts."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from made import NOW

from tasks.errors import ToolError
from tasks.lease import LASTS, lease


def take(folder: Path, holder: str, *, target: str = "network", now: datetime = NOW) -> None:
    with lease(folder, target=target, holder=holder, clock=lambda: now):
        pass


def test_what_is_held_is_refused_and_says_who_holds_it(tmp_path: Path) -> None:
    with (
        lease(tmp_path, target="network", holder="run-1", clock=lambda: NOW),
        pytest.raises(ToolError, match="run-1 is changing it"),
    ):
        take(tmp_path, "run-2")


def test_it_is_free_again_afterwards_also_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lease(tmp_path, target="network", holder="a", clock=lambda: NOW):
        raise RuntimeError
    take(tmp_path, "b")
    take(tmp_path, "c")


def test_targets_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with lease(tmp_path, target="network", holder="a", clock=lambda: NOW):
        take(tmp_path, "b", target="network.eu")


def crashed(folder: Path) -> None:
    """Leave a lease behind, as a killed process does."""
    held = lease(folder, target="network", holder="dead", clock=lambda: NOW)
    held.__enter__()
    word = (folder / "network.json").read_text()
    held.__exit__(None, None, None)
    (folder / "network.json").write_text(word)


def test_a_crashed_holder_blocks_until_the_lease_has_expired_and_no_longer(tmp_path: Path) -> None:
    crashed(tmp_path)
    with pytest.raises(ToolError, match="dead"):
        take(tmp_path, "b", now=NOW + LASTS)
    take(tmp_path, "b", now=NOW + LASTS + timedelta(seconds=1))


def test_who_was_late_does_not_end_the_lease_of_who_came_after(tmp_path: Path) -> None:
    late = lease(tmp_path, target="network", holder="late", clock=lambda: NOW)
    late.__enter__()
    with lease(tmp_path, target="network", holder="next", clock=lambda: NOW + 2 * LASTS):
        late.__exit__(None, None, None)
        with pytest.raises(ToolError, match="next"):
            take(tmp_path, "third", now=NOW + 2 * LASTS)


@pytest.mark.parametrize(
    "word", ["", "{", "[]", "{}", '{"holder": "x"}', '{"until": "soon"}', '{"until": "2020-01-01T00:00:00"}']
)
def test_a_lease_that_can_not_be_read_counts_as_held(tmp_path: Path, word: str) -> None:
    (tmp_path / "network.json").write_text(word)
    with pytest.raises(ToolError, match="is changing it"):
        take(tmp_path, "b")


def test_of_many_who_see_an_expired_lease_one_has_it(tmp_path: Path) -> None:
    crashed(tmp_path)
    start, taken, refused = threading.Barrier(8), [], []
    inside = threading.Barrier(8)

    def attempt(name: str) -> None:
        start.wait()
        try:
            with lease(tmp_path, target="network", holder=name, clock=lambda: NOW + 2 * LASTS):
                taken.append(name)
                inside.wait()
        except ToolError:
            refused.append(name)
            inside.wait()

    threads = [threading.Thread(target=attempt, args=(f"run-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (1, 7)


def test_who_is_patient_has_it_as_soon_as_it_is_free(tmp_path: Path) -> None:
    had: list[str] = []
    holding = threading.Event()

    def first() -> None:
        with lease(tmp_path, target="network", holder="run-1", clock=lambda: datetime.now(UTC)):
            holding.set()
            time.sleep(0.3)
            had.append("run-1")

    other = threading.Thread(target=first)
    other.start()
    holding.wait()
    with lease(tmp_path, target="network", holder="run-2", clock=lambda: datetime.now(UTC), patience=20):
        had.append("run-2")
    other.join()
    assert had == ["run-1", "run-2"]


def test_patience_ends(tmp_path: Path) -> None:
    instants = (NOW + timedelta(seconds=10 * n) for n in range(100))
    with (
        lease(tmp_path, target="network", holder="run-1", clock=lambda: NOW),
        pytest.raises(ToolError, match="run-1 is changing it"),
        lease(tmp_path, target="network", holder="run-2", clock=lambda: next(instants), patience=15),
    ):
        pass
