"""The manifest: what one batch says of itself, and a reader that believes nothing.

The payload is canonical JSON: the files and objects of the batch with SHA-256, bytes and rows, their
Merkle root, the digest of the writer's previous manifest, and in ``after`` the batches of other writers
that it rests on. Because every manifest holds the digests of what came before, a circle can't be built
without breaking one.
"""

import base64
import binascii
import functools
import re
import urllib.parse
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from evidence import dsse
from evidence.canonical import canonical_json, sha256_hex
from evidence.errors import EvidenceError, TamperError
from evidence.keys import KEY_ID, PublicKey
from evidence.merkle import merkle_root
from evidence.schema import check_control_id, check_writer

LEDGER = "ledger"
OBJECT_FOLDERS = ("snapshots", "baselines", "decisions", "keys")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RECORDS = re.compile(
    r"records/framework=([^/]+)/control_id=([^/]+)/month=(\d{4}-\d{2})/[A-Za-z0-9][A-Za-z0-9._-]*\.parquet"
)
_OBJECT = re.compile(
    r"(?:(?:snapshots|baselines)/([0-9a-f]{64})\.json\.gz|decisions/([0-9a-f]{64})\.json|keys/[0-9a-f]{16}\.pub)"
)


@dataclass(frozen=True, kw_only=True, order=True)
class Head:
    """One batch by its place and content: what `after` holds, and what is anchored outside the store.

    Args:
        writer: whose chain.
        sequence: its number, from 1.
        digest: SHA-256 of the manifest file.
    """

    writer: str
    sequence: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a batch.

    Args:
        path: where it lies below the store.
        sha256: of its bytes, in hex.
        size: in bytes.
        rows: how many rows of evidence it holds; None for an object, which is no Parquet.
    """

    path: str
    sha256: str
    size: int
    rows: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the manifest holds it."""
        known = {"path": self.path, "sha256": self.sha256, "bytes": self.size}
        return known if self.rows is None else {**known, "rows": self.rows}


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What one batch says of itself; `digest` is that of the stored envelope, empty before it is signed."""

    estate: str
    writer: str
    sequence: int
    previous: str | None
    after: tuple[Head, ...]
    made_at: datetime
    batch: str
    key_id: str
    files: tuple[Entry, ...]
    objects: tuple[Entry, ...]
    next_key: PublicKey | None = None
    digest: str = field(default="", compare=False)

    @property
    def rows(self) -> int:
        """The rows of all files."""
        return sum(entry.rows or 0 for entry in self.files)

    @property
    def head(self) -> Head:
        """The batch by place and content."""
        return Head(writer=self.writer, sequence=self.sequence, digest=self.digest)

    @property
    def path(self) -> str:
        """Where the manifest lies, below the store."""
        return f"{LEDGER}/{self.writer}/{self.sequence:012}.json"

    @property
    def root(self) -> str:
        """The Merkle root over the canonical JSON of every entry, files first, each in the order listed."""
        return merkle_root([canonical_json(entry.as_json()).encode() for entry in self.files + self.objects])

    def payload(self) -> bytes:
        """Return the canonical JSON that is signed."""
        next_key = None
        if self.next_key is not None:
            public = base64.b64encode(self.next_key.raw).decode()
            next_key = {"key_id": self.next_key.key_id, "public_key": public}
        body = {
            "version": 1,
            "estate": self.estate,
            "writer": self.writer,
            "sequence": self.sequence,
            "previous": self.previous,
            "after": [{"writer": h.writer, "sequence": h.sequence, "digest": h.digest} for h in self.after],
            "made_at": self.made_at.astimezone(UTC).isoformat(),
            "batch": self.batch,
            "key_id": self.key_id,
            "files": [entry.as_json() for entry in self.files],
            "objects": [entry.as_json() for entry in self.objects],
            "rows": self.rows,
            "root": self.root,
            "next_key": next_key,
        }
        return canonical_json(body).encode()


class _WrongError(ValueError):
    """A manifest is not what it must be; becomes a TamperError that names the file."""


def _want(*, holds: bool, expected: str) -> None:
    if not holds:
        raise _WrongError(expected)


def _count(value: Any, least: int) -> int:
    _want(holds=type(value) is int and least <= value < 1 << 53, expected=f"a whole number from {least}")
    return int(value)


def _digest(value: Any) -> str:
    _want(holds=isinstance(value, str) and bool(_SHA256.fullmatch(value)), expected="a SHA-256 in hex")
    return str(value)


def _text(value: Any) -> str:
    _want(holds=isinstance(value, str) and bool(value), expected="a text that is not empty")
    return str(value)


def _head(value: Any) -> Head:
    _want(holds=set(value) == {"writer", "sequence", "digest"}, expected="writer, sequence and digest")
    return Head(
        writer=_text(value["writer"]), sequence=_count(value["sequence"], 1), digest=_digest(value["digest"])
    )


def partition(path: str) -> tuple[str, str, str]:
    """Return framework, control id and month that a records path names.

    Raises:
        TamperError: it is no path of the records' layout.
    """
    match = _RECORDS.fullmatch(path)
    if not match:
        raise TamperError([f"{path!r}: expected records/framework=…/control_id=…/month=…/….parquet"])
    framework, control_id = (urllib.parse.unquote(match[i]) for i in (1, 2))
    try:
        check_control_id(framework, "framework")
        check_control_id(control_id, "control id")
    except EvidenceError as error:
        raise TamperError([f"{path!r}: {error}"]) from error
    return framework, control_id, match[3]


def _file(value: Any) -> Entry:
    _want(holds=set(value) == {"path", "sha256", "bytes", "rows"}, expected="path, sha256, bytes and rows")
    partition(str(value["path"]))
    return Entry(
        path=value["path"],
        sha256=_digest(value["sha256"]),
        size=_count(value["bytes"], 1),
        rows=_count(value["rows"], 1),
    )


def _object(value: Any) -> Entry:
    _want(holds=set(value) == {"path", "sha256", "bytes"}, expected="path, sha256 and bytes")
    entry = Entry(path=value["path"], sha256=_digest(value["sha256"]), size=_count(value["bytes"], 1))
    match = _OBJECT.fullmatch(entry.path)
    if not match:
        raise _WrongError("an object's path")
    named = match[1] or match[2]
    _want(holds=named in (None, entry.sha256), expected=f"{entry.path} to be named by its digest")
    return entry


def _next_key(value: Any) -> PublicKey | None:
    if value is None:
        return None
    _want(holds=set(value) == {"key_id", "public_key"}, expected="key_id and public_key")
    key = PublicKey(raw=base64.b64decode(value["public_key"], validate=True))
    _want(holds=len(key.raw) == 32 and key.key_id == value["key_id"], expected="a key of that name")  # noqa: PLR2004
    return key


def _build(body: Any, digest: str) -> Manifest:
    _want(holds=isinstance(body, dict) and body.get("version") == 1, expected="version 1")
    moment = datetime.fromisoformat(body["made_at"])
    _want(holds=moment.utcoffset() is not None, expected="made_at with its zone")
    _want(holds=bool(KEY_ID.fullmatch(body["key_id"])), expected="key_id of 16 hex digits")
    check_writer(_text(body["writer"]))
    manifest = Manifest(
        estate=_text(body["estate"]),
        writer=body["writer"],
        sequence=_count(body["sequence"], 1),
        previous=None if body["previous"] is None else _digest(body["previous"]),
        after=tuple(_head(value) for value in body["after"]),
        made_at=moment,
        batch=_text(body["batch"]),
        key_id=body["key_id"],
        files=tuple(_file(value) for value in body["files"]),
        objects=tuple(_object(value) for value in body["objects"]),
        next_key=_next_key(body["next_key"]),
        digest=digest,
    )
    _want(holds=body["rows"] == manifest.rows, expected=f"rows to be the sum over the files, {manifest.rows}")
    _want(holds=body["root"] == manifest.root, expected=f"the Merkle root of the entries, {manifest.root}")
    return manifest


def parse_manifest(envelope: bytes, name: str, payload: bytes | None = None) -> Manifest:
    """Read a manifest; the signature is not looked at, `dsse.open_envelope` does that.

    Args:
        envelope: the bytes as stored.
        name: what to call it in messages.
        payload: what the envelope holds, where it has been opened already.

    Raises:
        TamperError: it is damaged, or says something of itself that is not so.
    """
    try:
        return _parsed(envelope, payload)
    except TamperError as error:
        raise TamperError(f"{name}: {sign}" for sign in error.signs) from error
    except _WrongError as error:
        raise TamperError([f"{name}: expected {error}"]) from error
    except (
        EvidenceError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        binascii.Error,
    ) as error:
        raise TamperError([f"{name}: damaged: {' '.join(str(error).split())[:200]}"]) from error


@functools.lru_cache(maxsize=4096)
def _parsed(envelope: bytes, payload: bytes | None) -> Manifest:
    # the same bytes say the same: a process that verifies, asks and reads objects parses the ledger once
    if payload is None:
        payload = dsse.unsafe_payload(envelope, dsse.BATCH)
    manifest = _build(dsse.load_json(payload, "payload"), sha256_hex(envelope))
    # One payload, one reading: doubled keys or fields of no version are caught here.
    _want(holds=manifest.payload() == payload, expected="canonical JSON with the fields of version 1 only")
    return manifest
