"""What a person who waits for a sweep sees, and what must answer before anything may change."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from flows import progress
from flows.pools import REMEDY
from tasks.errors import ToolError
from taxonomy.observation import Observation


@contextmanager
def progress_bar(console: Console) -> Iterator[None]:
    """Show how far the sweep is, while the block runs: a bar on a terminal, lines elsewhere."""
    if not console.is_terminal:
        with progress.told_to(
            lambda seen, done, of: console.print(f"[{done}/{of}] {_line(seen)}", markup=False)
        ):
            yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        looking = bar.add_task("looking", total=None)

        def told(seen: Observation, done: int, of: int) -> None:
            bar.update(looking, completed=done, total=of, description=f"looking, {done} of {of}")
            bar.console.print(_line(seen), markup=False)

        with progress.told_to(told):
            yield


def answers(api_url: str) -> bool:
    """Return whether a Prefect server answers there."""
    try:
        return httpx.get(f"{api_url}/health", timeout=5).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def require_worker(api_url: str | None) -> None:
    """Return only where Prefect answers and a worker polls for branches.

    Raises:
        ToolError: something is missing, and how to get it.
    """
    if api_url is None:
        raise ToolError("--remediate needs a Prefect server and worker, and none is known; run: holdfast up")
    try:
        answer = httpx.post(f"{api_url}/work_pools/{REMEDY}/workers/filter", json={}, timeout=30)
        workers = answer.json() if answer.is_success else []
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ToolError(
            f"--remediate: Prefect does not answer at {api_url}: {error}; run: holdfast up"
        ) from None
    if not any(worker["status"] == "ONLINE" for worker in workers):
        raise ToolError(f"--remediate: no worker polls the work pool {REMEDY}; run: holdfast up")


def _line(seen: Observation) -> str:
    seconds = (seen.ended_at - seen.started_at).total_seconds()
    said = seen.reason or f"{len(seen.answer.findings)} drifted"
    return f"{seen.target} ({seen.layer}): {seen.outcome}, {said}, {seconds:.1f} s"
