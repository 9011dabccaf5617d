"""The approved state of a target: a masked copy of what was live when it was approved.

Terraform's state forgets: any apply stores the live values of what it refreshes, and undeclared drift is
gone from every later plan while it is still live. A baseline is what an apply can't launder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from tasks.errors import ToolError


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
    """

    target: str
    taken_at: datetime
    resources: Mapping[str, Approved] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON values, for sealing; `from_document` reads it back."""
        return {
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
            return cls(target=str(document["target"]), taken_at=taken_at, resources=resources)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ToolError(
                f"the baseline is not readable ({type(error).__name__}: {error}); expected target, "
                f"taken_at and resources; "
                "take a new one with `holdfast baseline accept`"
            ) from error

    @classmethod
    def of(cls, target: str, live: Mapping[str, Mapping[str, Any]], *, taken_at: datetime) -> Self:
        """Return the baseline that approves what an `Answer` says is live."""
        return cls.from_document({"target": target, "taken_at": taken_at.isoformat(), "resources": live})
