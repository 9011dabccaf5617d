"""What an apply of one plan would do to one resource, in the words of the drift that it would undo."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.terraform.difference import Difference, Path, Paths
from tasks.terraform.judge import Case
from tasks.terraform.promise import promised
from tasks.terraform.verdict import TAINTED

NOT_YET_KNOWN = "(known after the apply)"
"""No drift declares this, so that nobody can approve a value that nobody has seen."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One thing that an apply would do, in the drift's words; values are masked.

    Args:
        before: what is live.
        after: what the code says; `NOT_YET_KNOWN` where only the apply will know what that is.
        action: ``create``, ``update``, ``replace``, or what else Terraform would do.
        path: of the attribute in the words of its own resource; empty for the whole resource.
        moved: what is live there differs from what was saved: it drifted, and not only the code changed.
        minor: why it changes nothing by itself, or only repeats another effect; None where it does.
    """

    address: str
    attribute: str
    before: Any
    after: Any
    action: str
    path: Path = ()
    moved: bool = False
    minor: str | None = None


def effects_of(case: Case) -> Iterator[Effect]:
    """Yield all that an apply of this plan would do to the resource; nothing where it leaves it alone."""
    resource = case.resource
    if resource.actions in ((), ("no-op",), ("read",)):
        return
    if resource.actions == ("create",):
        yield _effect(case, (), None, promised(case), action="create")
    elif resource.reason == TAINTED:
        yield _effect(case, ("tainted",), before=True, after=False, action="replace", moved=True)
    elif resource.actions == ("update",):
        yield from _changes(case, list(case.planned()), action="update")
    elif set(resource.actions) == {"create", "delete"}:
        yield from _changes(case, list(case.planned()), action="replace")
    else:
        yield _effect(case, (), resource.address, None, action="/".join(resource.actions))


def _changes(case: Case, planned: list[Difference], *, action: str) -> Iterator[Effect]:
    unknown: list[Path] = [(name,) for name in sorted(case.resource.live or ()) if case.recomputes((name,))]
    if not planned and not unknown:
        yield _effect(case, (), None, None, action=action)
    for path in unknown:
        yield _effect(case, path, case.mask.value("live", path), NOT_YET_KNOWN, action=action)
    if case.is_rule and planned:
        for changed in case.rule_changed():
            yield _effect(case, (), changed.actual, changed.declared, action=action, moved=True)
    real = [difference for difference in planned if case.changes(difference)] or planned
    moved = Paths.at([one.path for one in case.refreshed if case.changes(one)])
    for difference in planned:
        if case.inside_rule(difference):
            continue
        path = difference.path
        after, before = case.shown(path, case.mask.value("wanted", path), case.mask.value("live", path))
        minor = None if difference in real else difference.alike
        if case.repeats_tags(difference, planned):
            minor = "tags_all repeats tags"
        yield _effect(
            case,
            difference.path,
            before,
            after,
            action=action,
            moved=moved.touches(difference.path),
            minor=minor,
        )


def _effect(
    case: Case,
    path: Path,
    before: Any,
    after: Any,
    *,
    action: str,
    moved: bool = False,
    minor: str | None = None,
) -> Effect:
    return Effect(
        address=case.resource.address,
        attribute=case.attribute(path) or "resource",
        before=before,
        after=after,
        action=action,
        path=path,
        moved=moved,
        minor=minor,
    )
