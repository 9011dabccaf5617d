"""The store: the only writer of evidence.

A batch is staged, hashed, signed and put in place all at once; whoever is killed on the way leaves
all of it or nothing. Several processes of one writer may write at the same time.
"""

import contextlib
import gzip
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from evidence import dsse, ledger, staging
from evidence.canonical import canonical_json, sha256_hex
from evidence.digest import file_sha256
from evidence.errors import EvidenceError
from evidence.keys import PublicKey, SigningKey, stored_keys
from evidence.ledger import Entry, Head, Manifest
from evidence.parquet import copy_query, copy_rows
from evidence.schema import Row, check_writer, record_id

Kind = Literal["snapshots", "baselines", "decisions", "keys"]
_URL = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)


def local_root(root: Path | str) -> Path:
    """Return the store's folder as an absolute path.

    Raises:
        EvidenceError: it is an address of an object store.
    """
    if _URL.match(str(root)):
        raise EvidenceError(
            f"{root}: object stores are not supported by this version yet; expected a local path, "
            f"such as var/evidence"
        )
    return Path(root).absolute()


@contextlib.contextmanager
def _one_line_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EvidenceError(f"{root}: nothing was recorded: {error.strerror or error}") from error
    except duckdb.Error as error:
        said = " ".join(str(error).split())[:300]
        raise EvidenceError(f"{root}: nothing was recorded: {said}") from error


