"""A saved plan, carried out: in the workspace or in a copy of it that holds other drift still."""

import contextlib
import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from tasks.errors import ToolError
from tasks.program.events import Event
from tasks.program.run import Ended
from tasks.terraform import diagnostics
from tasks.terraform.copy import ERRORED, copied
from tasks.terraform.hold import Hold, overrides
from tasks.terraform.interrupted import Interrupted, Note, left_behind, note_of, noted
from tasks.terraform.lifecycle import Lifecycle, lifecycle_of
from tasks.terraform.state import StateVersion, local_state, planned_from, version_of
from tasks.terraform.workspace import Opened

_DONE = frozenset({0})
LINGERS = 20.0
"""Seconds that a provider may take to be gone after Terraform was killed."""
_LOCK_ID = re.compile(r"acquiring the state lock.*?\bID:\s+(?P<id>\S+)", re.DOTALL | re.IGNORECASE)
_UNSAVED = re.compile(
    r"errored\.tfstate|fail\w* to (save|persist|upload)|releasing the state lock", re.IGNORECASE
)
_NOBODY = "holdfast_lock_probe.none"
"""An address that no code has: a command on it does nothing but to ask for the lock."""


def said_of(opened: Opened) -> Callable[[str], Lifecycle]:
    """Return what tells of a block's address what the workspace's code says of its lifecycle."""
    return partial(lifecycle_of, opened.path, opened.data)


def held_still(opened: Opened, held: Iterable[Hold]) -> Opened:
    """Return the workspace, or a copy of it in which some blocks are held still; both act on one state.

    Raises:
        ToolError: the code can't be read or copied.
    """
    texts = overrides(held, said_of(opened))
    if not texts:
        return opened
    into = Path(tempfile.mkdtemp(prefix="copy-", dir=opened.scratch))
    return replace(
        opened,
        path=copied(opened.path, texts, into=into),
        state=local_state(opened.path, opened.data, name=opened.target.workspace),
    )


def state_version(opened: Opened) -> StateVersion:
    """Return which version the workspace's state has now.

    Raises:
        ToolError: it can't be read.
    """
    name = opened.target.name
    ended = opened.run("state", "pull")
    diagnostics.check(ended, good=_DONE, doing=f"terraform state pull of {name}")
    return version_of(ended.stdout, name=name)


def expect_saved(opened: Opened) -> None:
    """Return only where no apply has left a state beside the code that it could not save.

    Raises:
        ToolError: one has: until it is pushed, every plan is of a state that is behind.
    """
    left = opened.path / ERRORED
    if left.is_file():
        raise ToolError(
            f"{left} is the state of an apply that could not save it; push it with `terraform state push`, "
            "look at it, and remove the file, before anything else is changed here"
        )


def expect_state(plan: Path, opened: Opened) -> None:
    """Return only where a saved plan was made from the state that the original workspace has now.

    Raises:
        ToolError: it was made from another one.
    """
    now, then = state_version(opened), planned_from(plan, name=opened.target.name)
    if now != then:
        raise ToolError(
            f"the plan of {opened.target.name} was made from state {then.lineage} serial {then.serial}, and "
            f"the workspace has {now.lineage} serial {now.serial}: somebody changed it meanwhile, or the "
            "backend is another one; preview again"
        )


def carry_out(plan: Path, held: Opened, *, original: Opened, drift_id: str, creates: tuple[str, ...]) -> None:
    """Apply exactly this plan, under the state's lock, and keep a note of it for as long as it runs.

    Args:
        plan: saved.
        held: where it was made.
        original: the workspace itself, where `held` is a copy.
        drift_id: what is put right.
        creates: addresses of what will be created.

    Raises:
        ToolError: it failed, or somebody holds the lock.
    """
    died = left_behind(note(original))
    before = died.creates if died else ()
    says = Interrupted(drift_id=drift_id, creates=creates)
    state = [f"-state={held.state}"] if held.state else []
    with noted(note(original), says, before=before) as kept:
        learning = _Learning(opened=held, note=kept)
        command = ("apply", "-json", "-input=false", *state, str(plan))
        ended = held.run(*command, lines=True, progress=learning.seen, holds_open=(kept.descriptor,))
        learning.ended()
        if ended.exit_code >= 0 and not _is_unsaved(ended):
            kept.over()
    # Terraform alone was killed, by the kernel for its memory perhaps: then its lock is ours to release.
    cleared = recover(original, patience=LINGERS) if ended.exit_code < 0 else ()
    with telling(cleared):
        diagnostics.check(ended, good=_DONE, doing=f"terraform apply of {held.target.name}")


