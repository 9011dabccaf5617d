"""The population of one control: all that was looked at, recorded and due in a period; and samples of it."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from evidence import ledger
from evidence.compacted import Copy
from evidence.errors import EvidenceError
from evidence.expected import Expected, Run, expected
from evidence.manifest import Head, Manifest, partition
from evidence.query import Answer, answer, beyond, one_line

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One control over whole months: what an auditor asks for.

    Args:
        framework: such as ``soc2``.
        control_id: such as ``CC7.1``.
        first: the first month, such as ``2026-10``.
        last: the last month, included.
    """

    framework: str
    control_id: str
    first: str
    last: str

    def __post_init__(self) -> None:
        """Refuse months that are none, and a period that ends before it starts."""
        for month in (self.first, self.last):
            if not _MONTH.fullmatch(month):
                raise EvidenceError(f"expected a month such as 2026-11, got {month!r}")
        if self.first > self.last:
            raise EvidenceError(f"expected a period, got one that ends in {self.last} before {self.first}")

    @property
    def begin(self) -> datetime:
        """The first instant of the period."""
        return datetime.strptime(self.first, "%Y-%m").replace(tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first instant after the period."""
        last = datetime.strptime(self.last, "%Y-%m").replace(tzinfo=UTC)
        return (last + timedelta(days=31)).replace(day=1)


_POPULATION = (
    "SELECT record_id, any_value(step) AS step, any_value(occurred_at) AS occurred_at, "
    "any_value(target) AS target, any_value(layer) AS layer, any_value(drift_id) AS drift_id, "
    "any_value(episode) AS episode, any_value(resource_id) AS resource_id, any_value(outcome) AS outcome, "
    "any_value(actor) AS actor, any_value(decision) AS decision, any_value(run_id) AS run_id, "
    "count(*)::INTEGER AS rows FROM records "
    "WHERE framework = $framework AND control_id = $control_id AND month BETWEEN $first AND $last "
    "GROUP BY record_id"
)


def records(connection: duckdb.DuckDBPyConnection, scope: Scope) -> Answer:
    """Return every record about one control in a period, one line each, in time order.

    Raises:
        EvidenceError: a listed file can't be read.
    """
    return _listed(connection, f"{_POPULATION} ORDER BY occurred_at, record_id", dataclasses.asdict(scope))


def sample(connection: duckdb.DuckDBPyConnection, scope: Scope, *, size: int, seed: str) -> Answer:
    """Return `size` records of the population; the same seed gives the same ones to everybody.

    The order is that of SHA-256 over the seed followed by the record id, so the draw can be repeated
    with any tool, and nobody picks what comes out except by picking the seed.

    Raises:
        EvidenceError: the size is not at least one, or a listed file can't be read.
    """
    if size < 1:
        raise EvidenceError(f"expected a sample of at least one record, got {size}")
    drawn = f"{_POPULATION} ORDER BY sha256(concat($seed, record_id)), record_id LIMIT $size"
    return _listed(connection, drawn, {**dataclasses.asdict(scope), "seed": seed, "size": size})


def _listed(connection: duckdb.DuckDBPyConnection, sql: str, given: dict[str, Any]) -> Answer:
    try:
        return answer(connection.execute(sql, given))
    except duckdb.Error as error:
        raise EvidenceError(f"the query failed: {one_line(error)}") from error


_RUNS = (
    "SELECT details->>'sweep_id' AS sweep_id, any_value(run_id) AS run_id, min(occurred_at) AS recorded_at, "
    "any_value((details->>'due')::TIMESTAMPTZ) AS due, any_value(details->>'schedule') AS deployment, "
    "any_value((details->'schedules')::VARCHAR) AS schedules, count(*)::INTEGER AS looks, "
    "count(*) FILTER (outcome = 'clean')::INTEGER AS clean, "
    "count(*) FILTER (outcome = 'drifted')::INTEGER AS drifted, "
    "count(*) FILTER (outcome = 'could-not-look')::INTEGER AS could_not_look FROM records "
    "WHERE framework = $framework AND control_id = $control_id AND month <= $last AND step = 'swept' "
    "GROUP BY 1 ORDER BY recorded_at, sweep_id"
)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One batch that holds records about the control."""

    head: Head
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class Population:
    """All that the evidence holds about one control in a period.

    Args:
        scope: what was asked for.
        records: one line each, in time order, with how many rows it has.
        runs: one line a sweep, with how its looks came out.
        expected: what schedules wanted, and what of it did not happen.
        first: the first batch with records of it; None where there are none. Likewise `last`.
        heads: the last batch of every writer: how far the ledger went when this was asked.
        as_of: when the last batch of all was made.
    """

    scope: Scope
    records: Answer
    runs: Answer
    expected: Expected
    first: Batch | None
    last: Batch | None
    heads: tuple[Head, ...]
    as_of: datetime

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of what: looks by outcome, runs, records by step, rows."""
        looks = {name: sum(run[place] for run in self.runs.rows) for name, place in _LOOKS.items()}
        steps = Counter(line[1] for line in self.records.rows)
        return {
            **looks,
            "runs": len(self.runs.rows),
            "records": len(self.records.rows),
            "rows": sum(line[-1] for line in self.records.rows),
            **{f"records: {step}": steps[step] for step in sorted(steps)},
            "runs due": self.expected.due,
            "runs due that did not happen": sum(
                not one.after_the_last_batch for one in self.expected.missing
            ),
            "runs due after the last batch": sum(one.after_the_last_batch for one in self.expected.missing),
        }


_LOOKS = {"looks": 5, "looks: clean": 6, "looks: drifted": 7, "looks: could not look": 8}


def population(
    root: Path, connection: duckdb.DuckDBPyConnection, scope: Scope, *, copy: Copy | None = None
) -> Population:
    """Return the population of a control in a period.

    Args:
        root: the store.
        connection: as `evidence.query.connect` gives it, with the same copy.
        scope: the control and the months.
        copy: what the connection reads from ``query/``.

    Raises:
        EvidenceError: a listed file can't be read, or the ledger is empty.
        TamperError: a manifest is damaged.
    """
    lasts = ledger.last_manifests(root)
    if not lasts:
        raise EvidenceError(f"{root}: no evidence yet: the ledger is empty, so there is no population")
    as_of = max(one.made_at for one in lasts).astimezone(UTC)
    known = {name: value for name, value in dataclasses.asdict(scope).items() if name != "first"}
    told = _listed(connection, _RUNS, known)
    runs = [Run(at=line[2], due=line[3], deployment=line[4], schedules=line[5]) for line in told.rows]
    batches = list(_batches(beyond(root, copy), copy, scope))
    return Population(
        scope=scope,
        records=records(connection, scope),
        runs=Answer(
            columns=(*told.columns[:5], *told.columns[6:]),
            rows=tuple((*line[:5], *line[6:]) for line in told.rows if line[2] >= scope.begin),
        ),
        expected=expected(runs, begin=scope.begin, end=scope.end, as_of=as_of),
        first=min(batches, key=_when, default=None),
        last=max(batches, key=_when, default=None),
        heads=tuple(one.head for one in lasts),
        as_of=as_of,
    )


def _batches(manifests: Iterable[Manifest], copy: Copy | None, scope: Scope) -> Iterable[Batch]:
    wanted = (scope.framework, scope.control_id)
    for one in manifests:
        places = (partition(entry.path) for entry in one.files)
        if any(place[:2] == wanted and scope.first <= place[2] <= scope.last for place in places):
            yield Batch(head=one.head, made_at=one.made_at.astimezone(UTC))
    for part in copy.parts if copy else ():
        if part.partition[:2] == wanted and scope.first <= part.partition[2] <= scope.last:
            for mark in (part.first, part.last):
                yield Batch(head=mark.head, made_at=datetime.fromisoformat(mark.made_at))


def _when(batch: Batch) -> tuple[datetime, Head]:
    return batch.made_at, batch.head
