"""`query/` is a copy: the same rows, faster; and never a reason to believe anything."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from kept_store import NOW, Kept, row

from evidence import ledger
from evidence.cli import main
from evidence.compacted import INDEX, Copy, Unusable, find
from evidence.compaction import check, compact
from evidence.digest import file_sha256
from evidence.errors import EvidenceError
from evidence.query import ask, connect
from evidence.verify import verify

ALL = "SELECT * FROM records ORDER BY ALL"


def made(root: Path) -> Copy:
    return compact(root, ledger.heads(root))


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (root / "query").rglob("*") if path.is_file()}


def rows(root: Path, copy: Copy | None = None) -> tuple[tuple[object, ...], ...]:
    with closing(connect(root, copy=copy)) as connection:
        return ask(connection, ALL).rows


def test_the_copy_holds_the_rows_of_the_records_and_no_others(kept: Kept) -> None:
    copy = made(kept.root)
    shutil.move(kept.root / "records", kept.root / "elsewhere")
    read = rows(kept.root, copy)
    shutil.move(kept.root / "elsewhere", kept.root / "records")
    assert read == rows(kept.root)
    check(kept.root, copy, rows=True)
    verify(kept.root, trust=kept.trust)


def test_a_copy_made_anew_is_the_same_byte_by_byte(kept: Kept) -> None:
    made(kept.root)
    before = contents(kept.root)
    shutil.rmtree(kept.root / "query")
    made(kept.root)
    assert contents(kept.root) == before
    made(kept.root)
    assert contents(kept.root) == before


def test_what_came_after_the_copy_is_read_from_the_records(kept: Kept) -> None:
    made(kept.root)
    with kept.store.batch(NOW) as batch:
        batch.append([row("CC9.9")])
    found = find(kept.root)
    assert isinstance(found, Copy)
    assert rows(kept.root, found) == rows(kept.root)
    assert len(rows(kept.root)) == 9
    assert {head.sequence for head in made(kept.root).heads} == {1, 3}


def test_only_what_has_moved_is_written_again(kept: Kept) -> None:
    before = {part.path for part in made(kept.root).parts}
    with kept.store.batch(NOW) as batch:
        batch.append([row("CC7.1")])
    after = {part.path for part in made(kept.root).parts}
    assert len(before - after) == len(after - before) == 1
    assert {
        path.relative_to(kept.root).as_posix() for path in (kept.root / "query").rglob("*.parquet")
    } == after


def test_a_copy_that_is_not_what_was_written_is_not_read_and_that_is_said(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    part = kept.root / made(kept.root).parts[0].path
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    assert isinstance(find(kept.root), Unusable)
    assert main(["query", "SELECT count(*) AS n FROM records", "--path", str(kept.root), "-o", "json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == [{"n": 8}]
    assert "query/ is not used" in said.err


@pytest.mark.parametrize("harm", ["", "{}", "[]", '{"version": 2}', "cut", "gone", "escape"])
def test_a_half_written_copy_is_not_read(kept: Kept, harm: str) -> None:
    copy = made(kept.root)
    index = kept.root / INDEX
    if harm == "gone":
        (kept.root / copy.parts[0].path).unlink()
    elif harm == "escape":
        index.write_text(index.read_text().replace(copy.parts[0].path, "query/../records/x.parquet"))
    else:
        index.write_text(index.read_text()[:-9] if harm == "cut" else harm)
    assert isinstance(find(kept.root), Unusable)


def test_a_copy_of_another_ledger_is_not_read(kept: Kept) -> None:
    made(kept.root)
    (kept.root / "ledger" / "two" / "000000000001.json").unlink()
    found = find(kept.root)
    assert isinstance(found, Unusable)
    assert "not in the ledger" in found.reason


def test_a_forged_copy_shows_when_it_is_held_against_the_records(kept: Kept) -> None:
    copy = made(kept.root)
    part = copy.parts[0]
    path = kept.root / part.path
    with duckdb.connect() as plain:
        plain.execute(
            f"COPY (SELECT * REPLACE ('drifted' AS outcome) FROM '{path}') TO '{path}.new' (FORMAT parquet)"  # noqa: S608
        )
    Path(f"{path}.new").replace(path)
    index = json.loads((kept.root / INDEX).read_text())
    index["parts"][0] |= {"sha256": file_sha256(path), "size": path.stat().st_size}
    (kept.root / INDEX).write_text(json.dumps(index))
    forged = find(kept.root)
    assert isinstance(forged, Copy)
    with pytest.raises(EvidenceError, match="not the rows of the records"):
        check(kept.root, forged, rows=True)
    assert main(["compact", "--check", "--path", str(kept.root)]) == 1


def test_verify_says_that_the_copy_is_derived(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    made(kept.root)
    assert main(["verify", str(kept.root)]) == 0
    assert "no evidence" in capsys.readouterr().err
    index = json.loads((kept.root / INDEX).read_text())
    index["made_from"] = "0" * 64
    (kept.root / INDEX).write_text(json.dumps(index))
    assert main(["verify", str(kept.root)]) == 1


def test_nothing_is_copied_of_evidence_that_does_not_verify(kept: Kept) -> None:
    next((kept.root / "records").rglob("*.parquet")).write_bytes(b"x")
    assert main(["compact", "--path", str(kept.root)]) == 4
    assert not (kept.root / "query").exists()
