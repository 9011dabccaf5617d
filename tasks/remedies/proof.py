"""Proof that a plan does what one drift says, and what of it is beyond that.

What was approved is a drift: addresses, attributes and both values of each. A plan is held against it effect
by effect.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.canonical import canonical_json
from tasks.remedies.preview import RefusedError, StaleError
from tasks.terraform.effects import Effect
from taxonomy.drift import Drift, DriftChange

Approved = Mapping[tuple[str, str], DriftChange]
"""The changes that may be undone, by address and attribute."""

_DOABLE = ("create", "update", "replace")


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A plan held against a drift.

    Args:
        within: what the plan does of what the drift says; at least one effect, and none that it doesn't say.
        beyond: what the plan would do besides, to other resources or by code that nobody has applied.
    """

    within: tuple[Effect, ...]
    beyond: tuple[Effect, ...] = ()

    @property
    def destroys(self) -> tuple[str, ...]:
        """Addresses of what would be destroyed and created anew."""
        return tuple(sorted({effect.address for effect in self.within if effect.action == "replace"}))

    @property
    def as_saved(self) -> tuple[str, ...]:
        """Attributes that only the baseline calls drift: what is live is what was last saved."""
        updates = (one for one in self.within if one.action == "update" and one.minor is None)
        return tuple(sorted({effect.attribute for effect in updates if not effect.moved}))

    @property
    def creates(self) -> tuple[str, ...]:
        """Addresses of what would be created."""
        return tuple(sorted({effect.address for effect in self.within if effect.action == "create"}))


def approved_of(drift: Drift, target: str) -> Approved:
    """Return what an apply in the target may undo, which is all that the target saw of the drift.

    Raises:
        RefusedError: it saw nothing, or some of it stands in no code.
    """
    mark = f"{target}:"
    mine = [change for change in drift.changes if (change.source or "").startswith(mark)]
    if not mine:
        raise RefusedError(f"target {target} saw nothing of this drift that an apply could undo")
    left = sorted(change.attribute for change in mine if change.drift_class != "A")
    if left:
        raise RefusedError(
            f"{', '.join(left)} stands in no code, so no apply undoes it; remove it, or declare it in code"
        )
    return {(str(change.source).removeprefix(mark), change.attribute): change for change in mine}


def addresses_of(approved: Approved) -> tuple[str, ...]:
    """Return the addresses that may be changed, sorted."""
    return tuple(sorted({address for address, _ in approved}))


def prove(effects: Iterable[Effect], approved: Approved) -> Proof:
    """Return the plan's effects, told apart.

    Raises:
        StaleError: live or code are no longer as the drift says, or nothing of it is left to do.
        RefusedError: it would do to an approved resource what is neither creating, changing nor replacing it.
    """
    addresses = set(addresses_of(approved))
    within: list[Effect] = []
    beyond: list[Effect] = []
    for effect in effects:
        mine = effect.address in addresses and _is_said(effect, approved)
        (within if mine else beyond).append(effect)
    if all(effect.minor is not None for effect in within):
        raise StaleError("an apply would change nothing of this: it is already as declared; look again")
    return Proof(within=tuple(within), beyond=tuple(beyond))


def _is_said(effect: Effect, approved: Approved) -> bool:
    """Say whether the drift says this of an approved resource; where it says otherwise, raise."""
    if effect.action not in _DOABLE:
        raise RefusedError(
            f"an apply would {effect.action} {effect.address}, which may lose data; a person has to do it"
        )
    if effect.minor is not None:
        return True
    change = approved.get((effect.address, effect.attribute))
    if change is not None:
        _expect_values(effect, change)
        return True
    if effect.moved:
        raise StaleError(
            f"{effect.attribute} of {effect.address} has drifted too since then; look again, "
            "so that one decision covers the whole of it"
        )
    # What is made anew takes all of the code; the preview shows it, and a person decides on that.
    return effect.action == "replace"


def _expect_values(effect: Effect, change: DriftChange) -> None:
    sides = (("live", effect.before, change.actual), ("declared", effect.after, change.declared))
    for word, found, expected in sides:
        if canonical_json(found) != canonical_json(expected):
            raise StaleError(
                f"{effect.attribute} of {effect.address}: what is {word} is no longer what the drift "
                f"says; look again"
            )
