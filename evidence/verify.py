"""Verification: is the evidence what was signed, all of it, and signed by whom it must be?

Everything is looked at before anything is said: the error lists every sign of tampering found.
Order of reading makes it safe beside a running writer: first the folders are listed, then the intents
of unfinished batches, then the ledger. A file that appears before its batch is listed is then always
covered by an intent or by the ledger.

What can't be seen from inside is a tail cut off together with its manifests: give `heads` for that.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from evidence.chain import check_chains, check_heads, key_material
from evidence.digest import file_sha256, in_threads
from evidence.errors import EvidenceError, TamperError
from evidence.keys import Trust
from evidence.manifest import LEDGER, OBJECT_FOLDERS, Entry, Head, Manifest, partition
from evidence.parquet import private_connection, read_footers
from evidence.staging import paths_of, read_intents

_FOLDERS = ("records", LEDGER, *OBJECT_FOLDERS)


def verify(root: Path, *, trust: Trust | None, heads: Iterable[Head] = ()) -> None:
    """Return if the evidence is whole and unchanged; a store without a first batch has nothing to change.

    Args:
        root: the store.
        trust: whose signatures count. With None only consistency is established, not authenticity:
            keys are taken from the store itself, and whoever could rewrite it could rewrite them.
        heads: batches known from outside the store; the ledger must still hold them.

    Raises:
        TamperError: with every sign found.
        EvidenceError: there is no store to look at.
    """
    if not root.is_dir():
        raise EvidenceError(f"{root}: expected the folder of an evidence store, found none")
    signs: list[str] = []
    found = dict(_scan(root, signs))
    keys = key_material(root, trust)
    intents = read_intents(root, keys)
    manifests = check_chains(root, keys, signs)
    check_heads(manifests, heads, signs)
    entries = _entries(manifests, signs)
    listed = set(entries) | {one.path for one in manifests}
    _check_unlisted(root, found, listed | _pending(intents, manifests), signs)
    intact = _check_digests(root, list(entries.values()), signs)
    _check_rows(root, [entry for entry in intact if entry.rows is not None], signs)
    if signs:
        raise TamperError(signs)


def _pending(intents: list[Manifest], manifests: list[Manifest]) -> set[str]:
    """Return the files of sealed batches that continue a chain: a writer is at work, or died at it."""
    last = {one.writer: one.digest for one in manifests}
    waiting = [one for one in intents if one.previous == last.get(one.writer)]
    return {path for one in waiting for path in (one.path, *paths_of(one))}


def _scan(root: Path, signs: list[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    folders = [root / name for name in _FOLDERS if os.path.lexists(root / name)]
    for folder in folders:
        if folder.is_symlink() or not folder.is_dir():
            signs.append(f"{folder.name}: expected a folder, found a link or file")
            continue
        yield from _scan_folder(root, folder, signs)


def _scan_folder(root: Path, folder: Path, signs: list[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    prefix = len(str(root)) + 1
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as listing:
            for entry in listing:
                name = entry.path[prefix:]
                if entry.is_symlink():
                    signs.append(f"{name}: a symbolic link; evidence is plain files")
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    yield name, entry


def _entries(manifests: list[Manifest], signs: list[str]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for manifest in manifests:
        for entry in manifest.files + manifest.objects:
            known = entries.setdefault(entry.path, entry)
            # Content-addressed objects may be listed by many batches; records belong to one.
            if known is not entry and (known != entry or entry.rows is not None):
                signs.append(f"{manifest.path}: lists {entry.path} again")
    return entries


def _check_unlisted(root: Path, found: Iterable[str], known: set[str], signs: list[str]) -> None:
    # A batch that failed takes its files back: only what is still there counts.
    signs += [f"{path}: unlisted" for path in sorted(set(found) - known) if os.path.lexists(root / path)]


def _check_digests(root: Path, entries: list[Entry], signs: list[str]) -> list[Entry]:
    def compare(entry: Entry) -> str | None:
        path = root / entry.path
        try:
            if path.is_symlink():
                return f"{entry.path}: replaced by a link"
            size = path.stat().st_size
            if size != entry.size:
                return f"{entry.path}: modified: expected {entry.size} bytes, found {size}"
            if file_sha256(path) != entry.sha256:
                return f"{entry.path}: modified: its digest is not the one that was signed"
        except FileNotFoundError:
            return f"{entry.path}: missing"
        except OSError as error:
            return f"{entry.path}: can't be read: {error.strerror}"
        return None

    results = in_threads(compare, entries)
    signs += sorted(sign for sign in results if sign is not None)
    return [entry for entry, sign in zip(entries, results, strict=True) if sign is None]


def _check_rows(root: Path, entries: list[Entry], signs: list[str]) -> None:
    """Compare what the manifests and paths say of intact files with what is in them."""
    if not entries:
        return
    with private_connection() as connection:
        try:
            footers = read_footers(connection, [str(root / entry.path) for entry in entries])
        except duckdb.Error as error:
            signs.append(
                f"records: signed files can't be read as Parquet: {' '.join(str(error).split())[:200]}"
            )
            return
    prefix = len(str(root)) + 1
    by_path = {footer.path[prefix:]: footer for footer in footers}
    for entry in entries:
        footer = by_path.get(entry.path)
        if footer is None or footer.rows != entry.rows:
            signs.append(f"{entry.path}: expected {entry.rows} rows, found {footer.rows if footer else 0}")
        elif footer.partition != partition(entry.path) or not footer.dated:
            signs.append(f"{entry.path}: holds rows that belong in another folder")