class Batch:
    """One batch in the making; `Store.batch` makes it, and commits it when its block ends without an error."""

    def __init__(self, *, stage: staging.Stage, estate: str) -> None:
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
        if kind in ("snapshots", "baselines"):
            content = gzip.compress(content, mtime=0)
        digest = sha256_hex(content)
        name = {"keys": "{}.pub", "decisions": "{}.json"}.get(kind, "{}.json.gz")
        stem = PublicKey.from_pem(content, "key").key_id if kind == "keys" else digest
        self._keep(f"{kind}/{name.format(stem)}", content)
        return digest

    def _keep(self, path: str, content: bytes) -> None:
        staged, final = self._stage.store / path, self._stage.root / path
        digest = sha256_hex(content)
        with _one_line_errors(self._stage.root):
            if final.exists() and file_sha256(final) != digest:
                raise EvidenceError(
                    f"{path}: the store holds something else under that name; run: evidence verify"
                )
            staged.parent.mkdir(exist_ok=True)
            with staged.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        self._objects[path] = Entry(path=path, sha256=digest, size=len(content))

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
            select: yields the contract's columns by name; `month` may be left out.

        Returns:
            How many rows were added; it may be none.

        Raises:
            EvidenceError: other columns, words outside the closed lists, or the disk refused.
        """
        with _one_line_errors(self._stage.root):
            entries = copy_query(
                connection, select, store=self._stage.store, name=self._next_name(), estate=self._estate
            )
        self._files += entries
        return sum(entry.rows or 0 for entry in entries)

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


class Store:
    """One writer's way into the evidence of one estate.

    Args:
        root: the store's folder; made by the first batch.
        estate: the estate that every row is of.
        writer: the name of this machine's worker; its processes share it.
        key: what batches are signed with.
        reached: called with the name of each point of a commit as it is reached.

    Raises:
        EvidenceError: an object store's address, or a writer's name that can't name a folder.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        estate: str,
        writer: str,
        key: SigningKey,
        reached: staging.Reached = lambda _point: None,
    ) -> None:
        check_writer(writer)
        if not estate:
            raise EvidenceError("expected the name of the estate, got an empty one")
        self.root = local_root(root)
        self.estate = estate
        self.writer = writer
        self._key = key
        self._reached = reached

    @contextlib.contextmanager
    def batch(self, now: datetime) -> Iterator[Batch]:
        """Give a batch to fill; commit it at the normal end of the block, leave nothing after an error.

        Args:
            now: an aware time; the batch's name and `made_at` come from it.

        Raises:
            EvidenceError: the batch is empty, the disk refused, or the key is not this writer's.
            TamperError: the ledger that it would build on is damaged.
        """
        with self._staged(now) as batch:
            yield batch
            self._commit(batch, now, next_key=None)

    def rotate(self, next_key: SigningKey, now: datetime) -> Manifest:
        """Change the writer's key: a batch signed by the present key names the next one.

        From then on only a `Store` with the next key can write; it must be trusted as well.

        Raises:
            EvidenceError: the key is the present one, or as for `batch`.
        """
        if next_key.key_id == self._key.key_id:
            raise EvidenceError(f"the next key is the present one, {next_key.key_id}; make a new one")
        with self._staged(now) as batch:
            batch.seal("keys", next_key.public.pem)
            self._commit(batch, now, next_key=next_key.public)
        return batch.manifest

    def recover(self) -> None:
        """Finish or throw away what killed processes of this writer left; every batch does so by itself.

        Raises:
            EvidenceError: a sealed batch can't be put in place.
        """
        with _one_line_errors(self.root), staging.commit_lock(self.root, self.writer):
            staging.recover(self.root, self.writer, self._keys(), self._reached)

    def _keys(self) -> dict[str, PublicKey]:
        return {**stored_keys(self.root), self._key.key_id: self._key.public}

    @contextlib.contextmanager
    def _staged(self, now: datetime) -> Iterator[Batch]:
        with _one_line_errors(self.root), staging.commit_lock(self.root, self.writer):
            staging.recover(self.root, self.writer, self._keys(), self._reached)
            stage = staging.open_stage(self.root, self.writer, record_id(now))
        try:
            yield Batch(stage=stage, estate=self.estate)
        finally:
            stage.discard()

    def _commit(self, batch: Batch, now: datetime, next_key: PublicKey | None) -> None:
        stage = batch._stage  # noqa: SLF001
        with _one_line_errors(self.root):
            if batch._rows:  # noqa: SLF001
                name = batch._next_name()  # noqa: SLF001
                batch._files += copy_rows(batch._rows, store=stage.store, name=name, estate=self.estate)  # noqa: SLF001
            if not batch._files and not batch._objects:  # noqa: SLF001
                raise EvidenceError(
                    "the batch is empty: expected rows or a sealed document; a clean sweep leaves a row"
                )
            self._reached("staged")
            with staging.commit_lock(self.root, self.writer):
                staging.recover(self.root, self.writer, self._keys(), self._reached)
                manifest, envelope = self._signed(batch, now, next_key)
                staging.make_folders(self.root, manifest)
                stage.write_intent(envelope)
                self._reached("sealed")
                staging.place(stage, manifest, self._reached)
        batch._manifest = manifest  # noqa: SLF001

    def _signed(self, batch: Batch, now: datetime, next_key: PublicKey | None) -> tuple[Manifest, bytes]:
        last = self._checked_head()
        if last is None:
            batch._keep(f"keys/{self._key.key_id}.pub", self._key.public.pem)  # noqa: SLF001
        others = {head for head in ledger.heads(self.root) if head.writer != self.writer}
        draft = Manifest(
            estate=self.estate,
            writer=self.writer,
            sequence=1 if last is None else last.sequence + 1,
            previous=None if last is None else last.digest,
            after=tuple(sorted(others | batch._after)),  # noqa: SLF001
            made_at=now,
            batch=batch.batch_id,
            key_id=self._key.key_id,
            files=tuple(sorted(batch._files, key=lambda entry: entry.path)),  # noqa: SLF001
            objects=tuple(sorted(batch._objects.values(), key=lambda entry: entry.path)),  # noqa: SLF001
            next_key=next_key,
        )
        envelope = dsse.sign(dsse.BATCH, draft.payload(), self._key)
        return ledger.parse_manifest(envelope, draft.path), envelope

    def _checked_head(self) -> Manifest | None:
        known = ledger.sequences(self.root, self.writer)
        if not known:
            return None
        last = ledger.read_manifest(self.root, self.writer, known[-1])
        dsse.open_envelope(ledger.read_envelope(self.root, self.writer, known[-1]), self._keys(), dsse.BATCH)
        expected = last.key_id if last.next_key is None else last.next_key.key_id
        if expected != self._key.key_id:
            raise EvidenceError(
                f"the writer {self.writer!r} signs with key {expected}, not {self._key.key_id}: "
                f"rotate the key with the old one, or take another writer's name"
            )
        if last.estate != self.estate:
            raise EvidenceError(
                f"{self.root} holds the evidence of the estate {last.estate!r}, not {self.estate!r}"
            )
        return last
