"""When a rule holds: its predicates over a change, as a person writes them.

`condition` says each in SQL, `oracle` in Python, and `newly` reads what a change lets in.
"""

import ipaddress
import json
import re
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from taxonomy.drift import Direction, Severity
from taxonomy.observation import Kind
from taxonomy.target import Layer

LAST_PORT = 65535


def canonical(value: Any) -> str:
    """Return the JSON that the table `changes` holds for a value: sorted keys, no spaces, text as itself."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class Listed:
    """Says in the published schema that one thing may stand without brackets."""

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        """Return: one of the items, or a list of them."""
        listed: dict[str, Any] = handler(core)
        return {"anyOf": [listed["items"], listed]}


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _glob(value: str) -> str:
    if not value or any(letter in value for letter in "?[]\\"):
        raise ValueError("expected text in which only * is special; ? [ ] and \\ are not allowed")
    return value


def _addresses(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError as error:
        raise ValueError(f"expected a range of addresses such as 10.0.0.0/8 or ::/0: {error}") from error


def _ports(value: int | str) -> int | str:
    first, last = ports(value)
    if not 0 <= first <= last <= LAST_PORT:
        raise ValueError(f"expected a port, or a range such as 8000-8999, of 0 to {LAST_PORT}")
    return value


def ports(written: int | str) -> tuple[int, int]:
    """Return the first and the last port of ``22`` or ``8000-8999``; what is neither has none, as (1, 0)."""
    if isinstance(written, str) and (found := re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", written)):
        return int(found[1]), int(found[2])
    return (written, written) if isinstance(written, int) else (1, 0)


T = TypeVar("T")
OneOrMore = Annotated[tuple[T, ...], BeforeValidator(_listed), Field(min_length=1), Listed()]
_PLAIN = Field(json_schema_extra={"pattern": r"^[^?\[\]\\]+$"})
Glob = Annotated[str, AfterValidator(_glob), _PLAIN]
LowerGlob = Annotated[str, AfterValidator(_glob), AfterValidator(str.lower), _PLAIN]
Addresses = Annotated[str, AfterValidator(_addresses)]
Ports = Annotated[
    Annotated[int, Field(strict=True)] | Annotated[str, Field(strict=True)], AfterValidator(_ports)
]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Written(BaseModel):
    """Something a person wrote: unknown keys are refused, and nothing changes it afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def meaning(self) -> dict[str, Any]:
        """Return what was written, as plain JSON values."""
        return self.model_dump(mode="json", by_alias=True, include=self.model_fields_set)


class NumberTest(Written):
    """What a number must be; every test given must hold.

    Args:
        above: it is larger than this.
        below: it is smaller than this.
    """

    above: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("expected above, below or both")
        return self


class ValueTest(Written):
    """What one side of a change must be; every test given must hold.

    Args:
        equals: the JSON value, whole.
        one_of: written ``in``: any of these JSON values, whole.
        contains: text that the value's canonical JSON holds somewhere; of several, any one.
        null: True where nothing may stand there, False where something must.
        above: a number, or text that is one, is larger than this.
        below: a number, or text that is one, is smaller than this.
    """

    equals: Any = None
    one_of: tuple[Any, ...] | None = Field(default=None, alias="in", min_length=1)
    contains: OneOrMore[Annotated[str, Field(min_length=1)]] | None = None
    null: bool | None = None
    above: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected at least one of equals, in, contains, null, above, below")
        if "equals" in self.model_fields_set and self.equals is None:
            raise ValueError("expected a value after equals; to ask for nothing, write null: true")
        return self


class NewlyAdmits(Written):
    """Which network traffic a change lets in that was kept out; all keys must hold of one opening.

    Args:
        every_address_of: ranges; of one of them every address is let in now, and was not before.
        any_address_of: ranges; of one of them at least one address is let in anew.
        ports: ports, or ranges as ``8000-8999``, of which any is opened; a plain list of addresses opens all.
    """

    every_address_of: OneOrMore[Addresses] | None = None
    any_address_of: OneOrMore[Addresses] | None = None
    ports: OneOrMore[Ports] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected at least one of every_address_of, any_address_of, ports")
        return self


class NewlyGrants(Written):
    """What a change of a policy grants that was not granted; all keys must hold of one grant.

    Args:
        every_action_of: globs; of one of them every action is granted.
        any_action_of: globs; of one of them at least one action is granted.
        to: ``anyone``: the whole world, with no condition that says who; ``another_account``: one that is
            not the resource's own.
    """

    every_action_of: OneOrMore[LowerGlob] | None = None
    any_action_of: OneOrMore[LowerGlob] | None = None
    to: OneOrMore[Literal["anyone", "another_account"]] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected at least one of every_action_of, any_action_of, to")
        return self


class When(Written):
    """When a rule holds. Each key takes one value or a list of which any may hold; all keys must hold.

    Args:
        layer: the layers that saw it.
        provider: globs.
        account: globs over the cloud's own account or subscription id.
        resource_type: globs, compared without regard to case.
        attribute: globs over the path; ``x.*`` also matches ``x``, itself a glob.
        kind: what is wrong: changed, missing, unmanaged, noncompliant.
        direction: which way it went: weakened, strengthened, lateral, unknown.
        environment: globs over the target's environment.
        reported_severity: how bad the tool itself says it is.
        declared: tests of what was promised.
        actual: tests of what is.
        became_null: something was declared and nothing is there: null, or empty text, list or mapping.
        newly_admits: network traffic that the change lets in.
        newly_grants: what a changed policy grants.
        recurrence: how often this attribute of this resource had drifted and been closed before.
        hours_open: hours since this attribute was first seen drifted, in this life of the drift.
        tags: by tag key, globs of the resource's own tag value.
    """

    layer: OneOrMore[Layer] | None = None
    provider: OneOrMore[Glob] | None = None
    account: OneOrMore[Glob] | None = None
    resource_type: OneOrMore[LowerGlob] | None = None
    attribute: OneOrMore[Glob] | None = None
    kind: OneOrMore[Kind] | None = None
    direction: OneOrMore[Direction] | None = None
    environment: OneOrMore[Glob] | None = None
    reported_severity: OneOrMore[Severity] | None = None
    declared: ValueTest | None = None
    actual: ValueTest | None = None
    became_null: Literal[True] | None = None
    newly_admits: NewlyAdmits | None = None
    newly_grants: NewlyGrants | None = None
    recurrence: NumberTest | None = None
    hours_open: NumberTest | None = None
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

    @property
    def remembers(self) -> bool:
        """Whether it asks for what only earlier sweeps know."""
        return self.recurrence is not None or self.hours_open is not None

    def _paths(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.resource_type or (), self.attribute or ()
