"""What the estate file says of remedies: whether anything is changed, what by itself, how much, and when."""

from datetime import date, timedelta

from pydantic import Field

from flows.part import Part
from flows.window import Window


class AutoClassPart(Part):
    """A class of drift that a named person lets Holdfast put right by itself, until a day."""

    rules: tuple[str, ...] = Field(min_length=1)
    approved_by: str = Field(min_length=1)
    reason: str = Field(min_length=10)
    review_by: date


class Limits(Part):
    """How much may be changed by itself."""

    per_sweep: int = Field(default=25, ge=0)
    percent_of_target: int = Field(default=10, ge=0, le=100)
    attempts: int = Field(default=3, ge=1)
    recurrences: int = Field(default=2, ge=1)
    within: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0))


class Remediation(Part):
    """Whether anything is changed at all, what by itself, how much, and when."""

    enabled: bool = False
    auto_classes: tuple[AutoClassPart, ...] = ()
    limits: Limits = Limits()
    windows: tuple[Window, ...] = ()
