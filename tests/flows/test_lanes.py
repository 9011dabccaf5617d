"""How many looks run at once."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows.lanes import CORES, LOOKS_AT_ONCE, OTHERS, as_they_end
from taxonomy.target import AnyTarget, AwsConfigTarget, TerraformTarget

WORKSPACES = [TerraformTarget(name=f"workspace-{n}", path=Path("infra")) for n in range(3 * CORES)]
ACCOUNTS = [AwsConfigTarget(name=f"account-{n}", account="1", region="eu-west-1") for n in range(3)]


@dataclass
class Crowd:
    """Counts who is looking at the same time, per layer."""

    now: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, target: AnyTarget, until: threading.Event) -> str:
        self._count(target.layer, 1)
        until.wait(0.05 if target.layer == "terraform" else 5)
        self._count(target.layer, -1)
        return target.name

    def _count(self, layer: str, by: int) -> None:
        with self.lock:
            self.now[layer] = self.now.get(layer, 0) + by
            self.most[layer] = max(self.most.get(layer, 0), self.now[layer])


def test_workspaces_are_looked_at_no_more_at_once_than_there_are_cores() -> None:
    crowd, never = Crowd(), threading.Event()
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        looks = list(as_they_end(WORKSPACES, lambda target: pool.submit(crowd.look, target, never)))
    assert crowd.most == {"terraform": CORES}
    assert sorted(future.result() for _, future in looks) == sorted(one.name for one in WORKSPACES)
    assert all(future.result() == target.name for target, future in looks)


def test_other_layers_do_not_wait_for_workspaces() -> None:
    crowd, at_once, started = Crowd(), threading.Event(), list[AnyTarget]()
    at_once.set()
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:

        def start(target: AnyTarget) -> "Future[str]":
            started.append(target)
            return pool.submit(crowd.look, target, at_once)

        assert len(list(as_they_end([*WORKSPACES, *ACCOUNTS], start))) == len(WORKSPACES) + len(ACCOUNTS)
    assert len(ACCOUNTS) <= OTHERS
    assert started[: CORES + len(ACCOUNTS)] == [*WORKSPACES[:CORES], *ACCOUNTS]


@pytest.mark.parametrize("count", [0, 1])
def test_a_sweep_of_few_targets_ends(count: int) -> None:
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        assert len(list(as_they_end(WORKSPACES[:count], lambda target: pool.submit(str, target)))) == count


def test_a_look_that_fails_makes_room_for_the_next() -> None:
    def fail(target: AnyTarget) -> str:
        raise ValueError(target.name)

    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        ended = list(as_they_end(WORKSPACES, lambda target: pool.submit(fail, target)))
    assert len(ended) == len(WORKSPACES)
    assert {type(future.exception()) for _, future in ended} == {ValueError}
