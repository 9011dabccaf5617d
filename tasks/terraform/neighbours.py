"""Who else in a plan speaks of a resource, and what they say.

An address shows the gateway that took it, a network the options that were given to it: what the cloud fills
in on one resource is often what another one declares, by naming the first.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from tasks.terraform.parents import parents_of
from tasks.terraform.planned import Planned

_REFERS = re.compile(r"(?:.*_)?(?:arns?|ids?|identifiers?|interfaces?|ips?)")
"""Names of attributes that point to something by their nature; a description may hold an ARN too."""

_ID = re.compile(r"arn:aws.*|[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,32}")


class Neighbours:
    """All resources of one plan, by whom they point to; worked out when it is first asked.

    Args:
        resources: every managed resource of the plan.
    """

    def __init__(self, resources: Collection[Planned]) -> None:
        self._resources = resources

    def naming(self, resource: Planned) -> list[Planned]:
        """Return the other resources that point to this one by its id or its ARN."""
        return _others(resource, self._by_name)

    def parts(self, resource: Planned) -> list[Planned]:
        """Return the other resources that say of themselves that they are a part of this one."""
        return _others(resource, self._by_parent)

    def repeated(self, resource: Planned, declared: Any, actual: Any, *, ids_only: bool) -> str | None:
        """Return the first that names the resource, where such say themselves all that came here, or went.

        Args:
            resource: whose attribute differs.
            declared: the attribute as it was.
            actual: the attribute as it is.
            ids_only: only AWS's own ids and ARNs count; other words two resources may hold by chance.
        """
        was, found = set(texts(declared)), set(texts(actual))
        values = found - was or was - found
        if not values or (ids_only and not all(_ID.fullmatch(value) for value in values)):
            return None
        said = {
            other.address: values.intersection(_pointed_to(list(_sides(other))))
            for other in self.naming(resource)
        }
        if not said or set().union(*said.values()) != values:
            return None
        return min(address for address, some in said.items() if some)

    @cached_property
    def _by_name(self) -> Mapping[str, list[Planned]]:
        names = {name for resource in self._resources for name in _names(resource)}
        found: dict[str, list[Planned]] = defaultdict(list)
        for resource in self._resources:
            for name in names.intersection(_pointed_to(list(_sides(resource)))):
                found[name].append(resource)
        return found

    @cached_property
    def _by_parent(self) -> Mapping[str, list[Planned]]:
        found: dict[str, list[Planned]] = defaultdict(list)
        for resource in self._resources:
            for name in parents_of(resource):
                found[name].append(resource)
        return found


def texts(tree: Any) -> Iterator[str]:
    """Yield every text in a tree of JSON values that is not empty."""
    if isinstance(tree, str) and tree:
        yield tree
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from texts(value)


def _others(resource: Planned, by: Mapping[str, list[Planned]]) -> list[Planned]:
    found = {other.address: other for name in _names(resource) for other in by.get(name, ())}
    return [other for address, other in found.items() if address != resource.address]


def _names(resource: Planned) -> Iterator[str]:
    for key in ("id", "arn"):
        value = resource.attributes.get(key)
        if isinstance(value, str) and value:
            yield value


def _sides(resource: Planned) -> Iterable[Mapping[str, Any]]:
    return [side for side in (resource.state, resource.live, resource.wanted) if side]


@lru_cache(maxsize=4096)
def _refers(name: str) -> bool:
    return _REFERS.fullmatch(name) is not None


def _pointed_to(tree: Any, *, refers: bool = False) -> Iterator[str]:
    """Yield every text in a tree of JSON values that stands under a name which points to something.

    Args:
        tree: blocks, lists and values.
        refers: the tree stands under such a name itself.
    """
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _pointed_to(value, refers=_refers(key))
    elif isinstance(tree, list):
        for value in tree:
            yield from _pointed_to(value, refers=refers)
    elif refers and isinstance(tree, str) and tree:
        yield tree
