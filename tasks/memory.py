"""What the evidence remembers before a sweep: states of drifts, approved baselines, the freeze.

Read only after the evidence verifies: whoever could edit it could launder drift or thaw a freeze.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from evidence.keys import Trust
from evidence.objects import read_document
from evidence.query import connect
from evidence.verify import verify
from tasks import history
from tasks.history import Past
from tasks.terraform.baseline import Baseline

BASELINES = """
SELECT target, arg_max(snapshot_sha256, (occurred_at, record_id))
FROM records WHERE step = 'baselined' AND snapshot_sha256 IS NOT NULL
GROUP BY target
"""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What is known before a look.

    Args:
        pasts: by drift id.
        baselines: each target's approved state, by target.
        frozen: why every remedy is frozen; None where none is.
    """

    pasts: Mapping[str, Past] = field(default_factory=dict)
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    frozen: str | None = None


def remember(root: Path, *, trust: Trust | None) -> Memory:
    """Return what the evidence remembers; nothing where there is no evidence yet.

    Raises:
        TamperError: the evidence does not verify.
        EvidenceError: it can't be read.
    """
    if not root.is_dir():
        return Memory()
    verify(root, trust=trust)
    with closing(connect(root)) as connection:
        keep(connection, "attribute IS NULL")
        return recall(connection, root)


def keep(connection: duckdb.DuckDBPyConnection, condition: str, values: Sequence[object] = ()) -> None:
    """Read the rows that matter once, into a table that stands before the view `records`.

    The view opens every file of the evidence each time that it is asked.

    Args:
        connection: with the view `records`.
        condition: SQL over its columns, written by us.
        values: of its parameters.
    """
    sql = f"CREATE TEMP TABLE records AS SELECT * FROM main.records WHERE {condition}"  # noqa: S608
    connection.execute(sql, list(values))


def recall(connection: duckdb.DuckDBPyConnection, root: Path) -> Memory:
    """Return what the rows at hand remember."""
    history.build(connection)
    return Memory(
        pasts=history.pasts(connection),
        baselines=_baselines(connection, root),
        frozen=history.frozen(connection),
    )


def _baselines(connection: duckdb.DuckDBPyConnection, root: Path) -> dict[str, Baseline]:
    rows = connection.execute(BASELINES).fetchall()
    return {
        target: Baseline.from_document(read_document(root, "baselines", digest)) for target, digest in rows
    }
