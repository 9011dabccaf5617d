"""The attributes of one resource without its secrets, read path by path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import Any, Literal, Protocol

from tasks.redaction.shapes import REDACTED
from tasks.terraform.difference import Path, at
from tasks.terraform.planned import Planned

Side = Literal["state", "live", "wanted"]


class Conceals(Protocol):
    """What a `tasks.redaction.Redactor` offers here."""

    def conceal(
        self, value: Any, *, resource: str, attribute: str, sensitive: Any = False, again: bool = False
    ) -> tuple[Any, bool]:
        """Return the value with its secrets replaced, and whether there was one.

        Where it is concealed `again`, what stands concealed in it stays so.
        """

    def digest(self, value: Any, *, resource: str) -> str:
        """Return what is the same only for the same value of the same resource, and tells nothing of it."""


@dataclass(kw_only=True)
class Mask:
    """Conceals the attributes of one resource, each only once and only where asked for.

    What either side marks as sensitive is concealed on both, so that a fresh mark doesn't leave the old
    value in clear.
    """

    resource: Planned
    resource_id: str
    redactor: Conceals
    _seen: dict[tuple[Side, str], Any] = field(default_factory=dict)

    def value(self, side: Side, path: Path) -> Any:
        """Return the concealed value at a path of one side; None where there is none."""
        if not path:
            return {key: self._attribute(side, key) for key in self._values(side)}
        tree = {path[0]: self._attribute(side, path[0])}
        try:
            return at(tree, path)
        except KeyError:
            # The walk on the way replaced something whole: then the leaf is as secret as what held it.
            leaf = at(self._values(side), path)
            return self._conceal(leaf, ".".join(path), marks=True)

    def whole(self) -> dict[str, Any]:
        """Return all live attributes as a baseline keeps them: concealed by the marks of all sides."""
        return dict(self._conceal(dict(self._values("live")), "", marks=self._marks))

    def over(self, approved: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was approved as it would be kept today: a mark may be newer than the approval."""
        bare = {key: value for key, value in approved.items() if _bare(value, _mark(self._marks, key))}
        if not bare:
            return dict(approved)
        concealed, _ = self.redactor.conceal(
            bare, resource=self.resource_id, attribute="", sensitive=self._marks, again=True
        )
        return {**approved, **concealed}

    @cached_property
    def _marks(self) -> Any:
        return union(*self.resource.marks.values())

    def _values(self, side: Side) -> Mapping[str, Any]:
        return getattr(self.resource, side) or {}

    def _attribute(self, side: Side, key: str) -> Any:
        if (side, key) not in self._seen:
            marks = {key: _mark(self._marks, key)}
            concealed = self._conceal({key: self._values(side).get(key)}, "", marks=marks)
            self._seen[side, key] = next(iter(concealed.values()))
        return self._seen[side, key]

    def _conceal(self, value: Any, attribute: str, *, marks: Any) -> Any:
        concealed, _ = self.redactor.conceal(
            value, resource=self.resource_id, attribute=attribute, sensitive=marks
        )
        return concealed


def union(*marks: Any) -> Any:
    """Return the mark that marks whatever any of these does."""
    objects = [mark for mark in marks if mark and isinstance(mark, Mapping)]
    lists = [mark for mark in marks if mark and isinstance(mark, list)]
    if any(mark is True for mark in marks) or (objects and lists):
        return True
    if objects:
        keys = sorted({key for mark in objects for key in mark})
        return {key: union(*(mark.get(key, False) for mark in objects)) for key in keys}
    if lists:
        return [union(*row) for row in zip_longest(*lists, fillvalue=False)]
    return False


def _mark(marks: Any, key: str) -> Any:
    return marks.get(key, False) if isinstance(marks, Mapping) else marks is True


def _bare(value: Any, mark: Any) -> bool:
    """Say whether something marked stands there in clear."""
    if mark is True:
        return value not in (None, "", [], {}) and not (isinstance(value, str) and REDACTED.fullmatch(value))
    if isinstance(value, Mapping) and isinstance(mark, Mapping):
        return any(_bare(value.get(key), inner) for key, inner in mark.items())
    if isinstance(value, list) and isinstance(mark, list):
        return any(map(_bare, value, mark))
    return False
