"""`evidence export`: what it writes where, and what it refuses."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from exported import store

from evidence.cli import main
from evidence.errors import EvidenceError
from evidence.exports import EXPORTS
from evidence.exports.selection import Wanted, open_selection
from evidence.exports.writing import put
from evidence.keys import SigningKey, new_key
from evidence.manifest import Head

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return store(tmp_path / "evidence")


def test_several_formats_come_of_one_verification(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["export", "--path", str(root), "-o", "jsonl", "-o", f"csv:{tmp_path}/rows.csv"]
    assert main([*command, "--control", "soc2:CC7.1", "--from", "2026-11", "--to", "2026-11"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["control_id"] for one in lines} == {"CC7.1"}
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == len(lines) + 1


def test_broken_evidence_is_exit_4_and_leaves_no_file(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    trusted = tmp_path / "stranger.pem"
    trusted.write_bytes(new_key().public.pem)
    command = ["export", "--path", str(root), "-o", f"oscal:{out}"]
    assert main([*command, "--trust", str(trusted)]) == 4
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps([{"writer": "one", "sequence": 3, "digest": "0" * 64}]))
    assert main([*command, "--head", str(heads)]) == 4
    next((root / "snapshots").iterdir()).unlink()
    assert main(command) == 4
    assert not out.exists()


def test_wrong_usage_is_exit_64_and_nothing_found_exit_1(root: Path, tmp_path: Path) -> None:
    command = ["export", "--path", str(root)]
    assert main(command) == 64
    assert main([*command, "-o", "pdf"]) == 64
    assert main([*command, "-o", "csv", "-o", "jsonl"]) == 64
    assert main([*command, "-o", "csv", "--control", "CC7.1"]) == 64
    assert main([*command, "-o", "csv", "--control", "soc2:CC7.1", "--framework", "cis"]) == 64
    assert main([*command, "-o", "csv", "--from", "2027-01"]) == 1
    assert main([*command, "-o", "csv", "--from", "November"]) == 1
    assert main([*command, "-o", f"csv:{tmp_path}/absent/rows.csv"]) == 1
    assert main(["export", "--path", str(tmp_path / "absent"), "-o", "csv"]) == 1


def test_an_export_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("as it was")

    def breaks() -> Iterator[str]:
        yield "half"
        raise EvidenceError("the disk is gone")

    with pytest.raises(EvidenceError):
        put(breaks(), file)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("rows.csv", "as it was")]


@pytest.mark.parametrize("form", sorted(EXPORTS))
def test_a_small_example_of_each_format_stays_as_it_is(form: str, tmp_path: Path) -> None:
    """A change here changes what other programs read: it must be meant, and told in CHANGELOG.md."""
    root = store(
        tmp_path / "evidence", key=SigningKey(private=Ed25519PrivateKey.from_private_bytes(b"k" * 32))
    )
    wanted = Wanted(framework="soc2", control_id="CC7.1")
    with open_selection(root, wanted, trust=None) as selection:
        # the names of batches are random, and so are their digests
        same = dataclasses.replace(selection, heads=(Head(writer="one", sequence=2, digest="0" * 64),))
        text = "".join(EXPORTS[form](same))
    assert text == (GOLDEN / f"export.{form}").read_text("utf-8")
