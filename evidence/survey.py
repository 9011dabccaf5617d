"""What a store holds, in numbers; for reports and progress, not for proof."""

from dataclasses import dataclass
from pathlib import Path

from evidence import ledger
from evidence.errors import TamperError
from evidence.ledger import Head
from evidence.staging import INTENT, STAGING, paths_of


@dataclass(frozen=True, kw_only=True)
class Survey:
    """The size of a store.

    Args:
        writers: how many chains.
        batches: manifests in the ledger.
        files: record files.
        objects: snapshots, baselines, decisions and keys, each once.
        rows: rows of all record files.
        size: bytes of files and objects.
        heads: the last batch of every writer.
        pending: files of batches that are sealed and not yet listed.
    """

    writers: int
    batches: int
    files: int
    objects: int
    rows: int
    size: int
    heads: tuple[Head, ...]
    pending: int


def pending_paths(root: Path) -> set[str]:
    """Return the paths of sealed batches that are being put in place, or were when their process died."""
    found: set[str] = set()
    for intent in sorted((root / STAGING).glob(f"*/*/{INTENT}")):
        try:
            envelope = intent.read_bytes()
            manifest = ledger.parse_manifest(envelope, intent.name)
        except (FileNotFoundError, TamperError):
            continue  # just finished, or nothing that excuses a file
        found |= {manifest.path, *paths_of(manifest)}
    return found


def survey(root: Path) -> Survey:
    """Count what the ledger lists.

    Raises:
        TamperError: a manifest is damaged.
    """
    manifests = ledger.read_manifests(root)
    files = {entry.path: entry for manifest in manifests for entry in manifest.files}
    objects = {entry.path: entry for manifest in manifests for entry in manifest.objects}
    listed = set(files) | set(objects) | {manifest.path for manifest in manifests}
    return Survey(
        writers=len({manifest.writer for manifest in manifests}),
        batches=len(manifests),
        files=len(files),
        objects=len(objects),
        rows=sum(entry.rows or 0 for entry in files.values()),
        size=sum(entry.size for entry in (*files.values(), *objects.values())),
        heads=ledger.heads(root),
        pending=len(pending_paths(root) - listed),
    )
