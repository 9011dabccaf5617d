"""What serves the flows: schedules that yield runs, workers without keys, and nothing left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from played import SECRETS, wait_for
from prefect_api import Served, environ, kill, processes

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.prefect

# a program in a session of its own is what Prefect makes of every flow run
NESTED = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session={apart})
time.sleep(600)
"""


def scheduled(served: Served, name: str) -> list[str]:
    body = {
        "deployments": {"name": {"any_": [name]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    return sorted(
        run["expected_start_time"] for run in served.prefect.call("POST", "/flow_runs/filter", body)
    )


def test_the_schedules_of_prefect_yaml_yield_runs(served: Served) -> None:
    deployments = {one["name"]: one for one in served.prefect.call("POST", "/deployments/filter", {})}
    assert set(deployments) == {"sweep", "branch", "audit"}
    for name in ("sweep", "audit"):
        served.prefect.call("POST", f"/deployments/{deployments[name]['id']}/resume_deployment")
    try:
        sweeps = wait_for(lambda: scheduled(served, "sweep"), lambda runs: len(runs) > 3, "scheduled sweeps")
        audits = wait_for(lambda: scheduled(served, "audit"), lambda runs: len(runs) > 1, "scheduled audits")
    finally:
        for name in ("sweep", "audit"):
            served.prefect.call("POST", f"/deployments/{deployments[name]['id']}/pause_deployment")
    assert any("T02:15:00" in when for when in sweeps), "cron"
    assert len([when for when in sweeps if "T02:15:00" not in when]) > 1, "interval"
    assert all("T05:45:00" in when for when in audits)


def test_no_process_of_a_worker_holds_an_approval_key(served: Served) -> None:
    ours = processes(PREFECT_HOME=str(served.home))
    assert [line for line in ours.values() if "worker start" in line]
    for pid in ours:
        names = {variable.split(b"=")[0].decode() for variable in environ(pid)}
        assert not names & SECRETS.keys()


@pytest.mark.parametrize("apart", [False, True], ids=["in its group", "in a session of its own"])
def test_a_keeper_leaves_no_process_when_its_caller_is_killed(tmp_path: Path, apart: bool) -> None:  # noqa: FBT001
    mark = {"HOLDFAST_LAW": str(tmp_path)}
    keep = [sys.executable, "-m", "flows.keeper", sys.executable, "-c", NESTED.format(apart=apart)]
    caller = (
        "import subprocess, time\n"
        f"subprocess.Popen({keep!r}, stdin=subprocess.PIPE, start_new_session=True)\n"
        "time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", caller], cwd=ROOT, env={**os.environ, **mark})
    try:
        wait_for(
            lambda: processes(**mark), lambda found: len(found) == 4, "caller, keeper, program and its own"
        )
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_for(lambda: processes(**mark), lambda found: not found, "the end of all of them", within=30)
    finally:
        kill(processes(**mark))
