"""The whole story of Holdfast on an embedded estate: look, drift, put right, approve, prove.

Every step is a command that a user could type; the story only types them, waits, and keeps the time.
"""

import json
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from examples import haste
from examples.clouds import clouds, simulate
from examples.stage import Stage, set_stage
from flows.settings import UP_NOTE, own_environment
from flows.up import Running, running
from tasks.errors import ToolError

BRANCHES_WITHIN = 300.0
"""Seconds that the branches of one sweep may take before the story gives up on them."""

ENDED = frozenset(
    {
        "Restored",
        "NotRestored",
        "Rejected",
        "Waived",
        "Unanswered",
        "Held",
        "Stale",
        "Refused",
        "Failed",
        "Crashed",
    }
)
"""Names of the states that a branch ends in."""

COOKBOOK = {
    "What was looked at, and what came of it?": """
        SELECT target, layer, outcome, count(DISTINCT record_id) AS looks
        FROM records WHERE step = 'swept' GROUP BY ALL ORDER BY ALL""",
    "Who decided what?": """
        SELECT DISTINCT actor, decision, resource_id, reason
        FROM records WHERE step = 'decided' ORDER BY resource_id""",
    "What was put right, and is it proven?": """
        SELECT resource_id, max(occurred_at) FILTER (step = 'remediated') AS put_right,
               max(outcome) FILTER (step = 'verified') AS proven
        FROM records WHERE step IN ('remediated', 'verified') GROUP BY ALL ORDER BY ALL""",
}


