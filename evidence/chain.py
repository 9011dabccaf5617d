"""The chains of the ledger: signatures, keys, order, and what rests on what."""

from collections.abc import Iterable
from pathlib import Path

from evidence import dsse, ledger
from evidence.errors import TamperError
from evidence.keys import PublicKey, Trust
from evidence.ledger import stored_keys
from evidence.manifest import LEDGER, Head, Manifest, parse_manifest


def key_material(root: Path, trust: Trust | None) -> dict[str, PublicKey]:
    """Return the public keys that batches may be signed with, by name.

    With a trust source only keys that it names for evidence count; the store's copy of a key is taken
    where the source holds only the name that the key must hash to.
    """
    stored = stored_keys(root)
    if trust is None:
        return stored
    known = {**stored, **trust.public_keys()}
    return {key_id: known[key_id] for key_id in sorted(trust.ids("evidence")) if key_id in known}


def check_chains(root: Path, keys: dict[str, PublicKey], signs: list[str]) -> list[Manifest]:
    """Return every manifest that can be read, and add a sign for everything wrong with the chains.

    Args:
        root: the store.
        keys: the keys that count, by name.
        signs: what was found so far; grows.
    """
    chains = {writer: _read_chain(root, writer, keys, signs) for writer in ledger.writers(root)}
    manifests = [manifest for chain in chains.values() for manifest in chain]
    for chain in chains.values():
        _check_links(chain, signs)
    _check_after(manifests, signs)
    estates = sorted({manifest.estate for manifest in manifests})
    if len(estates) > 1:
        signs.append(f"{LEDGER}: expected the batches of one estate, got {', '.join(estates)}")
    return manifests


def _read_chain(root: Path, writer: str, keys: dict[str, PublicKey], signs: list[str]) -> list[Manifest]:
    chain = []
    for sequence in ledger.sequences(root, writer):
        name = f"{LEDGER}/{writer}/{sequence:012}.json"
        try:
            envelope = ledger.read_envelope(root, writer, sequence)
            # Read before the signature is checked, so that a foreign batch has its files accounted for.
            manifest = parse_manifest(envelope, name)
        except TamperError as error:
            signs += error.signs
            continue
        _check_signature(envelope, manifest, name, keys, signs)
        if manifest.path == name:
            chain.append(manifest)
        else:
            signs.append(f"{name}: says that it is {manifest.path}")
    return chain


def _check_signature(
    envelope: bytes, manifest: Manifest, name: str, keys: dict[str, PublicKey], signs: list[str]
) -> None:
    key = keys.get(manifest.key_id)
    try:
        dsse.open_envelope(envelope, {} if key is None else {manifest.key_id: key}, dsse.BATCH)
    except TamperError as error:
        signs += [f"{name}: says key {manifest.key_id}: {sign}" for sign in error.signs]


def _check_links(chain: list[Manifest], signs: list[str]) -> None:
    before: Manifest | None = None
    for manifest in chain:
        expected = 1 if before is None else before.sequence + 1
        if manifest.sequence != expected:
            signs.append(
                f"{LEDGER}/{manifest.writer}: gap: expected batch {expected}, found {manifest.sequence}"
            )
        elif manifest.previous != (None if before is None else before.digest):
            signs.append(f"{manifest.path}: does not continue the batch before it")
        if before is not None:
            key_id = before.key_id if before.next_key is None else before.next_key.key_id
            if manifest.key_id != key_id:
                signs.append(
                    f"{manifest.path}: signed with key {manifest.key_id}, but the batch before names {key_id}"
                )
        before = manifest


def _check_after(manifests: list[Manifest], signs: list[str]) -> None:
    known = {(one.writer, one.sequence): one.digest for one in manifests}
    for manifest in manifests:
        for rest in manifest.after:
            digest = known.get((rest.writer, rest.sequence))
            if digest != rest.digest:
                what = "is not in the ledger" if digest is None else "is another batch now"
                signs.append(f"{manifest.path}: rests on {rest.writer}/{rest.sequence}, which {what}")


def check_heads(manifests: list[Manifest], heads: Iterable[Head], signs: list[str]) -> None:
    """Add a sign for every batch known from outside that the ledger no longer holds."""
    known = {one.head for one in manifests}
    signs += [
        f"{LEDGER}/{head.writer}: batch {head.sequence} of digest {head.digest} is known from outside "
        f"and not in the ledger: the tail was cut or rewritten"
        for head in heads
        if head not in known
    ]
