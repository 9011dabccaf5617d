"""Did security get weaker or stronger? Judged by what values mean, not by how they are written.

What can't be judged is `unknown`, and goes to a person. `strengthened` is said only where nothing
at all was let in anew; errors go towards `weakened` and `unknown`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from taxonomy import direction_network as network
from taxonomy import direction_number as number
from taxonomy import direction_policy as policy
from taxonomy import direction_word as word
from taxonomy.direction_tls import tls
from taxonomy.drift import Direction
from taxonomy.meaning import How, Meaning, Meanings, builtin_meanings
from taxonomy.rule import canonical

REDACTED = "hmac-sha256:"
"""How a redacted value begins; nothing can be told from two of them but that they differ."""

Judge = Callable[[Meaning, Any, Any], Direction | None]
_NOTHING: tuple[Any, ...] = (None, "", [], {})


def judge(
    resource_type: str,
    attribute: str,
    kind: str,
    declared: Any,
    actual: Any,
    *,
    meanings: Meanings | None = None,
) -> Direction:
    """Return the direction of one change, from what was declared to what is.

    Args:
        resource_type: Terraform's word where there is one.
        attribute: path in dots, with or without list indexes.
        kind: `changed`, `missing`, `unmanaged` or `noncompliant`.
        declared: JSON value; None where nothing was.
        actual: JSON value; None where there is none.
        meanings: which way is stronger; Holdfast's own where none are given.
    """
    judged = _Judged(meanings=meanings or builtin_meanings(), resource_type=resource_type)
    try:
        return _KINDS.get(kind, _unjudged)(judged, _path(attribute), declared, actual)
    except RecursionError:
        return "unknown"


def worst(directions: Iterable[Direction]) -> Direction:
    """Return the one direction that several together have; none at all is `lateral`.

    `strengthened` beside `lateral` is `strengthened`: a remedy would still undo a hardening.
    """
    found = set(directions)
    order: tuple[Direction, ...] = ("weakened", "unknown", "strengthened")
    return next((direction for direction in order if direction in found), "lateral")


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """Of which resource a change is, and what its attributes mean."""

    meanings: Meanings
    resource_type: str

    def meaning(self, path: str) -> Meaning | None:
        return self.meanings.of(self.resource_type, path)

    def guards(self, path: str) -> bool:
        return self.meanings.guards(self.resource_type, path)


def _changed(judged: _Judged, path: str, declared: Any, actual: Any) -> Direction:
    meaning = judged.meaning(path)
    if meaning is not None and meaning.how == "lateral":
        return "lateral"
    if meaning is not None and meaning.how == "slipped-in" and _gained(declared, actual):
        return "weakened"
    if _redacted(declared) or _redacted(actual):
        return "unknown"
    return _judge_value(judged, path, declared, actual)


def _missing(judged: _Judged, path: str, declared: Any, _actual: Any) -> Direction:
    """What guards is weaker where it is missing; of what lets in, a missing part is judged as emptied."""
    if judged.meanings.guard(judged.resource_type) or judged.guards(path):
        return "weakened"
    meaning = judged.meaning(path)
    if meaning is None or meaning.how != "policy" or _redacted(declared):
        return "unknown"
    return _judge_value(judged, path, declared, None)


def _unmanaged(judged: _Judged, path: str, declared: Any, actual: Any) -> Direction:
    """What nobody declared is weaker where it lets somebody in; that it guards doesn't make it safe."""
    meaning = judged.meaning(path)
    slipped_in = meaning is not None and meaning.how == "slipped-in" and _gained(declared, actual)
    if slipped_in or (path == ".resource" and judged.meanings.intruder(judged.resource_type)):
        return "weakened"
    if meaning is None or meaning.how not in _ADMITTING or _redacted(actual):
        return "unknown"
    return "weakened" if _judge_value(judged, path, None, actual) == "weakened" else "unknown"


def _noncompliant(judged: _Judged, path: str, declared: Any, actual: Any) -> Direction:
    """Somebody said what is safe and this is not it; unless its values say that it is safer than asked."""
    meaning = judged.meaning(path)
    if meaning is None or declared is None or _redacted(declared) or _redacted(actual):
        return "weakened"
    return "strengthened" if _judge_value(judged, path, declared, actual) == "strengthened" else "weakened"


