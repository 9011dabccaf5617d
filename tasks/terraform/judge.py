"""Drift, or not: each difference of one resource gets a class or a reason why it is none.

A: an apply would undo it. B: it stands in nothing that was declared, so no apply undoes it. What the code
wants and nobody has applied yet is neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tasks.terraform import group_rules
from tasks.terraform.baseline import Approved
from tasks.terraform.code import Code
from tasks.terraform.difference import Difference, Path, Paths, at, differences, shown
from tasks.terraform.in_code import InCode
from tasks.terraform.mask import Mask
from tasks.terraform.mirrors import Family
from tasks.terraform.noise import derived, volatile
from tasks.terraform.planned import Planned
from tasks.terraform.verdict import (
    APPROVED,
    CODIFIED,
    TAINTED,
    Told,
    Untold,
    Why,
    noise,
    repeated,
    unapplied,
)
from taxonomy.observation import DriftClass, Kind

PAYLOADS = {
    "aws_iam_group_policy": "policy",
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_iam_role_policy": "policy",
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_user_policy": "policy",
    "aws_iam_user_policy_attachment": "policy_arn",
}
"""Sub-resources that are one value under a name: the drift's attribute is the name, not a path inside."""

GUARDED = frozenset({"access_policy", "inline_policy", "managed_policy_arns", "policy"})
"""Attributes that grant: an expression that may be null does not vouch for them."""


