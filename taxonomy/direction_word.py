"""Switches, words in order, keys, lists and algorithms, and which of two is the stronger.

Each judge returns None where it can't tell.
"""

import re
from functools import lru_cache
from typing import Any

from taxonomy.drift import Direction
from taxonomy.glob import covers
from taxonomy.meaning import Meaning
from taxonomy.rule import canonical

_SWITCHES = {
    "true": True, "enabled": True, "enable": True, "on": True, "yes": True, "1": True, "active": True,
    "running": True, "started": True, "enforced": True,
    "false": False, "disabled": False, "disable": False, "off": False, "no": False, "0": False,
    "inactive": False, "stopped": False, "suspended": False,
}  # fmt: skip
_SERVICE_KEY = re.compile(
    r"(arn:aws[\w-]*:kms:[^:]*:[^:]*:)?alias/aws/.+|aws/\w+|aws_owned_kms_key", re.IGNORECASE
)
_WEAK = re.compile(
    r"(^|[-_+@.])(null|anon|adh|aecdh|exp(ort)?\d*|rc2|rc4(128)?|arcfour(128|256)?|des|3des|des3|des40|cbc3|idea|seed"
    r"|blowfish|cast128|dss|md5|sha1|umac-64|cbc|group1|none)($|[-_+@.])",
    re.IGNORECASE,
)
"""Parts of the names of ciphers, MACs and key exchanges that RFC 7465, 9142 and 9325 advise against."""


def switched_on(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """On is stronger, and gone is off; from nothing to off is not judged: it may have been off all along."""
    before, after = _switch(declared), _switch(actual)
    if before is after:
        return None if before is None else "lateral"
    if after is True:
        return "strengthened"
    return "weakened" if before is True and (after is False or actual in (None, "")) else None


def switched_off(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """Off is stronger; from nothing to off, or from on to nothing, is not judged."""
    before, after = _switch(declared), _switch(actual)
    if before is after:
        return None if before is None else "lateral"
    if after is True:
        return "weakened"
    return "strengthened" if before is True and after is False else None


def present(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """Something is stronger than nothing."""
    if declared and actual:
        return None
    return "strengthened" if actual else "weakened" if declared else "lateral"


def key(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """An own key is stronger than a service's, and that than none; another own key is not judged."""
    before, after = _key(declared), _key(actual)
    if before is None or after is None or before == after == len(("none", "service")):
        return None
    return "lateral" if before == after else "strengthened" if after > before else "weakened"


def ladder(meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """A word higher up is stronger; words that are not on the ladder are not judged."""
    rungs = {
        word: (height, words)
        for height, step in enumerate(meaning.ladder)
        for words in step
        for word in words.lower().split("|")
    }
    before, after = rungs.get(_word(declared)), rungs.get(_word(actual))
    if before is None or after is None or (before[0] == after[0] and before != after):
        return None
    return "lateral" if before == after else "strengthened" if after > before else "weakened"


def members(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """More members are stronger."""
    before, after = _set(declared), _set(actual)
    if before is None or after is None:
        return None
    if before - after:
        return "weakened"
    return "strengthened" if after - before else "lateral"


def fewer(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """Fewer members are stronger; one with a ``*`` stands for all that it covers, None for nobody."""
    sides = _set(declared), _set(actual)
    if sides[0] is None or sides[1] is None:
        return None
    before, after = (side - {'"None"'} for side in sides if side is not None)
    if _beyond(after, before):
        return "weakened"
    return "strengthened" if _beyond(before, after) else "lateral"


def algorithms(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """A weak algorithm more is weaker, one less is stronger; strong ones that come or go are not judged."""
    before, after = (
        _set(side.replace(":", ",") if isinstance(side, str) else side) for side in (declared, actual)
    )
    if before is None or after is None:
        return None
    if any(_weak(name) for name in after - before):
        return "weakened"
    if before and not after:
        return None
    if before == after:
        return "lateral"
    lost = before - after
    return "strengthened" if lost and all(_weak(name) for name in lost) and after <= before else None


def _switch(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in {0, 1} else None
    return _SWITCHES.get(value.strip().lower()) if isinstance(value, str) else None


def _word(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    return value.strip().lower() if isinstance(value, str) else ""


def _key(value: Any) -> int | None:
    if value in (None, ""):
        return 0
    if not isinstance(value, str):
        return None
    return 1 if _SERVICE_KEY.fullmatch(value) else 2


def _set(value: Any) -> frozenset[str] | None:
    """Return the members of a list, or of text with commas between them."""
    if value in (None, ""):
        return frozenset()
    if isinstance(value, str):
        return frozenset(canonical(part) for part in re.split(r"[,\s]+", value) if part)
    return frozenset(canonical(member) for member in value) if isinstance(value, list) else None


def _beyond(these: frozenset[str], those: frozenset[str]) -> bool:
    wide = [glob for glob in those if "*" in glob]
    return any(not any(covers(glob, member) for glob in wide) for member in these - those)


@lru_cache(maxsize=8192)
def _weak(name: str) -> bool:
    plain = name.strip('"')
    return not plain.startswith(("!", "-")) and _WEAK.search(plain) is not None
