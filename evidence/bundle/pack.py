"""Write a bundle: the files of a selection as they were signed, the ledger, and what checks both."""

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from string import Template

from evidence import ledger
from evidence.canonical import sha256_hex
from evidence.digest import file_sha256
from evidence.errors import EvidenceError, TamperError
from evidence.exports import csv_rows
from evidence.exports.selection import Selection
from evidence.exports.writing import put
from evidence.manifest import Entry, Manifest, partition

_HERE = resources.files("evidence.bundle")
_CURVE = "from evidence.bundle.ed25519 import openssl_signed, signed\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 20


def pack(selection: Selection, root: Path, out: Path) -> None:
    """Write a bundle to a new folder, or to a ``.zip`` file; it appears when it is whole.

    Raises:
        EvidenceError: the folder is there already, or the disk refused.
        TamperError: a file is no longer what was verified.
    """
    packed = out.suffix == ".zip"
    if not packed and out.exists():
        raise EvidenceError(f"{out}: expected a new folder for the bundle, and something is there")
    try:
        with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=f".{out.name}.") as waiting:
            folder = Path(waiting) / "bundle"
            folder.mkdir()
            _fill(selection, root.absolute(), folder)
            if packed:
                archive = Path(waiting) / "bundle.zip"
                _zip(folder, archive, out.stem)
                archive.replace(out)
            else:
                folder.replace(out)
    except OSError as error:
        raise EvidenceError(f"{out}: the bundle can't be written: {error.strerror}") from error


def _fill(selection: Selection, root: Path, folder: Path) -> None:
    manifests = list(_manifests(selection, root))
    for one in manifests:
        place = folder / one.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_same(ledger.read_envelope(root, one.writer, one.sequence), one.digest, one.path))
    for entry in _entries(selection, manifests):
        _copy(root, folder, entry)
    put(csv_rows.export(selection), folder / "records.csv")
    (folder / "verify.py").write_text(verifier(), "utf-8")
    (folder / "README.md").write_text(_readme(selection), "utf-8")
    copies = {name: file_sha256(folder / name) for name in ("README.md", "records.csv", "verify.py")}
    about = {
        "estate": selection.estate,
        "wanted": vars(selection.wanted),
        "as_of": selection.as_of.isoformat(),
        "heads": [vars(head) for head in selection.heads],
        "copies": copies,
    }
    (folder / "bundle.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")


def _manifests(selection: Selection, root: Path) -> Iterator[Manifest]:
    """Yield what was verified; a batch that came since is left out."""
    last = {head.writer: head.sequence for head in selection.heads}
    for one in ledger.read_manifests(root):
        if one.sequence <= last.get(one.writer, 0):
            yield one


def _entries(selection: Selection, manifests: list[Manifest]) -> list[Entry]:
    """Return the files of the selection, all that their batches sealed, what rows name, and every key."""
    named = {digest for (digest,) in selection.ask(_NAMED)}
    chosen: dict[str, Entry] = {}
    for one in manifests:
        files = [entry for entry in one.files if _selected(selection, entry)]
        wanted = [e for e in one.objects if files or e.path.startswith("keys/") or e.sha256 in named]
        chosen.update({entry.path: entry for entry in (*files, *wanted)})
    return [chosen[path] for path in sorted(chosen)]


_NAMED = (
    "SELECT DISTINCT digest FROM ("
    "SELECT unnest([snapshot_sha256, preview_sha256, decision_sha256]) AS digest "
    "FROM scoped WHERE inside) WHERE digest IS NOT NULL"
)


def _selected(selection: Selection, entry: Entry) -> bool:
    wanted = selection.wanted
    framework, control_id, month = partition(entry.path)
    return (
        wanted.framework in (None, framework)
        and wanted.control_id in (None, control_id)
        and (wanted.first or month) <= month <= (wanted.last or month)
    )


def _copy(root: Path, folder: Path, entry: Entry) -> None:
    place, digest = folder / entry.path, hashlib.sha256()
    place.parent.mkdir(parents=True, exist_ok=True)
    with (root / entry.path).open("rb") as source, place.open("xb") as target:
        while piece := source.read(_PIECE):
            digest.update(piece)
            target.write(piece)
    if digest.hexdigest() != entry.sha256:
        raise TamperError([f"{entry.path}: modified since it was verified"])


def _same(content: bytes, digest: str, path: str) -> bytes:
    if sha256_hex(content) != digest:
        raise TamperError([f"{path}: modified since it was verified"])
    return content


def verifier() -> str:
    """Return verify.py as one file that imports nothing of ours."""
    source, curve = (_HERE.joinpath(name).read_text("utf-8") for name in ("verify.py", "ed25519.py"))
    _, _, code = curve.partition('"""\n\n')
    if _CURVE not in source:
        raise EvidenceError("verify.py: expected it to import the curve in one line")
    return source.replace(_CURVE, code)


def _readme(selection: Selection) -> str:
    text = _HERE.joinpath("queries.sql").read_text("utf-8")
    asked = re.findall(r"^-- (\d+\. .*)\n((?:.+\n)+)", text, re.MULTILINE)
    heads = [f"- `{one.writer}` {one.sequence} `{one.digest}`" for one in selection.heads]
    return Template(_HERE.joinpath("README.md").read_text("utf-8")).substitute(
        estate=selection.estate,
        selection=selection.wanted,
        as_of=selection.as_of.isoformat(),
        heads="\n".join(heads),
        queries="\n\n".join(f"{title}:\n\n```sql\n{sql}```" for title, sql in asked),
    )


def _zip(folder: Path, archive: Path, name: str) -> None:
    with zipfile.ZipFile(archive, "x", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            info = zipfile.ZipInfo(f"{name}/{path.relative_to(folder).as_posix()}", _EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with path.open("rb") as source, out.open(info, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, _PIECE)