@dataclass(kw_only=True)
class Case:
    """One resource of one plan, with all that is needed to judge it.

    Args:
        resource: as planned.
        prefix: what its attributes begin with inside its parent; empty for what stands alone.
        mask: its attributes without secrets.
        family: the sub-resources of the same parent.
        code: what was declared.
        in_code: what the text of the code says beyond that.
        approved: the resource in the baseline; None without one.
        live_masked: all live attributes as a baseline would hold them; only used with `approved`.
    """

    resource: Planned
    prefix: str
    mask: Mask
    family: Family
    code: Code
    approved: Approved | None = None
    live_masked: dict[str, Any] = field(default_factory=dict)
    in_code: InCode = field(default_factory=InCode)

    def verdicts(self) -> Iterator[Told | Untold]:
        """Yield what this resource has to tell, and what it only seems to."""
        if self.resource.live is None:
            yield from self._absent()
            return
        if self.resource.reason == TAINTED:
            # It will be made anew, so what its attributes are now says nothing.
            yield self._told(self.attribute(("tainted",)), declared=False, actual=True, drift_class="A")
            return
        planned = list(self.planned())
        yield from self._declared(planned)
        yield from self._undeclared([difference.path for difference in planned])

    def planned(self) -> Iterator[Difference]:
        """Yield what an apply would change of what is live, first what is wanted, then what is."""
        resource = self.resource
        if resource.wanted is not None and resource.live is not None:
            yield from differences(resource.wanted, resource.live, resource.unknown)

    def attribute(self, path: Path) -> str:
        """Return a path in the words of the drift, which is the parent's."""
        dotted = ".".join(path)
        if not self.prefix:
            return dotted
        collapses = PAYLOADS.get(self.resource.type) == dotted or dotted == self.prefix
        return self.prefix if collapses or not dotted else f"{self.prefix}.{dotted}"

    @property
    def is_rule(self) -> bool:
        """Whether it is one rule of a security group, which is told as an element of its group."""
        return self.resource.type in group_rules.RULE_TYPES

    def inside_rule(self, difference: Difference) -> bool:
        """Say whether a rule resource tells this as an element of its group."""
        return self.is_rule and difference.path[0] not in ("tags", "tags_all")

    def _absent(self) -> Iterator[Told | Untold]:
        resource = self.resource
        if "create" in resource.actions and (resource.gone or self.approved is not None):
            yield self._told(
                self.attribute(()) or "resource",
                self.promised(),
                None,
                kind="missing",
                drift_class="A",
            )
        elif resource.actions and resource.actions != ("no-op",):
            yield self._untold((), unapplied(f"the plan would {'/'.join(resource.actions)} it"))
        elif resource.gone:
            yield self._untold((), Why("gone", "gone, and no longer in the code"))

    def promised(self) -> Any:
        """Return what the code promises of a resource that is gone, in the shape its parent tells it."""
        payload = PAYLOADS.get(self.resource.type) or (self.prefix if self._repeats_prefix() else "")
        if self.resource.type in group_rules.RULE_TYPES:
            return group_rules.elements(group_rules.of_rule(self._side("wanted") or self._side("state")))
        side = "wanted" if self.resource.wanted else "state"
        if payload:
            return shown(self.mask.value(side, (payload,)), None)[0]  # type: ignore[arg-type]
        whole = self.mask.value(side, ())  # type: ignore[arg-type]
        return {key: shown(value, None)[0] for key, value in whole.items() if value not in (None, "", [], {})}

    def _repeats_prefix(self) -> bool:
        return self.prefix in (self.resource.wanted or self.resource.state or {})

    def _side(self, side: str) -> dict[str, Any] | None:
        values = getattr(self.resource, side)
        return None if values is None else self.mask.value(side, ())  # type: ignore[arg-type]

    def _declared(self, planned: list[Difference]) -> Iterator[Told | Untold]:
        """Judge what an apply would change: drift where it moved by hand, unapplied code where it did not."""
        resource = self.resource
        if resource.actions == ("delete",):
            yield self._untold((), unapplied("the code no longer declares it, and the plan would delete it"))
            return
        if resource.wanted is None or resource.actions in ((), ("no-op",)):
            return
        if not planned:
            would = f"the plan would {'/'.join(resource.actions)} it ({resource.reason})"
            yield self._untold((), unapplied(would))
            return
        moved = Paths.of([*self._moved(), *self._refreshed()])
        real = [difference for difference in planned if difference.alike is None] or planned
        drifted = [difference for difference in real if moved.touches(difference.path)]
        if self.is_rule and drifted:
            yield from self.rule_changed()
        for difference in planned:
            if difference not in real:
                yield self._untold(difference.path, noise(difference.alike or ""))
            elif difference not in drifted:
                yield self._untold(difference.path, unapplied("the code changed, what is live did not"))
            elif self.repeats_tags(difference, drifted):
                yield self._untold(difference.path, repeated("tags_all repeats tags"))
            elif not self.inside_rule(difference):
                declared = self.mask.value("wanted", difference.path)
                actual = self.mask.value("live", difference.path)
                yield self._told(self.attribute(difference.path), *shown(declared, actual), drift_class="A")

    def rule_changed(self) -> Iterator[Told]:
        """Yield what an apply would change of a rule, in the words of its group."""
        declared = group_rules.elements(group_rules.of_rule(self._side("wanted")))
        actual = group_rules.elements(group_rules.of_rule(self._side("live")))
        if declared != actual:
            yield self._told(self.attribute(()), declared, actual, drift_class="A")

    def repeats_tags(self, difference: Difference, others: list[Difference]) -> bool:
        """Say whether this is only what `tags` tells already."""
        if difference.path[0] != "tags_all":
            return False
        twin = ("tags", *difference.path[1:])
        return any(other.path == twin and other.actual == difference.actual for other in others)

    def _moved(self) -> list[Difference]:
        """Return what differs from what was approved; without a baseline, from what was saved."""
        if self.approved is not None:
            return list(differences(self.approved.attributes, self.live_masked))
        return self._refreshed()

    def _refreshed(self) -> list[Difference]:
        """Return what differs from what was saved: no baseline makes that "the code changed"."""
        if self.resource.state is None:
            return []
        return list(differences(self.resource.state, self.resource.live))

    def _undeclared(self, planned: list[Path]) -> Iterator[Told | Untold]:
        taken = Paths.at(planned)
        moved = self._moved()
        names = frozenset(".".join(difference.path) for difference in moved)
        for difference in moved:
            if taken.touches(difference.path):
                continue
            why = self._innocent(difference, names)
            if why is not None:
                yield self._untold(difference.path, why)
            else:
                yield from self._residue(difference)
        if self.approved is not None:
            yield from self._state_behind(taken, Paths.of(moved))

    def _state_behind(self, taken: Paths, moved: Paths) -> Iterator[Untold]:
        for difference in self._refreshed():
            if not taken.touches(difference.path) and not moved.touches(difference.path):
                yield self._untold(difference.path, noise(difference.alike) if difference.alike else APPROVED)

    def _innocent(self, difference: Difference, moved: frozenset[str]) -> Why | None:
        """Return why a difference that no apply would undo is none; None where it is undeclared drift."""
        path, resource = difference.path, self.resource
        follows = derived(resource.type, path, moved)
        if follows is None and path[0] == "tags_all" and ".".join(("tags", *path[1:])) in moved:
            follows = "tags"
        if same := difference.alike or volatile(resource.type, path):
            return noise(same)
        return (
            (repeated(f"follows {follows}") if follows else None)
            or self.in_code.ignores(resource.address, path)
            or self._in_code(path)
            or self._repeated(path)
        )

    def _in_code(self, path: Path) -> Why | None:
        resource = self.resource
        says = self.code.says(resource.address, path, at(resource.live, path))
        if says == "nothing" and self.in_code.makes(resource.address, path[0]):
            return CODIFIED
        if says in ("this", "something") or (says == "maybe" and path[0] not in GUARDED):
            return CODIFIED
        if says == "other":
            held = self.in_code.holds(resource.address, path)
            return held if resource.actions else Why("unjudged", "this plan does not speak of it")
        return None

    def _repeated(self, path: Path) -> Why | None:
        twin = self.family.declares(self.resource.type, path[0])
        return repeated(f"repeats {twin}") if twin is not None else None

    def _residue(self, difference: Difference) -> Iterator[Told | Untold]:
        """Tell what of an undeclared difference belongs to no sub-resource."""
        declared, actual = self._sides(difference.path)
        left = (
            self.family.residue(self.resource.type, difference.path[0], declared, actual)
            if len(difference.path) == 1
            else None
        )
        if left is None:
            yield self._told(self.attribute(difference.path), *shown(declared, actual), drift_class="B")
        elif not left:
            yield self._untold(difference.path, repeated("repeats what resources of their own declare"))
        for one in left or ():
            told = shown(one.declared, one.actual)
            if told[0] != told[1]:
                yield self._told(one.attribute, *told, drift_class="B")

    def _sides(self, path: Path) -> tuple[Any, Any]:
        if self.approved is not None:
            return at(self.approved.attributes, path), at(self.live_masked, path)
        return self.mask.value("state", path), self.mask.value("live", path)

    def _told(
        self, attribute: str, declared: Any, actual: Any, *, drift_class: DriftClass, kind: Kind = "changed"
    ) -> Told:
        return Told(
            attribute=attribute,
            declared=declared,
            actual=actual,
            kind=kind,
            drift_class=drift_class,
            address=self.resource.address,
        )

    def _untold(self, path: Path, why: Why) -> Untold:
        return Untold(attribute=self.attribute(path) or "resource", why=why, address=self.resource.address)
