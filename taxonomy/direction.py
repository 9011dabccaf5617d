"""Did security get weaker or stronger? Judged by what values mean, not by how they are written.

What can't be judged is `unknown`, and goes to a person. `strengthened` is said only where nothing
at all was let in anew; errors go towards `weakened` and `unknown`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from taxonomy import direction_network as network
from taxonomy import direction_policy as policy
from taxonomy.drift import Direction
from taxonomy.meaning import How, Meaning, builtin_meanings
from taxonomy.rule import canonical

REDACTED = "hmac-sha256:"
"""How a redacted value begins; nothing can be told from two of them but that they differ."""

_WORDS = {"true": True, "enabled": True, "on": True, "false": False, "disabled": False, "off": False}
_VERSION = re.compile(r"(?<!\d)1[._-]?([0-3])(?!\d)")


def judge(resource_type: str, attribute: str, kind: str, declared: Any, actual: Any) -> Direction:
    """Return the direction of one change, from what was declared to what is.

    Args:
        resource_type: Terraform's word where there is one.
        attribute: path in dots, with or without list indexes.
        kind: `changed`, `missing`, `unmanaged` or `noncompliant`.
        declared: JSON value; None where nothing was.
        actual: JSON value; None where there is none.
    """
    path = _path(attribute)
    meanings = builtin_meanings()
    meaning = meanings.of(resource_type, path)
    slipped_in = meaning is not None and meaning.how == "slipped-in" and _gained(declared, actual)
    if kind == "noncompliant" or slipped_in:
        return "weakened"
    if kind == "missing":
        return (
            "weakened" if meanings.guard(resource_type) or meanings.guards(resource_type, path) else "unknown"
        )
    if kind != "unmanaged" and meaning is not None and meaning.how == "lateral":
        return "lateral"
    if kind != "changed" or _redacted(declared) or _redacted(actual):
        return "unknown"
    return _judge_value(resource_type, path, declared, actual)


def worst(directions: Iterable[Direction]) -> Direction:
    """Return the one direction that several together have; none at all is `lateral`.

    `strengthened` beside `lateral` is `strengthened`: a remedy would still undo a hardening.
    """
    found = set(directions)
    order: tuple[Direction, ...] = ("weakened", "unknown", "strengthened")
    return next((direction for direction in order if direction in found), "lateral")


def _judge_value(resource_type: str, path: str, declared: Any, actual: Any) -> Direction:
    if canonical(declared) == canonical(actual):
        return "lateral"
    meanings = builtin_meanings()
    meaning = meanings.of(resource_type, path)
    if meaning is not None and (judged := _JUDGES[meaning.how](meaning, declared, actual)) is not None:
        return judged
    if declared and not actual and meanings.guards(resource_type, path):
        return "weakened"
    if any(isinstance(side, Mapping | list) for side in (declared, actual)):
        return _judge_parts(resource_type, path, declared, actual)
    return "unknown"


def _judge_parts(resource_type: str, path: str, declared: Any, actual: Any) -> Direction:
    """Judge a block by its parts; blocks that stand more than once can't be told apart."""
    before, after = _block(declared), _block(actual)
    if before is None or after is None:
        return "unknown"
    keys = sorted(before.keys() | after.keys())
    return worst(
        _judge_value(resource_type, f"{path}.{key}", before.get(key), after.get(key)) for key in keys
    )


def _block(side: Any) -> Mapping[str, Any] | None:
    if isinstance(side, list):
        if len(side) > 1:
            return None
        side = side[0] if side else None
    if side is None:
        return {}
    return side if isinstance(side, Mapping) else None


def _path(attribute: str) -> str:
    """Return the attribute behind a dot and without list indexes."""
    return "".join(f".{part}" for part in attribute.split(".") if not part.isdecimal())


