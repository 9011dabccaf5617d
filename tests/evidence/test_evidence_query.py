"""What an auditor can ask, and what the question can't reach."""

import hashlib
from pathlib import Path

import duckdb
import pytest
from kept_store import NOW, Kept, row

from evidence.errors import EvidenceError, TamperError
from evidence.population import Scope, sample
from evidence.population import records as recorded
from evidence.query import ask, connect
from evidence.schema import COLUMNS

SCOPE = Scope(framework="soc2", control_id="CC7.1", first="2026-11", last="2026-11")


def test_the_view_has_the_columns_of_the_contract_with_their_types(
    records: duckdb.DuckDBPyConnection,
) -> None:
    described = ask(records, "DESCRIBE records").rows
    assert {line[0]: line[1] for line in described} == COLUMNS
    assert list(COLUMNS) == [line[0] for line in described]


def test_a_store_without_records_answers_with_nothing(tmp_path: Path) -> None:
    with connect(tmp_path) as records:
        assert ask(records, "SELECT count(*) FROM records").rows == ((0,),)
        assert {line[0]: line[1] for line in ask(records, "DESCRIBE records").rows} == COLUMNS


def test_a_control_id_never_becomes_a_number(records: duckdb.DuckDBPyConnection) -> None:
    answer = ask(records, "SELECT DISTINCT control_id FROM records WHERE framework = 'cis'")
    assert answer.rows == (("2.2",),)


def test_plain_duckdb_reads_the_same_rows_as_the_contract_shows(kept: Kept) -> None:
    with duckdb.connect() as plain:
        found = plain.execute(
            "SELECT count(*) FROM read_parquet(?, hive_partitioning = true, hive_types_autocast = false) "
            "WHERE framework = 'soc2' AND control_id = 'CC7.1'",
            [f"{kept.root}/records/**/*.parquet"],
        ).fetchone()
    assert found == (4,)


def test_a_file_that_no_batch_lists_is_not_in_the_view(kept: Kept) -> None:
    listed = next((kept.root / "records").rglob("*.parquet"))
    listed.with_name("planted.parquet").write_bytes(listed.read_bytes())
    with connect(kept.root) as records:
        assert ask(records, "SELECT count(*) FROM records").rows == ((8,),)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_text('{root}/ledger/one/000000000001.json')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('{root}/records/../../x.parquet')",
        "SELECT * FROM read_json('http://127.0.0.1:9/x')",
        "COPY (SELECT 1) TO '{root}/x.csv'",
        "COPY (SELECT 1) TO '{listed}'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{listed}'",
        "ATTACH '{root}/x.db'",
        "DROP VIEW records",
        "CREATE TABLE t AS SELECT 1",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "PRAGMA database_list",
        "SELECT 1; DROP VIEW records",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('{listed}/../*.parquet')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT getenv('HOME')",
        "SELECT * FROM read_blob('{root}/keys/*')",
        "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
        "SELECT * FROM sqlite_scan('{root}/x.db', 't')",
        "LOAD httpfs",
        "INSTALL httpfs FROM 'http://127.0.0.1:9'",
        "SET allowed_paths = ['/etc/passwd']",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "PRAGMA enable_profiling",
        "EXPORT DATABASE '{root}/out'",
        "IMPORT DATABASE '{root}'",
        "CREATE MACRO state_after(a, b, c) AS 'open'",
        "CREATE OR REPLACE VIEW records AS SELECT 1",
        "INSERT INTO records SELECT * FROM records",
        "CALL pragma_version()",
        "VACUUM",
        "CHECKPOINT",
        "",
        "SELEC",
    ],
)
def test_a_question_reaches_nothing_but_the_records(kept: Kept, sql: str) -> None:
    listed = next((kept.root / "records").rglob("*.parquet"))
    before = listed.read_bytes()
    with connect(kept.root) as records, pytest.raises(EvidenceError):
        ask(records, sql.format(root=kept.root, listed=listed))
    assert listed.read_bytes() == before


def test_the_population_is_every_record_of_the_control(records: duckdb.DuckDBPyConnection) -> None:
    answer = recorded(records, SCOPE)
    assert len(answer.rows) == 4
    assert answer.columns[0] == "record_id"
    elsewhere = Scope(framework="soc2", control_id="CC7.1", first="2026-12", last="2026-12")
    assert recorded(records, elsewhere).rows == ()


def test_a_sample_can_be_drawn_again_by_anybody_with_sha256(records: duckdb.DuckDBPyConnection) -> None:
    names = [line[0] for line in recorded(records, SCOPE).rows]
    drawn = [line[0] for line in sample(records, SCOPE, size=3, seed="2026-Q4").rows]
    assert drawn == sorted(names, key=lambda name: hashlib.sha256(f"2026-Q4{name}".encode()).hexdigest())[:3]
    with pytest.raises(EvidenceError, match="at least one"):
        sample(records, SCOPE, size=0, seed="x")


@pytest.mark.parametrize(
    ("first", "last"), [("2026-13", "2026-12"), ("2026-1", "2026-12"), ("2026-12", "2026-01")]
)
def test_a_period_that_is_none_is_refused(first: str, last: str) -> None:
    with pytest.raises(EvidenceError, match="expected a"):
        Scope(framework="soc2", control_id="CC7.1", first=first, last=last)


def test_a_listed_file_that_is_gone_is_an_error_and_not_fewer_rows(kept: Kept) -> None:
    next((kept.root / "records").rglob("*.parquet")).unlink()
    with pytest.raises(EvidenceError):
        connect(kept.root).execute("SELECT count(*) FROM records")


def test_a_damaged_ledger_answers_nothing(kept: Kept) -> None:
    (kept.root / "ledger/one/000000000002.json").write_text("{}")
    with pytest.raises(TamperError):
        connect(kept.root)


def test_a_control_is_read_from_its_own_files_only(kept: Kept) -> None:
    with kept.store.batch(NOW) as batch:
        batch.append([row(str(number), "cis") for number in range(9)])
    with connect(kept.root) as records:
        plan = records.execute(
            "EXPLAIN ANALYZE SELECT count(*) FROM records WHERE framework = 'cis' AND control_id = '7'"
        ).fetchall()
    assert "Scanning Files: 1/16" in plan[0][1], plan[0][1]
