"""What an apply of one plan would do to one resource, in the words of the drift that it would undo."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.terraform.difference import Difference, Path, Paths, differences, shown
from tasks.terraform.judge import Case
from tasks.terraform.verdict import TAINTED


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One thing that an apply would do, in the drift's words; values are masked.

    Args:
        before: what is live.
        after: what the code says; what is known only after an apply is left out.
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
        yield _effect(case, (), None, case.promised(), action="create")
    elif resource.reason == TAINTED:
        yield _effect(case, ("tainted",), before=True, after=False, action="replace", moved=True)
    elif resource.actions == ("update",):
        yield from _changes(case, list(case.planned()), action="update")
    elif set(resource.actions) == {"create", "delete"}:
        yield from _changes(case, list(case.planned()), action="replace")
    else:
        yield _effect(case, (), resource.address, None, action="/".join(resource.actions))


def _changes(case: Case, planned: list[Difference], *, action: str) -> Iterator[Effect]:
    if not planned:
        yield _effect(case, (), None, None, action=action)
    if case.is_rule and planned:
        for changed in case.rule_changed():
            yield _effect(case, (), changed.actual, changed.declared, action=action, moved=True)
    real = [difference for difference in planned if difference.alike is None] or planned
    moved = _moved(case)
    for difference in planned:
        if case.inside_rule(difference):
            continue
        after, before = shown(
            case.mask.value("wanted", difference.path), case.mask.value("live", difference.path)
        )
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


def _moved(case: Case) -> Paths:
    saved = case.resource.state
    return Paths.of([] if saved is None else list(differences(saved, case.resource.live)))


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
