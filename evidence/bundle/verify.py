"""Verify this bundle with nothing but Python: python3 -I -S verify.py [--trust FILE] [--head FILE].

Checked: that every manifest of the ledger continues the one before it and rests on what it names; that the
heads and every change of a key are signed; that every file of the selection is here, unchanged, and no other.

Exit code 0: it verifies. 4: it does not, every sign is listed. 1: it could not be looked at. 64: wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evidence.bundle.ed25519 import openssl_signed, signed

PROVES_NOT = """It does not prove
- that the end is there: only --head, with heads that you got earlier in some other way, shows a cut tail.
- that the selection is what you asked for: compare the line above with your request.
- that records.csv says what the Parquet files say: query 10 of README.md compares them.
- that a signer told the truth, that a time is right, or that a decision was valid.
- that this program is the right one: get verify.py and the keys for --trust from people you trust."""

KIND = "application/vnd.holdfast.batch+json"
RECORDS = re.compile(r"records/framework=([^/]+)/control_id=([^/]+)/month=(\d{4}-\d{2})/[^/]+\.parquet")
PIECE = memoryview(bytearray(1 << 18))
Manifests = dict[str, list[dict[str, Any]]]


def sha256(path: Path) -> str:
    """Return the digest of a file."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(PIECE):
            digest.update(PIECE[:count])
    return digest.hexdigest()


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys and no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def merkle(leaves: list[bytes]) -> str:
    """Return the tree hash of RFC 6962."""
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves] or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[2 * len(pairs) :]
    return level[0].hex()


def manifest(root: Path, path: Path) -> dict[str, Any]:
    """Read one manifest: the envelope and its payload must be canonical, and say what lies here."""
    content, name = path.read_bytes(), path.relative_to(root).as_posix()
    try:
        envelope = json.loads(content)
        payload = base64.b64decode(envelope["payload"], validate=True)
        (signature,) = envelope["signatures"]
        body: dict[str, Any] = json.loads(payload)
        entries = body["files"] + body["objects"]
        fits = (
            canonical(envelope) == content
            and canonical(body) == payload
            and envelope["payloadType"] == KIND
            and signature["keyid"] == body["key_id"]
            and f"ledger/{body['writer']}/{body['sequence']:012}.json" == name
            and body["root"] == merkle([canonical(entry) for entry in entries])
        )
        body["signature"] = base64.b64decode(signature["sig"], validate=True)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"{name}: damaged: {error!r}") from None
    if not fits:
        raise ValueError(f"{name}: is not what it says of itself")
    message = b"DSSEv1 %d %b %d %b" % (len(KIND), KIND.encode(), len(payload), payload)
    return {**body, "name": name, "digest": hashlib.sha256(content).hexdigest(), "message": message}


def chains(root: Path, signs: list[str]) -> Manifests:
    """Read every chain, and tell what does not hold together."""
    found: Manifests = {}
    for path in sorted((root / "ledger").glob("*/*.json")):
        try:
            one = manifest(root, path)
        except ValueError as error:
            signs.append(str(error))
            continue
        chain = found.setdefault(one["writer"], [])
        before = chain[-1] if chain else None
        if one["sequence"] != len(chain) + 1 or one["previous"] != (before and before["digest"]):
            signs.append(f"{one['name']}: does not continue the batch before it")
        if before and one["key_id"] != (before["next_key"] or before)["key_id"]:
            signs.append(f"{one['name']}: signed with another key than the batch before names")
        chain.append(one)
    known = {(w, one["sequence"], one["digest"]) for w, chain in found.items() for one in chain}
    for chain in found.values():
        for one in chain:
            signs += [
                f"{one['name']}: rests on {h['writer']}/{h['sequence']}, which is not here as it was"
                for h in one["after"]
                if (h["writer"], h["sequence"], h["digest"]) not in known
            ]
    return found


def keys_of(root: Path, trust: Path | None) -> dict[str, bytes]:
    """Return the keys that count, by name: those of the bundle that --trust names, or all of them."""
    texts = [path.read_text("utf-8") for path in sorted((root / "keys").glob("*.pub"))]
    named = None
    if trust is not None:
        text = trust.read_text("utf-8")
        if "-----BEGIN" in text:
            texts, named = [text], None
        else:
            named = {one["key_id"] for one in json.loads(text) if one["purpose"] == "evidence"}
    blocks = re.findall(r"-----BEGIN PUBLIC KEY-----(.*?)-----END", "".join(texts), re.DOTALL)
    raws = [base64.b64decode(block)[-32:] for block in blocks]
    keys = {hashlib.sha256(raw).hexdigest()[:16]: raw for raw in raws}
    return {name: raw for name, raw in keys.items() if named is None or name in named}


def check_signatures(
    found: Manifests, keys: dict[str, bytes], signs: list[str], *, every: bool, ask: Any
) -> int:
    """Check the heads and changes of keys, which cover all before them by digest; or every signature."""
    count = 0
    for chain in found.values():
        for one in chain:
            if one["key_id"] not in keys:
                signs.append(f"{one['name']}: signed with key {one['key_id']}, which does not count here")
            elif every or one is chain[-1] or one["next_key"]:
                count += 1
                if not ask(keys[one["key_id"]], one["message"], one["signature"]):
                    signs.append(f"{one['name']}: the signature does not fit")
    return count


