"""What is said of one difference: drift of a class, or why it is none."""

from dataclasses import dataclass
from typing import Any

from taxonomy.observation import DriftClass, Kind

CODIFIED = "live equals the code; only the state is behind"
HELD_BY_CODE = (
    "the code sets it otherwise and the plan leaves it: ignore_changes, or the provider takes both as equal"
)
LEFT_BY_PLAN = "the code doesn't set it and the plan leaves it: ignore_changes"
UNAPPLIED = "unapplied code: "


@dataclass(frozen=True, kw_only=True)
class Told:
    """One change that is drift; values are masked."""

    attribute: str
    declared: Any
    actual: Any
    kind: Kind
    drift_class: DriftClass
    address: str


@dataclass(frozen=True, kw_only=True)
class Untold:
    """One difference that is no drift, and why."""

    attribute: str
    reason: str
    address: str
