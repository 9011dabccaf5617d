"""What the AWS provider's schema says of a name: who can set it, and whether it is a set.

The table beside this is derived from provider 5.100; `schema_table` makes it anew. What it does not know, and
all of other providers, counts as what code may set, so that nothing unknown is taken for harmless.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("aws_schema.json")
_OWN = frozenset({"id", "tags_all"})
"""Optional by the schema's letter only: no code sets an id, and the provider works ``tags_all`` out."""


def only_cloud_sets(resource_type: str, name: str) -> bool:
    """Say whether no code can set a resource's attribute, so that it only follows something else."""
    return (name in _OWN and resource_type.startswith("aws_")) or _is("computed", resource_type, name)


def is_planned_away(resource_type: str, name: str) -> bool:
    """Say whether a plan removes what is live under a name where code sets it to null.

    False where the provider would keep it ("Optional" and "Computed"), and where nobody knows.
    """
    return resource_type.removeprefix("aws_") in _types() and _is("plain", resource_type, name)


def is_set(resource_type: str, name: str) -> bool | None:
    """Say whether a list of this name, anywhere in the resource, has no order; None where nobody knows."""
    return _is("sets", resource_type, name) if resource_type.startswith("aws_") else None


def _is(fact: str, resource_type: str, name: str) -> bool:
    if not resource_type.startswith("aws_"):
        return False
    everywhere, only, but = _facts(fact)
    short = resource_type.removeprefix("aws_")
    if name in everywhere:
        return True
    if name in only:
        return short in only[name]
    return name in but and short not in but[name]


@cache
def _facts(fact: str) -> tuple[frozenset[str], Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
    table = _table()[fact]
    only, but = (
        {name: frozenset(types.split()) for name, types in table[word].items()} for word in ("only", "but")
    )
    return frozenset(table["everywhere"].split()), only, but


@cache
def _types() -> frozenset[str]:
    return frozenset(_table()["types"].split())


@cache
def _table() -> Any:
    return json.loads(_TABLE.read_text())
