"""What a program writes as one JSON object a line, such as Terraform with ``-json``.

Its words: https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]

UNREADABLE = "unreadable"
"""The type of an event that stands for a line which is no JSON object."""


def read_events(lines: Iterable[bytes], progress: Callable[[Event], None] | None = None) -> Iterable[Event]:
    """Yield the JSON objects among the lines, in order.

    A line that is none is kept as an event of type `UNREADABLE`: Terraform's own crashes are plain text,
    and a killed one stops in the middle of a line.
    """
    for line in lines:
        if not line.strip():
            continue
        event = _event(line)
        if progress is not None:
            progress(event)
        yield event


def _event(line: bytes) -> Event:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    if isinstance(event, dict):
        return event
    return {"type": UNREADABLE, "@message": line.decode(errors="replace")}
