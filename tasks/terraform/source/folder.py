"""One module's folder: what its files together say of a block.

Terraform reads them in the order of their names, and then what ``override.tf`` and ``*_override.tf`` say
over it: https://developer.hashicorp.com/terraform/language/files/override.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tasks.terraform.source import hcl, json_body
from tasks.terraform.source.lexer import UnreadableError
from tasks.terraform.source.node import Node

Header = tuple[str, ...]
"""A block's type and its labels."""

LARGEST = 2**24
"""Bytes of a file that is read; a larger one has no places."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """One block in one file."""

    file: Path
    node: Node


@dataclass(frozen=True, kw_only=True)
class Found:
    """A block of a folder.

    Args:
        written: it and what overrides it, the last word last; empty where it is not for sure.
        unread: why files that may speak of it too can't be read.
    """

    written: tuple[Written, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CodeFile:
    """One file of Terraform code."""

    path: Path

    @cached_property
    def text(self) -> str | UnreadableError:
        """What stands in it, without a byte order mark; or why that is not known."""
        try:
            if self.path.stat().st_size > LARGEST:
                return UnreadableError(f"{self.path} is larger than {LARGEST} bytes")
            return self.path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            return UnreadableError(f"{self.path} can't be read ({type(error).__name__})")

    @cached_property
    def _blocks(self) -> Mapping[Header, list[Node]] | UnreadableError:
        """Its blocks by what stands before their braces; or why they are not known."""
        if isinstance(self.text, UnreadableError):
            return self.text
        found: dict[Header, list[Node]] = {}
        try:
            for node in json_body.items(self.text) if self.path.suffix == ".json" else hcl.items(self.text):
                found.setdefault((node.name, *node.labels), []).append(node)
        except UnreadableError as error:
            return UnreadableError(f"{self.path}: {error}")
        return found

    def blocks(self, header: Header) -> list[Node]:
        """Return its blocks of this type and these labels.

        Raises:
            UnreadableError: it can't be followed, and may hold one.
        """
        if "_blocks" not in self.__dict__ and not self._may_hold(header):
            return []
        return self.all_blocks().get(header, [])

    def all_blocks(self) -> Mapping[Header, list[Node]]:
        """Return all its blocks, by their types and labels.

        Raises:
            UnreadableError: it can't be followed.
        """
        if isinstance(self._blocks, UnreadableError):
            raise self._blocks
        return self._blocks

    def _may_hold(self, header: Header) -> bool:
        """Say whether it is worth reading: an escape may spell any name, nothing else can hide one."""
        text = self.text
        return isinstance(text, UnreadableError) or "\\u" in text or all(word in text for word in header)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder of Terraform code, read as far as it is asked.

    Args:
        tofu: also read ``.tofu`` files, which stand for ``.tf`` files of the same name.
    """

    path: Path
    tofu: bool = False

    @cached_property
    def files(self) -> tuple[tuple[CodeFile, ...], tuple[CodeFile, ...]]:
        """The files, and those that override them, each in the order that counts."""
        try:
            found = sorted(path for path in self.path.iterdir() if self._is_code(path))
        except OSError:
            found = []
        tofu = {path.name for path in found if ".tofu" in path.suffixes}
        kept = [
            path
            for path in found
            if re.sub(r"\.tf(?=$|\.json$)", ".tofu", path.name) not in tofu or path.name in tofu
        ]
        over = [path for path in kept if _overrides(path)]
        return (
            tuple(CodeFile(path=path) for path in kept if path not in over),
            tuple(CodeFile(path=path) for path in over),
        )

    @property
    def is_mixed(self) -> bool:
        """Whether files of OpenTofu lie here that are not read."""
        return not self.tofu and any(".tofu" in path.suffixes for path in self.path.glob("*.tofu*"))

    def keep(self) -> None:
        """Read all files now."""
        for file in (*self.files[0], *self.files[1]):
            _ = file.text

    def block(self, *header: str) -> Found:
        """Return what the files say of a block, by its type and labels."""
        unread: list[str] = []
        own, over = (list(_written(files, header, unread)) for files in self.files)
        written = (*own, *over) if len(own) == 1 else ()
        return Found(written=written, unread=tuple(unread))

    def blocks(self) -> Iterator[tuple[Header, Written]]:
        """Yield every block that stands here, what overrides others too.

        Raises:
            UnreadableError: a file can't be followed.
        """
        for file in (*self.files[0], *self.files[1]):
            for header, nodes in file.all_blocks().items():
                yield from ((header, Written(file=file.path, node=node)) for node in nodes)

    def _is_code(self, path: Path) -> bool:
        endings = (".tf", ".tf.json", *((".tofu", ".tofu.json") if self.tofu else ()))
        ignored = path.name.startswith((".", "#")) or path.name.endswith(("~", "#"))
        return path.name.endswith(endings) and not ignored and path.is_file()


def _written(files: tuple[CodeFile, ...], header: Header, unread: list[str]) -> Iterator[Written]:
    for file in files:
        try:
            yield from [Written(file=file.path, node=node) for node in file.blocks(header)]
        except UnreadableError as error:
            unread.append(str(error))


def _overrides(path: Path) -> bool:
    stem = path.name.removesuffix(".json").rpartition(".")[0]
    return stem == "override" or stem.endswith("_override")
