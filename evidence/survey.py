"""What a store holds, in numbers; for reports and progress, not for proof."""

from dataclasses import dataclass
from pathlib import Path

from evidence import ledger
from evidence.ledger import stored_keys
from evidence.manifest import Head
from evidence.staging import paths_of, read_intents


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


def survey(root: Path) -> Survey:
    """Count what the ledger lists.

    Raises:
        TamperError: a manifest is damaged.
    """
    manifests = ledger.read_manifests(root)
    files = {entry.path: entry for manifest in manifests for entry in manifest.files}
    objects = {entry.path: entry for manifest in manifests for entry in manifest.objects}
    waiting = read_intents(root, stored_keys(root))
    listed = set(files) | set(objects)
    return Survey(
        writers=len({manifest.writer for manifest in manifests}),
        batches=len(manifests),
        files=len(files),
        objects=len(objects),
        rows=sum(entry.rows or 0 for entry in files.values()),
        size=sum(entry.size for entry in (*files.values(), *objects.values())),
        heads=ledger.heads(root),
        pending=len({path for one in waiting for path in paths_of(one)} - listed),
    )
