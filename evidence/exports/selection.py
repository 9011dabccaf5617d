"""What is exported: the part of the evidence that was asked for, verified before the first row is read."""

import calendar
import contextlib
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from evidence import ledger
from evidence.canonical import netstring
from evidence.errors import EvidenceError
from evidence.exports.result import Result
from evidence.keys import Trust
from evidence.manifest import Head
from evidence.parquet import quoted
from evidence.query import connect
from evidence.schema import COLUMNS
from evidence.verify import verify

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "holdfast.invalid")
"""What every id in an export is derived in, with UUID version 5."""

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_AT_ONCE = 2000
_ATTEMPTS = 5
_ORDER = (
    "occurred_at, record_id, framework, control_id, attribute, kind, layer, declared, actual, source, details"
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for; None means any.

    Args:
        framework: such as ``soc2``.
        control_id: such as ``CC7.1``; only together with its framework.
        first: the first month, such as ``2026-10``.
        last: the last month, included.
    """

    framework: str | None = None
    control_id: str | None = None
    first: str | None = None
    last: str | None = None

    def __post_init__(self) -> None:
        """Refuse months that are none, and a period that ends before it starts."""
        for month in (self.first, self.last):
            if month is not None and not _MONTH.fullmatch(month):
                raise EvidenceError(f"expected a month such as 2026-11, got {month!r}")
        if self.first and self.last and self.first > self.last:
            raise EvidenceError(f"expected a period, got one that ends in {self.last} before {self.first}")

    def __str__(self) -> str:
        """Say it in words."""
        of = self.framework or "any framework"
        about = of if self.control_id is None else f"{of}:{self.control_id}"
        return f"{about}, {self.first or 'the beginning'} to {self.last or 'the end'}"

    @property
    def ends_at(self) -> datetime | None:
        """The last instant of the period in UTC; None where it is open."""
        if self.last is None:
            return None
        year, month = int(self.last[:4]), int(self.last[5:])
        day = calendar.monthrange(year, month)[1]
        return datetime(year, month, day, 23, 59, 59, 999999, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Verified evidence, opened for one export; `open_selection` makes it.

    Args:
        connection: where `results.sql` has run.
        wanted: what was asked for.
        estate: whose evidence it is.
        heads: the last batch of every writer, as verified.
        as_of: the end of what is exported: of the period, or of the ledger where that is earlier.
        authentic: whether a trust source said whose signatures count.
    """

    connection: duckdb.DuckDBPyConnection
    wanted: Wanted
    estate: str
    heads: tuple[Head, ...]
    as_of: datetime
    authentic: bool

    def uid(self, *parts: object) -> str:
        """Return the id of a thing: the same parts give the same id in every export of this estate."""
        text = "".join(netstring(str(part)) for part in (self.estate, *parts))
        return str(uuid.uuid5(NAMESPACE, text))

    def records(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of the period, all columns of the contract in its order, in time order."""
        return self.ask(f"SELECT {', '.join(COLUMNS)} FROM scoped WHERE inside ORDER BY {_ORDER}")  # noqa: S608 - names of ours

    def results(self) -> Iterator[Result]:
        """Yield what is said of each target and drift once, with all controls that it concerns."""
        return self._results(
            "SELECT * FROM results ORDER BY subject, controls[1], target, record_id, drift_id, first_at"
        )

    def results_by_control(self) -> Iterator[Result]:
        """Yield what is said of each target and drift, once a control, control by control."""
        return self._results(
            "SELECT * EXCLUDE (control) REPLACE ([control] AS controls) FROM "
            "(SELECT *, unnest(controls) AS control FROM results) "
            "ORDER BY control, subject, target, record_id, drift_id, first_at"
        )

    def controls(self) -> list[tuple[str, dict[str, int], str | None]]:
        """Return every control with how often each verdict is given, and the worst severity not settled."""
        counted = self.ask(
            "SELECT control, map_from_entries(list((verdict, n))), min(worst) FROM ("
            "SELECT control, verdict, count(*) AS n, min(list_position("
            "['critical', 'high', 'medium', 'low', 'info'], severity)) "
            "FILTER (verdict IN ('failed', 'waived')) AS worst "
            "FROM (SELECT unnest(controls) AS control, verdict, severity FROM results) GROUP BY ALL"
            ") GROUP BY control ORDER BY control"
        )
        words = (None, "critical", "high", "medium", "low", "info")
        return [(control, dict(verdicts), words[worst or 0]) for control, verdicts, worst in counted]

    def ask(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of one SELECT as they come, a few at a time."""
        with contextlib.closing(self.connection.cursor()) as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from rows

    def _results(self, sql: str) -> Iterator[Result]:
        names = [column[0] for column in self.connection.execute("SELECT * FROM results LIMIT 0").description]
        for row in self.ask(sql):
            yield Result.of(dict(zip(names, row, strict=True)))


@contextlib.contextmanager
def open_selection(
    root: Path, wanted: Wanted, *, trust: Trust | None, heads: Iterable[Head] = ()
) -> Iterator[Selection]:
    """Verify the evidence and open the part of it that was asked for.

    Raises:
        TamperError: it does not verify; nothing may be exported.
        EvidenceError: it can't be read, or holds nothing of what was asked for: an export of nothing would
            pass for one in which nothing is wrong.
    """
    connection = _verified(root, trust, tuple(heads))
    try:
        yield _opened(root, wanted, connection, authentic=trust is not None)
    except duckdb.Error as error:
        raise EvidenceError(f"{root}: the export failed: {' '.join(str(error).split())[:300]}") from error
    finally:
        connection.close()


def _verified(root: Path, trust: Trust | None, known: tuple[Head, ...]) -> duckdb.DuckDBPyConnection:
    """Return a connection over exactly the batches that were verified, though others may be writing."""
    for _ in range(_ATTEMPTS):
        before = ledger.heads(root)
        verify(root, trust=trust, heads=known)
        connection = connect(root)
        if ledger.heads(root) == before:
            return connection
        connection.close()
    raise EvidenceError(
        f"{root}: a batch was written during each of {_ATTEMPTS} verifications; try again when it is quiet"
    )


def _opened(
    root: Path, wanted: Wanted, connection: duckdb.DuckDBPyConnection, *, authentic: bool
) -> Selection:
    lasts = ledger.last_manifests(root)
    if not lasts:
        raise EvidenceError(f"{root}: no evidence yet: the ledger is empty, so there is nothing to export")
    written = max(one.made_at for one in lasts).astimezone(UTC)
    as_of = written if wanted.ends_at is None else min(written, wanted.ends_at)
    connection.execute(f"CREATE VIEW scoped AS {_scoped(wanted)}")
    if connection.execute("SELECT 1 FROM scoped WHERE inside LIMIT 1").fetchone() is None:
        raise EvidenceError(f"{root}: no evidence of {wanted}: expected at least one record")
    connection.execute("SET VARIABLE as_of = ?", [as_of])
    connection.execute(Path(__file__).with_name("results.sql").read_text("utf-8"))
    return Selection(
        connection=connection,
        wanted=wanted,
        estate=lasts[0].estate,
        heads=tuple(one.head for one in lasts),
        as_of=as_of,
        authentic=authentic,
    )


def _scoped(wanted: Wanted) -> str:
    asked = {"framework =": wanted.framework, "control_id =": wanted.control_id, "month <=": wanted.last}
    where = " AND ".join(f"{what} {quoted(value)}" for what, value in asked.items() if value is not None)
    inside = "true" if wanted.first is None else f"month >= {quoted(wanted.first)}"
    return (
        f"SELECT *, framework || ':' || control_id AS control, {inside} AS inside "  # noqa: S608 - quoted
        f"FROM records WHERE {where or 'true'}"
    )
