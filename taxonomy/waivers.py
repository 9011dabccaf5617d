"""What people accept for a while: waivers of one value, and noise rules for what says nothing.

They are data that people wrote, so unknown keys are refused. Whether one holds today is `standing`'s to
say. Every failure leads to a report: what can't be read, is past its end or names nobody waives nothing.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from taxonomy.errors import Problem
from taxonomy.observation import Kind
from taxonomy.rule import RULE_ID
from taxonomy.when import Glob, OneOrMore, When, canonical

LONGEST = timedelta(days=366)
"""How far ahead an end may lie: what is accepted for ever is code that nobody has written yet."""

SOON = timedelta(days=14)
"""How long before its end a waiver or noise rule is told to be about to end."""

_ATTRIBUTE = re.compile(r"[^*.]+(\.[^*.]+)*(\.\*)?")


def _instant(value: object) -> object:
    # pydantic reads a number as seconds since 1970, which no person means
    if isinstance(value, str | datetime):
        return value
    raise ValueError("expected an instant with its zone, such as 2027-01-31T18:00:00+00:00")


def _attribute(value: object) -> object:
    if isinstance(value, str) and _ATTRIBUTE.fullmatch(value):
        return value
    raise ValueError("expected one attribute, or x.* for all below x; a bare * would accept everything")


def _exact(value: object) -> object:
    if isinstance(value, str) and value and "*" not in value:
        return value
    raise ValueError("expected one resource by its whole id, as `holdfast drift show` prints it")


class Waiving(BaseModel):
    """What a waiver and a noise rule have in common: who accepts, why, and until when.

    Args:
        id: names it in reports and evidence; waivers and noise rules share the names.
        owner: the person or team that has to end it.
        approver: a person of the estate file, as `people` or a role names them.
        expires: an instant with its zone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=RULE_ID, max_length=64)
    reason: str = Field(min_length=10, max_length=500)
    owner: str = Field(min_length=2, max_length=100)
    approver: str = Field(min_length=1, max_length=100)
    expires: Annotated[AwareDatetime, BeforeValidator(_instant)]


class Waiver(Waiving):
    """One value, at one attribute of one resource, that is accepted; any other value is a new drift.

    Args:
        resource: the whole id.
        attribute: one, or ``x.*`` for ``x`` and all below it.
        kind: of the change; that a value is accepted does not accept that the resource is gone.
        actual: the live value accepted, each covered change's own; a concealed one by its digest.
        fingerprint: instead of `actual`, that of the whole drift.
    """

    resource: Annotated[str, BeforeValidator(_exact)]
    attribute: Annotated[str, BeforeValidator(_attribute)]
    kind: Kind = "changed"
    actual: Any = None
    fingerprint: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _pins_one_value(self) -> Self:
        if ("actual" in self.model_fields_set) == (self.fingerprint is not None):
            raise ValueError("expected exactly one of actual (the value accepted) and fingerprint")
        try:
            canonical(self.actual)
        except (TypeError, ValueError):
            raise ValueError("expected actual as a JSON value; put a date or time in quotes") from None
        return self

    @property
    def pinned(self) -> str | None:
        """The accepted value as canonical JSON; None where the whole drift is pinned."""
        return None if self.fingerprint else canonical(self.actual)


class Noise(Waiving):
    """Changes of a sort that say nothing here, wherever they are seen.

    Never what weakens, what an apply would undo, what is critical, or any kind but ``changed``; and what
    nobody has judged only where the rule says ``direction: unknown``.

    Args:
        rule: globs over the id of the rule that decided.
        when: as in a rule; it names types and attributes, neither by a bare ``*``.
    """

    rule: OneOrMore[Glob] | None = None
    when: When

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        for key in ("resource_type", "attribute"):
            globs = getattr(self.when, key) or ()
            if not globs or any(not glob.replace("*", "").strip(".") for glob in globs):
                raise ValueError(f"expected when.{key} that names something; a bare * would hide everything")
        if {"weakened", "strengthened"} & set(self.when.direction or ()):
            raise ValueError("expected direction lateral or unknown: noise hides nothing that was judged")
        if self.when.kind not in {None, ("changed",)}:
            raise ValueError("expected no kind but changed: accept anything else by a waiver of its resource")
        if self.when.newly_admits or self.when.newly_grants:
            raise ValueError("expected no newly_admits or newly_grants: what lets somebody in is no noise")
        return self

    @property
    def directions(self) -> tuple[str, ...]:
        """Which directions it may hide."""
        return self.when.direction or ("lateral",)


Written = TypeVar("Written", bound=Waiving)


@dataclass(frozen=True, kw_only=True)
class Filed(Generic[Written]):
    """One waiver or noise rule, and where it stands."""

    what: Written
    file: str
    line: int

    @property
    def place(self) -> str:
        """The place as ``file:line``."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Waivers:
    """All waivers and noise rules in files, who may approve them, and what of them can't be read.

    Args:
        people: every name that the estate file gives to somebody. None where no estate is known: then
            no file waives anything, and a signed decision counts as it was signed.
        problems: entries and files that accept nothing because they are written wrong.
    """

    waivers: tuple[Filed[Waiver], ...] = ()
    noise: tuple[Filed[Noise], ...] = ()
    problems: tuple[Problem, ...] = ()
    people: frozenset[str] | None = None


NONE_FILED = Waivers()
"""No file waives anything."""

Standing = Literal["holds", "expired", "idle", "moved", "refused"]
"""``idle``: nothing has drifted that it could accept. ``moved``: something has, to another value.
``refused``: it is written wrong, or nobody may accept so. Only what ``holds`` accepts anything."""


def standing(what: Waiving, *, people: Collection[str], now: datetime) -> tuple[Standing, str]:
    """Return whether a waiver or noise rule may be used now, and if not, why.

    Args:
        what: the waiver or noise rule.
        people: by every name that the estate file gives them.
        now: an aware instant.
    """
    if what.expires <= now:
        return "expired", f"ended {what.expires.isoformat()}: what it accepted is reported again"
    if (late := too_late(what, now)) is not None:
        return "refused", late
    if what.approver not in people:
        return "refused", f"expected an approver of the estate file's people or roles, got {what.approver!r}"
    return "holds", ""


def too_late(what: Waiving, now: datetime) -> str | None:
    """Return what is wrong with an end that lies too far ahead; None where it does not."""
    if what.expires <= now + LONGEST:
        return None
    return f"expected an end within {LONGEST.days} days, got {what.expires.isoformat()}"
