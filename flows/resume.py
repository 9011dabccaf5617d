"""Resume a suspended branch with signed decisions."""

import base64
import time
from collections.abc import Iterable
from typing import Any

import httpx

from tasks.errors import ToolError

TRIES = 20
BETWEEN = 0.5
"""Seconds: a click may come a moment before the run is suspended, and SQLite answers 503 under load."""


def resume(api_url: str, run_id: str, envelopes: Iterable[bytes]) -> None:
    """Resume a run with decisions, once; whether they count is for the run to say.

    Prefect answers 200 to what it refuses, so its word is read, not its code.

    Args:
        api_url: of Prefect, as ``PREFECT_API_URL``.
        run_id: the flow run.
        envelopes: signed decisions.

    Raises:
        ToolError: the run does not wait any more, or Prefect does not answer.
    """
    body = {"run_input": {"envelopes": [base64.b64encode(envelope).decode() for envelope in envelopes]}}
    said = ""
    for _ in range(TRIES):
        answer = _post(f"{api_url}/flow_runs/{run_id}/resume", body)
        status = answer.get("status")
        if status == "ACCEPT":
            return
        said = str((answer.get("details") or {}).get("reason") or answer)
        if not ("not paused" in said or "schema not found" in said or status is None):
            break
        if _state(f"{api_url}/flow_runs/{run_id}") in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
            break
        time.sleep(BETWEEN)
    raise ToolError(f"run {run_id} was not resumed: {said}; see `holdfast review list` for what waits now")


def _post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = httpx.post(url, json=body, timeout=30)
    except httpx.HTTPError as error:
        raise ToolError(f"Prefect does not answer at {url}: {error}; is `holdfast up` running?") from None
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return {}
    if answer.is_error:
        raise ToolError(f"Prefect answered {answer.status_code} at {url}: {answer.text[:200]}")
    try:
        document: dict[str, Any] = answer.json()
    except ValueError:
        raise ToolError(f"{url}: expected the JSON of a Prefect, got {answer.text[:80]!r}") from None
    return document


def _state(url: str) -> str:
    try:
        return str(httpx.get(url, timeout=30).json().get("state_type"))
    except (httpx.HTTPError, ValueError):
        return "UNKNOWN"
