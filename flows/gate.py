"""The gate of a branch: suspend the run until somebody answers, and survive retries.

On Prefect 3.8 a run that suspends under a key that it has used before is bricked: its schema can't be
saved again and every later resume answers 409. So a stored answer is used again, and what an expired
round left behind is deleted first (see docs of `suspend_flow_run`,
https://docs.prefect.io/v3/advanced/interactive).
"""

from datetime import datetime
from typing import Any

from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput, read_flow_run_input
from prefect.input.actions import delete_flow_run_input
from prefect.runtime import flow_run
from pydantic import Field, ValidationError

MAX_ANSWERS = 20


class Answer(RunInput):
    """What a suspended branch is resumed with: signed decisions, and nothing that counts without them.

    Args:
        envelopes: base64 of DSSE envelopes, as `holdfast review` and the Slack listener make them.
    """

    envelopes: list[str] = Field(default_factory=list, max_length=MAX_ANSWERS)


def wait(*, round_: int, expires_at: datetime, now: datetime, description: str) -> Answer:
    """Return the answer of a round, suspending the run where there is none yet.

    The process ends when the run suspends; a resumed run comes here again and finds the answer.

    Args:
        round_: names the round's key.
        expires_at: Prefect fails the run then; the audit flow records that it expired.
        now: the time, in UTC.
        description: Markdown for the form in the Prefect UI.
    """
    key = f"approval-{round_}"
    stored: Any = read_flow_run_input(f"suspended-{key}-response", flow_run_id=flow_run.id)
    if stored is not None:
        return _read(stored)
    for part in ("schema", "description"):
        try:
            delete_flow_run_input(f"suspended-{key}-{part}", flow_run_id=flow_run.id)
        except (ObjectNotFound, PrefectHTTPStatusError):
            continue
    seconds = max(1, int((expires_at - now).total_seconds()))
    return suspend_flow_run(
        wait_for_input=Answer.with_initial_data(description=description), key=key, timeout=seconds
    )


def _read(stored: Any) -> Answer:
    try:
        return Answer.model_validate(stored)
    except ValidationError:
        # whoever has the API can store what no schema has seen: that is an answer which does not count
        return Answer(envelopes=["not an answer of the form that was asked for"])
