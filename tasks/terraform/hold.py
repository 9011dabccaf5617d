"""What is held still while one drift is put right: other drift, and code that nobody has applied yet.

A plan kept to one address with ``-target`` still takes along whatever that address depends on. What of
this nobody has approved is left as it is by ``ignore_changes``, written into an override file of a copy of
the workspace. An override replaces the list that code has, so that list is repeated
(https://developer.hashicorp.com/terraform/language/files/override#merging-resource-and-data-blocks).

What can't be held still: creating what is missing, for ``ignore_changes`` speaks of what exists; one
instance of ``count`` or ``for_each`` apart from another in the same attribute, for they are one block; and
two calls of one module folder likewise.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from tasks.terraform.difference import Path as Attribute
from tasks.terraform.document import block_address
from tasks.terraform.effects import Effect
from tasks.terraform.lifecycle import Lifecycle

Ignored = tuple[str, ...] | Literal["all"]
LifecycleOf = Callable[[str], Lifecycle]
"""From the address of a block to what code says of its lifecycle."""

Spot = tuple[Path, str]
"""Where a block stands: the folder of its module, and its type and name. Two addresses may share one."""


class InseparableError(Exception):
    """What is approved can't be told from something else in code; a person has to do it."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A block that is left as it is, in all or in some of its attributes.

    Args:
        block: its address, without indexes.
        ignore_changes: as code would write it, without what code has there already.
    """

    block: str
    ignore_changes: Ignored

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON values; `from_document` reads it back."""
        whole = self.ignore_changes == "all"
        return {"block": self.block, "ignore_changes": "all" if whole else list(self.ignore_changes)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the hold that `to_document` wrote down."""
        listed = document["ignore_changes"]
        return cls(block=document["block"], ignore_changes="all" if listed == "all" else tuple(listed))


def holding(
    held: Iterable[Hold], beyond: Sequence[Effect], approved: Iterable[Effect], lifecycle_of: LifecycleOf
) -> tuple[Hold, ...]:
    """Return the holds that leave `beyond` as it is too, and touch nothing that is approved.

    Args:
        held: what is held still already.
        beyond: effects of a plan that nobody has approved.
        approved: effects of the same plan that somebody has.
        lifecycle_of: what code says.

    Raises:
        InseparableError: they can't be told apart in code.
        ToolError: what code says can't be read.
    """
    wanted = {hold.block: hold.ignore_changes for hold in held}
    # What is created takes all that code says, whatever is ignored later.
    said = [one for one in approved if one.action != "create" and one.minor is None]
    wishes = [(_spot(one.address, lifecycle_of), one.path) for one in said]
    # What only comes along goes with what it comes along with.
    real = [one for one in beyond if one.minor is None]
    for effect in real or beyond:
        _expect_holdable(effect)
        block = block_address(effect.address)
        spot = _spot(effect.address, lifecycle_of)
        touched = [path for other, path in wishes if other == spot]
        if not touched:
            wanted[block] = "all"
        elif wanted.get(block) != "all":
            wanted[block] = _joined(wanted.get(block, ()), _attribute(effect, touched))
    return tuple(Hold(block=block, ignore_changes=ignored) for block, ignored in sorted(wanted.items()))


def overrides(held: Iterable[Hold], lifecycle_of: LifecycleOf) -> dict[Path, str]:
    """Return the text of the override file of each module folder.

    Raises:
        ToolError: what code says can't be read.
    """
    merged: dict[Spot, Ignored] = {}
    for hold in held:
        code = lifecycle_of(hold.block)
        spot = (_folder(code), _name(hold.block))
        listed = _joined(merged.get(spot, ()), hold.ignore_changes)
        merged[spot] = _joined(code.ignore_changes, listed)
    texts: dict[Path, str] = {}
    for (folder, name), ignored in sorted(merged.items()):
        texts[folder] = texts.get(folder, "") + _block(name, ignored)
    return texts


def _expect_holdable(effect: Effect) -> None:
    if effect.action == "create":
        raise InseparableError(
            f"an apply would also create {effect.address}, which this drift depends on and which is missing; "
            "put that right first"
        )
    if effect.action not in ("update", "replace"):
        raise InseparableError(
            f"an apply would also {effect.action} {effect.address}, which can't be held still; "
            "settle that first"
        )


def _attribute(effect: Effect, touched: Iterable[Attribute]) -> tuple[str, ...]:
    """Return the shortest way to write the effect's attribute that names nothing approved."""
    for end in range(1, len(effect.path) + 1):
        path = effect.path[:end]
        if not any(_overlap(path, other) for other in touched):
            return (_written(path),)
    raise InseparableError(
        f"an apply would also change {effect.attribute} of {effect.address}, and code declares it in the "
        "same block as what is approved, so it can't be held still; put both right by hand"
    )


def _overlap(path: Attribute, other: Attribute) -> bool:
    shorter = min(len(path), len(other))
    return path[:shorter] == other[:shorter]


def _written(path: Attribute) -> str:
    """Return a path as HCL writes it: elements of lists by number, keys of maps in quotes."""
    return path[0] + "".join(
        f"[{key}]" if key.isdigit() else _key(path, place) for place, key in enumerate(path[1:], 1)
    )


def _key(path: Attribute, place: int) -> str:
    inside_block = path[place - 1].isdigit()
    if inside_block:
        return f".{path[place]}"
    return f"[{json.dumps(path[place]).replace('${', '$${').replace('%{', '%%{')}]"


def _joined(listed: Ignored, more: Ignored) -> Ignored:
    return "all" if "all" in (listed, more) else tuple(dict.fromkeys((*listed, *more)))


def _block(name: str, ignored: Ignored) -> str:
    kind, label = name.split(".", 1)
    listed = "all" if ignored == "all" else f"[{', '.join(ignored)}]"
    return f'resource "{kind}" "{label}" {{\n  lifecycle {{\n    ignore_changes = {listed}\n  }}\n}}\n'


def _spot(address: str, lifecycle_of: LifecycleOf) -> Spot:
    block = block_address(address)
    return _folder(lifecycle_of(block)), _name(block)


def _folder(code: Lifecycle) -> Path:
    """Two ways to spell a folder are one folder, as for Terraform, which follows ``..`` without looking."""
    return Path(os.path.normpath(code.folder))


def _name(block: str) -> str:
    return ".".join(block.rsplit(".", 2)[-2:])
