"""The approved state of a target: a masked copy of what was live when it was approved.

Terraform's state forgets: any apply stores the live values of what it refreshes, and undeclared drift is
gone from every later plan while it is still live. A baseline is what an apply can't launder.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from tasks.errors import ToolError
from tasks.terraform.document import block_address

Key = tuple[str, str, str]
"""Terraform's type, its id and the cloud's name: what a resource keeps when it moves to another address."""

_NO_ID = (None, "", "none", "-")
"""What stands as the ``id`` of resources that have none."""

_PLACE = re.compile(r"^(arn:[^:]*:[^:]*|[a-z]+):[^:]*:[^:]*:")
"""Where a name says region and account; of a resource without an ARN these are most of its plan's."""


@dataclass(frozen=True, kw_only=True)
class Approved:
    """One resource as it was approved.

    Args:
        attributes: masked; a secret stands as a keyed digest, so that a change of it still shows.
        digest: keyed, of all of them as they were before they were masked: a look that comes to the same
            needs neither mask nor compare them. Empty in baselines of before it was kept.
    """

    resource_id: str
    resource_type: str
    attributes: Mapping[str, Any]
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The approved state of one target.

    Args:
        taken_at: when the look was that it was taken from, with a time zone.
        resources: by Terraform address.
        replaced: what was approved at addresses where `resources` holds a later resource.
        extends: the digest of the baseline that this one only adds to; None for one that stands alone.
    """

    target: str
    taken_at: datetime
    resources: Mapping[str, Approved] = field(default_factory=dict)
    replaced: tuple[tuple[str, Approved], ...] = ()
    extends: str | None = None

    def find(
        self, address: str, *, resource_id: str, own_id: Any, here: Collection[str] = ()
    ) -> Approved | None:
        """Return what was approved of a resource, at whatever address it was; None for one that is new.

        Who moves a resource must not launder it, so its name in the cloud decides and not its address. Nor
        must who adds others: a name may say account and region as most of its plan does, so where nothing
        has that name, what stood at the address under the same id is the same resource, and so is what is
        called so but for the place and has left its own address.

        Args:
            address: where it is now.
            resource_id: what it is called.
            own_id: its ``id`` attribute, masked.
            here: the addresses of all that is there now: what stands at its own has not moved.
        """
        stood = [one for one in self._by_address.get(address, ()) if one.attributes.get("id") == own_id]
        named = next((one for one in stood if one.resource_id == resource_id), None)
        if named is not None:
            return named
        key = key_of(address, self.target, resource_id=resource_id, own_id=own_id)
        held = self._by_key.get(key, {})
        if held or stood:
            return held.get(address) or next(iter(held.values()), None) or stood[0]
        left = self._by_name.get(_without_place(key), {}) if own_id not in _NO_ID else {}
        return next((one for at, one in left.items() if here and at not in here), None)

    def extended(self, additions: Iterable[Self]) -> Self:
        """Return the baseline and what others add; nothing they say of a resource held already counts."""
        grown = self
        for added in additions:
            fresh = {address: one for address, one in added.resources.items() if grown._lacks(address, one)}
            replaced = [
                (address, grown.resources[address]) for address in fresh if address in grown.resources
            ]
            grown = replace(
                grown,
                resources={**grown.resources, **fresh},
                replaced=(*grown.replaced, *replaced),
            )
        return grown

    def _lacks(self, address: str, one: Approved) -> bool:
        own_id = one.attributes.get("id")
        return self.find(address, resource_id=one.resource_id, own_id=own_id) is None

    @cached_property
    def _by_key(self) -> dict[Key, dict[str, Approved]]:
        found: dict[Key, dict[str, Approved]] = {}
        for address, one in self._held:
            key = key_of(address, self.target, resource_id=one.resource_id, own_id=one.attributes.get("id"))
            found.setdefault(key, {})[address] = one
        return found

    @cached_property
    def _by_name(self) -> dict[Key, dict[str, Approved]]:
        found: dict[Key, dict[str, Approved]] = {}
        for key, held in self._by_key.items():
            found.setdefault(_without_place(key), {}).update(held)
        return found

    @cached_property
    def _by_address(self) -> dict[str, list[Approved]]:
        found: dict[str, list[Approved]] = {}
        for address, one in self._held:
            found.setdefault(address, []).append(one)
        return found

    @cached_property
    def _held(self) -> list[tuple[str, Approved]]:
        """All that was approved, the later of one address first."""
        return sorted((*self.resources.items(), *self.replaced), key=lambda held: held[0])

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON values, for sealing; `from_document` reads it back."""
        extends = {} if self.extends is None else {"extends": self.extends}
        return {
            **extends,
            "target": self.target,
            "taken_at": self.taken_at.isoformat(),
            "resources": {
                address: {
                    "resource_id": one.resource_id,
                    "resource_type": one.resource_type,
                    "attributes": dict(one.attributes),
                    "digest": one.digest,
                }
                for address, one in self.resources.items()
            },
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the baseline that `to_document` wrote down.

        Raises:
            ToolError: it is not one.
        """
        try:
            resources = {
                str(address): Approved(
                    resource_id=str(one["resource_id"]),
                    resource_type=str(one["resource_type"]),
                    attributes=dict(one["attributes"]),
                    digest=str(one.get("digest", "")),
                )
                for address, one in document["resources"].items()
            }
            taken_at = datetime.fromisoformat(document["taken_at"])
            extends = document.get("extends")
            return cls(
                target=str(document["target"]),
                taken_at=taken_at,
                resources=resources,
                extends=None if extends is None else str(extends),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ToolError(
                f"the baseline is not readable ({type(error).__name__}: {error}); expected target, "
                "taken_at and resources; accept a new one with `holdfast baseline accept`"
            ) from error

    @classmethod
    def of(
        cls,
        target: str,
        live: Mapping[str, Mapping[str, Any]],
        *,
        taken_at: datetime,
        extends: str | None = None,
    ) -> Self:
        """Return the baseline that approves what an `Answer` says is live."""
        return cls.from_document(
            {"target": target, "taken_at": taken_at.isoformat(), "resources": live, "extends": extends}
        )


def key_of(address: str, target: str, *, resource_id: str, own_id: Any) -> Key:
    """Return what names a resource apart from where it stands in code.

    What no cloud names is called after its address (`resource_id` ends in ``<target>/<address>``): there the
    id alone tells, and where it has none of its own nothing but the address.
    """
    kind = block_address(address).split(".")[-2:][0]
    nameless = resource_id.endswith(f"{target}/{address}") and own_id not in _NO_ID
    return kind, "" if own_id is None else str(own_id), "" if nameless else resource_id


def _without_place(key: Key) -> Key:
    kind, own_id, resource_id = key
    return kind, own_id, _PLACE.sub(r"\1:", resource_id)
