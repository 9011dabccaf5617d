"""What the evidence remembers before a sweep: states of drifts, approved baselines, the freeze.

Read only after the evidence verifies: whoever could edit it could launder drift or thaw a freeze.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from evidence.keys import Trust
from evidence.query import connect
from evidence.verify import verify
from tasks import baselines, history, sightings
from tasks.acceptance import Acceptors
from tasks.baselines import Doubt, Held
from tasks.history import Past
from tasks.sightings import Sighting
from tasks.terraform.baseline import Baseline


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What is known before a look.

    Args:
        pasts: by drift id.
        baselines: each target's approved state, by target; a doubt where nobody can tell what it is.
        held: how each came to be.
        frozen: why every remedy is frozen; None where none is.
        sightings: of every attribute that has drifted; empty where nobody asked.
    """

    pasts: Mapping[str, Past] = field(default_factory=dict)
    baselines: Mapping[str, Baseline | Doubt] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    frozen: str | None = None
    sightings: tuple[Sighting, ...] = ()


def remember(
    root: Path, *, trust: Trust | None, acceptors: Acceptors | None = None, attributes: bool = False
) -> Memory:
    """Return what the evidence remembers; nothing where there is no evidence yet.

    Args:
        root: the folder of the evidence.
        trust: the keys that count.
        acceptors: who may accept a baseline; None for nobody, so that what claims a person is doubted.
        attributes: whether to remember single attributes, which takes a look at all of the evidence.

    Raises:
        TamperError: the evidence does not verify.
        EvidenceError: it can't be read.
    """
    if not root.is_dir():
        return Memory()
    verify(root, trust=trust)
    with closing(connect(root)) as connection:
        if attributes:
            sightings.build(connection)
        keep(connection, "attribute IS NULL")
        memory = recall(connection, root, acceptors)
        return replace(memory, sightings=sightings.sightings(connection)) if attributes else memory


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


def recall(connection: duckdb.DuckDBPyConnection, root: Path, acceptors: Acceptors | None) -> Memory:
    """Return what the rows at hand remember."""
    history.build(connection)
    held = baselines.held(connection, root, acceptors)
    usable = {target: one.usable() for target, one in held.items()}
    return Memory(
        pasts=history.pasts(connection),
        baselines={target: one for target, one in usable.items() if one is not None},
        held=held,
        frozen=history.frozen(connection),
    )
