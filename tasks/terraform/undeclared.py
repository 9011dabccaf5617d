"""What moved and no apply would undo: undeclared drift, unless there is a reason why it is none."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tasks.terraform.difference import Difference, Path, Paths
from tasks.terraform.harmless import follows, harmless, leads
from tasks.terraform.residue import RESIDUES
from tasks.terraform.verdict import APPROVED, Told, Untold, noise, repeated

if TYPE_CHECKING:
    from tasks.terraform.judge import Case


def undeclared(
    case: "Case", planned: list[Path], moved: list[Difference], drifted: list[Difference]
) -> Iterator[Told | Untold]:
    """Yield what is to be said of each difference that moved and that no planned change touches.

    Args:
        case: the resource.
        planned: the paths that an apply would change.
        moved: all that moved.
        drifted: what of the planned changes is told as drift.
    """
    taken = Paths.at(planned)
    free = [difference for difference in moved if not taken.touches(difference.path)]
    undone = [difference for difference in free if case.recomputed(difference)]
    left: list[Difference] = []
    for difference in free:
        if difference in undone:
            yield case.undone(difference.path, case.sides(difference.path)[0])
        elif (why := harmless(case, difference, moved)) is not None:
            yield case.untold(difference.path, why)
        else:
            left.append(difference)
    yield from _beyond(case, left, [*drifted, *undone])
    if case.approved is not None:
        yield from _state_behind(case, taken, Paths.of(moved))


def _beyond(case: "Case", left: list[Difference], led: list[Difference]) -> Iterator[Told | Untold]:
    """Tell what is not harmless by itself, first what leads, then what may only follow.

    What leads is told, here or at another resource.
    """
    for difference in sorted(left, key=lambda one: not leads(case.resource.type, one)):
        why = follows(case, difference, led)
        verdicts = [case.untold(difference.path, why)] if why else list(_residue(case, difference))
        yield from verdicts
        if why or any(isinstance(verdict, Told) for verdict in verdicts):
            led.append(difference)


def _state_behind(case: "Case", taken: Paths, moved: Paths) -> Iterator[Untold]:
    for difference in case.refreshed:
        if not taken.touches(difference.path) and not moved.touches(difference.path):
            yield case.untold(difference.path, noise(difference.alike) if difference.alike else APPROVED)


def _residue(case: "Case", difference: Difference) -> Iterator[Told | Untold]:
    """Tell what of an undeclared difference belongs to no sub-resource."""
    path = difference.path
    declared, actual = case.sides(path)
    beyond = RESIDUES.get((case.resource.type, path[0])) if len(path) == 1 else None
    if beyond is None:
        yield case.told(case.attribute(path), *case.shown(path, declared, actual), drift_class="B")
        return
    left = [
        (one.attribute, *case.shown(path, one.declared, one.actual))
        for one in beyond(case.owners, path[0], declared, actual)
    ]
    left = [one for one in left if one[1] != one[2]]
    if not left:
        yield case.untold(path, repeated("repeats what resources of their own declare"))
    for attribute, was, found in left:
        yield case.told(attribute, was, found, drift_class="B")
