"""The ledger: one signed manifest per batch, chained per writer, created once and never changed.

Nothing here checks a signature: `verify` does.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from evidence.errors import EvidenceError, TamperError
from evidence.keys import PEM_BYTES, PublicKey
from evidence.manifest import LEDGER, Head, Manifest, parse_manifest

MANIFEST_BYTES = 256 * 1024 * 1024
_MANIFEST_NAME = re.compile(r"(\d{12})\.json")


def writers(root: Path) -> list[str]:
    """Return the writers that have a folder in the ledger, in order."""
    folder = root / LEDGER
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def sequences(root: Path, writer: str) -> list[int]:
    """Return the numbers of a writer's manifests, in order; files of another name are left to `verify`."""
    folder = root / LEDGER / writer
    if not folder.is_dir():
        return []
    return sorted(
        int(match[1]) for path in folder.iterdir() if (match := _MANIFEST_NAME.fullmatch(path.name))
    )


def read_envelope(root: Path, writer: str, sequence: int) -> bytes:
    """Return the stored bytes of one manifest.

    Raises:
        TamperError: it is a link, too large, or can't be read.
    """
    path = root / LEDGER / writer / f"{sequence:012}.json"
    name = str(path.relative_to(root))
    try:
        if path.is_symlink() or not path.is_file():
            raise TamperError([f"{name}: expected a plain file"])
        if path.stat().st_size > MANIFEST_BYTES:
            raise TamperError([f"{name}: larger than any manifest may be"])
        return path.read_bytes()
    except OSError as error:
        raise TamperError([f"{name}: can't be read: {error.strerror}"]) from error


def read_manifest(root: Path, writer: str, sequence: int) -> Manifest:
    """Return one manifest, its signature unchecked.

    Raises:
        TamperError: it is damaged or lies at another's place.
    """
    name = f"{LEDGER}/{writer}/{sequence:012}.json"
    manifest = parse_manifest(read_envelope(root, writer, sequence), name)
    if manifest.path != name:
        raise TamperError([f"{name}: says that it is {manifest.path}"])
    return manifest


def read_manifests(root: Path, names: Iterable[str] | None = None) -> list[Manifest]:
    """Return every manifest of the writers (default: all), chain by chain, signatures unchecked.

    Raises:
        TamperError: the first that is damaged.
    """
    chosen = writers(root) if names is None else sorted(names)
    return [
        read_manifest(root, writer, sequence) for writer in chosen for sequence in sequences(root, writer)
    ]


def last_manifests(root: Path) -> tuple[Manifest, ...]:
    """Return the last manifest of every writer, signatures unchecked.

    Raises:
        TamperError: a manifest is damaged.
    """
    known = ((writer, sequences(root, writer)) for writer in writers(root))
    return tuple(read_manifest(root, writer, numbers[-1]) for writer, numbers in known if numbers)


def heads(root: Path) -> tuple[Head, ...]:
    """Return the last batch of every writer: what to anchor outside the store.

    Raises:
        TamperError: a manifest is damaged.
    """
    return tuple(manifest.head for manifest in last_manifests(root))


def head(root: Path, writer: str) -> Head | None:
    """Return the last batch of a writer; None if it has none.

    Raises:
        TamperError: a manifest is damaged.
    """
    return next((one for one in heads(root) if one.writer == writer), None)


def stored_keys(root: Path) -> dict[str, PublicKey]:
    """Return the public keys in the store's ``keys/`` that hash to their file's name; others are left out."""
    found = {}
    for path in sorted((root / "keys").glob("*.pub")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > PEM_BYTES:
            continue
        try:
            key = PublicKey.from_pem(path.read_bytes(), path.name)
        except (EvidenceError, OSError):
            continue  # verify says what is wrong with it, by its digest
        if key.key_id == path.stem:
            found[key.key_id] = key
    return found
