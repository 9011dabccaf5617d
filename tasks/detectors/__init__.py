"""The detectors, by the layer that each looks at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tasks.detectors import aws_config, azure_policy, inspec, terraform
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.observation import Answer


class Raw(Protocol):
    """What a tool or a cloud said, as plain JSON; it may hold secrets, so it goes nowhere but to `parse`."""

    @property
    def digest(self) -> str:
        """SHA-256 of what was said."""


@dataclass(frozen=True, kw_only=True)
class Detector:
    """One layer's way to look.

    Args:
        name: the layer.
        collect: asks the world about a target; raises ToolError where it can't be looked at.
        read: the module's own `parse`.
        wants: what `read` needs beyond the answer, the target and the redactor.
    """

    name: str
    collect: Callable[[Any, Reach], Raw]
    read: Callable[..., Answer]
    wants: tuple[str, ...] = ()

    def parse(
        self,
        raw: Any,
        target: Any,
        *,
        redactor: Redactor,
        now: datetime,
        baseline: Any = None,
    ) -> Answer:
        """Return what the raw answer says of the target; pure.

        Args:
            raw: what `collect` returned.
            target: what it was asked about.
            redactor: conceals secrets before anything leaves.
            now: the time of the look; aware.
            baseline: the target's approved state, where it has one.

        Raises:
            ToolError: the answer can't be read, or says that nothing was looked at.
        """
        offered = {"now": now, "baseline": baseline}
        return self.read(raw, target, redactor=redactor, **{name: offered[name] for name in self.wants})


def _by_name(*detectors: Detector) -> Mapping[str, Detector]:
    named = {detector.name: detector for detector in detectors}
    if len(named) != len(detectors):
        raise ValueError("expected one detector per layer, got two of the same name")
    return named


DETECTORS: Mapping[str, Detector] = _by_name(
    Detector(
        name=terraform.NAME,
        collect=terraform.collect,
        read=terraform.parse,
        wants=("baseline", "now"),
    ),
    Detector(name=aws_config.NAME, collect=aws_config.collect, read=aws_config.parse),
    Detector(name=azure_policy.NAME, collect=azure_policy.collect, read=azure_policy.parse),
    Detector(name=inspec.NAME, collect=inspec.collect, read=inspec.parse, wants=("now",)),
)
"""Every layer has exactly one; another layer is one more line here and one word in `taxonomy.target`."""
