"""Prefect's API as anybody who can reach it may use it, and the processes that serve it."""

import contextlib
import json
import os
import signal
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from played import ENDED, Played, wait_for

from tasks.queue import Waiting

BUSY = 503
"""SQLite's answer while somebody else writes; Prefect's own client tries again."""


@dataclass(frozen=True, kw_only=True)
class PrefectApi:
    """A Prefect that runs."""

    url: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the API answers, whatever it says."""

        def asked() -> httpx.Response:
            return httpx.request(method, f"{self.url}{path}", json=body, timeout=120)

        answer = wait_for(asked, lambda one: one.status_code != BUSY, f"an answer to {path}")
        return answer.json() if answer.content else None

    def runs(self, drift_id: str) -> list[dict[str, Any]]:
        """Return the branches of a drift, oldest first."""
        found = self.call("POST", "/flow_runs/filter", {"flow_runs": {"tags": {"all_": [tag(drift_id)]}}})
        return sorted(found, key=lambda run: str(run["created"]))

    def run(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/flow_runs/{run_id}")
        return found

    def state(self, run_id: str) -> str:
        return str(self.run(run_id)["state_name"])

    def until(self, run_id: str, *names: str, within: float = 120.0) -> str:
        """Return the state of a run once it is one of these; any other end is an error."""

        def over(run: Mapping[str, Any]) -> bool:
            return run["state_name"] in names or run["state_type"] in ENDED

        run = wait_for(lambda: self.run(run_id), over, f"{' or '.join(names)}", within=within)
        assert run["state_name"] in names, f"{run['state_name']}: {run['state']['message']}"
        return str(run["state_name"])

    def resume(self, run_id: str, run_input: Any = None) -> dict[str, Any]:
        """Resume a run as the UI does, with whatever input; return Prefect's own word."""
        body = {} if run_input is None else {"run_input": run_input}
        answer: dict[str, Any] = self.call("POST", f"/flow_runs/{run_id}/resume", body)
        return answer

    def set_state(self, run_id: str, state: str) -> None:
        """Set a run's state past all rules, as anybody with the API may."""
        self.call("POST", f"/flow_runs/{run_id}/set_state", {"state": {"type": state}, "force": False})

    def start(self, *, key: str | None = None, tags: Sequence[str] = (), **parameters: Any) -> str:
        """Start a branch by hand, with any parameters."""
        deployment = self.call("GET", "/deployments/name/branch/branch")
        body = {"parameters": parameters, "idempotency_key": key, "tags": list(tags)}
        return str(self.call("POST", f"/deployments/{deployment['id']}/create_flow_run", body)["id"])

    def write_input(self, run_id: str, key: str, value: Any) -> None:
        """Put an input that no schema has seen under a run's key."""
        self.call("POST", f"/flow_runs/{run_id}/input", {"key": key, "value": json.dumps(value)})


@dataclass(frozen=True, kw_only=True)
class Served:
    """The estate, and the Prefect that serves it."""

    estate: Played
    prefect: PrefectApi
    home: Path

    def question(self, drift_id: str, *, round_: int = 1, within: float = 120.0) -> Waiting:
        """Return the open question about a drift once its run is suspended on that round."""

        key = f"approval-{round_}"

        def suspended(runs: Sequence[Mapping[str, Any]]) -> bool:
            if not runs:
                return False
            state = runs[-1]["state"]
            assert state["type"] not in ENDED, f"{state['name']}: {state['message']}"
            return state["name"] == "Suspended" and str(state["state_details"]["pause_key"]).startswith(key)

        run = wait_for(lambda: self.prefect.runs(drift_id), suspended, "a question", within=within)[-1]
        found = self.estate.queue()[drift_id]
        assert (found.question.run_id, found.question.round) == (run["id"], round_)
        return found


def tag(drift_id: str) -> str:
    return f"drift:{drift_id[:12]}"


def processes(**variables: str) -> dict[int, str]:
    """Return the command lines, by process id, of all processes with these variables in their environment."""
    wanted = {f"{name}={value}".encode() for name, value in variables.items()}
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdecimal() and wanted <= environ(int(place.name)):
            found[int(place.name)] = command(int(place.name))
    return found


def environ(pid: int) -> Collection[bytes]:
    try:
        return set((Path("/proc") / str(pid) / "environ").read_bytes().split(b"\0"))
    except OSError:
        return set()


def command(pid: int) -> str:
    try:
        return (
            (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        return ""


def kill(pids: Collection[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
