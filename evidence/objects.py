"""Read sealed documents back: snapshots, previews, answers, baselines, decisions."""

import gzip
import json
import re
import zlib
from pathlib import Path
from typing import Any, Literal

from evidence import ledger
from evidence.canonical import sha256_hex
from evidence.errors import EvidenceError, TamperError

ObjectKind = Literal["snapshots", "baselines", "decisions"]
_SUFFIX: dict[ObjectKind, str] = {"snapshots": ".json.gz", "baselines": ".json.gz", "decisions": ".json"}
_DIGEST = re.compile(r"[0-9a-f]{64}")


def read_object(root: Path, kind: ObjectKind, digest: str) -> bytes:
    """Return the bytes of a sealed document, unpacked, whose stored bytes have that digest.

    Raises:
        EvidenceError: there is no such document, or its digest is none.
        TamperError: the bytes have another digest, no batch of the ledger lists them, or they are not what
            they must be.
    """
    if not _DIGEST.fullmatch(digest):
        raise EvidenceError(f"expected a SHA-256 of 64 hex digits, got {digest!r}")
    path = f"{kind}/{digest}{_SUFFIX[kind]}"
    try:
        stored = (root / path).read_bytes()
    except OSError as error:
        raise EvidenceError(f"{root / path}: can't be read: {error.strerror}") from None
    if sha256_hex(stored) != digest:
        raise TamperError([f"{path}: its bytes have another digest than its name"])
    if not any(entry.path == path for manifest in ledger.read_manifests(root) for entry in manifest.objects):
        raise TamperError([f"{path}: no batch of the ledger lists it"])
    try:
        return gzip.decompress(stored) if path.endswith(".gz") else stored
    except (OSError, EOFError, zlib.error) as error:
        raise TamperError([f"{path}: not gzip: {error}"]) from None


def read_document(root: Path, kind: ObjectKind, digest: str) -> Any:
    """Return a sealed JSON document as plain values.

    Raises:
        EvidenceError: there is no such document.
        TamperError: it is not what was sealed.
    """
    try:
        return json.loads(read_object(root, kind, digest))
    except ValueError as error:
        raise TamperError([f"{kind}/{digest}: not JSON: {error}"]) from None
