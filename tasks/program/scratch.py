"""Private folders for what must not outlive a look: plans and workspace data hold secrets in clear.

Each belongs to whoever holds the lock of its `OWNER` file. The kernel lets go of that lock when the owner
dies, however it dies, so there is no process id to be taken for another one's. A program that still runs
after its owner's death holds it too (its keeper does), so nothing is taken from under it. Whoever opens a
folder next first removes those that nobody owns.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.errors import ToolError

OWNER = "owner.lock"


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """One private folder.

    Args:
        path: absolute, with mode 0700.
        held: the descriptor that owns it; who has a copy owns it too.
    """

    path: Path
    held: int


_OPEN: set[Path] = set()
_CHANGED = threading.Condition()


@contextmanager
def opened(root: Path, *, name: str = "terraform") -> Iterator[Scratch]:
    """Make a private folder below `root` and remove it again with all that is in it.

    Raises:
        ToolError: it can't be made, or others could look into `root`.
    """
    try:
        _make_private(root)
        bury(root, name=name)
        scratch = _make(root.resolve(), name)
    except OSError as error:
        raise ToolError(
            f"can't make a private folder in {root}: {error.strerror}; make room there, or name another "
            "place in HOLDFAST_HOME"
        ) from error
    _tell(_OPEN.add, scratch.path)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch.path, ignore_errors=True)
        os.close(scratch.held)
        _tell(_OPEN.discard, scratch.path)


def await_closed(seconds: float) -> bool:
    """Wait until all folders of this process are removed, and say whether they are."""
    with _CHANGED:
        return _CHANGED.wait_for(lambda: not _OPEN, seconds)


def _tell(change: Callable[[Path], None], path: Path) -> None:
    with _CHANGED:
        change(path)
        _CHANGED.notify_all()


def bury(root: Path, *, name: str = "terraform") -> None:
    """Remove the folders of that name below `root` whose owners are dead."""
    for folder in sorted(root.glob(f"{name}-*")):
        with contextlib.suppress(OSError):
            descriptor = _lock(folder / OWNER)
            try:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _make_private(root: Path) -> None:
    for folder in reversed([root, *root.parents]):
        if not folder.is_dir():
            folder.mkdir()
            folder.chmod(0o700)
    status = root.stat()
    if status.st_uid != os.geteuid():
        raise ToolError(f"{root} is somebody else's folder; name a place of your own in HOLDFAST_HOME")
    if status.st_mode & 0o777 != 0o700:  # noqa: PLR2004 - as written in a shell
        root.chmod(0o700)


def _make(root: Path, name: str) -> Scratch:
    # until it has its name nobody else looks at it, so nobody finds it without an owner
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
    try:
        made.chmod(0o700)
        held = _lock(made / OWNER)
        path = made.rename(root / f"{name}-{made.name.removeprefix('.new-')}")
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return Scratch(path=path, held=held)


def _lock(file: Path) -> int:
    """Return a descriptor that owns the file's lock, which no program inherits by itself.

    Raises:
        OSError: somebody else owns it.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
