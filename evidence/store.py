"""The store: the only writer of evidence.

A batch is staged, hashed, signed and put in place all at once; whoever is killed on the way leaves
all of it or nothing. Several processes of one writer may write at the same time.
"""

import contextlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from evidence import dsse, ledger, staging
from evidence.batch import Batch, Kind, one_line_errors
from evidence.errors import EvidenceError
from evidence.keys import PublicKey, SigningKey
from evidence.ledger import stored_keys
from evidence.manifest import Manifest, parse_manifest
from evidence.schema import check_writer, record_id

__all__ = ["Batch", "Kind", "Store", "local_root"]

_URL = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)


def local_root(root: Path | str) -> Path:
    """Return the store's folder as an absolute path.

    Raises:
        EvidenceError: it is the address of an object store.
    """
    if _URL.match(str(root)):
        raise EvidenceError(
            f"{root}: object stores are not supported by this version yet; expected a local path, "
            f"such as var/evidence"
        )
    return Path(root).absolute()


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

        From then on only a `Store` with the next key can write, and that key must be trusted too.

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
        with self._locked():
            pass

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with one_line_errors(self.root), staging.commit_lock(self.root, self.writer):
            staging.recover(self.root, self.writer, self._keys(), self._reached)
            yield

    def _keys(self) -> dict[str, PublicKey]:
        return {**stored_keys(self.root), self._key.key_id: self._key.public}

    @contextlib.contextmanager
    def _staged(self, now: datetime) -> Iterator[Batch]:
        if now.utcoffset() is None:
            raise EvidenceError(f"expected an aware time, got {now.isoformat()}")
        with self._locked():
            stage = staging.open_stage(self.root, self.writer, record_id(now))
        try:
            yield Batch(stage=stage, estate=self.estate)
        except Exception:
            stage.discard()
            raise
        except BaseException:
            # Interrupted, maybe between two renames: what is sealed must be finished, not half taken away.
            stage.leave()
            raise
        stage.discard()

    def _commit(self, batch: Batch, now: datetime, next_key: PublicKey | None) -> None:
        batch.write_rows()
        if not batch.files and not batch.objects:
            raise EvidenceError(
                "the batch is empty: expected rows or a document; a clean sweep leaves a row too"
            )
        self._reached("staged")
        with self._locked():
            manifest, envelope = self._signed(batch, now, next_key)
            staging.make_folders(self.root, manifest)
            batch.stage.write_intent(envelope)
            self._reached("sealed")
            staging.place(batch.stage, manifest, self._reached)
        batch.committed(manifest)

    def _signed(self, batch: Batch, now: datetime, next_key: PublicKey | None) -> tuple[Manifest, bytes]:
        lasts = ledger.last_manifests(self.root)
        last = next((one for one in lasts if one.writer == self.writer), None)
        for one in lasts:
            if one.estate != self.estate:
                raise EvidenceError(f"{self.root}: holds the estate {one.estate!r}, expected {self.estate!r}")
        if last is None:
            batch.seal("keys", self._key.public.pem)
        else:
            self._check_last(last)
        others = {one.head for one in lasts if one.writer != self.writer}
        draft = Manifest(
            estate=self.estate,
            writer=self.writer,
            sequence=1 if last is None else last.sequence + 1,
            previous=None if last is None else last.digest,
            after=tuple(sorted(others | batch.rests_on)),
            made_at=now,
            batch=batch.batch_id,
            key_id=self._key.key_id,
            files=batch.files,
            objects=batch.objects,
            next_key=next_key,
        )
        envelope = dsse.sign(dsse.BATCH, draft.payload(), self._key)
        return parse_manifest(envelope, draft.path), envelope

    def _check_last(self, last: Manifest) -> None:
        envelope = ledger.read_envelope(self.root, self.writer, last.sequence)
        dsse.open_envelope(envelope, self._keys(), dsse.BATCH)
        expected = last.key_id if last.next_key is None else last.next_key.key_id
        if expected != self._key.key_id:
            raise EvidenceError(
                f"the writer {self.writer!r} signs with key {expected}, not {self._key.key_id}: "
                f"rotate with the old key, or take another writer's name"
            )
