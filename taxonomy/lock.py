"""The lock: what every rule meant when somebody last looked, so that no meaning moves unsaid.

A directory's ``rules.lock`` is JSON, one rule a line: its digest and its meaning, so that a moved one can be
told as what it was and is. Ids that are retired stay in it, for they are never used again. The lock of an
overlay holds the rules that the overlay writes or changes, as they are once it lies over the others.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from taxonomy.diff import RuleChange, compare, reasons
from taxonomy.errors import Problem, RuleError
from taxonomy.loosening import Meaning
from taxonomy.rule import canonical
from taxonomy.rulebook import BUILTIN, Rulebook

NAME = "rules.lock"

LOCK = Path(__file__).with_name(NAME)
"""The lock of the built-in rules."""


_ANEW = "if it is meant, write the lock anew: holdfast taxonomy lock DIR (the built-in one: --builtin)"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """What a lock file says.

    Args:
        rules: the meaning of each rule, by id.
        retired: the last meaning of each retired rule, by id; None where no lock ever had it.
        beside: the digest of what decides beside the rules, by name; only the built-in lock has any.
    """

    rules: Mapping[str, Meaning]
    retired: Mapping[str, Meaning | None]
    beside: Mapping[str, str] = field(default_factory=dict)


def read_lock(path: Path = LOCK) -> Lock:
    """Return what a lock says.

    Raises:
        RuleError: it can't be read, or a digest in it is not that of its meaning.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        locked = {rule_id: (one["digest"], one["meaning"]) for rule_id, one in document["rules"].items()}
        lock = Lock(
            rules={rule_id: meaning for rule_id, (_, meaning) in locked.items()},
            retired=document["retired"],
            beside=document["beside"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"can't be read ({error}); remove it and write it anew"
        raise RuleError([Problem(file=str(path.name), line=0, where="", message=message)]) from error
    if wrong := [rule_id for rule_id, (digest, meaning) in locked.items() if _digest(meaning) != digest]:
        raise RuleError(
            Problem(file=path.name, line=0, where=rule_id, message="its digest is not that of its meaning")
            for rule_id in wrong
        )
    return lock


def write_lock(rulebook: Rulebook, path: Path = LOCK, *, directory: str = BUILTIN) -> None:
    """Write down what every rule of a directory means now.

    Raises:
        RuleError: a rule of the lock is gone and not retired, or a retired one is back.
    """
    before = read_lock(path) if path.is_file() else Lock(rules={}, retired={})
    now = of_directory(rulebook, directory)
    kept = _retired_of(rulebook, before, directory)
    if lost := sorted({*before.rules, *before.retired} - now.keys() - kept.keys()):
        raise RuleError(_lost(rule_id, path) for rule_id in lost)
    rules = [f"{_line(rule_id, now[rule_id])}" for rule_id in sorted(now)]
    retired = [f" {canonical(rule_id)}: {canonical(kept[rule_id])}" for rule_id in sorted(kept)]
    beside = [f" {canonical(name)}: {canonical(digest)}" for name, digest in _beside(rulebook, directory)]
    parts = {"rules": rules, "retired": retired, "beside": beside}
    text = ",\n".join(f'"{name}": {{\n{_joined(lines)}}}' for name, lines in parts.items())
    path.write_text(f"{{\n{text}\n}}\n", "utf-8")


def check_lock(rulebook: Rulebook, path: Path = LOCK, *, directory: str = BUILTIN) -> None:
    """Compare what every rule of a directory means with what was written down.

    Raises:
        RuleError: a rule is new, gone, retired, or means something else; all of them at once.
    """
    lock = read_lock(path)
    moved = compare(lock.rules, of_directory(rulebook, directory), reasons(rulebook))
    problems = [_told(change, path) for change in moved]
    back = sorted(set(lock.retired) - rulebook.retired.keys())
    problems += [_lost(rule_id, path) for rule_id in back]
    problems += [
        Problem(file=path.name, line=0, where=name, message=f"mean something else than before; {_ANEW}")
        for name, digest in _beside(rulebook, directory)
        if lock.beside.get(name) != digest
    ]
    if problems:
        raise RuleError(problems)


def of_directory(rulebook: Rulebook, directory: str) -> dict[str, Meaning]:
    """Return the meanings of the rules that a directory writes or changes, by id; without places, of all."""
    inside = f"{directory}/"
    return {
        rule.id: rule.meaning()
        for rule in rulebook.rules
        if rule.id not in rulebook.fields
        or any(place.file.startswith(inside) for place in rulebook.fields[rule.id].values())
    }


def _beside(rulebook: Rulebook, directory: str) -> Iterable[tuple[str, str]]:
    """Yield what decides beside the rules, with its digest; an overlay's lock is of its rules alone."""
    if directory == BUILTIN:
        yield "controls", rulebook.catalogue.digest
        yield "directions", rulebook.meanings.digest
        yield "overrides", hashlib.sha256(canonical(rulebook.overrides.meaning).encode()).hexdigest()


def _retired_of(rulebook: Rulebook, before: Lock, directory: str) -> dict[str, Meaning | None]:
    taken = {one.rule_id: one.before.meaning() for one in rulebook.revisions if one.after is None}
    own = (
        rule_id
        for rule_id, place in rulebook.retired_at.items()
        if place.file.startswith(f"{directory}/") or rule_id in before.rules
    )
    return {
        rule_id: before.rules.get(rule_id) or before.retired.get(rule_id) or taken.get(rule_id)
        for rule_id in own
    }


def _told(change: RuleChange, path: Path) -> Problem:
    if change.what == "gone":
        return _lost(change.rule_id, path)
    said = "; ".join(str(one) for one in change.differences)
    moved = {
        "added": "is a new rule",
        "retired": "is retired",
        "changed": f"means something else than before ({change.effect}): {said}",
    }[change.what]
    message = f"{moved}; {_ANEW}"
    return Problem(file=path.name, line=0, where=change.rule_id, message=message)


def _lost(rule_id: str, path: Path) -> Problem:
    message = "is gone; ids are never used again, so list it in retired.yaml with a reason"
    return Problem(file=path.name, line=0, where=rule_id, message=message)


def _digest(meaning: Meaning) -> str:
    return hashlib.sha256(canonical(meaning).encode()).hexdigest()


def _line(rule_id: str, meaning: Meaning) -> str:
    return f" {canonical(rule_id)}: {canonical({'digest': _digest(meaning), 'meaning': meaning})}"


def _joined(lines: Iterable[str]) -> str:
    text = ",\n".join(lines)
    return f"{text}\n" if text else ""
