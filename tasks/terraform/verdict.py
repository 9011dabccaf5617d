"""What is said of one difference: drift of a class, or why it is none."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from taxonomy.observation import Category, DriftClass, Kind


class Why(NamedTuple):
    """Why a difference is no drift: in one word, and in one line."""

    category: Category
    reason: str


CODIFIED = Why("codified", "live equals the code; only the state is behind")
APPROVED = Why("approved", "live equals the baseline; only the state is behind")
HELD_BY_CODE = Why(
    "ignored",
    "the code sets it otherwise and the plan leaves it: ignore_changes, or the provider takes both as equal",
)
LEFT_BY_PLAN = Why("ignored", "the code doesn't set it and the plan leaves it: ignore_changes")
TAKEN_AS_EQUAL = Why(
    "noise", "the code sets it otherwise and the plan leaves it: the provider takes both as equal"
)
TAINTED = "replace_because_tainted"
"""Terraform's reason for replacing what an interrupted apply has left half made."""


def unapplied(what: str) -> Why:
    """Return why what the code wants and nobody has applied is no drift."""
    return Why("unapplied", f"unapplied code: {what}")


def noise(what: str) -> Why:
    """Return why a difference that changes nothing is no drift."""
    return Why("noise", what)


def repeated(what: str) -> Why:
    """Return why what is told elsewhere is not told twice."""
    return Why("repeated", what)


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
    why: Why
    address: str
