"""What puts drift right: the only part of Holdfast that changes the world.

Every remedy is a module with a `NAME`, a `preview` that changes nothing and says exactly what `apply`
would do, and an `apply` that does that or refuses.
"""

from types import MappingProxyType
from typing import Protocol

from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.remedies import by_hand, terraform_apply
from tasks.remedies.preview import Outcome, Preview, RefusedError, StaleError
from taxonomy.drift import Drift
from taxonomy.target import AnyTarget

__all__ = ["REMEDIES", "Outcome", "Preview", "RefusedError", "Remedy", "StaleError"]


class Remedy(Protocol):
    """What every remedy's module offers."""

    NAME: str

    def preview(self, drift: Drift, target: AnyTarget, reach: Reach, *, redactor: Redactor) -> Preview:
        """Return exactly what `apply` would do; change nothing."""

    def apply(
        self, drift: Drift, preview: Preview, target: AnyTarget, reach: Reach, *, redactor: Redactor
    ) -> Outcome:
        """Do exactly what was previewed, or refuse."""


REMEDIES: MappingProxyType[str, Remedy] = MappingProxyType(
    {remedy.NAME: remedy for remedy in (terraform_apply, by_hand)}
)
"""Every remedy by the name that rules call it by."""
