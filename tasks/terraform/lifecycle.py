"""What a resource's ``lifecycle`` block says, overrides included, or an error where that is not for sure.

An override must repeat the list that it replaces, so "unknown" may not read as "none".

https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tasks.errors import ToolError
from tasks.terraform.source.address import BlockAddress
from tasks.terraform.source.folder import Folder, Written
from tasks.terraform.source.lexer import UnreadableError
from tasks.terraform.source.modules import Modules
from tasks.terraform.source.node import Node

Ignored = tuple[str, ...] | Literal["all"]


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """What counts for a resource, and where it stands.

    Args:
        ignore_changes: the entries as they are spelled, or ``all``; empty where nothing is ignored.
        prevent_destroy: ``true`` is written; a value that is computed counts as true.
        folder: the module's folder, which holds the block.
        file: of the block.
        line: of the block, from 1.
        ignored_file: of the ``ignore_changes`` that counts; None without one.
        ignored_line: of the same.
    """

    ignore_changes: Ignored
    prevent_destroy: bool
    folder: Path
    file: Path
    line: int
    ignored_file: Path | None = None
    ignored_line: int | None = None


def lifecycle_of(workspace: Path, data: Path, block_address: str) -> Lifecycle:
    """Return what the code says of a resource's lifecycle.

    Args:
        workspace: the folder of the root module.
        data: Terraform's data folder.
        block_address: of the resource, with or without indexes.

    Raises:
        ToolError: the block can't be found, or not all that may speak of it can be read.
    """
    return lifecycle_in(Modules.of(workspace, data), block_address)


def lifecycle_in(modules: Modules, address: str) -> Lifecycle:
    """Return what these folders say of a resource's lifecycle.

    Raises:
        ToolError: as `lifecycle_of`.
    """
    block = BlockAddress.of(address)
    folder = modules.folder(block.modules)
    if folder is None:
        raise ToolError(
            f"can't find the code of module {'.'.join(block.modules)} below {modules.workspace}; "
            "run `terraform init` there"
        )
    found = folder.block("resource", *block.labels)
    if folder.is_mixed:
        raise _unsure(address, f"which of OpenTofu's own files of {folder.path} count is not known")
    if found.unread or not found.written:
        raise _unsure(address, *found.unread, f"no single block of {folder.path} declares it")
    try:
        return _lifecycle(folder, found.written)
    except UnreadableError as error:
        raise _unsure(address, str(error)) from error


def _unsure(address: str, *reasons: str) -> ToolError:
    return ToolError(f"can't read for sure what the code says of {address}: {reasons[0]}")


def _lifecycle(folder: Folder, written: tuple[Written, ...]) -> Lifecycle:
    said = [(one.file, node) for one in written for node in _blocks(one)]
    file, ignored = _ignored((file, node) for file, block in said for node in block.named("ignore_changes"))
    prevented = [node for _, block in said for node in block.named("prevent_destroy")]
    return Lifecycle(
        ignore_changes=_spelled(ignored) if ignored else (),
        prevent_destroy=bool(prevented) and not prevented[-1].is_false,
        folder=folder.path,
        file=written[0].file,
        line=written[0].node.line,
        ignored_file=file,
        ignored_line=ignored.line if ignored else None,
    )


def _blocks(written: Written) -> tuple[Node, ...]:
    found = written.node.named("lifecycle")
    if len(found) > 1:
        raise UnreadableError(f"{written.file}: line {found[1].line} is a second lifecycle block")
    return found


def _ignored(said: Iterable[tuple[Path, Node]]) -> tuple[Path | None, Node | None]:
    """Return the list that counts: ``all`` wherever it is said, else the last that is not empty."""
    counts: tuple[Path | None, Node | None] = (None, None)
    for file, node in said:
        spelled = _spelled(node)
        if spelled == "all":
            return file, node
        if spelled:
            counts = file, node
    return counts


def _spelled(node: Node) -> Ignored:
    if node.spelled is None:
        raise UnreadableError(f"line {node.line}: ignore_changes is no list that is written out")
    return node.spelled
