"""Numbers, times, versions and file modes, and which of two is the stronger.

Each judge returns None where it can't tell. Times are ISO 8601 durations (``PT5M``) or a number and a
unit (``90 days``, ``1h``); a month counts 30 days and a year 365.
"""

import math
import re
from typing import Any

from taxonomy.drift import Direction
from taxonomy.meaning import Meaning

_SECONDS = {
    "ms": 0.001, "millisecond": 0.001, "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "d": 86400, "day": 86400, "w": 604800, "week": 604800,
    "mo": 2592000, "month": 2592000, "y": 31536000, "yr": 31536000, "year": 31536000,
}  # fmt: skip
_WORDED = re.compile(r"([-+]?\d{1,15}(?:\.\d{1,9})?)\s*([a-z]{1,12})")
_ISO = re.compile(
    r"P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.IGNORECASE,
)
_ISO_SECONDS = (31536000, 2592000, 604800, 86400, 3600, 60, 1)
_DOTTED = re.compile(r"v?(\d{1,9}(?:[._-]\d{1,9}){0,7})", re.IGNORECASE)
_SYMBOLIC = re.compile(r"[-bcdlps]?([-r][-w][-xsS])([-r][-w][-xsS])([-r][-w][-xtT])")
_STICKY = 0o1000


def more(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """More is stronger; nothing is the weakest."""
    if actual is None and declared:
        return "weakened"
    return _larger(_amounts(declared, actual))


def more_or_ever(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """More is stronger; nothing, 0 and -1 mean without an end."""
    return _larger(_endless(_amounts(declared or 0, actual or 0)))


def less(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """Less is stronger; 0 and -1 mean without a limit, and so does what is gone."""
    if actual is None:
        return "weakened"
    return _opposite(_larger(_endless(_amounts(declared, actual))))


def lower(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """Less is stronger, and 0 the strongest; below 0 lie words such as -1 for never."""
    amounts = _amounts(declared, actual)
    return None if amounts is None or min(amounts) < 0 else _opposite(_larger(amounts))


def later(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """A later version is stronger; only dotted numbers are compared, as far as both say them."""
    before, after = _numbers(declared), _numbers(actual)
    if before is None or after is None:
        return None
    shared = min(len(before), len(after))
    before, after = before[:shared], after[:shared]
    return None if before == after else "strengthened" if after > before else "weakened"


def mode(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """Fewer permissions are stronger; the sticky bit is a guard."""
    before, after = _bits(declared), _bits(actual)
    if before is None or after is None:
        return None
    before, after = before ^ _STICKY, after ^ _STICKY
    if after & ~before:
        return "weakened"
    return "strengthened" if before & ~after else "lateral"


def _amounts(declared: Any, actual: Any) -> tuple[float, float] | None:
    """Return two numbers, or two times in seconds; a number and a time don't compare, but for 0 and -1."""
    before, after = _amount(declared), _amount(actual)
    if before is None or after is None:
        return None
    same = before[1] == after[1] or {before[0], after[0]} & {0, -1}
    return (before[0], after[0]) if same else None


def _amount(value: Any) -> tuple[float, bool] | None:
    """Return a number, and whether it is a time in seconds."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number, timed = float(value), False
    except OverflowError:
        return None
    except ValueError:
        seconds = _seconds(str(value).strip())
        if seconds is None:
            return None
        number, timed = seconds, True
    return (number, timed) if math.isfinite(number) else None


def _seconds(text: str) -> float | None:
    if found := _WORDED.fullmatch(text.lower()):
        unit = found[2] if found[2] in _SECONDS else found[2].removesuffix("s")
        return float(found[1]) * _SECONDS[unit] if unit in _SECONDS else None
    found = _ISO.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    return sum(float(part or 0) * size for part, size in zip(found.groups(), _ISO_SECONDS, strict=True))


def _endless(amounts: tuple[float, float] | None) -> tuple[float, float] | None:
    if amounts is None:
        return None
    before, after = (math.inf if amount in {0, -1} else amount for amount in amounts)
    return before, after


def _larger(amounts: tuple[float, float] | None) -> Direction | None:
    if amounts is None:
        return None
    before, after = amounts
    return "lateral" if after == before else "strengthened" if after > before else "weakened"


def _opposite(direction: Direction | None) -> Direction | None:
    turned: dict[Direction | None, Direction] = {"weakened": "strengthened", "strengthened": "weakened"}
    return turned.get(direction, direction)


def _numbers(value: Any) -> tuple[int, ...] | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _DOTTED.fullmatch(str(value).strip())
    return tuple(int(part) for part in re.split(r"[._-]", found[1])) if found else None


def _bits(value: Any) -> int | None:
    """Return the permissions of ``0644`` or ``-rw-r--r--``; a bare number is not octal for sure."""
    if not isinstance(value, str):
        return None
    text = value.strip().lower().removeprefix("0o")
    if re.fullmatch(r"[0-7]{3,7}", text):
        return int(text, 8) & 0o7777
    found = _SYMBOLIC.fullmatch(value.strip())
    if not found:
        return None
    bits = 0
    for place, triple in enumerate(found.groups()):
        shift = 6 - 3 * place
        for letter, weight in zip(triple[:2], (4, 2), strict=True):
            bits |= (letter != "-") * weight << shift
        bits |= (triple[2] in "xst") << shift | (triple[2] in "sStT") * (0o4000 >> place)
    return bits
