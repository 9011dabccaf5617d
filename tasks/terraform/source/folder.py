"""One module's folder: what its files together say of a block.

Terraform reads them in the order of their names, and then what ``override.tf`` and ``*_override.tf`` say
over it: https://developer.hashicorp.com/terraform/language/files/override.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tasks.terraform.source import hcl, json_body
from tasks.terraform.source.lexer import UnreadableError
from tasks.terraform.source.node import Node

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
    def text(self) -> str:
        """What stands in it, without a byte order mark.

        Raises:
            UnreadableError: it can't be read, is larger than `LARGEST`, or is no UTF-8.
        """
        try:
            if self.path.stat().st_size > LARGEST:
                raise UnreadableError(f"{self.path} is larger than {LARGEST} bytes")
            return self.path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableError(f"{self.path} can't be read ({type(error).__name__})") from error

    @cached_property
    def items(self) -> tuple[Node, ...]:
        """What stands in it side by side.

        Raises:
            UnreadableError: it can't be followed.
        """
        try:
            found = json_body.items(self.text) if self.path.suffix == ".json" else hcl.items(self.text)
            return tuple(found)
        except UnreadableError as error:
            raise UnreadableError(f"{self.path}: {error}") from error

    def blocks(self, kind: str, labels: tuple[str, ...]) -> Iterator[Node]:
        """Yield its blocks of these labels.

        Raises:
            UnreadableError: it can't be followed.
        """
        # An escape may spell any name; nothing else can hide one.
        if "\\u" in self.text or all(word in self.text for word in (kind, *labels)):
            yield from (node for node in self.items if node.name == kind and node.labels == labels)


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
            with contextlib.suppress(UnreadableError):
                _ = file.text

    def block(self, kind: str, labels: tuple[str, ...]) -> Found:
        """Return what the files say of a block."""
        unread: list[str] = []
        own, over = (list(_blocks(files, kind, labels, unread)) for files in self.files)
        written = (*own, *over) if len(own) == 1 else ()
        return Found(written=written, unread=tuple(unread))

    def _is_code(self, path: Path) -> bool:
        endings = (".tf", ".tf.json", *((".tofu", ".tofu.json") if self.tofu else ()))
        ignored = path.name.startswith((".", "#")) or path.name.endswith(("~", "#"))
        return path.name.endswith(endings) and not ignored and path.is_file()


def _blocks(
    files: tuple[CodeFile, ...], kind: str, labels: tuple[str, ...], unread: list[str]
) -> Iterator[Written]:
    for file in files:
        try:
            yield from [Written(file=file.path, node=node) for node in file.blocks(kind, labels)]
        except UnreadableError as error:
            unread.append(str(error))


def _overrides(path: Path) -> bool:
    stem = path.name.removesuffix(".json").rpartition(".")[0]
    return stem == "override" or stem.endswith("_override")
