"""One batch in the making: rows and documents go in, and wait in staging until the store commits them."""

import contextlib
import gzip
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import duckdb

from evidence import ledger
from evidence.canonical import canonical_json, sha256_hex
from evidence.digest import file_sha256
from evidence.errors import EvidenceError
from evidence.keys import PublicKey
from evidence.manifest import Entry, Head, Manifest
from evidence.parquet import check_words, copy_query, copy_rows
from evidence.schema import Row, check_writer
from evidence.staging import Stage

ERRNO = re.compile(r'"errno":"(\d+)"')
"""Where DuckDB says, among much else, what the disk said."""

Kind = Literal["snapshots", "baselines", "decisions", "keys"]


@contextlib.contextmanager
def one_line_errors(root: Path) -> Iterator[None]:
    """Turn what the disk and DuckDB say into one line that names the store."""
    try:
        yield
    except OSError as error:
        raise EvidenceError(f"{root}: nothing was recorded: {error.strerror or error}") from error
    except duckdb.Error as error:
        number = ERRNO.search(str(error))
        said = os.strerror(int(number[1])) if number else " ".join(str(error).split())[:300]
        raise EvidenceError(f"{root}: nothing was recorded: {said}") from error


class Batch:
    """One batch; `Store.batch` makes it, and commits it when its block ends without an error.

    Args:
        stage: where it waits.
        estate: what every row must be of.
    """

    def __init__(self, *, stage: Stage, estate: str) -> None:
        self._stage = stage
        self._estate = estate
        self._rows: list[Row] = []
        self._after: set[Head] = set()
        self._objects: dict[str, Entry] = {}
        self._files: list[Entry] = []
        self._parts = 0
        self._manifest: Manifest | None = None

    @property
    def batch_id(self) -> str:
        """The batch's name, a UUIDv7, with which the names of its files start."""
        return self._stage.folder.name

    @property
    def stage(self) -> Stage:
        """Where the batch waits."""
        return self._stage

    @property
    def files(self) -> tuple[Entry, ...]:
        """The record files, in the order of their paths."""
        return tuple(sorted(self._files, key=lambda entry: entry.path))

    @property
    def objects(self) -> tuple[Entry, ...]:
        """The sealed documents, in the order of their paths."""
        return tuple(sorted(self._objects.values(), key=lambda entry: entry.path))

    @property
    def rests_on(self) -> frozenset[Head]:
        """The batches that were named with `after`."""
        return frozenset(self._after)

    @property
    def manifest(self) -> Manifest:
        """What was signed.

        Raises:
            EvidenceError: the batch is not committed yet.
        """
        if self._manifest is None:
            raise EvidenceError(f"batch {self.batch_id} is not committed yet: leave its with block first")
        return self._manifest

    def seal(self, kind: Kind, document: Mapping[str, Any] | bytes) -> str:
        """Store a document beside the records.

        Args:
            kind: the folder. Snapshots and baselines become gzip without a time; decisions (envelopes)
                and keys (public keys in PEM) are stored as they are.
            document: a mapping, written as canonical JSON, or the bytes themselves.

        Returns:
            SHA-256 of the stored bytes in hex.

        Raises:
            EvidenceError: it is empty, the store holds something else under its name, or the disk refused.
        """
        content = document if isinstance(document, bytes) else canonical_json(document).encode()
        if not content:
            raise EvidenceError(f"{kind}: expected a document, got no bytes")
        if kind == "keys":
            return self._keep(f"keys/{PublicKey.from_pem(content, 'keys').key_id}.pub", content)
        if kind == "decisions":
            return self._keep(f"decisions/{sha256_hex(content)}.json", content)
        packed = gzip.compress(content, mtime=0)
        return self._keep(f"{kind}/{sha256_hex(packed)}.json.gz", packed)

    def _keep(self, path: str, content: bytes) -> str:
        staged, final = self._stage.store / path, self._stage.root / path
        digest = sha256_hex(content)
        with one_line_errors(self._stage.root):
            if final.exists() and file_sha256(final) != digest:
                raise EvidenceError(f"{path}: the store holds something else there; run: evidence verify")
            staged.parent.mkdir(exist_ok=True)
            with staged.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        self._objects[path] = Entry(path=path, sha256=digest, size=len(content))
        return digest

    def append(self, rows: Iterable[Row]) -> None:
        """Add rows; they are written when the batch is committed.

        Raises:
            EvidenceError: a row is of another estate.
        """
        for row in rows:
            if row.estate != self._estate:
                raise EvidenceError(
                    f"expected rows of the estate {self._estate!r}, got one of {row.estate!r}"
                )
            self._rows.append(row)

    def append_query(self, connection: duckdb.DuckDBPyConnection, select: str) -> int:
        """Add the rows of a SELECT in one statement, with no copy in between; fit for millions.

        Args:
            connection: where the SELECT runs.
            select: yields the contract's columns by name; `month` may be left out. Rows keep its order
                within each control, so ``ORDER BY resource_id`` makes look-ups by resource fast, at about
                a third more time.

        Returns:
            How many rows were added; it may be none.

        Raises:
            EvidenceError: other columns, words outside the closed lists, or the disk refused.
        """
        with one_line_errors(self._stage.root):
            entries = copy_query(connection, select, store=self._stage.store, name=self._next_name())
            if entries:
                check_words([self._stage.store / entry.path for entry in entries], self._estate)
        self._files += entries
        return sum(entry.rows or 0 for entry in entries)

    def write_rows(self) -> None:
        """Write the rows added so far; the store does so before it commits.

        Raises:
            EvidenceError: the disk refused, or a text that UTF-8 can't hold.
        """
        rows, self._rows = self._rows, []
        if rows:
            with one_line_errors(self._stage.root):
                self._files += copy_rows(rows, store=self._stage.store, name=self._next_name())

    def _next_name(self) -> str:
        self._parts += 1
        return f"{self.batch_id}-{self._parts}"

    def after(self, writer: str, sequence: int, digest: str) -> None:
        """Say that the rows rest on that batch; the heads of all other writers are added by themselves.

        Raises:
            EvidenceError: the ledger holds no such batch.
            TamperError: its manifest can't be read.
        """
        check_writer(writer)
        root = self._stage.root
        held = sequence in ledger.sequences(root, writer)
        if not held or sha256_hex(ledger.read_envelope(root, writer, sequence)) != digest:
            raise EvidenceError(
                f"ledger/{writer}/{sequence:012}.json: no batch of digest {digest} to rest on"
            )
        self._after.add(Head(writer=writer, sequence=sequence, digest=digest))

    def committed(self, manifest: Manifest) -> None:
        """Take what was signed; the store calls it once the ledger lists the batch."""
        self._manifest = manifest
