"""What has drifted: the findings of all layers about one resource, merged and classified."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from taxonomy.observation import DriftClass, Kind
from taxonomy.target import Layer

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
"""Worst first. How bad; it never says how much ceremony."""

Tier = Literal["review", "record", "auto"]
TIERS: tuple[Tier, ...] = ("review", "record", "auto")
"""Most ceremony first: a drift takes the first that any of its changes has."""

Direction = Literal["weakened", "unknown", "lateral", "strengthened"]
DIRECTIONS: tuple[Direction, ...] = ("weakened", "unknown", "lateral", "strengthened")
"""Worst first. ``lateral`` was judged to be neither; ``unknown`` was not judged."""

State = Literal["open", "waiting", "approved", "rejected", "waived", "restored", "adopted", "gone"]

STATES: tuple[State, ...] = (
    "open",
    "waiting",
    "approved",
    "rejected",
    "waived",
    "restored",
    "adopted",
    "gone",
)

OPEN_STATES: frozenset[State] = frozenset({"open", "waiting", "approved", "rejected"})
"""States that count as open drift: waived and restored drift is not open."""

UNCLASSIFIED = "unclassified"
"""The rule id of a change that no rule matches; it goes to review."""


@dataclass(frozen=True, kw_only=True)
class DriftChange:
    """One attribute that drifted, merged over the layers that saw it, and classified.

    Args:
        layer: the layers that saw exactly this, joined by ``+``.
        controls: of this attribute, as ``framework:id``; not the drift's union.
        recurrence: how often it had drifted and been closed before, where a rule asks for it.
        hours_open: hours since it was first seen in this episode, likewise.
    """

    attribute: str
    kind: Kind
    declared: Any
    actual: Any
    redacted: bool
    drift_class: DriftClass | None
    layer: str
    direction: Direction
    severity: Severity
    tier: Tier
    rule_id: str
    controls: tuple[str, ...]
    source: str | None = None
    source_file: str | None = None
    source_line: int | None = None
    recurrence: int = 0
    hours_open: float = 0.0

    @property
    def in_code(self) -> str | None:
        """Where it is declared, as ``file:line``; None where that is not known."""
        return f"{self.source_file}:{self.source_line}" if self.source_file else None


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The findings of all layers about one resource, merged and classified.

    Args:
        drift_id: names the resource in its estate and stays.
        fingerprint: the content address of what drifted; it moves when that does.
        episode: 1 for the first life.
        aliases: every other address or id it was seen under.
        because: why the rule that decided puts it into its tier.
        remedy: what the deciding rule says restores it (``terraform-apply``, ``by-hand``).
    """

    drift_id: str
    fingerprint: str
    episode: int
    state: State
    kind: Kind
    resource_id: str
    resource_type: str
    address: str | None
    aliases: tuple[str, ...]
    provider: str
    account: str | None
    region: str | None
    environment: str | None
    layers: tuple[Layer, ...]
    targets: tuple[str, ...]
    severity: Severity
    tier: Tier
    direction: Direction
    rule_id: str
    because: str
    remedy: str
    controls: tuple[str, ...]
    tags: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[DriftChange, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the drift as plain JSON values, for evidence; `from_document` reads it back."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the drift that `to_document` wrote down.

        Raises:
            TypeError: a key is missing or not known.
        """
        lists = ("aliases", "layers", "targets", "controls")
        fields: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in document.items()}
        fields["changes"] = tuple(
            DriftChange(**{**row, "controls": tuple(row["controls"])}) for row in document["changes"]
        )
        return cls(**fields)
