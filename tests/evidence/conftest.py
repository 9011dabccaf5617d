"""A store with three batches of two writers, and what a test needs to look at it."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from kept_store import NOW, Kept, row

from evidence import dsse
from evidence.keys import new_key
from evidence.query import connect
from evidence.store import Store


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
