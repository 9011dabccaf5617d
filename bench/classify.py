"""(a) classify a million findings by all rules, against a copy of the same table and against the oracle.

Directions and what is newly let in are answered once for each distinct pair of values, and timed apart.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from bench.drifted import direct, fill
from bench.measure import Measured, paired, timed
from bench.rules import with_all_predicates
from tasks import merge
from taxonomy import newly, oracle
from taxonomy.classify import concerned, decide
from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook, load

FINDINGS = 1_000_000
SAMPLE = 100_000
"""So many random rows are decided by the oracle too; its time is scaled to all of them."""


def measure(rounds: int) -> list[Measured]:
    """Return the lines of classification.

    Raises:
        SystemExit: the oracle decides a row otherwise.
    """
    rulebook = with_all_predicates(load())
    connection = merge.connect()
    fill(connection, rulebook, count=FINDINGS)
    judged: list[int] = []
    directions = timed(lambda: judged.append(direct(connection)))
    rules = concerned(connection, rulebook)
    asked: list[newly.Asked] = []
    answers = timed(lambda: asked.append(newly.answer(connection, rules)))
    done = [_round(connection, rulebook, rules, asked[0]) for _ in range(rounds)]
    python = timed(lambda: _equal(connection, rulebook)) * FINDINGS / SAMPLE
    return [
        paired(
            f"classify {FINDINGS:,} findings by {len(rulebook.rules)} rules",
            done,
            peer="a copy of the table in DuckDB",
            limit=3,
            note=_told(connection, judged[0], directions, answers),
        ),
        paired(
            "the same",
            [{"ours": one["ours"], "theirs": python} for one in done],
            peer="the Python oracle",
            limit=1 / 25,
            note=f"the oracle on {SAMPLE:,} random rows, scaled; all decided alike",
        ),
    ]


def _round(
    connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, rules: Sequence[Rule], asked: newly.Asked
) -> Mapping[str, float]:
    # what the round before left would push this one out of memory
    connection.execute("DROP TABLE IF EXISTS classified")
    theirs = timed(lambda: connection.execute("CREATE OR REPLACE TABLE copied AS SELECT * FROM changes"))
    connection.execute("DROP TABLE copied")
    ours = timed(lambda: decide(connection, rulebook, rules, asked))
    return {"ours": ours, "theirs": theirs}


def _told(connection: duckdb.DuckDBPyConnection, judged: int, directions: float, answers: float) -> str:
    """Return how various the table is, and what was timed apart."""
    ((types, attributes, rules),) = connection.execute(
        "SELECT count(DISTINCT resource_type), count(DISTINCT attribute), count(DISTINCT rule_id) "
        "FROM classified"
    ).fetchall()
    return (
        f"{types} types, {attributes} attributes, {judged:,} distinct changes, decided by {rules} rules; "
        f"apart: directions {directions:.2f}, what is newly let in {answers:.2f}"
    )


def _equal(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook) -> None:
    sample = connection.execute(
        f"FROM classified USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (20261124)"
    )
    names = [column[0] for column in sample.description or ()]
    for values in sample.fetchall():
        row: dict[str, Any] = dict(zip(names, values, strict=True))
        decision = oracle.decide(row, rulebook)
        told = (row["rule_id"], row["severity"], row["tier"], tuple(row["controls"]))
        if told != (decision.rule_id, decision.severity, decision.tier, decision.controls):
            sys.exit(f"the SQL says {told}, the oracle {decision}, of {json.dumps(row, default=str)}")
