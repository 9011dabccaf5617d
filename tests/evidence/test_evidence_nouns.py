"""Rows, ids, keys, envelopes and the tree hash."""

import hashlib
import json
import os
import string
import uuid
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_store import NOW, row

from evidence import dsse
from evidence.canonical import fingerprint, netstring
from evidence.errors import EvidenceError, TamperError
from evidence.keys import PublicKey, Trust, TrustedKey, load_key, load_trust, make_key, new_key
from evidence.merkle import merkle_root
from evidence.parquet import private_connection
from evidence.schema import COLUMNS, Row, check_control_id, record_id

FINGERPRINT_SQL = Path(dsse.__file__).with_name("fingerprint.sql").read_text()


@pytest.mark.parametrize("known", ["CM-6(1)", "2.2", "CC7.1", "1.3.1", "unmapped", "AC-2 (3)", "x" * 64])
def test_the_ids_that_frameworks_use_may_name_a_folder(known: str) -> None:
    check_control_id(known, "control id")


@pytest.mark.parametrize(
    "strange",
    [None, "", ".", "..", "../x", "a/b", "a\\b", "a..b", ".a", "a\n", "a\x00", "x" * 65, "é", "a=b", "%2e"],
)
def test_an_id_that_could_leave_its_folder_is_refused(strange: str | None) -> None:
    with pytest.raises(EvidenceError, match="can't name a folder"):
        check_control_id(strange, "control id")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("step", "vanished"),
        ("outcome", "fine"),
        ("estate", ""),
        ("record_id", ""),
        ("occurred_at", datetime(2026, 1, 1)),  # noqa: DTZ001
        ("occurred_at", datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_a_row_outside_the_contract_is_refused(column: str, value: object) -> None:
    columns = {"record_id": "r", "step": "swept", "occurred_at": NOW, "estate": "acme", column: value}
    with pytest.raises(EvidenceError):
        Row(**columns)  # type: ignore[arg-type]


def test_a_row_has_the_columns_of_the_contract_in_their_order() -> None:
    assert list(row().as_record()) == list(COLUMNS)


def test_the_month_is_that_of_utc() -> None:
    late = Row(
        record_id="r", step="swept", occurred_at=datetime(2026, 12, 31, 23, 59, tzinfo=UTC), estate="acme"
    )
    assert late.month == "2026-12"


def test_record_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    first, later = record_id(NOW), record_id(NOW + timedelta(milliseconds=1))
    assert uuid.UUID(first).version == 7
    assert first < later


parts = st.one_of(st.none(), st.text(string.ascii_letters + "0123456789:-\né\U0001f600", max_size=6))


@given(st.lists(parts, max_size=4), st.lists(parts, max_size=4))
def test_joined_netstrings_can_be_told_apart(left: list[str | None], right: list[str | None]) -> None:
    same = "".join(map(netstring, left)) == "".join(map(netstring, right))
    assert same == (left == right)


changes = st.lists(st.tuples(parts, st.sampled_from(["changed", "missing"]), parts, parts), max_size=6)


@settings(max_examples=40)
@given(changes)
def test_an_auditor_gets_the_same_fingerprint_from_sql(
    found: list[tuple[str | None, str, str | None, str | None]],
) -> None:
    with private_connection() as connection:
        connection.execute(FINGERPRINT_SQL)
        connection.execute(
            "CREATE TABLE c (attribute VARCHAR, kind VARCHAR, declared VARCHAR, actual VARCHAR)"
        )
        if found:
            connection.executemany("INSERT INTO c VALUES (?, ?, ?, ?)", found + found)
        answer = connection.execute("SELECT fingerprint(attribute, kind, declared, actual) FROM c").fetchone()
    assert answer == (fingerprint(found),)


def rfc6962(leaves: list[bytes]) -> bytes:
    if len(leaves) <= 1:
        return hashlib.sha256(b"\0" + leaves[0] if leaves else b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + rfc6962(leaves[:split]) + rfc6962(leaves[split:])).digest()


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_tree_hash_is_the_one_the_rfc_defines(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == rfc6962(leaves).hex()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    made = make_key(tmp_path / "key")
    assert load_key(tmp_path / "key").key_id == made.key_id
    assert PublicKey.from_pem((tmp_path / "key.pub").read_bytes(), "key.pub").key_id == made.key_id
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(EvidenceError, match="chmod 600"):
        load_key(tmp_path / "key")


def test_a_key_is_never_overwritten_and_never_shown(tmp_path: Path) -> None:
    made = make_key(tmp_path / "key")
    with pytest.raises(EvidenceError, match="not overwritten"):
        make_key(tmp_path / "key")
    assert repr(made) == f"SigningKey({made.key_id})"


def test_trust_comes_as_pem_or_as_a_list_of_ids(tmp_path: Path) -> None:
    first, second = new_key(), new_key()
    file = tmp_path / "trust"
    file.write_bytes(first.public.pem + second.public.pem)
    assert load_trust(file).ids("evidence") == {first.key_id, second.key_id}
    file.write_text(json.dumps([{"key_id": first.key_id, "purpose": "approval"}]))
    assert (load_trust(file).ids("evidence"), load_trust(file).ids("approval")) == (set(), {first.key_id})


@pytest.mark.parametrize(
    "content", ["[]", "{}", "a: [", "- {key_id: x, purpose: evidence}", "-----BEGIN PUBLIC KEY-----", "[1]",
                "- {key_id: 0123456789abcdef, purpose: anything}", "- {key_id: 0123456789abcdef}"],
)  # fmt: skip
def test_a_trust_file_that_says_nothing_useful_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "trust").write_text(content)
    with pytest.raises(EvidenceError):
        load_trust(tmp_path / "trust")


def test_a_trusted_name_with_another_key_is_refused() -> None:
    with pytest.raises(EvidenceError, match="the key given is"):
        TrustedKey(key_id="0" * 16, purpose="evidence", public=new_key().public)
    with pytest.raises(EvidenceError, match="at least one"):
        Trust(keys=())


def test_an_envelope_opens_only_with_its_key_and_as_its_kind() -> None:
    key, stranger = new_key(), new_key()
    sealed = dsse.sign(dsse.DECISION, b"{}", key)
    assert dsse.open_envelope(sealed, {key.key_id: key.public}, dsse.DECISION) == b"{}"
    for keys, kind in (
        ({}, dsse.DECISION),
        ({stranger.key_id: stranger.public}, dsse.DECISION),
        ({key.key_id: stranger.public}, dsse.DECISION),
        ({key.key_id: key.public}, dsse.BATCH),
    ):
        with pytest.raises(TamperError):
            dsse.open_envelope(sealed, keys, kind)


@given(st.integers(min_value=0), st.integers(1, 255))
def test_no_byte_of_an_envelope_can_change(place: int, flip: int) -> None:
    key = new_key()
    sealed = bytearray(dsse.sign(dsse.BATCH, b'{"rows":1}', key))
    sealed[place % len(sealed)] ^= flip
    with pytest.raises(TamperError):
        dsse.open_envelope(bytes(sealed), {key.key_id: key.public}, dsse.BATCH)


@pytest.mark.parametrize(
    "junk", [b"", b"[]", b"null", b'{"payload":1}', b"[" * 100_000, b"9" * 10_000, b"\xff", b"NaN"]
)
def test_junk_is_tampering_and_not_a_traceback(junk: bytes) -> None:
    with pytest.raises(TamperError):
        dsse.open_envelope(junk, {}, dsse.BATCH)


def test_a_key_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_key(tmp_path / "key")
    finally:
        os.umask(before)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