def _unjudged(_judged: _Judged, _path: str, _declared: Any, _actual: Any) -> Direction:
    return "unknown"


_ADMITTING: frozenset[How] = frozenset({"policy", "rules", "sources"})
_KINDS = {"changed": _changed, "missing": _missing, "unmanaged": _unmanaged, "noncompliant": _noncompliant}


def _judge_value(judged: _Judged, path: str, declared: Any, actual: Any) -> Direction:
    if canonical(declared) == canonical(actual):
        return "lateral"
    meaning = judged.meaning(path)
    unguarded = bool(declared) and not actual and judged.guards(path)
    # where all is let in without a policy, one that is gone grants more than any that is there
    if unguarded and meaning is not None and meaning.how == "policy":
        return "weakened"
    if meaning is not None and (found := _by_meaning(meaning, declared, actual)) is not None:
        return found
    if unguarded:
        return "weakened"
    if any(isinstance(side, Mapping | list) for side in (declared, actual)):
        return _judge_parts(judged, path, declared, actual)
    return "unknown"


def _by_meaning(meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    if meaning.default is not None:
        declared, actual = (meaning.default if side in _NOTHING else side for side in (declared, actual))
        if canonical(declared) == canonical(actual):
            return "lateral"
    return _JUDGES[meaning.how](meaning, declared, actual)


def _judge_parts(judged: _Judged, path: str, declared: Any, actual: Any) -> Direction:
    """Judge a block by its parts; blocks that stand more than once can't be told apart."""
    before, after = _block(declared), _block(actual)
    if before is None or after is None:
        return "unknown"
    if not before and not after and bool(declared) is not bool(actual):
        return "unknown"  # an empty block that is there says something, such as `block {}` of a firewall
    keys = sorted(before.keys() | after.keys())
    return worst(_judge_value(judged, f"{path}.{key}", before.get(key), after.get(key)) for key in keys)


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
    return actual not in _NOTHING and declared in _NOTHING


def _readable(judge_documents: Callable[[Any, Any], Direction]) -> Judge:
    """Judge documents that have a form of their own; what can't be read is unknown."""

    def judge_form(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
        try:
            return judge_documents(declared, actual)
        except (policy.UnreadablePolicyError, network.UnreadableRulesError):
            return "unknown"

    return judge_form


def _sources(meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    empty_is_nobody = meaning.default is not None
    return _readable(partial(network.judge_sources, empty_is_nobody=empty_is_nobody))(
        meaning, declared, actual
    )


_policy = _readable(policy.judge_policy)
_ports = _readable(network.judge_ports)


def _of_a_rule(judge_let_in: Judge) -> Judge:
    """Judge what a rule speaks of that may let in or keep out: to speak of less may keep out less."""

    def judge_either(meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
        found = judge_let_in(meaning, declared, actual)
        return "unknown" if found == "strengthened" else found

    return judge_either


def _slipped_in(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """Judge a grant that was declared; one that was not is weakened before anyone reads it."""
    if isinstance(declared, list) and isinstance(actual, list):
        return "unknown"
    return _policy(_meaning, declared, actual)


_JUDGES: dict[How, Judge] = {
    "lateral": lambda _meaning, _declared, _actual: "lateral",
    "true": word.switched_on,
    "false": word.switched_off,
    "present": word.present,
    "more": number.more,
    "more-or-ever": number.more_or_ever,
    "less": number.less,
    "lower": number.lower,
    "ladder": word.ladder,
    "tls": tls,
    "later": number.later,
    "key": word.key,
    "mode": number.mode,
    "algorithms": word.algorithms,
    "fewer": word.fewer,
    "members": word.members,
    "policy": _policy,
    "rules": _readable(network.judge_rules),
    "sources": _sources,
    "ports": _ports,
    "sources-of-a-rule": _of_a_rule(_sources),
    "ports-of-a-rule": _of_a_rule(_ports),
    "range-start": _readable(partial(network.judge_end, first=True)),
    "range-end": _readable(partial(network.judge_end, first=False)),
    "slipped-in": _slipped_in,
}
