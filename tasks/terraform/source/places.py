"""Where a drifted resource or attribute stands in code, found only when it is asked."""

from dataclasses import dataclass, field
from pathlib import Path

from tasks.terraform.source.address import BlockAddress
from tasks.terraform.source.folder import Written
from tasks.terraform.source.lexer import UnreadableError
from tasks.terraform.source.modules import Modules
from tasks.terraform.source.node import Node, deepest


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A line of code.

    Args:
        file: relative to the workspace; what Terraform downloaded lies in ``.terraform``.
        line: from 1.
    """

    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Places:
    """The code behind a look.

    Args:
        modules: its folders; None where there is no code, and so no place.
    """

    modules: Modules | None = field(default=None, repr=False)

    def of(self, address: str, attribute: str = "") -> Spot | None:
        """Return the line that sets an attribute, else that of its block; None where that is not for sure.

        Args:
            address: of the resource, with or without indexes.
            attribute: its path in dots, in the resource's own words; empty for the block.
        """
        written = self._written(address)
        for one in reversed(written if attribute else ()):
            found = _inside(one.node, attribute)
            if found is not None:
                return self._spot(one.file, found)
        return self._spot(written[0].file, written[0].node) if written else None

    def _written(self, address: str) -> tuple[Written, ...]:
        block = BlockAddress.of(address)
        folder = self.modules.folder(block.modules) if self.modules else None
        return folder.block("resource", *block.labels).written if folder and block.labels else ()

    def _spot(self, file: Path, node: Node) -> Spot | None:
        if self.modules is None:
            return None
        return Spot(file=self.modules.shown(file), line=node.line)


def _inside(block: Node, attribute: str) -> Node | None:
    """Return where a path is written in a block; ``tags_all`` is computed from ``tags``."""
    try:
        inner = block.inner
        found = deepest(inner, attribute)
        if found is None and attribute.partition(".")[0] == "tags_all":
            found = deepest(inner, f"tags{attribute.removeprefix('tags_all')}")
    except UnreadableError:
        return None
    return found
