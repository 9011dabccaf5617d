"""Where a resource stands in code: the file and line of the block that declares it.

Terraform itself notes where it has put each module (``modules.json`` in its data folder), local and
downloaded ones alike. Blocks are found by their first line, as `terraform fmt` writes it; what is written
otherwise has no place, which is said by None.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

Places = Mapping[str, tuple[str, int]]
"""By the address of the block, without indexes: the file relative to the workspace, and the line from 1."""

_BLOCK = re.compile(r'^\s*resource\s+"(?P<type>[\w-]+)"\s+"(?P<name>[\w-]+)"\s*\{')
_LARGEST = 2**20


def places(workspace: Path, data: Path) -> dict[str, tuple[str, int]]:
    """Return where every resource block of a workspace stands.

    Args:
        workspace: the folder of the root module.
        data: Terraform's data folder, ``.terraform`` or what ``TF_DATA_DIR`` names.
    """
    found: dict[str, tuple[str, int]] = {}
    for key, folder in _modules(workspace, data):
        prefix = "".join(f"module.{name}." for name in key.split(".") if name)
        for file in sorted(folder.glob("*.tf")):
            shown = Path(os.path.relpath(file, workspace)).as_posix()
            found.update((prefix + address, (shown, line)) for address, line in _blocks(file))
    return found


def _modules(workspace: Path, data: Path) -> Iterator[tuple[str, Path]]:
    yield "", workspace
    try:
        listed = json.loads((data / "modules" / "modules.json").read_bytes())["Modules"]
        modules = [(str(one["Key"]), workspace / str(one["Dir"])) for one in listed]
    except (OSError, ValueError, KeyError, TypeError):
        # A workspace without modules has no such file, and a place in code is only a convenience.
        return
    yield from ((key, folder) for key, folder in modules if key)


def _blocks(file: Path) -> Iterator[tuple[str, int]]:
    if file.stat().st_size > _LARGEST:
        return
    for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), start=1):
        block = _BLOCK.match(line)
        if block is not None:
            yield f"{block['type']}.{block['name']}", number
