"""The shape of evidence: columns, closed word lists, and which control ids may become a folder.

The words are those of the public contract; a new one is a change of that contract.
"""

import dataclasses
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from evidence.errors import EvidenceError

SCHEMA_VERSION = "1"

COLUMNS: dict[str, str] = {
    "record_id": "VARCHAR",
    "step": "VARCHAR",
    "occurred_at": "TIMESTAMP WITH TIME ZONE",
    "estate": "VARCHAR",
    "target": "VARCHAR",
    "layer": "VARCHAR",
    "drift_id": "VARCHAR",
    "episode": "INTEGER",
    "fingerprint": "VARCHAR",
    "provider": "VARCHAR",
    "account": "VARCHAR",
    "region": "VARCHAR",
    "resource_id": "VARCHAR",
    "resource_type": "VARCHAR",
    "address": "VARCHAR",
    "kind": "VARCHAR",
    "attribute": "VARCHAR",
    "declared": "VARCHAR",
    "actual": "VARCHAR",
    "severity": "VARCHAR",
    "tier": "VARCHAR",
    "rule_id": "VARCHAR",
    "taxonomy_digest": "VARCHAR",
    "actor": "VARCHAR",
    "actor_kind": "VARCHAR",
    "author": "VARCHAR",
    "author_confidence": "VARCHAR",
    "decision": "VARCHAR",
    "reason": "VARCHAR",
    "outcome": "VARCHAR",
    "snapshot_sha256": "VARCHAR",
    "preview_sha256": "VARCHAR",
    "decision_sha256": "VARCHAR",
    "run_id": "VARCHAR",
    "source": "VARCHAR",
    "details": "VARCHAR",
    "framework": "VARCHAR",
    "control_id": "VARCHAR",
    "month": "VARCHAR",
}
PARTITIONS = ("framework", "control_id", "month")

STEPS = frozenset(
    {
        "swept",
        "detected",
        "classified",
        "baselined",
        "snapshotted",
        "previewed",
        "asked",
        "reminded",
        "decided",
        "refused",
        "remediated",
        "verified",
        "undone",
        "waived",
        "frozen",
        "thawed",
        "closed",
    }
)
OUTCOMES = frozenset(
    {
        "clean",
        "drifted",
        "could-not-look",
        "approved",
        "rejected",
        "restored",
        "failed",
        "stale",
        "expired",
        "unauthorised",
        "over-limit",
        "gone",
    }
)
STATES = frozenset(
    {
        "open",
        "waiting",
        "approved",
        "rejected",
        "waived",
        "restored",
        "adopted",
        "gone",
    }
)

# Both become folder names: no separators, no control characters, no leading dot, no `..`.
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ()_:+-]|\.(?!\.)){0,63}")
_WRITER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def check_control_id(value: str | None, what: str) -> None:
    """Refuse a framework or control id that can't safely name a folder.

    Args:
        value: the id, such as ``CM-6(1)``, ``2.2``, ``CC7.1``.
        what: ``framework`` or ``control id``, for the message.

    Raises:
        EvidenceError: it is empty, longer than 64 characters, or holds anything but letters, digits,
            blanks and ``( ) _ : + - .``.
    """
    if value is None or not _ID.fullmatch(value):
        raise EvidenceError(
            f"the {what} {value!r} can't name a folder: expected 1 to 64 letters, digits or '( ) _ : + - .', "
            f"starting with a letter or digit and without '..'; correct it in the controls of the taxonomy"
        )


def check_writer(value: str) -> None:
    """Refuse a writer's name that can't safely name a folder.

    Raises:
        EvidenceError: it is empty, longer than 63 characters, or holds a separator.
    """
    if not _WRITER.fullmatch(value):
        raise EvidenceError(
            f"the writer {value!r} can't name a folder: expected 1 to 63 letters, digits, '.', '_' or '-', "
            f"starting with a letter or digit"
        )


def record_id(now: datetime) -> str:
    """Return a new UUIDv7 whose time is `now`, to the millisecond (https://www.rfc-editor.org/rfc/rfc9562)."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    bits = (
        (milliseconds << 80)
        | (0x7 << 76)
        | (secrets.randbits(12) << 64)
        | (0b10 << 62)
        | secrets.randbits(62)
    )
    return str(uuid.UUID(int=bits))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of evidence: one record, one attribute, one control.

    Every field is a column of the contract, in its order; `month` follows from `occurred_at`.

    Raises:
        EvidenceError: a word outside its closed list, a time without UTC, or an id that can't name a folder.
    """

    record_id: str
    step: str
    occurred_at: datetime
    estate: str
    target: str | None = None
    layer: str | None = None
    drift_id: str | None = None
    episode: int | None = None
    fingerprint: str | None = None
    provider: str | None = None
    account: str | None = None
    region: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    address: str | None = None
    kind: str | None = None
    attribute: str | None = None
    declared: str | None = None
    actual: str | None = None
    severity: str | None = None
    tier: str | None = None
    rule_id: str | None = None
    taxonomy_digest: str | None = None
    actor: str | None = None
    actor_kind: str | None = None
    author: str | None = None
    author_confidence: str | None = None
    decision: str | None = None
    reason: str | None = None
    outcome: str | None = None
    snapshot_sha256: str | None = None
    preview_sha256: str | None = None
    decision_sha256: str | None = None
    run_id: str | None = None
    source: str | None = None
    details: str | None = None
    framework: str = "none"
    control_id: str = "unmapped"

    def __post_init__(self) -> None:
        """Refuse what would make the evidence unreadable later."""
        if self.step not in STEPS:
            raise EvidenceError(
                f"the step {self.step!r} is no word of the contract: expected one of {sorted(STEPS)}"
            )
        if self.outcome is not None and self.outcome not in OUTCOMES:
            raise EvidenceError(
                f"the outcome {self.outcome!r} is no word of the contract: expected one of {sorted(OUTCOMES)}"
            )
        if self.occurred_at.utcoffset() != timedelta(0):
            raise EvidenceError(
                f"occurred_at {self.occurred_at.isoformat()} is not UTC: expected an aware UTC time"
            )
        if not self.record_id or not self.estate:
            raise EvidenceError("a row needs a record_id and an estate; got an empty one")
        check_control_id(self.framework, "framework")
        check_control_id(self.control_id, "control id")

    @property
    def month(self) -> str:
        """The month of `occurred_at` in UTC, such as ``2026-11``."""
        return self.occurred_at.astimezone(UTC).strftime("%Y-%m")

    def as_record(self) -> dict[str, str | int | None]:
        """Return the columns by name in the contract's order, the time as ISO 8601 text."""
        fields: dict[str, str | int | None] = {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self)
        }
        return {**fields, "occurred_at": self.occurred_at.isoformat(), "month": self.month}
