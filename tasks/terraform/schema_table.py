"""Derive `aws_schema.json` from what the AWS provider says of itself.

``terraform providers schema -json`` is 13.6 MB and takes seconds; what is asked of it is small: which names
code can't set, which ones it alone sets, and which lists are sets. A name is listed once where it is so
everywhere, and by type where it is not:

    terraform providers schema -json | python -m tasks.terraform.schema_table > aws_schema.json

Format: https://developer.hashicorp.com/terraform/cli/commands/providers/schema.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

PROVIDER = "registry.terraform.io/hashicorp/aws"

Facts = dict[str, dict[str, set[str]]]
"""Name → what it is → in which types."""

Said = Iterator[tuple[str, str]]
"""Names, and what one type says of each."""


def derive(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table: all ``types`` without their ``aws_``, and three facts, each by name and type.

    ``computed`` is what no code sets, ``plain`` what only code sets wherever a type has the name, for the
    provider fills in none of it, and ``sets`` are lists without an order.

    ``everywhere`` has the names that are so in every type that has them, ``only`` those that are so in some
    types, ``but`` those that are so in most, with the types where they are not.

    Raises:
        KeyError: the document holds no schema of the AWS provider.
    """
    schemas = document["provider_schemas"][PROVIDER]["resource_schemas"]
    facts = {"computed": (_standing, "computed"), "plain": (_filling, "plain"), "sets": (_collections, "set")}
    return {
        **{fact: _compact(_gathered(schemas, said), word) for fact, (said, word) in facts.items()},
        "types": " ".join(sorted(name.removeprefix("aws_") for name in schemas)),
    }


def _gathered(schemas: Mapping[str, Any], said: Callable[[Mapping[str, Any]], Said]) -> Facts:
    gathered: Facts = defaultdict(lambda: defaultdict(set))
    for resource_type, schema in schemas.items():
        for name, what in said(schema["block"]):
            gathered[name][what].add(resource_type.removeprefix("aws_"))
    return gathered


def _standing(block: Mapping[str, Any]) -> Said:
    """Yield the name of everything at the top of a block, and ``computed`` where no code sets it."""
    for name, attribute in block.get("attributes", {}).items():
        alone = attribute.get("computed") and not attribute.get("optional")
        yield name, "computed" if alone else "other"
    for name in block.get("block_types", {}):
        yield name, "other"


def _filling(block: Mapping[str, Any]) -> Said:
    """Yield the names of all attributes in a block: ``plain`` where the provider fills in none of a name."""
    filled: dict[str, bool] = {}
    for name, fills in _attributes(block):
        filled[name] = filled.get(name, False) or fills
    for name, fills in filled.items():
        yield name, "filled" if fills else "plain"


def _attributes(block: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the name of every attribute in a block, and whether the provider may fill it in."""
    for name, attribute in block.get("attributes", {}).items():
        yield name, bool(attribute.get("computed"))
        yield from _attributes(attribute.get("nested_type", {}))
    for inner in block.get("block_types", {}).values():
        yield from _attributes(inner["block"])


def _collections(block: Mapping[str, Any]) -> Said:
    """Yield the name and the nesting, ``list`` or ``set``, of everything in a block that is one of them."""
    for name, attribute in block.get("attributes", {}).items():
        nested = attribute.get("nested_type")
        if nested is None:
            yield from _in_type(name, attribute["type"])
        else:
            yield name, nested["nesting_mode"]
            yield from _collections(nested)
    for name, inner in block.get("block_types", {}).items():
        yield name, inner["nesting_mode"]
        yield from _collections(inner["block"])


def _in_type(name: str, kind: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(kind, list):
        return
    if kind[0] in ("list", "set"):
        yield name, kind[0]
    if kind[0] == "object":
        for inner, found in kind[1].items():
            yield from _in_type(inner, found)
    elif isinstance(kind[1], list):
        yield from _in_type(name if kind[1][0] != "object" else "", kind[1])


def _compact(facts: Facts, word: str) -> dict[str, Any]:
    everywhere: list[str] = []
    some: dict[str, dict[str, str]] = {"only": {}, "but": {}}
    for name, found in sorted(facts.items()):
        yes = found.get(word, set())
        no = set().union(*found.values()) - yes
        if not yes or not name:
            continue
        if not no:
            everywhere.append(name)
        elif len(yes) <= len(no):
            some["only"][name] = " ".join(sorted(yes))
        else:
            some["but"][name] = " ".join(sorted(no))
    return {"everywhere": " ".join(everywhere), **some}


def main() -> None:
    """Read a schema from standard input, and print the table."""
    sys.stdout.write(json.dumps(derive(json.load(sys.stdin)), indent=0) + "\n")


if __name__ == "__main__":
    main()
