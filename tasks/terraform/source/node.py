"""One thing that is written in code: an attribute, a block, or an element of one."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Node:
    """Something with a name and a line.

    Args:
        name: of the attribute or block type; an element of a list goes by its index.
        line: counted from 1, in its file.
        labels: of a block.
        is_made: it stands for the blocks that a ``dynamic`` block makes.
    """

    name: str
    line: int
    labels: tuple[str, ...] = ()
    is_made: bool = False

    @property
    def inner(self) -> tuple["Node", ...]:
        """What stands in it.

        Raises:
            UnreadableError: it can't be followed.
        """
        return ()

    @property
    def spelled(self) -> tuple[str, ...] | Literal["all"] | None:
        """As ``ignore_changes`` takes it: its entries as they are spelled; None where it is no such list."""
        return None

    @property
    def constant(self) -> str | None:
        """Its text, where it is a string that is written out."""
        return None

    @property
    def is_false(self) -> bool:
        """Whether it is ``false``, written out."""
        return False

    @property
    def is_filled(self) -> bool:
        """Whether it is an attribute that its text alone shows to be neither null nor empty."""
        return False

    def named(self, name: str) -> tuple["Node", ...]:
        """Return all that stand in it under a name."""
        return tuple(node for node in self.inner if node.name == name)


def deepest(nodes: tuple[Node, ...], path: str) -> Node | None:
    """Return where a path is written, or the nearest above it that is; None where not even its head is.

    Args:
        nodes: what stands side by side.
        path: in dots; names may hold dots themselves, so the longest that fits is taken.
    """
    names = {node.name for node in nodes if path == node.name or path.startswith(f"{node.name}.")}
    if not names:
        return None
    name = max(names, key=len)
    found = [node for node in nodes if node.name == name]
    rest = path[len(name) + 1 :]
    if not rest or len(found) > 1:
        return found[0]
    # A block that stands alone is the element 0 of the list that Terraform makes of it.
    return deepest(found[0].inner, rest) or deepest(found[0].inner, rest.removeprefix("0.")) or found[0]