def _redacted(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith(REDACTED)
    if isinstance(value, Mapping):
        return any(_redacted(inner) for inner in value.values())
    return isinstance(value, list) and any(_redacted(inner) for inner in value)


def _gained(declared: Any, actual: Any) -> bool:
    """Whether something stands there that was not declared."""
    if isinstance(declared, list) and isinstance(actual, list):
        return not {canonical(member) for member in actual} <= {canonical(member) for member in declared}
    return actual not in (None, "", [], {}) and declared in (None, "", [], {})


def _switch(value: Any) -> bool | None:
    return value if isinstance(value, bool) else _WORDS.get(value.lower()) if isinstance(value, str) else None


def _true(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    before, after = _switch(declared), _switch(actual)
    if before is after:
        return None
    if after is True:
        return "strengthened"
    # what was never declared may have been false all along
    return "weakened" if before is True else "unknown"


def _false(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    before, after = _switch(declared), _switch(actual)
    if before is after:
        return None
    if after is True:
        return "weakened"
    return "strengthened" if before is True else "unknown"


def _present(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    if declared and actual:
        return None
    return "strengthened" if actual else "weakened" if declared else "lateral"


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _more(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    return "weakened" if actual is None else _larger(_number(declared), _number(actual))


def _more_or_ever(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    return _larger(_endless(_number(declared or 0)), _endless(_number(actual or 0)))


def _less(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    if actual is None:
        return "weakened"
    return _larger(_endless(_number(actual)), _endless(_number(declared)))


def _endless(number: float | None) -> float | None:
    return float("inf") if number == 0 else number


def _larger(before: float | None, after: float | None) -> Direction | None:
    if before is None or after is None:
        return None
    return "lateral" if after == before else "strengthened" if after > before else "weakened"


def _ladder(meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    rungs = {word.lower(): height for height, word in enumerate(meaning.ladder)}
    before, after = (
        rungs.get(side.lower()) if isinstance(side, str) else None for side in (declared, actual)
    )
    return _larger(before, after)


def _tls(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    return _larger(_version(declared), _version(actual))


def _version(value: Any) -> int | None:
    if not isinstance(value, str | int | float):
        return None
    text = str(value)
    if re.fullmatch(r"SSLv?3|TLSv?1(_2016)?", text, re.IGNORECASE):
        return -1 if text.upper().startswith("SSL") else 0
    found = _VERSION.search(text)
    return int(found[1]) if found else None


def _members(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    before, after = _set(declared), _set(actual)
    if before is None or after is None:
        return None
    if before - after:
        return "weakened"
    return "strengthened" if after - before else "lateral"


def _fewer(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    before, after = _set(declared), _set(actual)
    if before is None or after is None:
        return None
    if after - before:
        return "weakened"
    return "strengthened" if before - after else "lateral"


def _set(value: Any) -> set[str] | None:
    if value is None:
        return set()
    return {canonical(member) for member in value} if isinstance(value, list) else None


def _policy(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    try:
        return policy.judge_policy(declared, actual)
    except policy.UnreadablePolicyError:
        return "unknown"


def _rules(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    try:
        return network.judge_rules(declared, actual)
    except network.UnreadableRulesError:
        return "unknown"


def _sources(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    try:
        return network.judge_sources(declared, actual)
    except network.UnreadableRulesError:
        return "unknown"


def _slipped_in(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """Judge a grant that was declared; one that was not is weakened before anyone reads it."""
    if isinstance(declared, list) and isinstance(actual, list):
        return "unknown"
    return _policy(_meaning, declared, actual)


_JUDGES: dict[How, Callable[[Meaning, Any, Any], Direction | None]] = {
    "lateral": lambda _meaning, _declared, _actual: "lateral",
    "true": _true,
    "false": _false,
    "present": _present,
    "more": _more,
    "more-or-ever": _more_or_ever,
    "less": _less,
    "ladder": _ladder,
    "tls": _tls,
    "fewer": _fewer,
    "members": _members,
    "policy": _policy,
    "rules": _rules,
    "sources": _sources,
    "slipped-in": _slipped_in,
}
