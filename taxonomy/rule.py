"""What one rule is: who it is, how serious, what it cites, when it holds, why, and its own proof.

A rule is data that a person wrote, so unknown keys are refused. `Rulebook` loads rules;
`classify` and `oracle` apply them.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from taxonomy.drift import Direction, Severity, Tier
from taxonomy.observation import Kind
from taxonomy.target import Layer

Remedy = Literal["terraform-apply", "by-hand"]
Status = Literal["stable", "experimental"]

RULE_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
CONTROL_ID = re.compile(r"[a-z0-9][a-z0-9.-]*:[A-Za-z0-9][A-Za-z0-9.()-]*")

MEANING = frozenset({"id", "status", "severity", "tier", "controls", "when", "remedy"})
"""The fields that decide; the others explain. A rule's digest is over these."""


def canonical(value: Any) -> str:
    """Return the JSON that the table `changes` holds for a value: sorted keys, no spaces, text as itself."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _glob(value: str) -> str:
    if not value or any(letter in value for letter in "?[]\\"):
        raise ValueError("expected text in which only * is special; ? [ ] and \\ are not allowed")
    return value


def _control(value: str) -> str:
    if ".." in value or not CONTROL_ID.fullmatch(value):
        raise ValueError("expected a control as framework:id, such as nist-800-53-r5:SC-7(3)")
    return value


T = TypeVar("T")
OneOrMore = Annotated[tuple[T, ...], BeforeValidator(_listed), Field(min_length=1)]
Glob = Annotated[str, AfterValidator(_glob)]
LowerGlob = Annotated[str, AfterValidator(_glob), AfterValidator(str.lower)]
Control = Annotated[str, AfterValidator(_control)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ValueTest(_Written):
    """What one side of a change must be; every test given must hold.

    Args:
        equals: the JSON value, whole.
        one_of: written ``in``: any of these JSON values, whole.
        contains: text that the value's canonical JSON holds somewhere; of several, any one.
        null: True where nothing may stand there, False where something must.
    """

    equals: Any = None
    one_of: tuple[Any, ...] | None = Field(default=None, alias="in", min_length=1)
    contains: OneOrMore[Annotated[str, Field(min_length=1)]] | None = None
    null: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected at least one of equals, in, contains, null")
        if "equals" in self.model_fields_set and self.equals is None:
            raise ValueError("expected a value after equals; to ask for nothing, write null: true")
        return self

    def meaning(self) -> dict[str, Any]:
        """Return what was written, as plain JSON values."""
        return self.model_dump(mode="json", by_alias=True, include=self.model_fields_set)


class When(_Written):
    """When a rule holds. Each key takes one value or a list of which any may hold; all keys must hold.

    Args:
        resource_type: globs, compared without regard to case.
        attribute: globs over the path; ``x.*`` also matches ``x``, itself a glob.
        tags: by tag key, globs of the resource's own tag value.
    """

    layer: OneOrMore[Layer] | None = None
    provider: OneOrMore[Glob] | None = None
    resource_type: OneOrMore[LowerGlob] | None = None
    attribute: OneOrMore[Glob] | None = None
    kind: OneOrMore[Kind] | None = None
    direction: OneOrMore[Direction] | None = None
    environment: OneOrMore[Glob] | None = None
    reported_severity: OneOrMore[Severity] | None = None
    declared: ValueTest | None = None
    actual: ValueTest | None = None
    tags: dict[Annotated[str, Field(pattern=r"^[\w .:/=+@-]+$")], OneOrMore[Glob]] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected at least one predicate; a rule without one would match everything")
        return self

    @property
    def specificity(self) -> tuple[int, int]:
        """How narrow this is: predicates given, then letters fixed by its widest type and attribute."""
        widest = (min((len(g.replace("*", "")) for g in globs), default=0) for globs in self._paths())
        return len(self.model_fields_set), sum(widest)

    def _paths(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.resource_type or (), self.attribute or ()


class Example(_Written):
    """Changes that the rule must decide, or must not: one for each of its types with each of its attributes.

    What is left out is taken from the first value of the rule's own `when` (a ``*`` stands as ``x``);
    the direction is always judged, never given.

    Args:
        resource_type: one or several; the example stands for each.
        attribute: one or several; the example stands for each.
        each: ``attribute`` or ``resource_type``, or both: stands for every one that the rule itself names.
    """

    name: str = Field(min_length=3)
    match: bool
    layer: Layer | None = None
    provider: str | None = None
    resource_type: OneOrMore[Annotated[str, Field(min_length=1)]] | None = None
    attribute: OneOrMore[str] | None = None
    each: OneOrMore[Literal["attribute", "resource_type"]] = ()
    kind: Kind | None = None
    environment: str | None = None
    reported_severity: Severity | None = None
    declared: Any = None
    actual: Any = None
    tags: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_once_what_it_stands_for(self) -> Self:
        for key in self.each:
            if getattr(self, key) is not None:
                raise ValueError(f"expected either {key} or each: {key}, not both")
        return self

    def rows(self, when: When) -> Iterator[dict[str, Any]]:
        """Yield the rows of the table `changes` that it stands for, all but direction and drift_id."""
        types = self._named("resource_type", when.resource_type, "aws_example")
        attributes = self._named("attribute", when.attribute, "example")
        for resource_type, attribute in product(types, attributes):
            yield self._row(when) | {"resource_type": resource_type, "attribute": attribute}

    def _named(self, key: str, globs: tuple[str, ...] | None, otherwise: str) -> tuple[str, ...]:
        if key in self.each:
            return tuple(dict.fromkeys(_sample(glob) for glob in globs or ()))
        given: tuple[str, ...] | None = getattr(self, key)
        return given or (_first(globs, otherwise),)

    def _row(self, when: When) -> dict[str, Any]:
        layer = self.layer or _first(when.layer, "terraform")
        return {
            "layer": layer,
            "layers": [layer],
            "provider": self.provider or _first(when.provider, "aws"),
            "kind": self.kind or _first(when.kind, "changed"),
            "environment": self.environment or _first(when.environment, None),
            "reported_severity": self.reported_severity or _first(when.reported_severity, None),
            "reported_controls": [],
            "declared": canonical(self.declared),
            "actual": canonical(self.actual),
            "drift_class": "A" if layer == "terraform" else None,
            "tags": canonical({**_sample_tags(when), **self.tags}),
        }


class Rule(_Written):
    """One rule of the taxonomy.

    Args:
        tier: how much ceremony; what a row really gets is never less than the tier's own law allows.
        because: argues the tier, for the person who has to decide.
        false_positives: when the rule is wrong, and what to do then.
    """

    id: str = Field(pattern=RULE_ID, max_length=64)
    title: str = Field(min_length=8, max_length=120)
    status: Status
    severity: Severity
    tier: Tier
    controls: tuple[Control, ...] = Field(min_length=1)
    when: When
    because: str = Field(min_length=20)
    remedy: Remedy
    false_positives: tuple[str, ...] = Field(min_length=1)
    examples: tuple[Example, ...]

    @model_validator(mode="after")
    def _proves_itself(self) -> Self:
        if {example.match for example in self.examples} != {True, False}:
            raise ValueError("expected at least one example that matches and one that does not")
        for example in self.examples:
            for key in example.each:
                if getattr(self.when, key) is None:
                    raise ValueError(f"example {example.name!r} stands for each {key}, but when names none")
        if self.tier == "auto" and self.remedy != "terraform-apply":
            raise ValueError("expected remedy terraform-apply for tier auto: nobody's hands are automatic")
        if self.tier == "auto" and self.status != "stable":
            raise ValueError("expected status stable for tier auto: an experimental rule puts nothing right")
        return self

    @property
    def digest(self) -> str:
        """The SHA-256 of what the rule decides; words that only explain don't move it."""
        meaning = self.model_dump(mode="json", by_alias=True, include=set(MEANING), exclude_none=True)
        sides = {side: test.meaning() for side, test in self._sides() if test is not None}
        meaning["when"] = {**meaning["when"], **sides}
        return hashlib.sha256(canonical(meaning).encode()).hexdigest()

    def _sides(self) -> tuple[tuple[str, ValueTest | None], ...]:
        return ("declared", self.when.declared), ("actual", self.when.actual)


Text = TypeVar("Text", str, None)


def _first(values: tuple[str, ...] | None, otherwise: Text) -> str | Text:
    return _sample(values[0]) if values else otherwise


def _sample(glob: str) -> str:
    return glob.removesuffix(".*").replace("*", "x")


def _sample_tags(when: When) -> Mapping[str, str | None]:
    return {key: _first(globs, None) for key, globs in (when.tags or {}).items()}
