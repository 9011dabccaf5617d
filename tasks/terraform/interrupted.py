"""What an apply leaves behind when its process dies: told and cleared up before the next one.

A note lies in the scratch folder for as long as an apply runs. Holdfast and Terraform both hold it open
and locked, so a note that nobody holds is of an apply that was killed. What such a one may leave:

- **its lock on the state**, where a remote backend keeps it. The note holds the lock's own id, learnt while
  the apply was holding it, and only a lock with that very id is ever released;
- **a half-made resource**, which Terraform calls tainted where it could still save its state; the next look
  tells it as drift;
- **a resource that no state knows**, where it was killed while it created one. Whether that happened can't
  be known from here, so it is not created again before a person has looked.

The note stays on this machine. Another one that meets the lock names it and leaves it alone.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from tasks.errors import ToolError

BETWEEN = 0.1
"""Seconds between two looks at a note that is still held."""


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """An apply that was killed.

    Args:
        drift_id: what it was putting right.
        creates: addresses of what it was to create.
        lock_id: of the lock that it held; None where that was not learnt, or none was needed.
    """

    drift_id: str
    creates: tuple[str, ...]
    lock_id: str | None = None


@dataclass(kw_only=True)
class Note:
    """The note of an apply that is running.

    Args:
        descriptor: of the locked file; a program that inherits it keeps it locked.
        before: addresses of what an earlier apply, which was killed, may have created.
    """

    path: Path
    descriptor: int
    says: Interrupted
    before: tuple[str, ...] = ()

    def learnt(self, lock_id: str) -> None:
        """Write down the id of the lock that the apply holds."""
        self.says = replace(self.says, lock_id=lock_id)
        self.write()

    def write(self) -> None:
        """Write the note down, so that it is there whatever happens next."""
        says = replace(self.says, creates=tuple(sorted({*self.says.creates, *self.before})))
        data = json.dumps(asdict(says)).encode()
        os.pwrite(self.descriptor, data, 0)
        os.ftruncate(self.descriptor, len(data))
        os.fsync(self.descriptor)

    def over(self) -> None:
        """Take the note away: the apply has ended by itself, so its state is saved and its lock released.

        What an apply before it may have created without a state that knows it is kept in mind.
        """
        if self.before:
            self.says = Interrupted(drift_id=self.says.drift_id, creates=self.before)
            self.write()
        else:
            self.path.unlink(missing_ok=True)


def note_of(scratch: Path, workspace: Path, *, name: str) -> Path:
    """Return where the note of an apply in this workspace lies, whether there is one or not.

    Args:
        scratch: the private folder of this machine's Holdfast.
        workspace: the folder of the root module.
        name: of the Terraform workspace.
    """
    digest = sha256(f"{workspace}\0{name}".encode()).hexdigest()
    return scratch / f"apply-{digest[:16]}.json"


def left_behind(path: Path, *, patience: float = 0.0) -> Interrupted | None:
    """Return the apply that was killed here; None where none was.

    Args:
        path: as `note_of` returns it.
        patience: seconds to wait for the last of its processes to be gone.

    Raises:
        ToolError: it still runs; or what it noted can't be read.
    """
    try:
        with path.open("rb") as file:
            _lock(file.fileno(), patience)
            return _read(file.read(), path)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        raise ToolError("an apply of Holdfast still runs in this workspace; wait for its end") from None


def _lock(descriptor: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(BETWEEN)


@contextlib.contextmanager
def noted(path: Path, says: Interrupted, *, before: tuple[str, ...] = ()) -> Iterator[Note]:
    """Keep a note while an apply runs; it stays unless `Note.over` was called.

    Args:
        path: as `note_of` returns it.
        says: what is written down.
        before: as a `Note` has it.

    Raises:
        ToolError: another apply holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _expect_still(path, descriptor)
        note = Note(path=path, descriptor=descriptor, says=says, before=before)
        note.write()
        with _unless_refused(note):
            yield note
    except BlockingIOError:
        raise ToolError("an apply of Holdfast still runs in this workspace; wait for its end") from None
    finally:
        os.close(descriptor)


def _expect_still(path: Path, descriptor: int) -> None:
    """Another apply may end, and take its note away, between our opening it and our lock."""
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(path.stat(), os.fstat(descriptor)):
            return
    raise BlockingIOError(path)


@contextlib.contextmanager
def _unless_refused(note: Note) -> Iterator[None]:
    """A program that could not even be started leaves nothing behind."""
    try:
        yield
    except ToolError:
        note.over()
        raise


def _read(data: bytes, path: Path) -> Interrupted:
    try:
        said = json.loads(data)
        return Interrupted(
            drift_id=str(said["drift_id"]), creates=tuple(said["creates"]), lock_id=said["lock_id"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ToolError(
            f"{path.name} in the scratch folder notes an apply that was killed, and can't be read "
            f"({type(error).__name__}); look at the workspace, then remove that file"
        ) from error
