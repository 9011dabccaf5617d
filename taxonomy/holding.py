"""Who holds what: which state knows a resource, who else does, and what a look at an account vouches for."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Held:
    """One managed resource, or a part of one, as one state holds it.

    Args:
        address: in that state.
        type: Terraform's word for it; a part's own, not its parent's.
        resource_id: the cloud's own name; a part's parent's.
        prefix: what the attributes of a part begin with; empty where it is a resource of its own.
        names: `resource_id` and every alias.
        inside: ids of resources of their own that are declared inside it, such as an instance's volumes.
        number: the attribute `id`, empty where there is none.
    """

    address: str
    type: str
    resource_id: str
    prefix: str
    names: tuple[str, ...]
    inside: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A resource, or a part of one, that stands twice in the states of an estate: two applies fight over it.

    Args:
        part: as `Held.prefix`.
        addresses: two or more, each ``target:address``, sorted.
        names: every id of the resource.
    """

    resource_id: str
    part: str
    addresses: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def told(self) -> str:
        """What a person reads of it."""
        what = f"Its {self.part} stands" if self.part else "It stands"
        return (
            f"{what} {len(self.addresses)} times in the states of this estate ({', '.join(self.addresses)}), "
            f"and their applies fight over it. A person first decides which one lets go."
        )


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """A kind of resource that could not be looked for: of it, nothing is known.

    Args:
        resource_type: Terraform's word.
        reason: one line, and what to do.
    """

    resource_type: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What a look at the live resources of a place can vouch for.

    Args:
        account: that was looked at.
        region: of it; None where the services have none.
        resource_types: whose live resources were all listed, in Terraform's words.
        live: how many there were.
        untold: ids of those of which nobody could say whether a state holds them.
    """

    account: str
    region: str | None
    resource_types: frozenset[str]
    live: int = 0
    untold: frozenset[str] = frozenset()

    def settles(
        self, *, account: str | None, region: str | None, resource_type: str, names: Collection[str]
    ) -> bool:
        """Return whether this look would have told of such a resource, had it been unmanaged."""
        here = account == self.account and self.region in (None, region)
        return here and resource_type in self.resource_types and not self.untold.intersection(names)