def selected(path: str, wanted: dict[str, Any]) -> bool:
    """Whether a file of records belongs to the selection, by its folder."""
    match = RECORDS.fullmatch(path)
    if match is None:
        return False
    framework, control_id = (urllib.parse.unquote(match[i]) for i in (1, 2))
    return (
        wanted["framework"] in (None, framework)
        and wanted["control_id"] in (None, control_id)
        and (wanted["first"] or match[3]) <= match[3] <= (wanted["last"] or match[3])
    )


def entries_below(folder: str) -> Iterator[os.DirEntry[str]]:
    """Yield everything below a folder but folders."""
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from entries_below(entry.path)
            else:
                yield entry


def check_files(root: Path, about: dict[str, Any], found: Manifests, signs: list[str]) -> tuple[int, int]:
    """Compare what is here with what was signed: nothing of the selection missing, changed or added."""
    listed: dict[str, dict[str, Any]] = {}
    needed: set[str] = set()
    for one in (one for chain in found.values() for one in chain):
        files = {e["path"] for e in one["files"] if selected(e["path"], about["wanted"])}
        needed |= files | ({e["path"] for e in one["objects"]} if files else set())
        signs += [f"{one['name']}: lists {e['path']} again" for e in one["files"] if e["path"] in listed]
        listed.update({e["path"]: e for e in one["files"] + one["objects"]})
    listed.update({name: {"sha256": digest} for name, digest in about["copies"].items()})
    needed |= set(about["copies"])
    free = {one["name"] for chain in found.values() for one in chain} | {"bundle.json"}
    here = set()
    for entry in sorted(entries_below(str(root)), key=lambda one: one.path):
        name = entry.path[len(str(root)) + 1 :]
        here.add(name)
        if not entry.is_file(follow_symlinks=False):
            signs.append(f"{name}: a symbolic link, or no file at all")
        elif name not in listed and name not in free:
            signs.append(f"{name}: unlisted")
        elif name in listed and sha256(Path(entry.path)) != listed[name]["sha256"]:
            signs.append(f"{name}: modified")
    signs += [f"{name}: missing" for name in sorted(needed - here)]
    records = [listed[name] for name in here if name in listed and name.startswith("records/")]
    return len(records), sum(entry["rows"] for entry in records)


def look(given: argparse.Namespace, root: Path) -> tuple[list[str], str]:
    """Return every sign of tampering, and what to say where there is none."""
    signs: list[str] = []
    about = json.loads((root / "bundle.json").read_text("utf-8"))
    found = chains(root, signs)
    keys = keys_of(root, given.trust)
    ask = openssl_signed if given.openssl else signed
    checked = check_signatures(found, keys, signs, every=given.all_signatures, ask=ask)
    files, rows = check_files(root, about, found, signs)
    heads = {(w, chain[-1]["sequence"], chain[-1]["digest"]) for w, chain in found.items()}
    batches = {(w, one["sequence"], one["digest"]) for w, chain in found.items() for one in chain}
    told = {(h["writer"], h["sequence"], h["digest"]) for h in about["heads"]}
    kept = json.loads(given.head.read_text("utf-8")) if given.head else []
    signs += ["ledger: ends at other batches than bundle.json says"] if heads != told else []
    signs += [
        f"ledger/{h['writer']}: batch {h['sequence']} is known from outside and not here: the tail was cut"
        for h in (kept if isinstance(kept, list) else [kept])
        if (h["writer"], h["sequence"], h["digest"]) not in batches
    ]
    estates = sorted({one["estate"] for chain in found.values() for one in chain})
    signs += [] if estates == [about["estate"]] else [f"ledger: of {estates}, expected {about['estate']}"]
    if not (found and files):
        signs.append("bundle: holds no records that a batch lists")
    word = "verified" if given.trust else "consistent, authenticity not established (no --trust)"
    return signs, (
        f"{word}: {len(batches)} batches of {len(found)} writers, {checked} signatures, "
        f"{rows} rows in {files} files\nselection: {about['wanted']}, of {about['estate']}\n{PROVES_NOT}\n"
    )


def main() -> int:
    """Verify the folder that this file lies in; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trust", type=Path, help="public keys in PEM, or JSON [{key_id, purpose}]")
    parser.add_argument("--head", type=Path, help="heads kept elsewhere, JSON [{writer, sequence, digest}]")
    parser.add_argument("--all-signatures", action="store_true", help="not only heads and changes of keys")
    parser.add_argument("--openssl", action="store_true", help="let openssl check the signatures")
    try:
        given = parser.parse_args()
        signs, said = look(given, Path(__file__).resolve().parent)
    except SystemExit as end:
        return 64 if end.code else 0
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.stderr.write(f"error: it could not be looked at: {error!r}\n")
        return 1
    for sign in signs:
        sys.stderr.write(f"tampered: {sign}\n")
    if not signs:
        sys.stdout.write(said)
    return 4 if signs else 0


if __name__ == "__main__":
    sys.exit(main())
