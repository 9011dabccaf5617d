"""What surroundings change about a decision: an environment, or the class of the data that a resource holds.

A tier is only ever raised: no override is a way into `auto`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from taxonomy.drift import SEVERITIES, TIERS, Direction, Severity, Tier
from taxonomy.rule import RULE_ID
from taxonomy.when import Glob, LowerGlob, OneOrMore, canonical

Reason = Annotated[str, Field(min_length=20)]


class Written(BaseModel):
    """A part of the file: nothing unknown in it, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Surroundings(Written):
    """When an override holds; each key takes one value or several of which any may hold, all keys must hold.

    Args:
        data_class: globs over the values of any tag of `data_class_tags`, without regard to case.
    """

    environment: OneOrMore[Glob] | None = None
    data_class: OneOrMore[LowerGlob] | None = None
    direction: OneOrMore[Direction] | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.environment is None and self.data_class is None:
            raise ValueError("expected environment or data_class; what holds everywhere is for rules")
        return self


class Raise(Written):
    """How a decision becomes stricter.

    Args:
        tier: at least so much ceremony.
        severity: how many steps up.
    """

    tier: Literal["review", "record"] | None = None
    severity: int = Field(default=0, ge=0, le=4)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.tier is None and not self.severity:
            raise ValueError("expected a tier, or by how many steps the severity rises")
        return self


class Lower(Written):
    """How a severity becomes milder; a tier never does.

    Args:
        severity: how many steps down.
        floor: it is not lowered past this; what is milder already stays.
    """

    severity: int = Field(ge=1, le=4)
    floor: Severity


class Override(Written):
    """One override."""

    id: str = Field(pattern=RULE_ID, max_length=64)
    when: Surroundings
    raised: Raise | None = Field(default=None, alias="raise")
    lower: Lower | None = None
    because: Reason

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.raised is None) == (self.lower is None):
            raise ValueError("expected exactly one of raise and lower")
        if self.lower is not None and "weakened" in (self.when.direction or ("weakened",)):
            raise ValueError(
                "expected when.direction without weakened beside lower: what weakens stays as bad"
            )
        return self


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """All overrides that apply.

    Args:
        overrides: one of each id, in order of id.
        data_class_tags: lower-case keys of tags that name the class of data.
        places: ``file:line`` of each, by id.
    """

    overrides: tuple[Override, ...] = ()
    data_class_tags: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def meaning(self) -> str:
        """All that they decide, as canonical JSON; reasons don't count."""
        told = [one.model_dump(mode="json", exclude={"because"}) for one in self.overrides]
        return canonical({"overrides": told, "data_class_tags": sorted(self.data_class_tags)})


NONE = Overrides()


@dataclass(frozen=True, kw_only=True)
class Overridden:
    """A decision as the surroundings have made it.

    Args:
        by: ids of the overrides that moved it.
    """

    severity: Severity
    tier: Tier
    by: tuple[str, ...] = ()


def override(
    overrides: Iterable[Override],
    *,
    severity: Severity,
    tier: Tier,
    environment: str | None,
    direction: str,
    data_classes: Sequence[str],
) -> Overridden:
    """Return the decision that a rule has made as its surroundings change it.

    The tier is never less ceremony than the rule's. Where anything raises the severity, nothing lowers it;
    of several that raise it the most counts, of several that lower it the least.
    """
    held = [one for one in overrides if _holds(one.when, environment, direction, data_classes)]
    raised = [one.raised for one in held if one.raised is not None]
    lowered = [one.lower for one in held if one.lower is not None]
    now = SEVERITIES.index(severity)
    if up := max((one.severity for one in raised), default=0):
        now = max(0, now - up)
    elif lowered:
        now = min(_down(now, one) for one in lowered)
    counting = [one for one in held if one.lower is None or not up]
    ceremony = min((TIERS.index(one.tier) for one in raised if one.tier), default=len(TIERS))
    return Overridden(
        severity=SEVERITIES[now],
        tier=TIERS[min(ceremony, TIERS.index(tier))],
        by=tuple(one.id for one in counting if _moves(one, severity, tier)),
    )


def told(overrides: Overrides, by: Iterable[str], *, severity: Severity, tier: Tier) -> Iterable[str]:
    """Yield a line per override that moved a decision: which, where it is written, to what, and why."""
    named = {one.id: one for one in overrides.overrides}
    for name in by:
        place = overrides.places.get(name, "no longer there")
        because = f", because: {' '.join(named[name].because.split())}" if name in named else ""
        yield f"override {name} ({place}): made it {severity}, {tier}{because}"


def data_classes(
    keys: Iterable[str], tags: Mapping[str, Any], changes: Iterable[tuple[str, str, Any, Any]]
) -> tuple[str, ...]:
    """Return the classes of data that a resource is said to hold, lower-case, in order.

    Both sides of a tag that drifted count, or whoever takes a tag away would lower the ceremony of it.

    Args:
        keys: lower-case keys of tags that name a class.
        tags: the resource's live tags.
        changes: attribute, kind and both sides of each change of it.
    """
    wanted = set(keys)
    told: list[Mapping[str, Any]] = [tags]
    for attribute, kind, *sides in changes:
        stem, _, key = attribute.partition(".")
        for side in sides:
            if stem in {"tags", "tags_all"}:
                told.append({key: side} if key else side if isinstance(side, Mapping) else {})
            elif kind in {"missing", "unmanaged"} and isinstance(side, Mapping):
                told += [side[name] for name in ("tags", "tags_all") if isinstance(side.get(name), Mapping)]
    values = (value for each in told for key, value in each.items() if key.lower() in wanted)
    return tuple(sorted({value.strip().lower() for value in values if isinstance(value, str)}))


def _holds(when: Surroundings, environment: str | None, direction: str, classes: Sequence[str]) -> bool:
    return (
        (when.environment is None or _any(when.environment, environment))
        and (when.data_class is None or any(_any(when.data_class, one) for one in classes))
        and (when.direction is None or direction in when.direction)
    )


def _any(globs: Iterable[str], text: str | None) -> bool:
    return text is not None and any(fnmatchcase(text, glob) for glob in globs)


def _down(now: int, lower: Lower) -> int:
    return max(now, min(now + lower.severity, SEVERITIES.index(lower.floor)))


def _moves(one: Override, severity: Severity, tier: Tier) -> bool:
    """Whether an override alone would move the decision; what moves nothing is not named."""
    if one.lower is not None:
        return _down(SEVERITIES.index(severity), one.lower) != SEVERITIES.index(severity)
    told = one.raised or Raise(severity=1)
    stricter = told.tier is not None and TIERS.index(told.tier) < TIERS.index(tier)
    return stricter or (told.severity > 0 and severity != SEVERITIES[0])
