"""What is live in one place, as nouns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tasks.inventory.table import ROWS, TAGGED, TYPES, Row, Scope
from taxonomy.holding import Unseen
from taxonomy.resources import Identity


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where to look.

    Args:
        account: that the caller must be in.
        region: of the calls.
        role_arn: a role to assume first.
        scope: `account` for the services without a region, `region` for the others.
        types: Terraform's words for what to look for.
    """

    account: str
    region: str
    role_arn: str | None = None
    scope: Scope = "region"
    types: frozenset[str] = TYPES

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is asked here."""
        return tuple(row for row in ROWS if row.scope == self.scope and row.type in self.types)

    @property
    def tagged(self) -> frozenset[str]:
        """What only the tagging API tells of here."""
        return self.types.intersection(TAGGED) if self.scope == "region" else frozenset()


@dataclass(frozen=True, kw_only=True)
class Live:
    """One live resource.

    Args:
        region: None where it has none.
        created: when it was made, where its service says so.
        latest: an instant at which it was there already.
        known: why it is no drift though no state declares it; None where it is.
        doubt: why nobody can say whether it is; None where one can.
    """

    identity: Identity
    region: str | None
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    latest: datetime | None = None
    known: str | None = None
    doubt: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """Its id and every alias."""
        return frozenset({self.identity.resource_id, *self.identity.aliases})


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What is live in one place.

    Args:
        unseen: what could not be looked for; of that, nothing is known.
        strangers: how many tagged resources there are of kinds that nothing here knows, by kind.
        tags: by ARN, of whatever the tagging API knows there.
    """

    place: Place
    live: tuple[Live, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    strangers: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def listed(self) -> frozenset[str]:
        """The types whose live resources are all here."""
        asked = {row.type for row in self.place.rows} | self.place.tagged
        return frozenset(asked - {unseen.resource_type for unseen in self.unseen})
