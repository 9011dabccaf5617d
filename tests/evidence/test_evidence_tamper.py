"""One row a way of changing the evidence; each must be told, and told as what it is."""

# ruff: noqa: E501 - one row a way of tampering

import base64
import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_store import NOW, Kept, row, trust_in

from evidence import dsse, ledger
from evidence.canonical import canonical_json
from evidence.errors import EvidenceError, TamperError
from evidence.keys import SigningKey, new_key
from evidence.manifest import Head, Manifest, parse_manifest
from evidence.store import Store
from evidence.verify import verify


def manifest_path(kept: Kept, sequence: int = 2, writer: str = "one") -> Path:
    return kept.root / f"ledger/{writer}/{sequence:012}.json"


def record(kept: Kept) -> Path:
    return min((kept.root / "records").rglob("*.parquet"))


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 1
    path.write_bytes(content)


def resign(kept: Kept, change: Callable[[Manifest], Manifest], *, key: SigningKey | None = None) -> None:
    """Do what only a thief of the key can: sign another manifest in place of the last."""
    path = manifest_path(kept)
    changed = change(parse_manifest(path.read_bytes(), "m"))
    path.write_bytes(dsse.sign(dsse.BATCH, changed.payload(), key or kept.key))


def body(kept: Kept, change: Callable[[dict[str, object]], object], kind: str = dsse.BATCH) -> None:
    path = manifest_path(kept)
    payload = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    change(payload)
    path.write_bytes(dsse.sign(kind, canonical_json(payload).encode(), kept.key))


def payload(kept: Kept, content: bytes) -> None:
    manifest_path(kept).write_bytes(dsse.sign(dsse.BATCH, content, kept.key))


def first_file(manifest: Manifest, **changed: object) -> Manifest:
    first, *rest = manifest.files
    return dataclasses.replace(manifest, files=(dataclasses.replace(first, **changed), *rest))  # type: ignore[arg-type]


def move_to_another_control(kept: Kept) -> None:
    manifest = parse_manifest(manifest_path(kept).read_bytes(), "m")
    old = next(entry.path for entry in manifest.files if "CC7.1" in entry.path)
    new = old.replace("CC7.1", "CC7.2")
    (kept.root / new).parent.mkdir(parents=True)
    (kept.root / old).rename(kept.root / new)
    files = tuple(dataclasses.replace(e, path=new) if e.path == old else e for e in manifest.files)
    resign(kept, lambda one: dataclasses.replace(one, files=files))


def replace_by_link(kept: Kept) -> None:
    path = record(kept)
    path.rename(kept.root / "elsewhere")
    path.symlink_to(kept.root / "elsewhere")


def excuse_by_unsigned_intent(kept: Kept) -> None:
    planted = record(kept).with_name("planted.parquet")
    shutil.copy(record(kept), planted)
    manifest = parse_manifest(manifest_path(kept).read_bytes(), "m")
    path = str(planted.relative_to(kept.root))
    entry = dataclasses.replace(manifest.files[0], path=path)
    forged = dataclasses.replace(
        manifest, sequence=3, previous=manifest.digest, files=(entry,), objects=(), key_id=new_key().key_id
    )
    folder = kept.root / "_staging/one/planted"
    folder.mkdir()
    (folder / "intent.json").write_bytes(dsse.sign(dsse.BATCH, forged.payload(), new_key()))


def nested(kept: Kept) -> None:
    payload(kept, b'{"version":' + b"[" * 50_000 + b"]" * 50_000 + b"}")


