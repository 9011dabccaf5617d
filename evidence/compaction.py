"""Make ``query/``, and hold it against the records.

Files are named by what they were made from, so a copy made anew is the same, name by name and byte by byte
(with the same DuckDB). The index is replaced last and at once: whoever is killed on the way leaves the copy
that was there.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import duckdb

from evidence import ledger
from evidence.canonical import canonical_json, sha256_hex
from evidence.compacted import INDEX, QUERY, Copy, Mark, Part, find
from evidence.digest import file_sha256, fsync
from evidence.errors import EvidenceError
from evidence.manifest import Entry, Head, Manifest
from evidence.parquet import private_connection, quoted
from evidence.schema import COLUMNS

_MAKING = f"{QUERY}/_making"
_ORDER = ("occurred_at", "record_id", "attribute", "kind", "layer")
_COLUMNS = ", ".join(COLUMNS)
_SORTED = ", ".join((*_ORDER, *(name for name in COLUMNS if name not in _ORDER)))


def digest_of(entries: Iterable[Entry]) -> str:
    """Return the digest over files of the records: SHA-256 over ``<sha256>  <path>`` lines in order of path.

    It is what ``sha256sum`` prints, piped through ``sort -k 2`` and ``sha256sum`` again.
    """
    lines = sorted((entry.path, entry.sha256) for entry in entries)
    return sha256_hex("".join(f"{sha256}  {path}\n" for path, sha256 in lines).encode())


def compact(root: Path, heads: Iterable[Head]) -> Copy:
    """Make the copy anew where anything has come since, and return it; files that are still right stay.

    Args:
        root: the store.
        heads: how far; the caller has verified it.

    Raises:
        EvidenceError: the records can't be read, hold other rows than the ledger says, or the disk refused.
        TamperError: a manifest is damaged.
    """
    covered = tuple(sorted(heads))
    groups = _groups(_up_to(root, covered))
    before = {part.path: part for part in found.parts} if isinstance(found := find(root), Copy) else {}
    shutil.rmtree(root / _MAKING, ignore_errors=True)
    try:
        parts = [_part(root, folder, group, before) for folder, group in sorted(groups.items())]
        copy = Copy(
            heads=covered,
            made_from=digest_of(_all(groups)),
            parts=tuple(parts),
        )
        _publish(root, copy)
    except (OSError, duckdb.Error) as error:
        raise EvidenceError(f"{root / QUERY}: not made: {' '.join(str(error).split())[:300]}") from error
    return copy


def _up_to(root: Path, heads: Iterable[Head]) -> list[Manifest]:
    last = {head.writer: head.sequence for head in heads}
    return [one for one in ledger.read_manifests(root, last) if one.sequence <= last[one.writer]]


@dataclass(kw_only=True)
class _Group:
    """The files of one folder of the records, and the batches that wrote them, in order of time."""

    entries: list[Entry] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


def _groups(manifests: Iterable[Manifest]) -> dict[str, _Group]:
    groups: dict[str, _Group] = defaultdict(_Group)
    for manifest in sorted(manifests, key=lambda one: (one.made_at, one.head)):
        mark = Mark(head=manifest.head, made_at=manifest.made_at.astimezone(UTC).isoformat())
        for entry in manifest.files:
            group = groups[entry.path.rpartition("/")[0]]
            group.entries.append(entry)
            group.marks.append(mark)
    return groups


def _all(groups: Mapping[str, _Group]) -> Iterator[Entry]:
    return (entry for group in groups.values() for entry in group.entries)


def _part(root: Path, folder: str, group: _Group, before: Mapping[str, Part]) -> Part:
    entries = group.entries
    made_from = digest_of(entries)
    path = f"{QUERY}/{folder.removeprefix('records/')}/{made_from[:16]}.parquet"
    known = before.get(path)
    if known is not None and known.made_from == made_from and file_sha256(root / path) == known.sha256:
        return known
    draft = root / _MAKING / f"{made_from}.parquet"
    draft.parent.mkdir(parents=True, exist_ok=True)
    rows = _write(root, entries, draft)
    expected = sum(entry.rows or 0 for entry in entries)
    if rows != expected:
        raise EvidenceError(f"{folder}: expected {expected} rows, found {rows}; run: evidence verify")
    final = root / path
    final.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(final)
    part = Part(
        path=path,
        sha256=file_sha256(final),
        size=final.stat().st_size,
        rows=rows,
        made_from=made_from,
        first=group.marks[0],
        last=group.marks[-1],
    )
    os.utime(final, ns=(part.stamp, part.stamp))
    return part


def _write(root: Path, entries: Iterable[Entry], draft: Path) -> int:
    """Write one file; a total order and one thread make its bytes those of any other time."""
    select = _rows(root / path for path in sorted(entry.path for entry in entries))
    with private_connection(draft.parent) as connection:
        connection.execute("SET threads = 1")
        written = connection.execute(
            f"COPY ({select} ORDER BY {_SORTED}) TO {quoted(draft)} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
    fsync(draft)
    return int(written[0]) if written else 0


def _publish(root: Path, copy: Copy) -> None:
    place = root / INDEX
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name("index.draft")
    draft.write_text(canonical_json(copy.document()), "utf-8")
    fsync(draft)
    draft.replace(place)
    fsync(place.parent)
    shutil.rmtree(root / _MAKING, ignore_errors=True)
    kept = {root / part.path for part in copy.parts}
    for stale in set((root / QUERY).rglob("*.parquet")) - kept:
        stale.unlink()


def check(root: Path, copy: Copy, *, rows: bool) -> None:
    """Return if the copy is made of what the ledger lists, and is what its index says.

    Args:
        root: the store.
        copy: as `find` gave it.
        rows: whether to hold it against the records row by row too: who changes a file together with the
            index shows only there.

    Raises:
        EvidenceError: every way in which it is not.
        TamperError: a manifest is damaged.
    """
    groups = _groups(_up_to(root, copy.heads))
    wrong = [f"{part.path}: its digest is not the one noted" for part in copy.parts if _differs(root, part)]
    if copy.made_from != digest_of(_all(groups)):
        wrong.append(f"{INDEX}: made from other records than the ledger lists")
    parts = {part.path.rpartition("/")[0]: part for part in copy.parts}
    for folder, group in sorted(groups.items()):
        part = parts.pop(f"{QUERY}/{folder.removeprefix('records/')}", None)
        if part is None or part.made_from != digest_of(group.entries):
            wrong.append(f"{folder}: not in the copy as the ledger lists it")
        elif rows and _rows_differ(root, part, group.entries):
            wrong.append(f"{part.path}: not the rows of the records")
    wrong += [f"{part.path}: the ledger lists no such records" for part in parts.values()]
    if wrong:
        raise EvidenceError(
            f"{root / QUERY}: {'; '.join(wrong[:10])}; it is derived, no evidence; run: evidence compact"
        )


def _differs(root: Path, part: Part) -> bool:
    try:
        return file_sha256(root / part.path) != part.sha256
    except OSError:
        return True


def _rows_differ(root: Path, part: Part, entries: Iterable[Entry]) -> bool:
    mine = _rows([root / part.path])
    theirs = _rows(root / entry.path for entry in entries)
    odd = f"SELECT count(*) FROM (({mine} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {mine}))"  # noqa: S608 - quoted
    with private_connection() as connection:
        try:
            return connection.execute(odd).fetchone() != (0,)
        except duckdb.Error:
            return True


def _rows(paths: Iterable[Path]) -> str:
    files = ", ".join(quoted(path) for path in paths)
    return f"SELECT {_COLUMNS} FROM read_parquet([{files}], hive_partitioning = false)"  # noqa: S608 - quoted
