"""A store with three batches of two writers, and what a test needs to look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from evidence import dsse
from evidence.keys import SigningKey, Trust, TrustedKey, new_key
from evidence.query import connect
from evidence.schema import Row, record_id
from evidence.store import Store

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def row(control_id: str = "CC7.1", framework: str = "soc2", **columns: str) -> Row:
    given = {"estate": "acme", "step": "swept", "outcome": "clean", "record_id": record_id(NOW), **columns}
    return Row(occurred_at=NOW, framework=framework, control_id=control_id, **given)


def trust_in(*keys: SigningKey) -> Trust:
    return Trust(keys=tuple(TrustedKey(key_id=key.key_id, purpose="evidence") for key in keys))


@dataclass(frozen=True, kw_only=True)
class Kept:
    root: Path
    key: SigningKey
    other: SigningKey

    @property
    def store(self) -> Store:
        return Store(self.root, estate="acme", writer="one", key=self.key)

    @property
    def trust(self) -> Trust:
        return trust_in(self.key, self.other)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    kept = Kept(root=tmp_path / "evidence", key=new_key(), other=new_key())
    for number in range(2):
        with kept.store.batch(NOW) as batch:
            batch.append([row("CC7.1"), row("CM-6(1)", "nist-800-53-r5"), row("2.2", "cis")])
            batch.seal("snapshots", {"number": number})
            batch.seal("decisions", dsse.sign(dsse.DECISION, b'{"decision":"approve"}', kept.key))
    with Store(kept.root, estate="acme", writer="two", key=kept.other).batch(NOW) as batch:
        batch.append([row("CC7.1"), row("CC7.1")])
        batch.seal("baselines", {"target": "network"})
    return kept


@pytest.fixture
def records(kept: Kept) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect(kept.root)
    yield connection
    connection.close()
