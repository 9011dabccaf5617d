"""Drift, or not: each difference of one resource gets a class or a reason why it is none.

A: an apply would undo it. B: it stands in nothing that was declared, so no apply undoes it. What the code
wants and nobody has applied yet is neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tasks.terraform import group_rules, schema
from tasks.terraform.baseline import Approved
from tasks.terraform.code import Code
from tasks.terraform.difference import (
    EMPTY_AND_NULL,
    Difference,
    Path,
    Paths,
    at,
    differences,
    is_ordered,
    is_unknown,
    shown,
)
from tasks.terraform.in_code import InCode
from tasks.terraform.mask import Mask
from tasks.terraform.mirrors import Family, told_as_missing
from tasks.terraform.neighbours import Neighbours
from tasks.terraform.planned import LEAVING, Planned
from tasks.terraform.promise import PAYLOADS, promised, rules_of
from tasks.terraform.residue import Owners
from tasks.terraform.undeclared import undeclared
from tasks.terraform.verdict import TAINTED, Told, Untold, Why, noise, repeated, unapplied
from taxonomy.observation import DriftClass, Kind


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
        neighbours: all resources of the plan; None where nobody may ask them.
    """

    resource: Planned
    prefix: str
    mask: Mask
    family: Family
    code: Code
    approved: Approved | None = None
    live_masked: dict[str, Any] = field(default_factory=dict)
    in_code: InCode = field(default_factory=InCode)
    neighbours: Neighbours | None = None

    def verdicts(self) -> Iterator[Told | Untold]:
        """Yield what this resource has to tell, and what it only seems to."""
        if self.resource.live is None:
            yield from self._absent()
            return
        if self.resource.reason == TAINTED:
            # It will be made anew, so what its attributes are now says nothing.
            yield self.told(self.attribute(("tainted",)), declared=False, actual=True, drift_class="A")
            return
        planned, moved = list(self.planned()), self._moved()
        drifted = self._drifted(planned, moved)
        yield from self._declared(planned, moved, drifted)
        yield from undeclared(self, [difference.path for difference in planned], moved, drifted)

    def planned(self) -> Iterator[Difference]:
        """Yield what an apply would change of what is live, first what is wanted, then what is."""
        resource = self.resource
        if resource.wanted is not None and resource.live is not None:
            yield from differences(resource.wanted, resource.live, resource.unknown, of=resource.type)

    def changes(self, difference: Difference) -> bool:
        """Say whether an apply that undoes it changes anything; null is empty where the code is silent."""
        if difference.alike != EMPTY_AND_NULL:
            return difference.counts
        live = at(self.resource.live, difference.path)
        return self.code.says(self.resource.address, difference.path, live) != "nothing"

    def shown(self, path: Path, declared: Any, actual: Any) -> tuple[Any, Any]:
        """Return both sides of the attribute at a path as judges should see them."""
        return shown(declared, actual, ordered=is_ordered(path, of=self.resource.type))

    @cached_property
    def owners(self) -> Owners:
        """The relatives that may declare what this one shows.

        What is only planned owns nothing: else a hand's policy would hide behind one that was never applied.
        """
        return Owners(resources=tuple(one for one in self.relatives if one.gone or one.live is not None))

    @cached_property
    def relatives(self) -> tuple[Planned, ...]:
        """The resource's family, and all that call themselves a part of it, be they only planned."""
        others = self.neighbours.parts(self.resource) if self.neighbours else ()
        return tuple({one.address: one for one in (*self.family.members, *others)}.values())

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
            yield self.told(
                self.attribute(()) or "resource",
                promised(self),
                None,
                kind="missing",
                drift_class="A",
            )
        elif resource.actions and resource.actions != ("no-op",):
            yield self.untold((), unapplied(f"the plan would {'/'.join(resource.actions)} it"))
        elif resource.gone:
            yield self.untold((), Why("gone", "gone, and no longer in the code"))

    def _drifted(self, planned: list[Difference], moved: list[Difference]) -> list[Difference]:
        """Return what an apply would change of what a hand moved."""
        if self.resource.actions in LEAVING or self.resource.wanted is None:
            return []
        # What moved against what was saved is by hand, whatever a baseline says of it.
        by_hand = Paths.at([one.path for one in (*moved, *self.refreshed) if self.changes(one)])
        return [one for one in planned if self.changes(one) and by_hand.touches(one.path)]

    def _declared(
        self, planned: list[Difference], moved: list[Difference], drifted: list[Difference]
    ) -> Iterator[Told | Untold]:
        """Judge what an apply would change: drift where it moved by hand, unapplied code where it did not."""
        resource = self.resource
        if resource.actions in LEAVING:
            return
        if resource.wanted is None:
            what = f"the code no longer declares it, and the plan would {'/'.join(resource.actions)} it"
            yield self.untold((), unapplied(what))
            return
        if not any(map(self.changes, planned)) and not any(map(self.recomputed, moved)):
            why = f"the plan would {'/'.join(resource.actions)} it ({resource.reason or 'no change shown'})"
            yield self.untold((), unapplied(why))
        if self.is_rule and drifted:
            yield from self.rule_changed()
        for difference in planned:
            yield from self._planned(difference, drifted)

    def _planned(self, difference: Difference, drifted: list[Difference]) -> Iterator[Told | Untold]:
        if difference not in drifted:
            minor = None if self.changes(difference) else difference.alike
            why = noise(minor) if minor else unapplied("the code changed, what is live did not")
            yield self.untold(difference.path, why)
        elif self.repeats_tags(difference, drifted):
            yield self.untold(difference.path, repeated("tags_all repeats tags"))
        elif (twin := told_as_missing(self.owners, self.resource.type, difference)) is not None:
            yield self.untold(difference.path, repeated(f"repeats {twin}"))
        elif not self.inside_rule(difference):
            yield self.undone(difference.path, self.mask.value("wanted", difference.path))

    def undone(self, path: Path, declared: Any) -> Told:
        """Return declared drift: an apply would set what is live at a path to what is declared."""
        sides = self.shown(path, declared, self.mask.value("live", path))
        return self.told(self.attribute(path), *sides, drift_class="A")

    def rule_changed(self) -> Iterator[Told]:
        """Yield what an apply would change of a rule, in the words of its group."""
        declared, actual = rules_of(self, "wanted"), rules_of(self, "live")
        if declared != actual:
            yield self.told(self.attribute(()), declared, actual, drift_class="A")

    def repeats_tags(self, difference: Difference, others: list[Difference]) -> bool:
        """Say whether this is only what `tags` tells already."""
        if difference.path[0] != "tags_all":
            return False
        twin = ("tags", *difference.path[1:])
        return any(other.path == twin and other.actual == difference.actual for other in others)

    def _moved(self) -> list[Difference]:
        """Return what differs from what was approved; without a baseline, from what was saved."""
        if self.approved is not None:
            return list(differences(self.approved.attributes, self.live_masked, of=self.resource.type))
        return self.refreshed

    @cached_property
    def refreshed(self) -> list[Difference]:
        """What differs from what was saved."""
        if self.resource.state is None:
            return []
        return list(differences(self.resource.state, self.resource.live, of=self.resource.type))

    def recomputed(self, difference: Difference) -> bool:
        """Say whether an apply would set it to what only the apply will know: that undoes it too."""
        return difference.counts and self.recomputes(difference.path)

    def recomputes(self, path: Path) -> bool:
        """Say whether an apply would set what stands at a path to a value that nobody knows before."""
        resource = self.resource
        if resource.wanted is None or not is_unknown(resource.unknown, path):
            return False
        if schema.only_cloud_sets(resource.type, path[0]):
            return False
        return self.code.says(resource.address, path, at(resource.live, path)) in (
            "block",
            "something",
            "maybe",
        )

    def sides(self, path: Path) -> tuple[Any, Any]:
        """Return what was approved, or without a baseline saved, and what is live at a path; concealed."""
        if self.approved is not None:
            return at(self.approved.attributes, path), at(self.live_masked, path)
        return self.mask.value("state", path), self.mask.value("live", path)

    def told(
        self, attribute: str, declared: Any, actual: Any, *, drift_class: DriftClass, kind: Kind = "changed"
    ) -> Told:
        """Return drift at this resource's address."""
        return Told(
            attribute=attribute,
            declared=declared,
            actual=actual,
            kind=kind,
            drift_class=drift_class,
            address=self.resource.address,
        )

    def untold(self, path: Path, why: Why) -> Untold:
        """Return a difference at a path, or in the whole resource, that is no drift, and why."""
        return Untold(attribute=self.attribute(path) or "resource", why=why, address=self.resource.address)