def _is_unsaved(ended: Ended) -> bool:
    """Say whether an apply ended without having saved its state, or without having let go its lock."""
    said = "\n".join(diagnostics.errors(ended.events))
    return _UNSAVED.search(said) is not None


@contextlib.contextmanager
def telling(cleared: tuple[str, ...]) -> Iterator[None]:
    """Add to whatever error comes what was cleared up before it."""
    try:
        yield
    except Exception as error:
        error.args = ("; ".join((str(error), *cleared)),)
        raise


def recover(opened: Opened, *, patience: float = 0.0) -> tuple[str, ...]:
    """Clear up after an apply that was killed in this workspace; return what was done, in lines.

    Args:
        opened: the workspace itself, not a copy.
        patience: as `left_behind` takes it.

    Raises:
        ToolError: one still runs; or the lock that it left can't be released.
    """
    died = left_behind(note(opened), patience=patience)
    if died is None:
        return ()
    told = f"an apply of Holdfast for drift {died.drift_id[:12]} was killed here before it ended"
    if died.lock_id is None or lock_id(opened) != died.lock_id:
        return (told,)
    ended = opened.run("force-unlock", "-force", died.lock_id)
    diagnostics.check(ended, good=_DONE, doing=f"terraform force-unlock of {opened.target.name}")
    return (told, f"the lock {died.lock_id} that it had left on the state was released")


def orphans(opened: Opened, creates: Iterable[str]) -> tuple[str, ...]:
    """Return which of these an apply that was killed may have created already, without a state that knows it.

    Raises:
        ToolError: an apply still runs here.
    """
    died = left_behind(note(opened))
    return () if died is None else tuple(sorted(set(creates) & set(died.creates)))


def note(opened: Opened) -> Path:
    """Return where an apply in this workspace keeps its note."""
    return note_of(opened.reach.scratch.resolve(), opened.path, name=opened.target.workspace)


def lock_id(opened: Opened) -> str | None:
    """Return the id of the lock that somebody holds on the state; None where nobody does.

    Asked by a command that does nothing but to take the lock and give it back.

    Raises:
        ToolError: nobody can say.
    """
    ended = opened.run("untaint", "-allow-missing", "-lock-timeout=0s", "-no-color", _NOBODY)
    found = _LOCK_ID.search(ended.stderr)
    if found is None:
        diagnostics.check(ended, good=_DONE, doing=f"asking for the state's lock of {opened.target.name}")
    return found["id"] if found else None


@dataclass(kw_only=True)
class _Learning:
    """Learns the id of the lock that an apply holds, as soon as the apply has shown that it holds it.

    Only while it still runs is a lock that stands in the way its own.
    """

    opened: Opened
    note: Note
    over: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def seen(self, event: Event) -> None:
        """Hear what the apply says; from its first change on it holds the lock."""
        if event.get("type") == "apply_start" and self.thread is None and _is_remote(self.opened):
            self.thread = threading.Thread(target=self._learn, daemon=True)
            self.thread.start()

    def ended(self) -> None:
        """Hear that it is over."""
        self.over.set()
        if self.thread is not None:
            self.thread.join()

    def _learn(self) -> None:
        with contextlib.suppress(ToolError):  # then a lock that is left has to be released by a person
            found = lock_id(self.opened)
            if found is not None and not self.over.is_set():
                self.note.learnt(found)


def _is_remote(opened: Opened) -> bool:
    return local_state(opened.path, opened.data, name=opened.target.workspace) is None
