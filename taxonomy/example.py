"""A rule's own proof: changes that it must decide, and near misses that it must not."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, model_validator

from taxonomy.drift import Severity
from taxonomy.observation import Kind
from taxonomy.target import Layer
from taxonomy.when import OneOrMore, When, Written, canonical


class Example(Written):
    """Changes that the rule must decide, or must not: one for each of its types with each of its attributes.

    What is left out is taken from the first value of the rule's own `when` (a ``*`` stands as ``x``);
    the direction is always judged, never given.

    Args:
        resource_type: one or several; the example stands for each.
        attribute: one or several; the example stands for each.
        recurrence: how often it had drifted and been closed before.
        hours_open: hours since it was first seen drifted.
        each: ``attribute`` or ``resource_type``, or both: stands for every one that the rule itself names.
    """

    name: str = Field(min_length=3)
    match: bool
    layer: Layer | None = None
    provider: str | None = None
    account: str | None = None
    resource_type: OneOrMore[Annotated[str, Field(min_length=1)]] | None = None
    attribute: OneOrMore[str] | None = None
    each: OneOrMore[Literal["attribute", "resource_type"]] = ()
    kind: Kind | None = None
    environment: str | None = None
    reported_severity: Severity | None = None
    declared: Any = None
    actual: Any = None
    recurrence: int = Field(default=0, ge=0)
    hours_open: float = Field(default=0, ge=0, allow_inf_nan=False)
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
            "account": self.account or _first(when.account, None),
            "kind": self.kind or _first(when.kind, "changed"),
            "environment": self.environment or _first(when.environment, None),
            "reported_severity": self.reported_severity or _first(when.reported_severity, None),
            "reported_controls": [],
            "declared": canonical(self.declared),
            "actual": canonical(self.actual),
            "recurrence": self.recurrence,
            "hours_open": self.hours_open,
            "drift_class": "A" if layer == "terraform" else None,
            "tags": canonical({**_sample_tags(when), **self.tags}),
        }


Text = TypeVar("Text", str, None)


def _first(values: tuple[str, ...] | None, otherwise: Text) -> str | Text:
    return _sample(values[0]) if values else otherwise


def _sample(glob: str) -> str:
    return glob.removesuffix(".*").replace("*", "x")


def _sample_tags(when: When) -> Mapping[str, str | None]:
    return {key: _first(globs, None) for key, globs in (when.tags or {}).items()}