class Clock:
    """Prints each stage as it begins, and what each took at the end."""

    def __init__(self, console: Console) -> None:
        """Start counting."""
        self._console = console
        self._stages: list[tuple[str, float]] = []
        self._started = time.monotonic()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage of the story."""
        began = time.monotonic()
        self._console.rule(f"[bold]{len(self._stages) + 1}. {name}", align="left")
        yield
        self._stages.append((name, time.monotonic() - began))

    def table(self) -> Table:
        """Return what each stage took, and all of them."""
        table = Table(title="time per stage", header_style="bold", title_justify="left")
        table.add_column("stage")
        table.add_column("seconds", justify="right")
        for number, (name, seconds) in enumerate(self._stages, 1):
            table.add_row(f"{number}. {name}", f"{seconds:.1f}")
        table.add_row("all", f"{time.monotonic() - self._started:.1f}", style="bold")
        return table


def story(out: Console, err: Console, *, keep: bool) -> int:
    """Tell the story; return 0 where everything came as it should.

    Args:
        out: what is told.
        err: progress.
        keep: leave server and UI up until ^C.

    Raises:
        ToolError: a step did not come as it should; nothing is left running.
    """
    folder = Path("var") / f"demo-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    clock = Clock(out)
    with ExitStack() as stack:
        with clock.stage("Clouds on loopback, a Terraform workspace, Prefect"):
            stage, prefect = _set_up(stack, folder.absolute(), out, err)
        with clock.stage("A clean look seals the baseline"):
            _say(out, stage, "detect")
        with clock.stage("Somebody in a hurry changes the cloud by hand"):
            _be_hasty(stage, out)
        with clock.stage("One sweep of all layers; branches open"):
            _say(out, stage, "detect", "--remediate", check=(2,))
        with clock.stage("Low-risk drift is put right; the rest waits, suspended"):
            waiting = _await_branches(stage, prefect, out, err)
        with clock.stage("One is approved, one rejected"):
            _decide(stage, prefect, waiting, out, err)
        with clock.stage("The evidence: queried with plain DuckDB, verified"):
            _audit(stage, out)
        out.print(clock.table())
        _tell_where(stage, prefect, out, keep=keep)
        if keep:
            _until_interrupted()
    return 0


def _set_up(stack: ExitStack, folder: Path, out: Console, err: Console) -> tuple[Stage, Running]:
    simulated = stack.enter_context(clouds())
    live = shutil.which("terraform") is not None
    stage = set_stage(folder, simulated, own_environment(), live=live)
    if live:
        try:
            stage.terraform("init", "-no-color", "-input=false")
        except ToolError as error:
            out.print(f"terraform init: {str(error)[:200]}", markup=False)
            shutil.rmtree(folder)
            live = False
            stage = set_stage(folder, simulated, own_environment(), live=False)
    if not live:
        out.print(
            "Terraform or its AWS provider can't be had here: plans recorded by this project stand for it."
        )
        stage.show_plan("clean")
    stage.show_report("web-01-clean")
    with ThreadPoolExecutor(1) as pool:
        applied = pool.submit(stage.terraform, "apply", "-auto-approve", "-no-color") if live else None
        prefect = stack.enter_context(
            running(
                home=folder / "home" / "prefect",
                environment=stage.environment,
                schedules=False,
                told=err.print,
            )
        )
        if applied is not None:
            applied.result()
            out.print("examples/acme is applied to the simulated AWS: 25 resources")
    (folder / "home" / UP_NOTE).write_text(prefect.api_url, "utf-8")
    out.print(f"Prefect UI: {prefect.ui_url}")
    return stage, prefect


def _be_hasty(stage: Stage, out: Console) -> None:
    if stage.live:
        for line in haste.changes(stage.environment):
            out.print(f"  • {line}", markup=False)
    else:
        stage.show_plan("drifted")
        out.print("  • the recorded plan is now one made after ten changes by hand")
    simulate(
        stage.environment["HOLDFAST_AZURE_BASE_URL"], compliance={"storage-public-access": "NonCompliant"}
    )
    out.print("  • Azure storage account: public access allowed")
    stage.show_report("web-01")
    out.print("  • host web-01: three SSH controls of its profile fail")


def _await_branches(stage: Stage, prefect: Running, out: Console, err: Console) -> list[dict[str, Any]]:
    """Wait until every branch has ended or is suspended; return the questions that wait."""

    def settled() -> bool:
        states = _branch_states(prefect)
        return bool(states) and all(state in {"Suspended", *ENDED} for state in states.values())

    _await(settled, lambda: f"branches: {_counted(_branch_states(prefect))}", err)
    states = _branch_states(prefect)
    out.print(f"branches in Prefect: {_counted(states)}; a suspended run has no process and holds no slot")
    queue: list[dict[str, Any]] = json.loads(stage.holdfast("review", "list", "-o", "json"))
    _say(out, stage, "review", "list")
    return queue


def _decide(stage: Stage, prefect: Running, queue: list[dict[str, Any]], out: Console, err: Console) -> None:
    approved = next(
        one for one in queue if (_fixable(one) if stage.live else "inspec" in one["drift"]["layers"])
    )
    unmanaged = [one for one in queue if one["drift"]["kind"] == "unmanaged"]
    rejected = next(one for one in (*unmanaged, *queue) if one is not approved)
    if not stage.live:
        stage.show_report("web-01-clean")
        out.print("somebody mends the host by hand; the branch looks whether that is so")
    _say(out, stage, "review", "show", _id(approved))
    _say(out, stage, "review", "approve", _id(approved), "--reason", "Nobody asked for this; back to code.")
    _say(
        out, stage, "review", "reject", _id(rejected), "--reason", "Still in use; its owner will declare it."
    )
    _await_ends(prefect, {"Restored": approved, "Rejected": rejected}, out, err)
    left = json.loads(stage.holdfast("review", "list", "-o", "json"))
    out.print(f"{len(left)} questions still wait; they survive a restart of server and worker")


def _await_ends(prefect: Running, expected: dict[str, dict[str, Any]], out: Console, err: Console) -> None:
    """Wait until these branches have ended, each as expected."""
    seen: dict[str, str] = {}

    def ended() -> bool:
        seen.update(_branch_states(prefect))
        return all(seen.get(one["question"]["run_id"]) in ENDED for one in expected.values())

    _await(ended, lambda: "the resumed branches look again, act, and look once more", err)
    for state, one in expected.items():
        name, came = one["drift"]["resource_id"], seen[one["question"]["run_id"]]
        out.print(f"{name}: {came}", markup=False)
        if came != state:
            raise ToolError(f"the branch of {name} ended as {came}; expected {state}")


def _audit(stage: Stage, out: Console) -> None:
    import duckdb  # noqa: PLC0415 - to show that nothing of Holdfast is needed

    glob = f"{stage.evidence}/records/**/*.parquet"
    with duckdb.connect() as connection:
        view = "CREATE VIEW records AS SELECT * FROM read_parquet('{}', {})"
        connection.execute(view.format(glob, "hive_partitioning = true, hive_types_autocast = false"))
        for question, sql in COOKBOOK.items():
            out.print(question, style="bold")
            result = connection.execute(sql)
            table = Table(*[column[0] for column in result.description or ()], header_style="bold")
            for row in result.fetchall():
                table.add_row(*(str(value) for value in row))
            out.print(table)
    _say(out, stage, "evidence", "verify")


def _tell_where(stage: Stage, prefect: Running, out: Console, *, keep: bool) -> None:
    out.print(f"evidence:    {stage.evidence}", soft_wrap=True)
    out.print(f"estate file: {stage.folder / 'holdfast.yaml'}", soft_wrap=True)
    if keep:
        out.print(f"Prefect UI:  {prefect.ui_url}  (until ^C)")
        out.print("From another terminal:", style="bold")
        home, estate = stage.environment["HOLDFAST_HOME"], stage.environment["HOLDFAST_ESTATE"]
        out.print(f"  HOLDFAST_HOME={home} holdfast --estate {estate} review list", soft_wrap=True)


def _say(out: Console, stage: Stage, *arguments: str, check: tuple[int, ...] = (0,)) -> None:
    shown = " ".join(f"'{word}'" if " " in word else word for word in arguments)
    out.print(f"$ holdfast {shown}", style="bold cyan", markup=False)
    out.print(stage.holdfast(*arguments, check=check).rstrip(), markup=False, soft_wrap=True)


def _await(done: Callable[[], bool], what: Callable[[], str], err: Console) -> None:
    deadline = time.monotonic() + BRANCHES_WITHIN
    with err.status(what()) as status:
        while not done():
            if time.monotonic() > deadline:
                raise ToolError(f"not within {BRANCHES_WITHIN:.0f} s: {what()}")
            time.sleep(1.5)
            status.update(what())


def _branch_states(prefect: Running) -> dict[str, str]:
    body = {"flows": {"name": {"any_": ["branch"]}}, "limit": 200}
    try:
        answer = httpx.post(f"{prefect.api_url}/flow_runs/filter", json=body, timeout=30)
        rows = answer.json() if answer.is_success else []
    except httpx.TimeoutException:
        rows = []  # SQLite makes the server wait now and then; the next look tells
    return {row["id"]: row["state_name"] for row in rows}


def _counted(states: dict[str, str]) -> str:
    names = sorted(set(states.values()))
    return ", ".join(f"{list(states.values()).count(name)} {name}" for name in names) or "none yet"


def _fixable(waiting: dict[str, Any]) -> bool:
    return bool(waiting["preview"]["remedy"] == "terraform-apply")


def _id(waiting: dict[str, Any]) -> str:
    return str(waiting["drift"]["drift_id"][:12])


def _until_interrupted() -> None:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
