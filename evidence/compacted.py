"""``query/``: a compacted copy of the records for speed; derived, rebuilt at will, never evidence.

The layout is that of ``records/``, with one file for each framework, control and month. ``query/index.json``
says which batches the copy covers, what each file was made from, and what it is; `evidence.compaction` makes
it.

Nothing of it is signed, and whoever may write to the store can forge it. So nothing that decides or proves
reads it: people's questions do (`evidence.query`), and are told so.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence import ledger
from evidence.canonical import sha256_hex
from evidence.digest import file_sha256
from evidence.errors import TamperError
from evidence.manifest import Head, partition
from evidence.schema import SCHEMA_VERSION

QUERY = "query"
INDEX = f"{QUERY}/index.json"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One batch that a file of the copy holds rows of, and when it was made (ISO 8601)."""

    head: Head
    made_at: str

    @classmethod
    def read(cls, said: dict[str, Any]) -> "Mark":
        """Read it from the index."""
        return cls(head=Head(**said["head"]), made_at=datetime.fromisoformat(said["made_at"]).isoformat())


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of the copy.

    Args:
        path: where it lies below the store.
        sha256: of its bytes.
        size: in bytes.
        rows: how many rows.
        made_from: digest over the files of `records/` that it holds the rows of.
        first: the first batch that wrote any of them; likewise `last`.
    """

    path: str
    sha256: str
    size: int
    rows: int
    made_from: str
    first: Mark
    last: Mark

    @property
    def partition(self) -> tuple[str, str, str]:
        """Framework, control id and month of all its rows."""
        return partition(f"records/{self.path.removeprefix(QUERY)[1:]}")

    @property
    def stamp(self) -> int:
        """The time that the file bears, in nanoseconds: of its month. Another is reason to read it."""
        month = datetime.strptime(self.partition[2], "%Y-%m").replace(tzinfo=UTC)
        return int(month.timestamp()) * 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What the copy says of itself.

    Args:
        heads: the last batch of every writer that it covers; all earlier ones are covered too.
        made_from: digest over all files of `records/` that it holds the rows of.
        parts: its files, by path.
    """

    heads: tuple[Head, ...]
    made_from: str
    parts: tuple[Part, ...]

    def document(self) -> dict[str, Any]:
        """Return it as ``query/index.json`` holds it."""
        return {"version": 1, "schema": SCHEMA_VERSION, **asdict(self)}


@dataclass(frozen=True, kw_only=True)
class Unusable:
    """Why the copy is not read; `records/` is."""

    reason: str


def find(root: Path) -> Copy | Unusable | None:
    """Return the copy, if it is what it says and the ledger holds what it covers; None without one."""
    try:
        content = (root / INDEX).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unusable(reason=f"{INDEX}: can't be read: {error.strerror}")
    try:
        copy = _read(content)
    except (ValueError, TypeError, KeyError, AttributeError, TamperError):
        return Unusable(reason=f"{INDEX}: damaged, or of another version")
    doubts = (*_unheld(root, copy), *_moved(root, copy))
    return Unusable(reason=doubts[0]) if doubts else copy


def _read(content: bytes) -> Copy:
    body = json.loads(content)
    if (body.pop("version"), body.pop("schema")) != (1, SCHEMA_VERSION):
        raise ValueError(body)
    heads = tuple(Head(**head) for head in body.pop("heads"))
    parts = tuple(_part(part) for part in body.pop("parts"))
    return Copy(heads=heads, parts=parts, **body)


def _part(said: dict[str, Any]) -> Part:
    part = Part(**{**said, "first": Mark.read(said["first"]), "last": Mark.read(said["last"])})
    _ = part.partition  # refuses a path that leads elsewhere
    return part


def _unheld(root: Path, copy: Copy) -> Iterable[str]:
    """Yield why the ledger is not the one that the copy was made from."""
    for head in copy.heads:
        name = f"{head.writer}/{head.sequence:012}"
        try:
            if sha256_hex(ledger.read_envelope(root, head.writer, head.sequence)) != head.digest:
                yield f"the batch {name} that it covers is another one now"
        except TamperError:
            yield f"the batch {name} that it covers is not in the ledger"


def _moved(root: Path, copy: Copy) -> Iterable[str]:
    """Yield the files that are no longer what was written."""
    for part in copy.parts:
        path = root / part.path
        try:
            said = path.lstat()
            same = said.st_size == part.size and (
                said.st_mtime_ns == part.stamp or file_sha256(path) == part.sha256
            )
        except OSError:
            same = False
        if not same:
            yield f"{part.path}: not what was written"
