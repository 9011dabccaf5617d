"""Why a difference that no apply would undo is none: asked in this order, the first answer counts.

The first question is what the two sides mean; the last are what the code says, and what other resources say.
What gets no answer is undeclared drift.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tasks.terraform import schema
from tasks.terraform.difference import Difference, at, is_empty
from tasks.terraform.mirrors import declares
from tasks.terraform.noise import derived, volatile
from tasks.terraform.residue import Owners
from tasks.terraform.verdict import CODIFIED, LEFT_BY_PLAN, Why, noise, repeated

if TYPE_CHECKING:
    from tasks.terraform.judge import Case

GUARDED = frozenset(
    {
        "access_policies",
        "access_policy",
        "acl",
        "allowed_principals",
        "egress",
        "grant",
        "ingress",
        "inline_policy",
        "managed_policy_arns",
        "policy",
    }
)
"""Attributes that grant: an expression that may be null does not vouch for them."""

TELLING = frozenset({"code_sha256", "fingerprint", "instance_state", "unique_id"})
"""Attributes that no code sets and a hand can change: they follow nothing that moved beside them."""

UNDERWAY = frozenset(
    {"creating", "in_progress", "initializing", "pending", "pending_validation", "provisioning", "updating"}
)
"""States, in lower case, that the cloud leaves by itself."""

Moved = list[Difference]


def harmless(case: "Case", difference: Difference, moved: Moved) -> Why | None:
    """Return why a difference is no undeclared drift; None where it is.

    Args:
        case: the resource.
        difference: what moved, and no apply would undo.
        moved: all that moved of the resource.
    """
    answers = (question(case, difference, moved) for question in _QUESTIONS)
    return next((answer for answer in answers if answer is not None), None)


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
    was, name = difference.declared, difference.path[0]
    if not isinstance(was, str) or was.lower().replace("-", "_") not in UNDERWAY:
        return None
    return noise(f"it was still {was}") if schema.only_cloud_sets(case.resource.type, name) else None


def _tags(_: "Case", difference: Difference, moved: Moved) -> Why | None:
    """Answer for ``tags_all``, which every plan sets anew from the code's tags and the provider's."""
    if difference.path[0] != "tags_all":
        return None
    twin = ("tags", *difference.path[1:])
    return repeated("follows tags") if any(one.path == twin for one in moved) else CODIFIED


def _follows(case: "Case", difference: Difference, moved: Moved) -> Why | None:
    name, kind = difference.path[0], case.resource.type
    if name in TELLING or not (schema.only_cloud_sets(kind, name) or difference.path[-1] == "id"):
        return None
    return next(
        (
            repeated(f"follows {one.path[0]}")
            for one in moved
            if one.counts and one.path[0] != name and _leads(kind, one.path[0])
        ),
        None,
    )


def _leads(resource_type: str, name: str) -> bool:
    return name in TELLING or not schema.only_cloud_sets(resource_type, name)


def _ignored(case: "Case", difference: Difference, _: Moved) -> Why | None:
    return case.in_code.ignores(case.resource.address, difference.path)


def _in_code(case: "Case", difference: Difference, _: Moved) -> Why | None:
    path, resource = difference.path, case.resource
    says = case.code.says(resource.address, path, at(resource.live, path))
    if says == "nothing" and case.in_code.makes(resource.address, path[0]):
        return CODIFIED
    if says in ("this", "something") or (says == "maybe" and path[0] not in GUARDED):
        return CODIFIED
    if says == "other":
        held = case.in_code.holds(resource.address, path)
        return held if resource.actions else Why("unjudged", "this plan does not speak of it")
    return None


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


def _neighbours(case: "Case", difference: Difference, _: Moved) -> Why | None:
    """Answer for what the cloud fills in: names of things that another resource gave to this one."""
    name, resource = difference.path[0], case.resource
    if name in GUARDED or case.neighbours is None:
        return None
    ids_only = not schema.only_cloud_sets(resource.type, name)
    twin = case.neighbours.repeated(resource, difference.declared, difference.actual, ids_only=ids_only)
    return repeated(f"repeats {twin}") if twin is not None else None


_QUESTIONS: tuple[Callable[["Case", Difference, Moved], Why | None], ...] = (
    _alike,
    _volatile,
    _derived,
    _settled,
    _tags,
    _ignored,
    _in_code,
    _left_tags,
    _mirrored,
    _follows,
    _neighbours,
)
