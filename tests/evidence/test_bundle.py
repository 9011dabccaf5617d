"""The bundle: complete, read with DuckDB alone, verified with Python alone, refused where it was changed."""

import base64
import csv
import dataclasses
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from exported import HOSTILE, at, rows, store
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import dsse, ledger
from evidence.bundle import ed25519
from evidence.bundle.pack import verifier
from evidence.cli import main
from evidence.keys import SigningKey, new_key
from evidence.manifest import parse_manifest
from evidence.store import Store

KEY = new_key()
ASKED = ("--control", "soc2:CC7.1", "--from", "2026-11", "--to", "2026-11")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of one control out of two writers' evidence, one of whom changed keys."""
    folder = tmp_path_factory.mktemp("bundle")
    root = store(folder / "evidence", key=KEY, hostile=HOSTILE)
    next_key, other = new_key(), new_key()
    Store(root, estate="acme", writer="one", key=KEY).rotate(next_key, at(190))
    for writer, key, minutes in (("one", next_key, 200), ("two", other, 210)):
        with Store(root, estate="acme", writer=writer, key=key).batch(at(minutes)) as batch:
            batch.seal("snapshots", {"seen": minutes})
            batch.append(rows(minutes, "swept", minutes, outcome="clean", target="x", layer="terraform"))
    trusted = b"".join(key.public.pem for key in (KEY, next_key, other))
    (folder / "trust.pem").write_bytes(trusted)
    heads = [dataclasses.asdict(head) for head in ledger.heads(root)]
    (folder / "heads.json").write_text(json.dumps(heads))
    assert main(["export", "--path", str(root), "--bundle", str(folder / "made"), *ASKED]) == 0
    return folder


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "made", tmp_path / "bundle"))


