"""Plans of a few resources, made by hand in the shape that Terraform writes."""

from dataclasses import dataclass, field
from typing import Any

from tasks.detectors.terraform import RawPlan, parse
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from tasks.terraform.source.places import Places
from taxonomy.observation import Answer
from taxonomy.target import TerraformTarget

ACCOUNT = "123456789012"
TARGET = TerraformTarget(name="t", account=ACCOUNT, region="eu-west-1")
REDACTOR = Redactor(b"k" * 32)
GONE: dict[str, Any] = {}
"""As `live`: deleted by hand."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """One resource of a made plan.

    Args:
        state: as saved; None where it is as `live`.
        live: as refreshed; None where it is not there yet, `GONE` where it was deleted.
        wanted: after an apply; None where the plan leaves it.
        unknown: what only the apply will know.
        code: what the code says of its attributes, as the plan's ``expressions``.
    """

    address: str
    live: dict[str, Any] | None
    state: dict[str, Any] | None = None
    wanted: dict[str, Any] | None = None
    unknown: dict[str, Any] = field(default_factory=dict)
    code: dict[str, Any] = field(default_factory=dict)
    actions: tuple[str, ...] | None = None

    @property
    def head(self) -> dict[str, Any]:
        kind, name = self.address.split(".")
        provider = kind.partition("_")[0]
        return {
            "address": self.address,
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider_name": f"registry.terraform.io/hashicorp/{provider}",
        }

    def change(self, before: Any, after: Any, actions: tuple[str, ...]) -> dict[str, Any]:
        change = {"actions": list(actions), "before": before, "after": after, "after_unknown": self.unknown}
        return {**self.head, "change": change}

    @property
    def there(self) -> dict[str, Any] | None:
        return self.live or None

    @property
    def planned(self) -> dict[str, Any]:
        if self.actions is not None:
            actions = self.actions
        elif self.there is None:
            actions = ("create",)
        else:
            actions = ("no-op",) if self.wanted is None else ("update",)
        return self.change(self.there, self.there if self.wanted is None else self.wanted, actions)

    @property
    def drifted(self) -> dict[str, Any] | None:
        if self.live is GONE:
            return self.change(self.state or self.wanted, None, ("delete",))
        return None if self.state is None else self.change(self.state, self.live, ("update",))


def document(*resources: Made) -> dict[str, Any]:
    """Return the plan of these resources."""
    known = [{**one.head, "values": one.live, "sensitive_values": {}} for one in resources if one.there]
    blocks = [{**one.head, "expressions": one.code} for one in resources]
    return {
        "format_version": "1.2",
        "planned_values": {},
        "prior_state": {"values": {"root_module": {"resources": known}}},
        "resource_drift": [one.drifted for one in resources if one.drifted],
        "resource_changes": [one.planned for one in resources],
        "configuration": {"root_module": {"resources": blocks}},
    }


def answer(
    *resources: Made,
    baseline: Baseline | None = None,
    places: Places | None = None,
    variables: dict[str, Any] | None = None,
) -> Answer:
    """Return what is told of the plan of these resources, and some more that nothing happens to."""
    steady = Made(address="aws_vpc.steady", live={"id": "vpc-0steady", "arn": None})
    more = [Made(address=f"aws_vpc.steady{n}", live={"id": f"vpc-0steady{n}"}) for n in range(20)]
    whole = {**document(*resources, steady, *more), "variables": variables or {}}
    raw = RawPlan(document=whole, digest="", places=places or Places())
    return parse(raw, TARGET, redactor=REDACTOR, baseline=baseline)


def told(found: Answer) -> list[tuple[str, str, str, str]]:
    """Return (address, attribute, class, kind) of every change, sorted."""
    return sorted(
        (str(one.source).removeprefix("t:"), one.attribute, str(one.drift_class), one.kind)
        for finding in found.findings
        for one in finding.changes
    )


def reasons(found: Answer) -> dict[tuple[str, str], str]:
    """Return why each difference that was not told is none, by address and attribute."""
    return {(one.address, one.attribute): one.reason for one in found.suppressed}
