"""What detectors say: changes, findings, observations.

Every value in these nouns is already redacted; a secret never enters one.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from taxonomy.holding import Held, Listed, Shared, Unseen
from taxonomy.target import Layer

Kind = Literal["missing", "unmanaged", "changed", "noncompliant"]
KINDS: tuple[Kind, ...] = ("missing", "unmanaged", "changed", "noncompliant")
"""In order: a drift's kind is the first of these that any of its changes has."""

DriftClass = Literal["A", "B"]
"""A: applying the code undoes it. B: it stands in nothing that was declared, so no apply undoes it."""

Look = Literal["clean", "drifted", "could-not-look"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One attribute of one resource, as declared and as it is.

    Args:
        attribute: path in dots (``rule.0.status``); elements of a set have no index.
        declared: the JSON value promised; None where nothing was.
        actual: the JSON value that is; None where there is none.
        kind: of this change; the drift's is the first of `KINDS`.
        drift_class: only Terraform can tell; None elsewhere.
        redacted: True where either side stands as a keyed digest.
        source_file: where it is declared in code, relative to the target.
        source_line: counted from 1.
        reported_severity: how bad the tool itself says it is, in our words; None where it doesn't.
        reported_controls: controls the tool itself cites, as ``framework:id``.
        source: the rule ARN, policy assignment, ``profile/control`` or workspace that says so.
    """

    attribute: str
    declared: Any
    actual: Any
    kind: Kind = "changed"
    drift_class: DriftClass | None = None
    redacted: bool = False
    source_file: str | None = None
    source_line: int | None = None
    reported_severity: str | None = None
    reported_controls: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One detector's claim about one resource.

    Args:
        resource_id: the cloud's own name: ARN, Azure id, or ``host://name/control``.
        resource_type: Terraform's word where there is one, else the cloud's.
        address: the Terraform address; None where no code declares it.
        aliases: every other address or id it is known under; findings that share an id or alias
            are about one resource.
        state: the resource's live attributes, masked; what a snapshot keeps.
    """

    resource_id: str
    resource_type: str
    provider: str
    account: str | None = None
    region: str | None = None
    address: str | None = None
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...]


Category = Literal[
    "unapplied", "ignored", "waived", "codified", "approved", "known", "gone", "repeated", "unjudged", "noise"
]
CATEGORIES: tuple[Category, ...] = (
    "unapplied",
    "ignored",
    "waived",
    "codified",
    "approved",
    "known",
    "gone",
    "repeated",
    "unjudged",
    "noise",
)
"""Why a difference is no drift, in the order of reports. ``unapplied``: the code changed and nobody applied
it. ``ignored``: the code says to leave it. ``waived``: accepted in the tool that looks. ``codified``: live
equals the code, only what was saved is behind. ``approved``: live equals the baseline. ``known``: nobody
declares such a thing. ``gone``: nothing is there any more to compare. ``repeated``: told at another address
or attribute. ``unjudged``: nothing can be said of it. ``noise``: another spelling, or moved by the cloud."""


@dataclass(frozen=True, kw_only=True)
class Suppressed:
    """A difference that is not drift, and why; it stays visible in every report.

    Args:
        category: why, in one word.
        reason: why, in one line.
    """

    target: str
    address: str
    attribute: str
    category: Category
    reason: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What `parse` makes of a raw answer.

    Args:
        findings: one per resource; empty means that everything looked at is as declared.
        looked_at: ids of all resources that were looked at; a count of them is shown.
        live: what is live of all that the target manages, masked: the baseline's content. By address, each
            with ``resource_id``, ``resource_type``, ``attributes`` and ``digest``.
        fresh: addresses in `live` that the target's baseline does not hold and that were looked at clean;
            empty without a baseline.
        controls: ``framework:id`` of the controls this answer speaks of, also where they are met.
        held: what the target's state holds; empty for what has no state.
        shared: what of it stands in a state a second time.
        listed: what looks at whole accounts can vouch for, beside the target itself.
        unseen: what they could not look for.
        made_at: when a plan that was made elsewhere was made; None where it does not say so, and elsewhere.
    """

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    looked_at: tuple[str, ...] = ()
    live: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    shared: tuple[Shared, ...] = ()
    listed: tuple[Listed, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    made_at: datetime | None = None

    @property
    def unapplied(self) -> tuple[Suppressed, ...]:
        """What the code wants and nobody has applied: reported apart, never as drift."""
        return tuple(one for one in self.suppressed if one.category == "unapplied")

    @property
    def suppressed_by(self) -> dict[Category, int]:
        """How many differences were put aside for each reason, in the order of `CATEGORIES`."""
        counted = Counter(one.category for one in self.suppressed)
        return {category: counted[category] for category in CATEGORIES if counted[category]}


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One detector's answer about one target: what it found, or why it could not look.

    Args:
        raw_digest: SHA-256 of the raw answer in hex; None where there was none.
        reason: one line; only where `outcome` is ``could-not-look``.
    """

    target: str
    layer: Layer
    environment: str | None
    outcome: Look
    reason: str | None
    started_at: datetime
    ended_at: datetime
    raw_digest: str | None = None
    answer: Answer = field(default_factory=Answer)
