"""Staging: where a batch is made before it exists, and how it comes to exist all at once.

``_staging/<writer>/<batch>/`` belongs to one process, which holds a lock on the file ``lock`` in it
for as long as it lives. Below ``store/`` the files already have their final names. The signed manifest
in ``intent.json`` is the point of no return: without it the folder of a dead process is thrown away,
with it the batch is put in place, however often that has been tried before.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evidence import dsse
from evidence.digest import fsync
from evidence.errors import EvidenceError, TamperError
from evidence.keys import PublicKey
from evidence.ledger import MANIFEST_BYTES
from evidence.manifest import Entry, Manifest, parse_manifest

STAGING = "_staging"
INTENT = "intent.json"
Reached = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One batch in the making.

    Args:
        root: the store.
        folder: the batch's own folder in the staging of its writer.
        descriptor: the open lock file; the lock goes when it is closed, or the process dies.
    """

    root: Path
    folder: Path
    descriptor: int

    @property
    def store(self) -> Path:
        """Where the files wait under their final names."""
        return self.folder / "store"

    def write_intent(self, envelope: bytes) -> None:
        """Write the signed manifest: whole or not at all, and proof against a power cut."""
        draft = self.folder / "intent.draft"
        with draft.open("wb") as file:
            file.write(envelope)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.folder / INTENT)
        fsync(self.folder)

    def leave(self) -> None:
        """Let go of a batch that was interrupted: a sealed one is finished by the next recovery."""
        if (self.folder / INTENT).exists():
            os.close(self.descriptor)
        else:
            self.discard()

    def discard(self) -> None:
        """Remove the folder; the intent goes first, or half a folder could be taken for a batch."""
        intent = self.folder / INTENT
        if intent.exists():
            intent.unlink(missing_ok=True)
            fsync(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.descriptor)


def open_stage(root: Path, writer: str, batch: str) -> Stage:
    """Make the folder of a new batch; under the commit lock, or a recovery may take it for a dead one."""
    folder = root / STAGING / writer / batch
    (folder / "store").mkdir(parents=True)
    descriptor = _try_lock(folder)
    if descriptor is None:
        raise EvidenceError(f"{folder}: another process holds the lock of a batch that was made just now")
    return Stage(root=root, folder=folder, descriptor=descriptor)


def _try_lock(folder: Path) -> int | None:
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None  # its owner has just finished and removed the folder
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextlib.contextmanager
def commit_lock(root: Path, writer: str) -> Iterator[None]:
    """Hold the one lock of the writer under which batches start, recover and commit; waits for it."""
    folder = root / STAGING / writer
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "commit.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_folders(root: Path, manifest: Manifest) -> list[Path]:
    """Make every folder that the batch needs, and return them with their parents, each once."""
    folders = {(root / path).parent for path in (manifest.path, *paths_of(manifest))}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    parents = {
        parent for folder in folders for parent in (folder, *folder.parents) if parent.is_relative_to(root)
    }
    return sorted(parents)


def paths_of(manifest: Manifest) -> Iterable[str]:
    """Return the paths of all files and objects of a batch."""
    return (entry.path for entry in manifest.files + manifest.objects)


def place(stage: Stage, manifest: Manifest, reached: Reached) -> None:
    """Put a sealed batch in place and list it in the ledger; doing it again changes nothing.

    Raises:
        OSError: the disk refused; what had been moved is back in the staging folder.
        EvidenceError: the staging folder has lost a file, or the ledger holds another batch there.
    """
    listed = stage.root / manifest.path
    if not listed.exists():
        folders = make_folders(stage.root, manifest)
        moved: list[Entry] = []
        try:
            for number, entry in enumerate(manifest.files + manifest.objects):
                _move(stage, entry, moved)
                reached(f"rename-{number}")
            for folder in folders:
                fsync(folder)
            reached("moved")
            os.link(stage.folder / INTENT, listed)
        except Exception:
            for entry in reversed(moved):
                (stage.root / entry.path).rename(stage.store / entry.path)
            raise
        reached("listed")
    _confirm(stage, listed)


def _confirm(stage: Stage, listed: Path) -> None:
    name = listed.relative_to(stage.root)
    try:
        fsync(listed.parent)
        same = listed.read_bytes() == (stage.folder / INTENT).read_bytes()
    except OSError as error:
        raise EvidenceError(f"{name}: listed, but the disk does not confirm it: {error.strerror}") from error
    if not same:
        raise EvidenceError(f"{name}: the ledger holds another batch there; run: evidence verify")


def _move(stage: Stage, entry: Entry, moved: list[Entry]) -> None:
    staged, final = stage.store / entry.path, stage.root / entry.path
    shared = entry.rows is None and final.exists()  # content-addressed: another batch holds it already
    if shared:
        return
    if staged.exists():
        staged.rename(final)
        moved.append(entry)
    elif not final.exists():
        raise EvidenceError(
            f"{stage.folder.name}: the unfinished batch has lost {entry.path}; run: evidence verify"
        )


def _dead_stages(root: Path, writer: str) -> Iterator[Stage]:
    folder = root / STAGING / writer
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink() and (descriptor := _try_lock(path)) is not None:
            yield Stage(root=root, folder=path, descriptor=descriptor)


def read_intent(folder: Path, writer: str, keys: dict[str, PublicKey]) -> Manifest:
    """Return the sealed manifest of an unfinished batch.

    Raises:
        TamperError: it is damaged, another writer's, or not signed by one of the keys.
        FileNotFoundError: there is none.
    """
    path = folder / INTENT
    if path.is_symlink() or path.stat().st_size > MANIFEST_BYTES:
        raise TamperError([f"{path.name}: expected a plain file of reasonable size"])
    envelope = path.read_bytes()
    payload = dsse.open_envelope(envelope, keys, dsse.BATCH)
    manifest = parse_manifest(envelope, path.name, payload)
    if manifest.writer != writer:
        raise TamperError([f"{path.name}: a batch of the writer {manifest.writer}"])
    return manifest


def read_intents(root: Path, keys: dict[str, PublicKey]) -> list[Manifest]:
    """Return the sealed manifests that wait to be put in place; only those signed by one of the keys."""
    found = []
    for intent in sorted((root / STAGING).glob(f"*/*/{INTENT}")):
        with contextlib.suppress(FileNotFoundError, TamperError):
            found.append(read_intent(intent.parent, intent.parent.parent.name, keys))
    return found


def recover(root: Path, writer: str, keys: dict[str, PublicKey], reached: Reached) -> None:
    """Finish or throw away what dead processes of this writer left; call it under the commit lock.

    Raises:
        EvidenceError: a sealed batch can't be put in place.
        OSError: the disk refused.
    """
    for stage in _dead_stages(root, writer):
        if (stage.folder / INTENT).exists():
            _finish(stage, writer, keys, reached)
        stage.discard()


def _finish(stage: Stage, writer: str, keys: dict[str, PublicKey], reached: Reached) -> None:
    try:
        place(stage, read_intent(stage.folder, writer, keys), reached)
    except TamperError as error:
        os.close(stage.descriptor)
        raise EvidenceError(
            f"{stage.folder}: the unfinished batch can't be trusted ({error.signs[0]}): "
            f"keep a copy, then remove it"
        ) from error
    except Exception:
        os.close(stage.descriptor)
        raise
