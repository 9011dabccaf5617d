"""Prefect server, work pools, the deployments of prefect.yaml, and one worker per pool; all or nothing.

`prefect.yaml` stays the only truth of what is deployed. Everything binds to loopback, and ends with the
process that started it (`flows.keeper`).
"""

import fcntl
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from prefect.workers.process import ProcessWorker

from flows.pools import POOLS
from flows.settings import without_approval_key
from tasks.errors import ToolError

ROOT = Path(__file__).parents[1]
"""Where prefect.yaml lies."""

READY_WITHIN = 90.0
"""Seconds that the server may take to answer; the first start makes its database."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A Prefect that runs.

    Args:
        ui_url: what people open.
        api_url: what ``PREFECT_API_URL`` must be.
        environment: the variables under which a process talks to it.
    """

    ui_url: str
    api_url: str
    environment: Mapping[str, str]


@contextmanager
def running(
    *,
    home: Path,
    environment: Mapping[str, str],
    port: int | None = None,
    limit: int = 2,
    schedules: bool = True,
    told: Callable[[str], None] = lambda _line: None,
) -> Iterator[Running]:
    """Run Prefect with everything that Holdfast needs until the block ends.

    Args:
        home: Prefect's own folder: database, logs.
        environment: the variables that the workers get; approval keys are taken out.
        port: of the server; a free one if None.
        limit: flow runs at once, for each work pool.
        schedules: False leaves the deployments' schedules asleep.
        told: called with a line for each thing that is up.

    Raises:
        ToolError: something did not start; nothing is left running.
    """
    if not (ROOT / "prefect.yaml").is_file():
        raise ToolError(f"{ROOT}: expected prefect.yaml there; run Holdfast from a checkout to serve flows")
    home.mkdir(parents=True, exist_ok=True)
    _expect_free(port)
    url = f"http://127.0.0.1:{port or free_port()}"
    env = _environment(environment, home, url)
    prefect = [sys.executable, "-m", "prefect"]
    with ExitStack() as stack:
        stack.enter_context(_alone(home))
        where = url.rsplit(":", 1)[-1]
        server = [*prefect, "server", "start", "--host", "127.0.0.1", "--port", where, "--analytics-off"]
        started = stack.enter_context(_kept(server, env, home / "server.log"))
        _await_server(url, started, home / "server.log")
        told(f"Prefect server and UI: {url}")
        _make_pools(url, limit)
        _crash_left_over(url)
        for pool in POOLS:
            worker = [*prefect, "worker", "start", "--pool", pool, "--type", "process", "--name", pool]
            stack.enter_context(_kept(worker, env, home / f"{pool}.log"))
        _deploy(prefect, env, url, schedules=schedules)
        told(f"deployments of prefect.yaml, a worker for each of {', '.join(POOLS)}")
        yield Running(ui_url=url, api_url=f"{url}/api", environment=env)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _expect_free(port: int | None) -> None:
    """Return only where nobody listens on the port: whoever does is not ours to deploy to."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port or 0))
        except OSError:
            raise ToolError(f"port {port} of 127.0.0.1 is taken; choose another with --port") from None


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold Prefect's folder while the block runs: two servers on one database end each other's runs."""
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ToolError(
                f"{home}: another `holdfast up` serves from here; stop it, or set HOLDFAST_HOME"
            ) from None
        yield


def _environment(given: Mapping[str, str], home: Path, url: str) -> dict[str, str]:
    kept = {k: v for k, v in without_approval_key(given).items() if not k.startswith("PREFECT_")}
    return {
        **kept,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "5",
        # a burst of branches waits for its turn; marking each as late only adds writes to SQLite
        "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "300",
        "PREFECT_CLI_COLORS": "false",
        "HOLDFAST_ROOT": str(ROOT),
        "HOLDFAST_PYTHON": sys.executable,
    }


@contextmanager
def _kept(command: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.keeper", *command],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=dict(env),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait()


def _await_server(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{url}/api/health", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise ToolError(f"Prefect's server did not answer at {url} within {READY_WITHIN:.0f} s; see {log}")


def _ask(method: str, place: str, body: Mapping[str, object]) -> httpx.Response:
    """Return the server's answer to a request that may be made twice; SQLite lets it wait now and then.

    Raises:
        ToolError: none came in time.
    """
    deadline = time.monotonic() + READY_WITHIN
    said = "busy"
    while time.monotonic() < deadline:
        try:
            answer = httpx.request(method, place, json=dict(body), timeout=30)
        except httpx.TransportError as error:
            said = str(error)
        else:
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
        time.sleep(0.2)
    raise ToolError(f"Prefect's server did not answer {place} within {READY_WITHIN:.0f} s: {said}")


def _make_pools(url: str, limit: int) -> None:
    # The pool holds the limit, not the worker: a worker with one of its own dies of a run that is resumed
    # while the process that suspended it still ends (Prefect 3.8: "already holding a token").
    template = ProcessWorker.get_default_base_job_template()
    for pool in POOLS:
        body = {"name": pool, "type": "process", "base_job_template": template, "concurrency_limit": limit}
        answer = _ask("POST", f"{url}/api/work_pools/", body)
        if answer.status_code == httpx.codes.CONFLICT:
            place = f"{url}/api/work_pools/{pool}"
            answer = _ask("PATCH", place, {"concurrency_limit": limit})
        if not answer.is_success:
            raise ToolError(
                f"work pool {pool}: the server answered {answer.status_code}: {answer.text[:200]}"
            )


def _crash_left_over(url: str) -> None:
    """Say of every run that the last Prefect was killed in that it is over.

    No worker has started yet, so nothing can be running; a run that stays so is never opened again, and holds
    its deployment's place for ever.
    """
    body = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}}}
    state = {"type": "CRASHED", "message": "the process that ran it was killed together with its worker"}
    while left := _ask("POST", f"{url}/api/flow_runs/filter", body).raise_for_status().json():
        for run in left:
            place = f"{url}/api/flow_runs/{run['id']}/set_state"
            _ask("POST", place, {"state": state, "force": True}).raise_for_status()


def _deploy(prefect: Sequence[str], env: Mapping[str, str], url: str, *, schedules: bool) -> None:
    deployed = subprocess.run(
        [*prefect, "--no-prompt", "deploy", "--all"],
        cwd=ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if deployed.returncode:
        last = (deployed.stdout + deployed.stderr).strip().splitlines()[-3:]
        raise ToolError(f"prefect deploy --all ended with {deployed.returncode}: {' '.join(last)}")
    if not schedules:
        for deployment in _ask("POST", f"{url}/api/deployments/filter", {}).raise_for_status().json():
            place = f"{url}/api/deployments/{deployment['id']}/pause_deployment"
            _ask("POST", place, {}).raise_for_status()
