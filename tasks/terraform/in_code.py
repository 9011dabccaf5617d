"""What the text of the code says that a plan does not: ``ignore_changes`` with its line, and dynamic blocks.

https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes.
"""

import re
from dataclasses import dataclass, field

from tasks.errors import ToolError
from tasks.terraform.difference import Path
from tasks.terraform.document import block_address
from tasks.terraform.grants import GRANTS
from tasks.terraform.lifecycle import Lifecycle, lifecycle_in
from tasks.terraform.source.address import BlockAddress
from tasks.terraform.source.lexer import UnreadableError
from tasks.terraform.source.modules import Modules
from tasks.terraform.source.node import Node
from tasks.terraform.verdict import HELD_BY_CODE, TAKEN_AS_EQUAL, Why

_HEAD = re.compile(r"[^\W\d][\w-]*")
_STEP = re.compile(r'\s*(?:\.\s*(?P<name>[\w-]+)|\[\s*(?:"(?P<key>[^"\\]*)"|(?P<index>\d+))\s*\])')


@dataclass(frozen=True, kw_only=True)
class InCode:
    """The text of one workspace's code, read when it is asked.

    Args:
        modules: the folders of the code; None where there is none, and so nothing is known.
    """

    modules: Modules | None = field(default=None, repr=False)
    _read: dict[str, Lifecycle | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ignores(self, address: str, path: Path) -> Why | None:
        """Return where the code says that an attribute, or what holds it, is left as it is; else None.

        Args:
            address: of the resource.
            path: of the attribute, in the resource's own words.
        """
        found = self._lifecycle(address)
        if found is None or not self._covers(found, path):
            return None
        return Why("ignored", f"{self._place(found)} names it")

    def knows(self, address: str) -> bool:
        """Say whether the list that counts for a resource is known for sure, be it empty."""
        return self._lifecycle(address) is not None

    def makes(self, address: str, name: str) -> bool:
        """Say whether a ``dynamic`` block makes blocks of a name: a plan's ``configuration`` is silent of it.

        Args:
            address: of the resource.
            name: of the blocks; those that grant are not vouched for, as it may make none.
        """
        if name in GRANTS:
            return False
        try:
            return any(node.is_made for one in self._blocks(address) for node in one.named(name))
        except UnreadableError:
            return False

    def fills(self, address: str, path: Path) -> bool:
        """Say whether the text alone shows that an attribute is set: it can be neither null nor empty.

        Args:
            address: of the resource.
            path: of the expression.
        """
        try:
            found = [node for one in self._blocks(address) for node in _written_at(one, path)]
        except UnreadableError:
            return False
        return bool(found) and all(node.is_filled for node in found)

    def _blocks(self, address: str) -> list[Node]:
        block = BlockAddress.of(address)
        folder = self.modules.folder(block.modules) if self.modules else None
        return [one.node for one in folder.block("resource", *block.labels).written] if folder else []

    def holds(self, address: str, path: Path) -> Why:
        """Return why a plan leaves an attribute that the code sets otherwise; it is known not to be named."""
        found = self._lifecycle(address)
        if found is None:
            return HELD_BY_CODE
        parts = [entry for entry in found.ignore_changes if path == (_path(entry) or ())[: len(path)]]
        return Why("ignored", f"{self._place(found)} names {parts[0]}") if parts else TAKEN_AS_EQUAL

    def _covers(self, found: Lifecycle, path: Path) -> bool:
        if found.ignore_changes == "all":
            return True
        entries = [entry for text in found.ignore_changes if (entry := _path(text)) is not None]
        return any(path[: len(entry)] == entry for entry in entries)

    def _lifecycle(self, address: str) -> Lifecycle | None:
        block = block_address(address)
        if block not in self._read:
            self._read[block] = self._fresh(block)
        return self._read[block]

    def _fresh(self, block: str) -> Lifecycle | None:
        try:
            return None if self.modules is None else lifecycle_in(self.modules, block)
        except ToolError:
            # Nothing is suppressed because of a list that can't be read.
            return None

    def _place(self, found: Lifecycle) -> str:
        if self.modules is None or found.ignored_file is None:
            return "ignore_changes"
        return f"ignore_changes of {self.modules.shown(found.ignored_file)}:{found.ignored_line}"


def _written_at(block: Node, path: Path) -> list[Node]:
    """Return what is written at a path; an element of a list of blocks is the one of its number."""
    name, *rest = path
    found = block.named(name)
    if not rest:
        return list(found)
    if rest[0].isdigit() and not any(node.is_made for node in found):
        found = found[int(rest[0]) : int(rest[0]) + 1]
    inner = tuple(rest[1:]) if rest[0].isdigit() else tuple(rest)
    return [one for node in found for one in _written_at(node, inner)] if inner else []


def _path(entry: str) -> Path | None:
    """Return the path that an entry names; None where it is spelled otherwise than such entries are."""
    text = entry.strip('"').strip()
    head = _HEAD.match(text)
    if head is None:
        return None
    path, at = [head[0]], head.end()
    while step := _STEP.match(text, at):
        path.append(next(part for part in step.group("name", "key", "index") if part is not None))
        at = step.end()
    return tuple(path) if at == len(text) else None
