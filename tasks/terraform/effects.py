"""What an apply of one plan would do to one resource, in the words of the drift that it would undo."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.terraform.difference import Difference, Path
from tasks.terraform.judge import Case
from tasks.terraform.promise import promised

NOT_YET_KNOWN = "(known after the apply)"
"""No drift declares this, so that nobody can approve a value that nobody has seen."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One thing that an apply would do, in the drift's words; values are masked.

    Args:
        before: what is live.
        after: what the code says; `NOT_YET_KNOWN` where only the apply will know what that is.
        action: ``create``, ``update``, ``delete`` or ``replace``.
        minor: why it changes nothing by itself, or only repeats another effect; None where it does.
    """

    address: str
    attribute: str
    before: Any
    after: Any
    action: str
    minor: str | None = None


def effects_of(case: Case) -> Iterator[Effect]:
    """Yield all that an apply of this plan would do to the resource; nothing where it leaves it alone."""
    resource = case.resource
    if resource.actions in ((), ("no-op",), ("read",)):
        return
    if resource.actions == ("create",):
        yield _effect(case, (), None, promised(case), action="create")
    elif resource.actions != ("update",):
        action = "replace" if "create" in resource.actions else "/".join(resource.actions)
        yield _effect(case, (), resource.address, None, action=action)
    else:
        yield from _updates(case, list(case.planned()))


def _updates(case: Case, planned: list[Difference]) -> Iterator[Effect]:
    unknown: list[Path] = [(name,) for name in sorted(case.resource.live or ()) if case.recomputes((name,))]
    if not planned and not unknown:
        yield _effect(case, (), None, None, action="update")
    for path in unknown:
        yield _effect(case, path, case.mask.value("live", path), NOT_YET_KNOWN, action="update")
    if case.is_rule and planned:
        for changed in case.rule_changed():
            yield _effect(case, (), changed.actual, changed.declared, action="update")
    real = [difference for difference in planned if case.changes(difference)] or planned
    for difference in planned:
        if case.inside_rule(difference):
            continue
        path = difference.path
        after, before = case.shown(path, case.mask.value("wanted", path), case.mask.value("live", path))
        minor = None if difference in real else difference.alike
        if case.repeats_tags(difference, planned):
            minor = "tags_all repeats tags"
        yield _effect(case, path, before, after, action="update", minor=minor)


def _effect(
    case: Case, path: Path, before: Any, after: Any, *, action: str, minor: str | None = None
) -> Effect:
    return Effect(
        address=case.resource.address,
        attribute=case.attribute(path) or "resource",
        before=before,
        after=after,
        action=action,
        minor=minor,
    )