MATRIX: dict[str, tuple[Callable[[Kept], object], str]] = {
    "a record file flipped": (lambda k: flip(record(k), 100), "modified"),
    "a record file emptied": (lambda k: record(k).write_bytes(b""), "modified"),
    "a record file removed": (lambda k: record(k).unlink(), "missing"),
    "a record file added": (lambda k: shutil.copy(record(k), record(k).with_name("x.parquet")), "unlisted"),
    "a record file behind a link": (replace_by_link, "link"),
    "a folder behind a link": (lambda k: ((k.root / "decisions").rename(k.root / "d"), (k.root / "decisions").symlink_to("d")), "link"),
    "a record moved to another control": (move_to_another_control, "another folder"),
    "a snapshot flipped": (lambda k: flip(next((k.root / "snapshots").iterdir()), 30), "modified"),
    "a snapshot removed": (lambda k: next((k.root / "snapshots").iterdir()).unlink(), "missing"),
    "a decision added": (lambda k: (k.root / f"decisions/{'0' * 64}.json").write_text("{}"), "unlisted"),
    "a public key replaced": (lambda k: (k.root / f"keys/{k.key.key_id}.pub").write_bytes(new_key().public.pem), "modified"),
    "a manifest flipped": (lambda k: flip(manifest_path(k), 400), "ledger/one/000000000002"),
    "a manifest removed in the middle": (lambda k: manifest_path(k, 1).unlink(), "gap"),
    "a manifest copied to the next place": (lambda k: shutil.copy(manifest_path(k), manifest_path(k, 3)), "says that it is"),
    "a manifest under a strange name": (lambda k: shutil.copy(manifest_path(k), manifest_path(k).with_name("2.json")), "unlisted"),
    "a manifest in another's chain": (lambda k: shutil.copy(manifest_path(k), manifest_path(k, 2, "two")), "says that it is"),
    "a manifest behind a link": (lambda k: (manifest_path(k).rename(k.root / "m"), manifest_path(k).symlink_to(k.root / "m")), "link"),
    "a batch that another rests on removed": (lambda k: manifest_path(k).unlink(), "rests on one/2"),
    "a batch that another rests on signed anew": (lambda k: resign(k, lambda m: dataclasses.replace(m, made_at=NOW.replace(year=2020))), "another batch now"),
    "a chain broken": (lambda k: resign(k, lambda m: dataclasses.replace(m, previous="0" * 64)), "does not continue"),
    "a first batch with a past": (lambda k: resign(k, lambda m: dataclasses.replace(m, previous=None)), "does not continue"),
    "a batch resting on nothing known": (lambda k: resign(k, lambda m: dataclasses.replace(m, after=(Head(writer="z", sequence=1, digest="0" * 64),))), "rests on z/1"),
    "a batch of another key": (lambda k: resign(k, lambda m: m, key=new_key()), "does not count"),
    "a batch of the other writer's key": (lambda k: resign(k, lambda m: dataclasses.replace(m, key_id=k.other.key_id), key=k.other), "the batch before names"),
    "a batch of another estate": (lambda k: resign(k, lambda m: dataclasses.replace(m, estate="other")), "one estate"),
    "a decision passed off as a batch": (lambda k: body(k, lambda _: None, dsse.DECISION), "expected an envelope"),
    "a file listed twice": (lambda k: resign(k, lambda m: dataclasses.replace(m, files=m.files + m.files[:1])), "again"),
    "a wrong number of rows": (lambda k: resign(k, lambda m: first_file(m, rows=7)), "expected 7 rows"),
    "a wrong size": (lambda k: resign(k, lambda m: first_file(m, size=7)), "expected 7 bytes"),
    "a wrong digest": (lambda k: resign(k, lambda m: first_file(m, sha256="0" * 64)), "its digest"),
    "a wrong root": (lambda k: body(k, lambda b: b.update(root="0" * 64)), "Merkle root"),
    "a wrong sum": (lambda k: body(k, lambda b: b.update(rows=0)), "sum over the files"),
    "a path that leaves the store": (lambda k: resign(k, lambda m: first_file(m, path="records/../../x.parquet")), "expected records/"),
    "a control id that leaves its folder": (lambda k: resign(k, lambda m: first_file(m, path="records/framework=a/control_id=%2e%2e/month=2026-11/x.parquet")), "can't name a folder"),
    "a field of no version": (lambda k: body(k, lambda b: b.update(extra=1)), "fields of version 1"),
    "a version of the future": (lambda k: body(k, lambda b: b.update(version=2)), "version 1"),
    "an endless number": (lambda k: payload(k, b'{"version":' + b"1" * 9000 + b"}"), "damaged"),
    "an endless nesting": (nested, "damaged"),
    "a number too large": (lambda k: body(k, lambda b: b.update(sequence=1 << 70)), "whole number"),
    "a list for a text": (lambda k: body(k, lambda b: b.update(estate=["acme"])), "text"),
    "half a surrogate": (lambda k: payload(k, b'{"version":1,"estate":"\\ud800"}'), "damaged"),
    "a field left out": (lambda k: body(k, lambda b: b.pop("after")), "damaged"),
    "an emptied manifest": (lambda k: manifest_path(k).write_bytes(b""), "damaged"),
    "a folder for a manifest": (lambda k: (manifest_path(k).unlink(), manifest_path(k).mkdir()), "plain file"),
    "an inserted file excused by an unsigned intent": (excuse_by_unsigned_intent, "unlisted"),
}  # fmt: skip


