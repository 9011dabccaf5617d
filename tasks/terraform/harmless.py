"""Why a difference that no apply would undo is none: asked in this order, the first answer counts.

The first question is what the two sides mean; the last are what the code says, and what other resources say.
What gets no answer is undeclared drift, unless something that is told leads it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tasks.terraform import schema
from tasks.terraform.difference import Difference, Path, at, is_empty
from tasks.terraform.grants import GRANTS
from tasks.terraform.mirrors import declares
from tasks.terraform.noise import ECHOES, derived, volatile
from tasks.terraform.residue import Owners
from tasks.terraform.verdict import CODIFIED, LEFT_BY_PLAN, Why, noise, repeated

if TYPE_CHECKING:
    from tasks.terraform.judge import Case

TELLING = frozenset({"code_sha256", "fingerprint", "instance_state", "unique_id"})
"""Attributes that no code sets and a hand can change: they follow nothing that moved beside them."""

UNDERWAY = frozenset(
    {"creating", "in_progress", "initializing", "pending", "pending_validation", "provisioning", "updating"}
)
"""States, in lower case, that the cloud leaves by itself."""

SETTLED = frozenset(
    {
        "active",
        "available",
        "complete",
        "completed",
        "deployed",
        "enabled",
        "in_service",
        "inservice",
        "issued",
        "ready",
        "running",
        "succeeded",
        "success",
    }
)
"""States, in lower case, that those come to where all goes well: any other end has a cause."""

Moved = list[Difference]
Question = Callable[["Case", Difference, Moved], Why | None]


def harmless(case: "Case", difference: Difference, moved: Moved) -> Why | None:
    """Return why a difference is no undeclared drift by itself; None where it may be.

    Args:
        case: the resource.
        difference: what moved, and no apply would undo.
        moved: all that moved of the resource.
    """
    answers = (question(case, difference, moved) for question in _QUESTIONS)
    return next((answer for answer in answers if answer is not None), None)


def follows(case: "Case", difference: Difference, told: Moved) -> Why | None:
    """Return what already tells of a difference that is not harmless by itself; None where nothing does.

    Args:
        case: the resource.
        difference: what moved, and no apply would undo.
        told: what is told, here or elsewhere, of what moved. What code moved would hide too much.
    """
    return _follows(case, difference, told) or _neighbours(case, difference)


def _alike(_: "Case", difference: Difference, __: Moved) -> Why | None:
    return noise(difference.alike) if difference.alike else None


def _volatile(case: "Case", difference: Difference, _: Moved) -> Why | None:
    moves = volatile(case.resource.type, difference.path)
    return noise(moves) if moves else None


def _derived(case: "Case", difference: Difference, moved: Moved) -> Why | None:
    names = frozenset(".".join(one.path) for one in moved)
    follows = derived(case.resource.type, difference.path, names)
    return repeated(f"follows {follows}") if follows else None


def _settled(case: "Case", difference: Difference, _: Moved) -> Why | None:
    """Answer for a state that was still underway when it was saved."""
    was, now, name = difference.declared, difference.actual, difference.path[0]
    if _state(was) not in UNDERWAY or _state(now) not in SETTLED:
        return None
    return noise(f"it was still {was}") if schema.only_cloud_sets(case.resource.type, name) else None


def _state(value: Any) -> str:
    return value.lower().replace("-", "_") if isinstance(value, str) else ""


def _tags(_: "Case", difference: Difference, moved: Moved) -> Why | None:
    """Answer for ``tags_all``, which every plan sets anew from the code's tags and the provider's."""
    if difference.path[0] != "tags_all":
        return None
    twin = ("tags", *difference.path[1:])
    return repeated("follows tags") if any(one.path == twin for one in moved) else CODIFIED


def _echoes(case: "Case", difference: Difference, moved: Moved) -> Why | None:
    return _follows(case, difference, moved) if difference.path[0] in ECHOES else None


def _follows(case: "Case", difference: Difference, moved: Moved) -> Why | None:
    name, kind = difference.path[0], case.resource.type
    if name in TELLING or not (schema.only_cloud_sets(kind, name) or difference.path[-1] == "id"):
        return None
    ahead = (one.path[0] for one in moved if one.counts and leads(kind, one))
    return next((repeated(f"follows {other}") for other in ahead if other != name), None)


def leads(resource_type: str, difference: Difference) -> bool:
    """Say whether what the cloud fills in may follow this: a hand, or code, can have moved it."""
    name = difference.path[0]
    if name in ("tags", "tags_all"):
        return False
    return name in TELLING or not schema.only_cloud_sets(resource_type, name)


def _ignored(case: "Case", difference: Difference, _: Moved) -> Why | None:
    return case.in_code.ignores(case.resource.address, difference.path)


def _in_code(case: "Case", difference: Difference, _: Moved) -> Why | None:
    path, resource = difference.path, case.resource
    says = case.code.says(resource.address, path, at(resource.live, path))
    if says == "nothing":
        return CODIFIED if case.in_code.makes(resource.address, path[0]) else None
    if says == "this":
        return CODIFIED
    if not resource.actions:
        return Why("unjudged", "this plan does not speak of it")
    if says == "other":
        return case.in_code.holds(resource.address, path)
    return CODIFIED if says == "block" or _is_proven(case, path) else None


def _is_proven(case: "Case", path: Path) -> bool:
    """Say whether a plan that leaves what an expression sets shows that live equals it.

    Where the expression comes to null, or to nothing, the provider keeps what is live if it may fill it in.
    """
    resource = case.resource
    spoken = case.code.expression(resource.address, path)
    name = next(key for key in reversed(spoken) if not key.isdigit())
    return schema.is_planned_away(resource.type, name) or case.in_code.fills(resource.address, spoken)


def _left_tags(case: "Case", difference: Difference, _: Moved) -> Why | None:
    """Answer for tags that a silent code would have a plan remove, were it not told to leave them."""
    if case.in_code.knows(case.resource.address):
        return None
    return LEFT_BY_PLAN if difference.path[0] == "tags" and case.resource.actions else None


def _mirrored(case: "Case", difference: Difference, _: Moved) -> Why | None:
    lost = is_empty(difference.actual)
    owners = Owners(resources=case.relatives) if lost else case.owners
    twin = declares(owners, case.resource.type, difference.path[0])
    return repeated(f"repeats {twin}") if twin is not None else None


def _neighbours(case: "Case", difference: Difference) -> Why | None:
    """Answer for what the cloud fills in: names of things that another resource gave to this one."""
    name, resource = difference.path[0], case.resource
    if name in GRANTS or case.neighbours is None:
        return None
    ids_only = not schema.only_cloud_sets(resource.type, name)
    twin = case.neighbours.repeated(resource, difference.declared, difference.actual, ids_only=ids_only)
    return repeated(f"repeats {twin}") if twin is not None else None


_QUESTIONS: tuple[Question, ...] = (
    _alike,
    _volatile,
    _derived,
    _settled,
    _tags,
    _ignored,
    _in_code,
    _left_tags,
    _mirrored,
    _echoes,
)
