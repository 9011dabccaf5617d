"""Which folder holds a module: as Terraform noted it (``modules.json``), else as the code says it.

https://developer.hashicorp.com/terraform/language/modules/sources.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tasks.terraform.source.folder import Folder
from tasks.terraform.source.lexer import UnreadableError


@dataclass(frozen=True, kw_only=True)
class Modules:
    """The folders of a workspace's code.

    Args:
        workspace: the folder of the root module.
        data: Terraform's data folder, ``.terraform`` or what ``TF_DATA_DIR`` names; it may be absent.
        noted: the folders that Terraform noted there, by the names of their calls in dots.
        tofu: read OpenTofu's own files too.
    """

    workspace: Path
    data: Path
    noted: Mapping[str, Path] = field(default_factory=dict)
    tofu: bool = False
    _folders: dict[Path, Folder] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, workspace: Path, data: Path, *, tofu: bool = False) -> Self:
        """Return the folders of a workspace, with what is noted in its data folder."""
        try:
            listed = json.loads((data / "modules" / "modules.json").read_bytes())["Modules"]
            noted = {str(one["Key"]): workspace / str(one["Dir"]) for one in listed if one["Key"]}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            noted = {}
        return cls(workspace=workspace, data=data, noted=noted, tofu=tofu)

    def keep(self) -> None:
        """Read what Terraform downloaded into its data folder now, because that folder is to be deleted."""
        for path in self.noted.values():
            if self._is_downloaded(path):
                self._read(path).keep()

    def folder(self, names: tuple[str, ...]) -> Folder | None:
        """Return the folder of a module, by the names of the calls that lead to it; None where unknown."""
        path = self.workspace
        for depth, name in enumerate(names, start=1):
            found = self.noted.get(".".join(names[:depth])) or self._called(path, name)
            if found is None:
                return None
            path = found
        return self._read(path)

    def shown(self, file: Path) -> str:
        """Return a file as people name it: relative to the workspace."""
        if self._is_downloaded(file):
            shown = Path(".terraform") / os.path.relpath(file, self.data)
        else:
            shown = Path(os.path.relpath(file, self.workspace))
        # A name need not be UTF-8, but what is recorded must be.
        return os.fsencode(shown.as_posix()).decode(errors="replace")

    def _is_downloaded(self, path: Path) -> bool:
        return Path(os.path.normpath(path)).is_relative_to(os.path.normpath(self.data))

    def _called(self, path: Path, name: str) -> Path | None:
        """Return where a call leads whose source is a relative path."""
        for written in reversed(self._read(path).block("module", name).written):
            try:
                found = written.node.named("source")
            except UnreadableError:
                return None
            if found:
                source = found[0].constant or ""
                return path / source if source.startswith(("./", "../")) else None
        return None

    def _read(self, path: Path) -> Folder:
        return self._folders.setdefault(path, Folder(path=path, tofu=self.tofu))
