"""Writing: all or nothing, by several processes, on a disk that ends."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from kept_store import NOW, Kept, row

from evidence import ledger
from evidence.canonical import sha256_hex
from evidence.errors import EvidenceError, TamperError
from evidence.keys import SigningKey, new_key
from evidence.query import ask, connect
from evidence.schema import COLUMNS
from evidence.store import Store
from evidence.survey import survey
from evidence.verify import verify

WRITER = Path(__file__).with_name("writer.py")
ROOT = Path(__file__).parents[2]


def pem(key: SigningKey, path: Path) -> Path:
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415

    path.write_bytes(
        key.private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    )
    path.chmod(0o600)
    return path


def start(root: Path, key: Path, *orders: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), str(root), str(key), *orders]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def files_of(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_a_batch_lies_where_the_contract_says(kept: Kept) -> None:
    names = files_of(kept.root)
    assert "ledger/one/000000000002.json" in names
    assert f"keys/{kept.key.key_id}.pub" in names
    assert any(
        name.startswith("records/framework=nist-800-53-r5/control_id=CM-6%281%29/month=2026-11/")
        for name in names
    )
    verify(kept.root, trust=kept.trust, heads=ledger.heads(kept.root))


def test_a_document_is_named_by_the_digest_of_its_stored_bytes(kept: Kept) -> None:
    with kept.store.batch(NOW) as batch:
        digest = batch.seal("snapshots", {"b": 1, "a": "é"})
        assert batch.seal("snapshots", {"a": "é", "b": 1}) == digest
    stored = (kept.root / f"snapshots/{digest}.json.gz").read_bytes()
    assert sha256_hex(stored) == digest
    assert gzip.decompress(stored).decode() == '{"a":"é","b":1}'


def test_the_heads_of_other_writers_are_named_by_themselves(kept: Kept) -> None:
    assert ledger.read_manifest(kept.root, "two", 1).after == (ledger.head(kept.root, "one"),)


def test_an_error_in_the_block_leaves_nothing(kept: Kept) -> None:
    before = files_of(kept.root)

    def fail() -> None:
        with kept.store.batch(NOW) as batch:
            batch.append([row()])
            batch.seal("snapshots", {"half": True})
            raise KeyError("sweep")

    with pytest.raises(KeyError):
        fail()
    assert files_of(kept.root) == before


def test_an_empty_batch_is_refused(kept: Kept) -> None:
    with pytest.raises(EvidenceError, match="empty"), kept.store.batch(NOW):
        pass
    assert survey(kept.root).batches == 3


def test_a_key_that_is_not_the_writers_is_refused(kept: Kept) -> None:
    stranger = Store(kept.root, estate="acme", writer="one", key=new_key())
    with pytest.raises(EvidenceError, match="rotate"), stranger.batch(NOW) as batch:
        batch.append([row()])
    verify(kept.root, trust=kept.trust)


def test_a_key_changes_only_by_the_word_of_the_old_one(kept: Kept) -> None:
    fresh = new_key()
    kept.store.rotate(fresh, NOW)
    with pytest.raises(EvidenceError, match="rotate"), kept.store.batch(NOW) as batch:
        batch.append([row()])
    with Store(kept.root, estate="acme", writer="one", key=fresh).batch(NOW) as batch:
        batch.append([row()])
    verify(kept.root, trust=None)
    with pytest.raises(TamperError, match="does not count"):
        verify(kept.root, trust=kept.trust)


def test_a_store_holds_one_estate(kept: Kept) -> None:
    other = Store(kept.root, estate="other", writer="one", key=kept.key)
    with pytest.raises(EvidenceError, match="acme"), other.batch(NOW) as batch:
        batch.seal("snapshots", {"a": 1})
    second = Store(kept.root, estate="other", writer="new", key=kept.key)
    with pytest.raises(EvidenceError, match="acme"), second.batch(NOW) as batch:
        batch.seal("snapshots", {"a": 1})
    with pytest.raises(EvidenceError, match="estate"), kept.store.batch(NOW) as batch:
        batch.append([row(estate="other")])
    verify(kept.root, trust=kept.trust)


def test_a_batch_rests_only_on_what_is_there(kept: Kept) -> None:
    with pytest.raises(EvidenceError, match="rest on"), kept.store.batch(NOW) as batch:
        batch.after("two", 1, "0" * 64)


def test_an_object_store_is_refused_in_plain_words() -> None:
    with pytest.raises(EvidenceError, match="not supported by this version yet"):
        Store("s3://bucket/prefix", estate="acme", writer="one", key=new_key())


SELECT = "SELECT " + ", ".join(
    {
        "record_id": "uuidv7()::VARCHAR AS record_id",
        "step": "'detected' AS step",
        "occurred_at": "TIMESTAMPTZ '2026-11-30 23:30:00+00' + to_minutes(i) AS occurred_at",
        "estate": "'acme' AS estate",
        "framework": "'cis' AS framework",
        "control_id": "(i % 3 + 1)::VARCHAR AS control_id",
    }.get(name, f"NULL::{kind} AS {name}")
    for name, kind in COLUMNS.items()
    if name != "month"
)


def test_a_select_is_written_in_one_statement_with_its_months_in_utc(kept: Kept) -> None:
    with duckdb.connect() as source, kept.store.batch(NOW) as batch:
        source.execute("SET TimeZone = 'Pacific/Auckland'")
        assert batch.append_query(source, f"{SELECT} FROM range(60) AS t(i)") == 60
        assert batch.append_query(source, f"{SELECT} FROM range(0) AS t(i)") == 0
    verify(kept.root, trust=kept.trust)
    with connect(kept.root) as records:
        answer = ask(
            records,
            "SELECT month, count(*) FROM records WHERE step = 'detected' GROUP BY month ORDER BY month",
        )
    assert answer.rows == (("2026-11", 30), ("2026-12", 30))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("'detected'", "'vanished'", "vanished"),
        ("'acme'", "'other'", "estate"),
        ("'cis'", "'../x'", "can't name a folder"),
        ("'cis'", "NULL::VARCHAR", "can't name a folder"),
        ("uuidv7()::VARCHAR", "NULL::VARCHAR", "record_id"),
        ("TIMESTAMPTZ '2026", "TIMESTAMP '2026", "occurred_at"),
        ("'acme' AS estate", "'acme' AS estates", "missing"),
        ("'cis' AS framework", "'cis' AS framework, '2020-01' AS month", "month"),
        ("'cis' AS framework", "error('boom') AS framework", "boom"),
    ],
)
def test_a_select_outside_the_contract_leaves_nothing(kept: Kept, old: str, new: str, said: str) -> None:
    before = files_of(kept.root)
    with (
        duckdb.connect() as source,
        pytest.raises(EvidenceError, match=said),
        kept.store.batch(NOW) as batch,
    ):
        batch.append_query(source, f"{SELECT.replace(old, new)} FROM range(9) AS t(i)")
    assert files_of(kept.root) == before


def test_text_of_every_kind_comes_back_as_it_was(kept: Kept) -> None:
    strange = "a'\"\\\n\t\0é\U0001f600,{}"
    with kept.store.batch(NOW) as batch:
        batch.append([row("9", "cis", reason=strange, declared=json.dumps(strange))])
    with connect(kept.root) as records:
        assert ask(records, "SELECT reason FROM records WHERE control_id = '9'").rows == ((strange,),)
    with pytest.raises(EvidenceError, match="nothing was recorded"), kept.store.batch(NOW) as batch:
        batch.append([row(reason="\ud800")])


def test_another_writers_unfinished_batch_is_left_alone(kept: Kept) -> None:
    foreign = kept.root / "_staging/three/dead/store"
    foreign.mkdir(parents=True)
    with kept.store.batch(NOW) as batch:
        batch.append([row()])
    assert foreign.is_dir()


def test_a_batch_of_a_living_process_is_left_alone(kept: Kept) -> None:
    with kept.store.batch(NOW) as outer:
        outer.append([row()])
        with kept.store.batch(NOW) as inner:
            inner.append([row()])
        outer.append([row()])
    assert survey(kept.root).batches == 5
    verify(kept.root, trust=kept.trust)


def write_cis(store: Store) -> None:
    with store.batch(NOW) as batch:
        batch.append([row("1", "cis"), row("2", "cis")])
        batch.seal("snapshots", {"new": True})


def test_an_interrupt_between_two_renames_is_finished_later(kept: Kept) -> None:
    def interrupt(point: str) -> None:
        if point == "rename-1":
            raise KeyboardInterrupt

    store = Store(kept.root, estate="acme", writer="one", key=kept.key, reached=interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_cis(store)
    verify(kept.root, trust=kept.trust)
    kept.store.recover()
    verify(kept.root, trust=kept.trust)
    assert survey(kept.root).batches == 4


def test_a_refusal_of_the_disk_between_two_renames_takes_all_back(kept: Kept) -> None:
    def refuse(point: str) -> None:
        if point == "rename-1":
            raise OSError(28, "No space left on device")

    before = files_of(kept.root)
    store = Store(kept.root, estate="acme", writer="one", key=kept.key, reached=refuse)
    with pytest.raises(EvidenceError, match="No space left"):
        write_cis(store)
    assert files_of(kept.root) == before


@pytest.mark.parametrize("limit", [1_000, 20_000, 60_000])
def test_a_full_disk_is_one_line_and_leaves_the_evidence_intact(
    kept: Kept, tmp_path: Path, limit: int
) -> None:
    before = files_of(kept.root)
    ended = start(kept.root, pem(kept.key, tmp_path / "key"), "--limit", str(limit), "--rows", "20000")
    _, said = ended.communicate(timeout=60)
    assert (ended.returncode, said.count("\n")) == (1, 1), said
    assert "nothing was recorded" in said
    assert files_of(kept.root) == before
    verify(kept.root, trust=kept.trust)


def test_three_processes_of_one_writer_and_a_reader_do_not_disturb_each_other(
    kept: Kept, tmp_path: Path
) -> None:
    key = pem(kept.key, tmp_path / "key")
    running = [start(kept.root, key, "--batches", "6", "--rows", "50") for _ in range(3)]
    while any(one.poll() is None for one in running):
        verify(kept.root, trust=kept.trust)
        with connect(kept.root) as records:
            (count,) = ask(records, "SELECT count(*) FROM records WHERE step = 'detected'").rows[0]
        assert count % 50 == 0
    assert [(one.returncode, one.communicate()[1]) for one in running] == [(0, "")] * 3
    verify(kept.root, trust=kept.trust)
    assert ledger.sequences(kept.root, "one") == list(range(1, 21))
    assert not [path for path in (kept.root / "_staging/one").iterdir() if path.is_dir()]


def test_a_damaged_head_is_not_built_upon(kept: Kept) -> None:
    head = kept.root / "ledger/one/000000000002.json"
    head.write_bytes(head.read_bytes()[:-9])
    with pytest.raises(TamperError), kept.store.batch(NOW) as batch:
        batch.append([row()])


def test_an_unsigned_intent_is_neither_obeyed_nor_thrown_away(kept: Kept) -> None:
    folder = kept.root / "_staging/one/planted"
    (folder / "store").mkdir(parents=True)
    (folder / "intent.json").write_bytes(b'{"payload":"e30="}')
    with pytest.raises(EvidenceError, match="can't be trusted"), kept.store.batch(NOW) as batch:
        batch.append([row()])
    assert (folder / "intent.json").exists()
