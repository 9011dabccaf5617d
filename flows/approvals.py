"""What the estate file says of people: who they are, which keys count, and who decides what."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from flows.part import Name, Part

SlackUser = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{6,}$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Member = Annotated[str, StringConstraints(pattern=r"^([UWS][A-Z0-9]{6,}|[a-z0-9][a-z0-9._-]{0,62})$")]


class Person(Part):
    """Somebody who may approve, and the cloud principals that are theirs."""

    id: Name
    slack: SlackUser | None = None
    review_key: str | None = None
    cloud_principals: tuple[str, ...] = ()


class TrustedKey(Part):
    """Which key may say what."""

    key_id: KeyId
    purpose: Literal["evidence", "approval"]


class Quorum(Part):
    """Who decides, how many of them, and how long they have."""

    approvers: str
    quorum: int = Field(default=1, ge=1, le=10)
    expires_after: timedelta = Field(default=timedelta(days=7), gt=timedelta(0))


class SlackPart(Part):
    """Where questions are asked in Slack."""

    channel: str = Field(min_length=1)


class Approvals(Part):
    """Who may approve what; a role's members stand here by Slack user or group, or by `people` id."""

    roles: dict[str, tuple[Member, ...]] = Field(default_factory=dict)
    unknown_author: int = Field(default=0, ge=0, le=10)
    ask_again_after: timedelta = Field(default=timedelta(days=7), ge=timedelta(0))
    critical: Quorum | None = None
    high: Quorum | None = None
    medium: Quorum | None = None
    low: Quorum | None = None
    info: Quorum | None = None
    default: Quorum | None = None
    slack: SlackPart | None = None

    def for_severity(self, severity: str) -> Quorum | None:
        """Return the quorum of a severity, else the default one, else None: nobody may approve."""
        own: Quorum | None = getattr(self, severity)
        return own or self.default
