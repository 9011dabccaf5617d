"""Where a workspace's state lies, and which version of it a plan was made from.

A state is named by its lineage and counted by its serial
(https://developer.hashicorp.com/terraform/language/backend#manual-state-pull-push). A saved plan holds the
state that it was made from; applied to any other, Terraform refuses it as stale.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.errors import ToolError

_BACKEND = "terraform.tfstate"
"""What Terraform notes the chosen backend in, below its data folder; absent where code chooses none."""


@dataclass(frozen=True, kw_only=True)
class StateVersion:
    """One version of one state."""

    lineage: str
    serial: int


def local_state(workspace: Path, data: Path, *, name: str) -> Path | None:
    """Return the absolute path of a state that lies in a file; None where it lies in a remote backend.

    Args:
        workspace: the folder of the root module.
        data: Terraform's data folder.
        name: of the Terraform workspace.

    Raises:
        ToolError: what the data folder says of the backend can't be read.
    """
    backend = _backend(data)
    if backend.get("type", "local") != "local":
        return None
    config = backend.get("config") or {}
    if name == "default":
        return workspace / (config.get("path") or "terraform.tfstate")
    return workspace / (config.get("workspace_dir") or "terraform.tfstate.d") / name / "terraform.tfstate"


def version_of(state: bytes, *, name: str) -> StateVersion:
    """Return the version of a state as ``terraform state pull`` prints it.

    Raises:
        ToolError: it is no state.
    """
    try:
        document = json.loads(state)
        return StateVersion(lineage=str(document["lineage"]), serial=int(document["serial"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ToolError(
            f"the state of {name} has no lineage and serial ({type(error).__name__}); "
            "look at `terraform state pull` there"
        ) from error


def planned_from(plan: Path, *, name: str) -> StateVersion:
    """Return the version of the state that a saved plan was made from.

    The file's format is Terraform's own and may change, so it only ever serves to refuse.

    Raises:
        ToolError: the plan does not tell.
    """
    try:
        with zipfile.ZipFile(plan) as file:
            return version_of(file.read("tfstate"), name=f"the plan of {name}")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ToolError(
            f"the saved plan of {name} does not say which state it is of ({type(error).__name__}); "
            "this version of Terraform is not known well enough to change anything with it"
        ) from error


def _backend(data: Path) -> Mapping[str, Any]:
    file = data / _BACKEND
    try:
        said = json.loads(file.read_bytes()).get("backend") or {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise ToolError(
            f"can't read which backend {file} names ({type(error).__name__}); run `terraform init` there"
        ) from error
    return said if isinstance(said, dict) else {}