@pytest.mark.parametrize("way", MATRIX)
def test_a_change_of_the_evidence_is_told(kept: Kept, way: str) -> None:
    change, sign = MATRIX[way]
    verify(kept.root, trust=kept.trust)
    change(kept)
    with pytest.raises(TamperError) as caught:
        verify(kept.root, trust=kept.trust)
    assert sign in str(caught.value), caught.value.signs


def test_all_signs_are_told_at_once(kept: Kept) -> None:
    flip(next((kept.root / "baselines").iterdir()), 30)
    (kept.root / ledger.read_manifest(kept.root, "two", 1).files[0].path).unlink()
    manifest_path(kept, 1).unlink()
    with pytest.raises(TamperError) as caught:
        verify(kept.root, trust=kept.trust)
    assert all(word in str(caught.value) for word in ("modified", "missing", "gap"))


def test_a_cut_tail_shows_only_with_a_head_from_outside(kept: Kept) -> None:
    with kept.store.batch(NOW) as batch:
        batch.append([row()])
    known = ledger.heads(kept.root)
    verify(kept.root, trust=kept.trust, heads=known)
    for entry in batch.manifest.files:
        (kept.root / entry.path).unlink()
    manifest_path(kept, 3).unlink()
    verify(kept.root, trust=kept.trust)
    with pytest.raises(TamperError, match="known from outside"):
        verify(kept.root, trust=kept.trust, heads=known)


def test_a_store_rebuilt_with_other_keys_is_consistent_and_not_authentic(kept: Kept) -> None:
    shutil.rmtree(kept.root)
    with Store(kept.root, estate="acme", writer="one", key=new_key()).batch(NOW) as batch:
        batch.append([row()])
    verify(kept.root, trust=None)
    with pytest.raises(TamperError, match="does not count"):
        verify(kept.root, trust=kept.trust)


def test_a_key_trusted_for_approvals_can_not_sign_evidence(kept: Kept) -> None:
    approval = dataclasses.replace(
        kept.trust, keys=tuple(dataclasses.replace(key, purpose="approval") for key in kept.trust.keys)
    )
    with pytest.raises(TamperError, match="does not count"):
        verify(kept.root, trust=approval)


def test_a_key_that_nobody_named_in_the_chain_does_not_count_though_it_is_trusted(kept: Kept) -> None:
    stranger = new_key()
    resign(kept, lambda one: dataclasses.replace(one, key_id=stranger.key_id), key=stranger)
    (kept.root / f"keys/{stranger.key_id}.pub").write_bytes(stranger.public.pem)
    with pytest.raises(TamperError, match="the batch before names"):
        verify(kept.root, trust=trust_in(kept.key, kept.other, stranger))


def test_no_store_is_not_a_verified_one(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="found none"):
        verify(tmp_path / "nowhere", trust=None)


@pytest.mark.prove
@pytest.mark.parametrize("part", range(8))
def test_no_flipped_byte_of_any_file_goes_unseen(kept: Kept, part: int) -> None:
    paths = sorted(path for path in kept.root.rglob("*") if path.is_file() and "_staging" not in path.parts)
    for path in paths:
        intact = path.read_bytes()
        for place in range(part, len(intact), max(8, len(intact) // 24 // 8 * 8)):
            flip(path, place)
            with pytest.raises(TamperError):
                verify(kept.root, trust=kept.trust)
            path.write_bytes(intact)
    verify(kept.root, trust=kept.trust)
