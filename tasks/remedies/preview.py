"""What a remedy would do, what it did, and the two ways in which it says no."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from evidence.canonical import canonical_json, sha256_hex
from taxonomy.drift import Drift


class RefusedError(Exception):
    """The remedy can't be kept to this one drift, or would destroy something; a person has to do it."""


class StaleError(Exception):
    """The world is no longer as it was when the drift was found or the preview approved; look again."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Exactly what a remedy would do; nothing in it is secret.

    Args:
        remedy: its name.
        digest: SHA-256 of the canonical JSON of `document`, in hex; what an approval binds to.
        document: what would change, as plain JSON values.
        summary: the same in lines for people.
    """

    remedy: str
    digest: str
    document: Mapping[str, Any]
    summary: tuple[str, ...]

    @classmethod
    def of(cls, remedy: str, document: Mapping[str, Any], summary: tuple[str, ...]) -> Self:
        """Return the preview of this document."""
        return cls(remedy=remedy, digest=digest_of(document), document=dict(document), summary=summary)

    @property
    def wants_person(self) -> bool:
        """Whether it is never done without a person, whatever the tier.

        So it is where something would be destroyed and created anew, and where what is live is what was last
        saved: then nobody can tell an absorbed change by hand from code that was changed after an apply.
        """
        return bool(self.document.get("destroys") or self.document.get("as_saved"))

    def because(self, reason: str) -> Self:
        """Return the preview with a reason why it is this remedy, which its digest covers."""
        document = {**self.document, "because": reason}
        return replace(self, document=document, digest=digest_of(document), summary=(reason, *self.summary))

    def check(self, drift: Drift) -> None:
        """Return only where the preview is whole and of this drift.

        Raises:
            StaleError: it was altered, or is of another drift or of this one as it was before.
        """
        if digest_of(self.document) != self.digest:
            raise StaleError("the preview does not have the digest that was approved; preview again")
        for key, value in (("drift_id", drift.drift_id), ("fingerprint", drift.fingerprint)):
            if self.document.get(key) != value:
                raise StaleError(
                    f"the preview is of {key} {self.document.get(key)}, expected {value}; preview again"
                )

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON values, for sealing; `from_document` reads it back."""
        return {
            "remedy": self.remedy,
            "digest": self.digest,
            "document": dict(self.document),
            "summary": list(self.summary),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the preview that `to_document` wrote down.

        Raises:
            KeyError: it is not one.
        """
        return cls(
            remedy=document["remedy"],
            digest=document["digest"],
            document=document["document"],
            summary=tuple(document["summary"]),
        )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a remedy did; whether the drift is gone is for another look to say.

    Args:
        changes: what was changed, in the preview's shape; empty where the remedy changes nothing itself.
        summary: the same in lines for people.
    """

    remedy: str
    changes: tuple[Mapping[str, Any], ...] = ()
    summary: tuple[str, ...] = field(default=())


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON of a document, in hex."""
    return sha256_hex(canonical_json(document).encode())
