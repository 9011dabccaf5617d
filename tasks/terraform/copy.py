"""A copy of a workspace that costs next to nothing: links to everything but to the few folders that differ.

Code refers to modules and files by relative paths of any depth (``../../modules/store``,
``file("../policy.json")``). So the copy repeats the whole way from the root of the file system down to each
folder that gets a file of its own, and links whatever lies beside that way. Seen from inside, every relative
path leads where it led before.

A state that Terraform can't save is written beside the code, as ``errored.tfstate``; a link leads it out.

What the copy can't keep: absolute paths that code makes of its own place (``abspath(path.module)``), and
other files that an apply writes beside the code. A plan shows the first as a change; the second are lost with
the copy.
"""

from collections.abc import Mapping
from pathlib import Path

from tasks.errors import ToolError

OVERRIDE = "zzzz_holdfast_override.tf"
"""Override files are merged in order of name, the last one wins:
https://developer.hashicorp.com/terraform/language/files/override."""

ERRORED = "errored.tfstate"
"""Where Terraform leaves a state that it could not save; `terraform state push` takes it from there."""


def copied(workspace: Path, texts: Mapping[Path, str], *, into: Path) -> Path:
    """Return where the workspace stands in a copy in which some folders hold an override file.

    Args:
        workspace: the folder of the root module, absolute.
        texts: by module folder, absolute: what its override file says. A folder below `into` is private
            already, and is written to where it is.
        into: an empty private folder.

    Raises:
        ToolError: a folder holds an override file of that name already, or can't be read.
    """
    ours = {folder for folder in texts if folder.is_relative_to(into.parent)}
    real = {workspace, *(texts.keys() - ours)}
    try:
        for folder in sorted({way for end in real for way in (end, *end.parents)}):
            _repeat(folder, real, into)
        _link(_inside(workspace, into) / ERRORED, workspace / ERRORED)
        for folder, text in texts.items():
            _write(folder if folder in ours else _inside(folder, into), text)
    except OSError as error:
        raise ToolError(
            f"can't copy the workspace {workspace} to hold other drift still: {error.strerror} "
            f"({error.filename}); make it readable for the worker"
        ) from error
    return _inside(workspace, into)


def _link(here: Path, there: Path) -> None:
    if not here.is_symlink():
        here.symlink_to(there)


def _repeat(folder: Path, real: set[Path], into: Path) -> None:
    """Make one folder of the way anew, with a link to each of its entries that is not on the way itself."""
    here = _inside(folder, into)
    here.mkdir(mode=0o700, parents=True, exist_ok=True)
    on_the_way = {
        end.relative_to(folder).parts[0] for end in real if end.is_relative_to(folder) and end != folder
    }
    for entry in _entries(folder, needed=folder in real):
        if entry.name not in on_the_way and entry != into:
            (here / entry.name).symlink_to(entry)


def _entries(folder: Path, *, needed: bool) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except PermissionError:
        # Above the code a folder may be closed to us, which is no harm where no path leads through it.
        if needed:
            raise
        return []


def _write(folder: Path, text: str) -> None:
    file = folder / OVERRIDE
    if file.is_symlink() or file.exists():
        raise ToolError(f"{OVERRIDE} stands in the code already; remove it: that name is kept for Holdfast")
    file.write_text(text, "utf-8")


def _inside(folder: Path, into: Path) -> Path:
    return into / folder.relative_to(folder.anchor)
