"""Two answers about one plan: what ``plan -json`` said while it was made, and what ``show -json`` says of it.

The stream knows of failures that the plan file does not, and the file of attributes that the stream does not.
Where they disagree about which resources drifted or would change, one of them is not of this plan, and
neither is believed.
"""

from collections.abc import Iterable, Iterator

from tasks.errors import ToolError
from tasks.program.events import Event
from tasks.program.run import Ended
from tasks.terraform.document import Document
from tasks.terraform.planned import Entry

CHANGED = 2
"""The exit code of ``-detailed-exitcode`` for a plan that would change something."""

_STILL = frozenset({"noop", "move", "import"})
"""Actions of the stream that touch nothing that is there."""


def check_agreement(said: Ended, document: Document, *, name: str) -> None:
    """Return only where stream, exit code and shown plan speak of the same plan.

    Args:
        said: how ``plan -json -detailed-exitcode`` ended.
        document: what ``show -json`` says of the file that it wrote.
        name: of the plan, for messages.

    Raises:
        ToolError: they disagree.
    """
    for entries, kind in ((document.drift, "resource_drift"), (document.changes, "planned_change")):
        told = set(_told(said.events, kind))
        shown = dict(_shown(entries))
        missing = sorted(told - shown.keys())
        beyond = sorted({address for address, mode in shown.items() if mode == "managed"} - told)
        for addresses, where, other in ((missing, "stream", "plan"), (beyond, "plan", "stream")):
            if addresses:
                raise _disagree(name, f"the {where} speaks of {addresses[0]}, the {other} does not")
    applyable = document.get("applyable")
    if isinstance(applyable, bool) and applyable is not (said.exit_code == CHANGED):
        raise _disagree(name, f"exit code {said.exit_code}, and yet applyable is {str(applyable).lower()}")
    if said.exit_code != CHANGED and any(mode == "managed" for _, mode in _shown(document.changes)):
        raise _disagree(name, f"exit code {said.exit_code}, and yet it would change something")


def _told(events: Iterable[Event], kind: str) -> Iterator[str]:
    for event in events:
        change = event.get("change")
        if event.get("type") != kind or not isinstance(change, dict):
            continue
        resource = change.get("resource")
        if change.get("action") not in _STILL and isinstance(resource, dict):
            yield str(resource.get("addr"))


def _shown(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if entry.change.actions != ("no-op",):
            yield entry.address, entry.mode


def _disagree(name: str, how: str) -> ToolError:
    return ToolError(
        f"{name} can't be believed: {how}; look again, and check what else runs in the workspace"
    )
