"""What stands in two states of an estate, in few lines for people: parts folded into their resource."""

from collections.abc import Iterable, Iterator

from taxonomy.holding import Shared

NAMED = 10
"""How many resources are named; the others are counted."""


def lines(shared: Iterable[Shared]) -> Iterator[str]:
    """Yield why it matters, once, and a line for each resource that stands twice, whole or in parts."""
    folded: dict[str, list[Shared]] = {}
    for one in shared:
        folded.setdefault(one.resource_id, []).append(one)
    if not folded:
        return
    are = "resource stands" if len(folded) == 1 else "resources stand"
    yield (
        f"{len(folded)} {are} twice in the states of this estate, and their applies fight over it: "
        f"a person first decides which one lets go"
    )
    for resource_id, several in list(folded.items())[:NAMED]:
        yield f"  {resource_id}: {_where(several)}"
    if len(folded) > NAMED:
        yield f"  and {len(folded) - NAMED} more; -o json lists all"


def _where(several: Iterable[Shared]) -> str:
    """Return the addresses of the whole resource, else of its parts; and how many parts are beside it."""
    whole = [one for one in several if not one.part]
    parts = [one for one in several if one.part]
    addresses = dict.fromkeys(address for one in whole or parts for address in one.addresses)
    beside = f" and {len(parts)} of its parts" if whole and parts else ""
    return ", ".join(addresses) + beside
