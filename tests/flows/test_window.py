"""Maintenance windows hold in their own zone, through the nights when clocks change."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from flows.window import Window, is_open


def utc(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


WORKDAYS = "Mon-Fri 08:00-18:00 Europe/London"


@pytest.mark.parametrize(
    ("window", "now", "expected"),
    [
        (WORKDAYS, utc(23, 8), True),
        (WORKDAYS, utc(23, 7, 59), False),
        (WORKDAYS, utc(23, 17, 59), True),
        (WORKDAYS, utc(23, 18), False),
        (WORKDAYS, utc(22, 12), False),
        (WORKDAYS, utc(20, 7, month=7), True),
        (WORKDAYS, utc(20, 17, month=7), False),
        ("Mon 08:00-09:00 America/New_York", utc(23, 13, 30), True),
        ("Mon 08:00-09:00 Pacific/Kiritimati", utc(22, 18, 30), True),
        ("Sat-Sun 00:00-23:59 UTC", utc(22, 3), True),
        ("Fri-Mon 10:00-11:00 UTC", utc(22, 10), True),
        ("Fri-Mon 10:00-11:00 UTC", utc(23, 10), True),
        ("Fri-Mon 10:00-11:00 UTC", utc(24, 10), False),
        # clocks spring over 02:00-03:00 on 29 March and run through 01:00-02:00 twice on 25 October
        ("Sun 02:30-04:00 Europe/Berlin", utc(29, 0, 59, month=3), False),
        ("Sun 02:30-04:00 Europe/Berlin", utc(29, 1, 0, month=3), True),
        ("Sun 01:00-02:00 Europe/London", utc(25, 0, 30, month=10), True),
        ("Sun 01:00-02:00 Europe/London", utc(25, 1, 30, month=10), True),
        ("Sun 01:00-02:00 Europe/London", utc(25, 2, 0, month=10), False),
    ],
)
def test_a_window_is_open_when_the_clock_of_its_zone_says_so(
    window: str, now: datetime, *, expected: bool
) -> None:
    assert is_open((window,), now=now) is expected


def test_without_windows_it_is_always_open_and_of_many_one_is_enough() -> None:
    assert is_open((), now=utc(22, 3))
    assert is_open(("Tue 01:00-02:00 UTC", WORKDAYS), now=utc(23, 12))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "Mon-Fri 08:00-18:00",
        "Mon-Fri 8:00-18:00 UTC",
        "Mon-Fri 08:00-24:00 UTC",
        "Mon-Fri 18:00-08:00 UTC",
        "Mon-Fri 08:00-08:00 UTC",
        "Mon-Xyz 08:00-18:00 UTC",
        "Mon 08:00-18:00 Mars/Olympus",
        "Mon 08:00-18:00 ../../etc/passwd",
        "Mon 08:00-18:00 Europe",
        "Mon 08:00-18:00 /etc/localtime",
        "Mon \u0660\u0668:\u0660\u0660-18:00 UTC",
        "Mon 08:00-18:00 UTC\n",
    ],
)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="expected"):
        TypeAdapter(Window).validate_python(text)
