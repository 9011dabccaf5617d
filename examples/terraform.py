"""Where Terraform gets its providers from: a filesystem mirror on this machine, or the registry.

https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

import json
from pathlib import Path

_REGISTRY = "registry.terraform.io"
_DEPTH = 3


def mirror(root: Path = Path("/")) -> Path | None:
    """The folder that holds ``registry.terraform.io``, at most three levels below `root`; else None.

    The first in order of depth, then name. Folders that can't be read are passed over.
    """
    level = [root]
    for _ in range(_DEPTH):
        for folder in level:
            if (folder / _REGISTRY).is_dir():
                return folder
        level = [child for folder in level for child in _folders(folder)]
    return None


def cli_config(mirror: Path) -> str:
    """A Terraform CLI configuration: what the mirror holds comes from it, all else from the registry."""
    held = sorted(p.relative_to(mirror).as_posix() for p in (mirror / _REGISTRY).glob("*/*") if p.is_dir())
    include = json.dumps(held)
    return (
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path    = {json.dumps(str(mirror))}\n    include = {include}\n  }}\n"
        f"  direct {{\n    exclude = {include}\n  }}\n"
        "}\n"
    )


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink() and p != Path("/proc"))
    except PermissionError:
        return []