def verified(bundle: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it as an auditor does: another folder, nothing installed, nothing inherited."""
    command = [sys.executable, "-I", "-S", str(bundle / "verify.py"), *map(str, options)]
    return subprocess.run(
        command, cwd="/", env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "how", [(), ("--openssl",), ("--all-signatures",), ("--openssl", "--all-signatures")]
)
def test_an_untouched_bundle_verifies(made: Path, how: tuple[str, ...]) -> None:
    ended = verified(made / "made", "--trust", made / "trust.pem", "--head", made / "heads.json", *how)
    assert (ended.returncode, ended.stderr) == (0, "")
    signatures = 5 if "--all-signatures" in how else 3
    assert ended.stdout.startswith(f"verified: 5 batches of 2 writers, {signatures} signatures")
    assert "It does not prove" in ended.stdout


def test_without_trust_authenticity_is_not_established(made: Path) -> None:
    ended = verified(made / "made")
    assert ended.returncode == 0
    assert "authenticity not established" in ended.stdout


def a_file(bundle: Path, pattern: str) -> Path:
    return min(bundle.glob(pattern))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def manifest(bundle: Path, sequence: int = 1, writer: str = "one") -> Path:
    return bundle / f"ledger/{writer}/{sequence:012}.json"


def resign(bundle: Path, key: SigningKey) -> None:
    path = manifest(bundle, 1, "two")
    changed = dataclasses.replace(parse_manifest(path.read_bytes(), "m"), made_at=at(0), key_id=key.key_id)
    path.write_bytes(dsse.sign(dsse.BATCH, changed.payload(), key))


def cut_tail(bundle: Path) -> None:
    """Take the last batch of a writer away, with all that is listed in it, and say so nowhere."""
    path = manifest(bundle, 1, "two")
    for entry in (*(m := parse_manifest(path.read_bytes(), "m")).files, *m.objects):
        (bundle / entry.path).unlink(missing_ok=True)
    path.unlink()
    about = json.loads((bundle / "bundle.json").read_text())
    about["heads"] = [head for head in about["heads"] if head["writer"] != "two"]
    (bundle / "bundle.json").write_text(json.dumps(about))


def signature(bundle: Path, change: Callable[[bytes], bytes]) -> None:
    path = manifest(bundle, 1, "two")
    envelope = json.loads(path.read_bytes())
    (one,) = envelope["signatures"]
    one["sig"] = base64.b64encode(change(base64.b64decode(one["sig"]))).decode()
    path.write_text(json.dumps(envelope, sort_keys=True, separators=(",", ":")))
    about = json.loads((bundle / "bundle.json").read_text())
    (head,) = [head for head in about["heads"] if head["writer"] == "two"]
    head["digest"] = parse_manifest(path.read_bytes(), "m").digest
    (bundle / "bundle.json").write_text(json.dumps(about))


def swap(bundle: Path) -> None:
    first, second = sorted(bundle.glob("records/**/*.parquet"))[:2]
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def link(bundle: Path) -> None:
    path = a_file(bundle, "records/**/*.parquet")
    path.rename(bundle.parent / "elsewhere")
    path.symlink_to(bundle.parent / "elsewhere")


def move(bundle: Path) -> None:
    path = a_file(bundle, "records/**/*.parquet")
    target = Path(str(path).replace("CC7.1", "CC7.2"))
    target.parent.mkdir(parents=True)
    path.rename(target)


def replace_key(bundle: Path) -> None:
    a_file(bundle, "keys/*.pub").write_bytes(new_key().public.pem)


def add_order(bundle: Path) -> None:
    signature(
        bundle, lambda sig: sig[:32] + (int.from_bytes(sig[32:], "little") + ed25519.L).to_bytes(32, "little")
    )


def rename_estate(bundle: Path) -> None:
    path = bundle / "bundle.json"
    path.write_text(path.read_text().replace('"acme"', '"other"'))


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a record file changed": (lambda b: flip(a_file(b, "records/**/*.parquet")), "modified"),
    "a record file taken away": (lambda b: a_file(b, "records/**/*.parquet").unlink(), "missing"),
    "a record file added": (
        lambda b: shutil.copy(p := a_file(b, "records/**/*.parquet"), p.with_name("x.parquet")), "unlisted"),
    "two record files swapped": (swap, "modified"),
    "a record file moved to another control": (move, "missing"),
    "a record file replaced by a link": (link, "symbolic link"),
    "a snapshot taken away": (lambda b: a_file(b, "snapshots/*").unlink(), "missing"),
    "a decision changed": (lambda b: flip(a_file(b, "decisions/*")), "modified"),
    "a key replaced by another": (replace_key, "modified"),
    "a manifest changed": (lambda b: flip(manifest(b)), "damaged|is not what it says"),
    "a manifest in the middle taken away": (lambda b: manifest(b, 2).unlink(), "does not continue"),
    "the last manifest taken away": (lambda b: manifest(b, 4).unlink(), "ends at other batches"),
    "a manifest put in another's place": (
        lambda b: shutil.copy(manifest(b, 1), manifest(b, 2)), "is not what it says of itself"),
    "a batch signed again by a stranger": (lambda b: resign(b, new_key()), "does not count here"),
    "a batch signed again by another writer's key": (lambda b: resign(b, KEY), "rests on|other batches"),
    "a signature of nothing": (lambda b: signature(b, lambda _: bytes(64)), "does not fit"),
    "a signature with its second spelling": (add_order, "does not fit"),
    "a row added to the spreadsheet": (
        lambda b: (b / "records.csv").write_text("x\n"), "records.csv: modified"),
    "the readme changed": (lambda b: (b / "README.md").write_text("trust me"), "README.md: modified"),
    "a file that nobody lists": (lambda b: (b / "notes.txt").write_text("x"), "unlisted"),
    "another estate named": (rename_estate, "expected other"),
}  # fmt: skip


@pytest.mark.parametrize("way", TAMPERED)
def test_a_changed_bundle_is_refused_and_told_how(way: str, bundle: Path, made: Path) -> None:
    change, sign = TAMPERED[way]
    change(bundle)
    ended = verified(bundle, "--trust", made / "trust.pem")
    assert ended.returncode == 4, ended.stdout
    assert ended.stdout == ""
    assert re.search(sign, ended.stderr), ended.stderr


@pytest.mark.parametrize("way", ["a signature of nothing", "a batch signed again by a stranger"])
def test_openssl_refuses_the_same(way: str, bundle: Path, made: Path) -> None:
    TAMPERED[way][0](bundle)
    ended = verified(bundle, "--trust", made / "trust.pem", "--openssl")
    assert ended.returncode == 4
    assert re.search(TAMPERED[way][1], ended.stderr)


def test_a_cut_tail_shows_only_against_heads_from_elsewhere(bundle: Path, made: Path) -> None:
    cut_tail(bundle)
    assert verified(bundle, "--trust", made / "trust.pem").returncode == 0
    ended = verified(bundle, "--trust", made / "trust.pem", "--head", made / "heads.json")
    assert ended.returncode == 4
    assert "the tail was cut" in ended.stderr


def test_the_other_exit_codes_are_those_of_the_contract(bundle: Path, made: Path) -> None:
    assert verified(bundle, "--conjure").returncode == 64
    assert verified(bundle, "--trust", made / "absent").returncode == 1
    named = made / "named.json"
    named.write_text(json.dumps([{"key_id": KEY.key_id, "purpose": "evidence"}]))
    assert verified(bundle, "--trust", named).returncode == 4
    (bundle / "bundle.json").unlink()
    assert verified(bundle).returncode == 1


def test_the_published_test_vectors_of_ed25519_hold() -> None:
    """https://www.rfc-editor.org/rfc/rfc8032#section-7.1, TEST 2"""
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    sig = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    for holds in (ed25519.signed, ed25519.openssl_signed):
        assert holds(key, b"\x72", sig)
        assert not holds(key, b"\x73", sig)
        assert not holds(key, b"\x72", sig[:32] + bytes(32))
        assert not holds(bytes(31) + b"\xff", b"\x72", sig)


@given(message=st.binary(min_size=1, max_size=200), place=st.integers(0, 511))
@settings(max_examples=20)
def test_the_curve_in_python_agrees_with_the_library(message: bytes, place: int) -> None:
    sig = KEY.private.sign(message)
    assert ed25519.signed(KEY.public.raw, message, sig)
    flipped = bytearray(sig)
    flipped[place // 8] ^= 1 << place % 8
    assert not ed25519.signed(KEY.public.raw, message, bytes(flipped))


def test_ten_queries_answer_and_the_spreadsheet_is_the_evidence(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made / "made")
    view, *queries = re.findall(r"```sql\n(.*?)```", Path("README.md").read_text(), re.DOTALL)
    with duckdb.connect() as connection:
        connection.execute(view)
        answers = [connection.execute(sql).fetchall() for sql in queries]
        ((count,),) = connection.execute("SELECT count(*) FROM records").fetchall()
    assert len(answers) == 10
    assert all(answers)
    assert answers[-1] == [(0, 0)]
    with Path("records.csv").open(newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == count + 1


def test_a_bundle_is_the_same_each_time_and_overwrites_no_folder(made: Path, tmp_path: Path) -> None:
    command = ["export", "--path", str(made / "evidence"), *ASKED, "--bundle"]
    for name in ("a.zip", "b.zip"):
        (tmp_path / name[0]).mkdir()
        assert main([*command, str(tmp_path / name[0] / "bundle.zip")]) == 0
    assert (tmp_path / "a/bundle.zip").read_bytes() == (tmp_path / "b/bundle.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a/bundle.zip") as archive:
        archive.extractall(tmp_path)
    assert verified(tmp_path / "bundle", "--trust", made / "trust.pem").returncode == 0
    assert main([*command, str(tmp_path / "bundle")]) == 1


def test_the_verifier_is_one_file_that_imports_nothing_of_ours() -> None:
    assert "evidence." not in verifier()
    imported = set(re.findall(r"^(?:import|from) (\w+)", verifier(), re.MULTILINE))
    assert imported <= sys.stdlib_module_names
