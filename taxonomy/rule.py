"""What one rule is: who it is, how serious, what it cites, when it holds, why, and its own proof.

A rule is data that a person wrote, so unknown keys are refused. `Rulebook` loads rules;
`classify` and `oracle` apply them.
"""

import hashlib
import re
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from taxonomy.drift import Severity, Tier
from taxonomy.example import Example
from taxonomy.when import When, Written, canonical

__all__ = ["CONTROL_ID", "MEANING", "Example", "Remedy", "Rule", "Status", "When", "canonical"]

Remedy = Literal["terraform-apply", "by-hand"]
Status = Literal["stable", "experimental"]

RULE_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
CONTROL_ID = re.compile(r"[a-z0-9][a-z0-9.-]*:[A-Za-z0-9][A-Za-z0-9.()-]*")

MEANING = frozenset({"id", "status", "severity", "tier", "controls", "when", "remedy"})
"""The fields that decide; the others explain. A rule's digest is over these."""


def _control(value: str) -> str:
    if ".." in value or not CONTROL_ID.fullmatch(value):
        raise ValueError("expected a control as framework:id, such as nist-800-53-r5:SC-7(3)")
    return value


Control = Annotated[
    str,
    AfterValidator(_control),
    Field(json_schema_extra={"pattern": f"^{CONTROL_ID.pattern}$"}),
]


class Rule(Written):
    """One rule of the taxonomy.

    Args:
        tier: how much ceremony; what a row really gets is never less than the tier's own law allows.
        because: argues the tier, for the person who has to decide.
        false_positives: when the rule is wrong, and what to do then.
    """

    id: str = Field(pattern=RULE_ID, max_length=64)
    title: str = Field(min_length=8, max_length=120)
    status: Status
    severity: Severity
    tier: Tier
    controls: tuple[Control, ...] = Field(min_length=1)
    when: When
    because: str = Field(min_length=20)
    remedy: Remedy
    false_positives: tuple[str, ...] = Field(min_length=1)
    examples: tuple[Example, ...]

    @model_validator(mode="after")
    def _proves_itself(self) -> Self:
        if {example.match for example in self.examples} != {True, False}:
            raise ValueError("expected at least one example that matches and one that does not")
        for example in self.examples:
            for key in example.each:
                if getattr(self.when, key) is None:
                    raise ValueError(f"example {example.name!r} stands for each {key}, but when names none")
        if self.tier == "auto" and self.remedy != "terraform-apply":
            raise ValueError("expected remedy terraform-apply for tier auto: nobody's hands are automatic")
        if self.tier == "auto" and self.status != "stable":
            raise ValueError("expected status stable for tier auto: an experimental rule puts nothing right")
        return self

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what the rule decides; words that only explain don't move it."""
        meaning = self.model_dump(mode="json", by_alias=True, include=set(MEANING), exclude_none=True)
        # of a test only what was written counts: `in: [null]` asks for something, no `in` does not
        tests = {key: test.meaning() for key, test in self.when if isinstance(test, Written)}
        meaning["when"] = {**meaning["when"], **tests}
        return hashlib.sha256(canonical(meaning).encode()).hexdigest()
