"""What an apply of one plan would do to one resource, in the words of the drift that it would undo."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.terraform import schema
from tasks.terraform.difference import Difference, Path, Paths, at
from tasks.terraform.document import Document
from tasks.terraform.judge import Case
from tasks.terraform.planned import LEAVING, Entry
from tasks.terraform.promise import promised
from tasks.terraform.verdict import TAINTED

NOT_YET_KNOWN = "(known after the apply)"
"""No drift declares this, so that nobody can approve a value that nobody has seen."""

COMPUTED = "the provider computes it; no code sets it"

OF_RULE = frozenset({"security_group_id", "tags", "tags_all", "type"})
"""What of a security group's rule is no part of what it lets through."""


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
    if resource.actions in (*LEAVING, ("read",)):
        return
    found = list(_effects(case))
    yield from found or [_effect(case, (), None, None, action="/".join(resource.actions))]


def effects_beside(document: Document) -> Iterator[Effect]:
    """Yield what an apply would do beside changing resources: delete deposed objects, import, move.

    Deposed objects are what is left of a replacement that was interrupted: they go with the next apply.
    """
    for entry in document.changes:
        if not entry.counts and entry.mode == "managed" and entry.change.actions not in LEAVING:
            yield _beside(entry, "deposed", "/".join(entry.change.actions))
        elif entry.counts and entry.is_imported:
            yield _beside(entry, "resource", "import")
        elif entry.counts and entry.previous_address:
            yield _beside(entry, "address", "move", before=entry.previous_address)


def _beside(entry: Entry, attribute: str, action: str, before: str | None = None) -> Effect:
    return Effect(address=entry.address, attribute=attribute, before=before, after=None, action=action)


def _effects(case: Case) -> Iterator[Effect]:
    resource = case.resource
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
    for path in _unknown(case.resource.unknown):
        if not schema.only_cloud_sets(case.resource.type, path[0]):
            yield _to_be_known(case, path, action)
    if case.is_rule and planned:
        for changed in case.rule_changed():
            yield _effect(case, (), changed.actual, changed.declared, action=action, moved=True)
    real = [difference for difference in planned if case.changes(difference)] or planned
    moved = Paths.at([one.path for one in case.refreshed if case.changes(one)])
    for difference in planned:
        path = difference.path
        if case.is_rule and path[0] not in OF_RULE:
            continue
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


def _unknown(marks: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths that Terraform's ``after_unknown`` marks, down to the leaves."""
    if marks is True:
        yield path
    elif isinstance(marks, dict):
        for key, inner in sorted(marks.items()):
            yield from _unknown(inner, (*path, key))
    elif isinstance(marks, list):
        for place, inner in enumerate(marks):
            yield from _unknown(inner, (*path, str(place)))


def _to_be_known(case: Case, path: Path, action: str) -> Effect:
    """Return what sets a value that nobody knows; a plain one that no code sets is the provider's."""
    live = _live(case, path)
    silent = case.code.says(case.resource.address, path, live) == "nothing"
    minor = COMPUTED if silent and len(path) == 1 and not isinstance(live, (dict, list)) else None
    before = None if live is None else case.mask.value("live", path)
    return _effect(case, path, before, NOT_YET_KNOWN, action=action, minor=minor)


def _live(case: Case, path: Path) -> Any:
    try:
        return at(case.resource.live, path)
    except KeyError:
        return None


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
