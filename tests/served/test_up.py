"""`holdfast up`, killed with SIGKILL while a branch runs, leaves no process, and its next start goes on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from host import Host
from played import Played, set_stage, wait_for
from prefect_api import PrefectApi, Served, kill, processes
from test_kill import lock

from flows.up import free_port

pytestmark = [pytest.mark.prefect, pytest.mark.prove]


@contextmanager
def up(estate: Played, port: int) -> Iterator[Served]:
    """Run the console script until the block ends, then kill it and nothing else."""
    process = estate.start("up", "--port", str(port))
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url == f"http://127.0.0.1:{port}"
        home = estate.folder / "home" / "prefect"
        yield Served(estate=estate, prefect=PrefectApi(url=f"{url}/api"), home=home)
    finally:
        process.kill()
        process.communicate()


def test_who_is_killed_leaves_no_process_and_no_run_that_runs_for_ever(tmp_path: Path) -> None:
    estate = set_stage(tmp_path / "estate", os.environ, ["host-01"])
    home = estate.folder / "home" / "prefect"
    port = free_port()
    try:
        with up(estate, port) as served:
            host = Host(served=served, name="host-01")
            host.fails("door-01")
            ((drift, _),) = estate.look("host-01").drifts
            with lock(served):
                key = f"{drift.drift_id}:1:1"
                dead = served.prefect.start(key=key, drift_id=drift.drift_id, episode=1, attempt=1)
                wait_for(lambda: processes(PREFECT__FLOW_RUN_ID=dead), bool, "the run's process")
                served.prefect.until(dead, "Running")
        wait_for(lambda: processes(PREFECT_HOME=str(home)), lambda left: not left, "the end of all processes")
        estate.verify()

        with up(estate, port) as served:
            assert served.prefect.state(dead) == "Crashed"
            host = Host(served=served, name="host-01")
            (found,) = host.sweep()["drift"]
            question = served.question(found["drift_id"])
            assert question.question.run_id != dead
            host.fails()
            host.answer(question)
            served.prefect.until(question.question.run_id, "Restored")
        estate.verify()
    finally:
        kill(processes(PREFECT_HOME=str(home)))
