"""Maintenance windows: ``Mon-Fri 08:00-18:00 Europe/London``."""

import re
from datetime import datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHAPE = re.compile(r"(\w{3})(?:-(\w{3}))? ([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2}) (\S+)")


def _parts(text: str) -> tuple[set[int], time, time, ZoneInfo]:
    found = _SHAPE.fullmatch(text)
    if found is None or found[1] not in DAYS or (found[2] or "Mon") not in DAYS:
        raise ValueError("expected a window such as 'Mon-Fri 08:00-18:00 Europe/London'")
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    days = {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    try:
        opens, closes, zone = time.fromisoformat(found[3]), time.fromisoformat(found[4]), ZoneInfo(found[5])
    # a folder of zones, such as Europe, is no zone
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("expected times as HH:MM and a time zone of the IANA list") from None
    if opens >= closes:
        raise ValueError(
            "expected a window that opens before it closes on the same day; write two for a night"
        )
    return days, opens, closes, zone


def _checked(text: str) -> str:
    _parts(text)
    return text


Window = Annotated[str, AfterValidator(_checked)]


def is_open(windows: tuple[str, ...], *, now: datetime) -> bool:
    """Return whether `now` lies in one of the windows; without any, it is always open."""
    return not windows or any(_holds(window, now) for window in windows)


def _holds(window: str, now: datetime) -> bool:
    days, opens, closes, zone = _parts(window)
    local = now.astimezone(zone)
    return local.weekday() in days and opens <= local.time().replace(tzinfo=None) < closes
