"""(q) a year of hourly sweeps: 8,760 batches and more than ten million rows, asked as an auditor asks.

The ledger holds all manifests, signed and chained. `query/` holds the whole year but its last day. Of the
small files that the manifests list only those of the last day are written, 24 batches of 8,760 (0.27 %): what
`query/` covers is not read from `records/`, so nothing is extrapolated.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from bench.measure import Measured, paired, timed
from evidence import dsse, ledger
from evidence.compacted import INDEX, Copy, Mark, Part, find
from evidence.compaction import digest_of
from evidence.keys import SigningKey, new_key
from evidence.manifest import Entry, Manifest, parse_manifest
from evidence.parquet import private_connection, quoted
from evidence.population import Scope, population
from evidence.query import ask, connect
from evidence.schema import COLUMNS
from evidence.store import Store

HOURS, DAY = 8760, 24
CONTROLS, TARGETS = 120, 10
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
ANSWER_SECONDS, YEAR_SECONDS = 0.15, 2.0
ASKED = (
    "SELECT outcome, count(*) FROM {records} "
    "WHERE framework = 'soc2' AND control_id = 'C7' AND month = '2025-05' GROUP BY 1"
)

_GIVEN = {
    "record_id": "uuid()::VARCHAR",
    "step": "'swept'",
    "occurred_at": "moment",
    "estate": "'bench'",
    "target": "'target-' || target",
    "layer": "'terraform'",
    "outcome": "CASE WHEN (hour * 7 + target) % 50 = 0 THEN 'drifted' ELSE 'clean' END",
    "actor": "'holdfast'",
    "actor_kind": "'holdfast'",
    "run_id": "'run-' || hour",
    "details": (
        "json_object('sweep_id', 'sweep-' || hour, 'due', strftime(moment, '%Y-%m-%dT%H:%M:%S+00:00'), "
        "'schedule', 'sweep', 'schedules', json_array(json_object('slug', 'hourly', 'interval', 3600, "
        "'anchor', '2025-01-01T00:00:00+00:00', 'timezone', 'UTC')), 'looked_at', 100 + target, "
        "'suppressed', 0)"
    ),
    "framework": "'soc2'",
    "control_id": "'C' || control",
    "month": "strftime(moment, '%Y-%m')",
}


def _rows(hours: str, controls: str) -> str:
    columns = ", ".join(f"({_GIVEN.get(name, 'NULL')})::{kind} AS {name}" for name, kind in COLUMNS.items())
    start = f"TIMESTAMPTZ '{BEGIN.isoformat()}'"
    return (
        f"SELECT {columns} FROM (SELECT hour, target, control, {start} + hour * INTERVAL 1 HOUR AS moment "  # noqa: S608 - ours
        f"FROM range({hours}) AS h(hour), range({TARGETS}) AS t(target), range({controls}) AS c(control))"
    )


def measure(rounds: int) -> list[Measured]:
    """Return the lines of a year's questions."""
    with tempfile.TemporaryDirectory() as folder:
        root, single = Path(folder) / "evidence", Path(folder) / "single.parquet"
        _build(root, single)
        asked = [
            {"ours": timed(lambda: _ours(root)), "theirs": timed(lambda: _theirs(single))}
            for _ in range(rounds)
        ]
        people = [{"ours": timed(lambda: _population(root)), "theirs": YEAR_SECONDS} for _ in range(rounds)]
    quick = [{"ours": one["ours"], "theirs": ANSWER_SECONDS} for one in asked]
    rows = (
        f"{HOURS * CONTROLS * TARGETS / 1e6:.1f} M rows, {HOURS:,} batches; 0.27 % of the small files written"
    )
    return [
        paired("one control and month of a year, on query/", quick, peer="the limit", limit=1, note=rows),
        paired(
            "the same", asked, peer="a scan of one Parquet file", limit=3, note="connection included, both"
        ),
        paired("population of one control for a year", people, peer="the limit", limit=1),
    ]


def _ours(root: Path) -> None:
    copy = find(root)
    if not isinstance(copy, Copy):
        raise TypeError(copy)
    with closing(connect(root, copy=copy)) as connection:
        ask(connection, ASKED.format(records="records"))


def _theirs(single: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(ASKED.format(records=f"read_parquet({quoted(single)})")).fetchall()


def _population(root: Path) -> None:
    copy = find(root)
    if not isinstance(copy, Copy):
        raise TypeError(copy)
    scope = Scope(framework="soc2", control_id="C7", first="2025-01", last="2025-12")
    with closing(connect(root, copy=copy)) as connection:
        found = population(root, connection, scope, copy=copy)
    if (found.counts["looks"], len(found.expected.missing)) != (HOURS * TARGETS, 0):
        raise ValueError(found.counts)


def _build(root: Path, single: Path) -> None:
    key = new_key()
    marks, entries = _chain(root, key)
    parts = list(_parts(root, marks, entries))
    head = marks[max(marks)].head
    copy = Copy(
        heads=(head,), made_from=digest_of(e for some in entries.values() for e in some), parts=tuple(parts)
    )
    (root / INDEX).write_text(json.dumps(copy.document()))
    store = Store(root, estate="bench", writer="bench", key=key)
    with private_connection() as connection:
        for hour in range(HOURS - DAY, HOURS):
            with store.batch(BEGIN + timedelta(hours=hour)) as batch:
                batch.append_query(connection, _rows(f"{hour}, {hour + 1}", f"0, {CONTROLS}"))
        files = [str(root / part.path) for part in parts]
        last = [str(root / e.path) for m in ledger.read_manifests(root)[-DAY:] for e in m.files]
        listed = ", ".join(quoted(path) for path in files + last)
        connection.execute(
            f"COPY (FROM read_parquet([{listed}], hive_partitioning = false)) TO {quoted(single)} "
            "(FORMAT parquet, COMPRESSION zstd)"
        )


def _chain(root: Path, key: SigningKey) -> tuple[dict[int, Mark], dict[str, list[Entry]]]:
    """Write the manifests of all batches but the last day's."""
    folder = root / "ledger" / "bench"
    folder.mkdir(parents=True)
    (root / "keys").mkdir()
    (root / "keys" / f"{key.key_id}.pub").write_bytes(key.public.pem)
    marks: dict[int, Mark] = {}
    groups: dict[str, list[Entry]] = {}
    previous = None
    for hour in range(HOURS - DAY):
        at = BEGIN + timedelta(hours=hour)
        files = tuple(
            _entry(f"records/framework=soc2/control_id=C{c}/month={at:%Y-%m}", hour) for c in range(CONTROLS)
        )
        for entry in files:
            groups.setdefault(entry.path.rpartition("/")[0], []).append(entry)
        draft = Manifest(
            estate="bench", writer="bench", sequence=hour + 1, previous=previous, after=(), made_at=at,
            batch=f"batch-{hour}", key_id=key.key_id, files=files, objects=(),
        )  # fmt: skip
        envelope = dsse.sign(dsse.BATCH, draft.payload(), key)
        previous = hashlib.sha256(envelope).hexdigest()
        (root / draft.path).write_bytes(envelope)
        marks[hour] = Mark(head=parse_manifest(envelope, draft.path).head, made_at=at.isoformat())
    return marks, groups


def _entry(folder: str, hour: int) -> Entry:
    path = f"{folder}/batch-{hour}-1_0.parquet"
    return Entry(path=path, sha256=hashlib.sha256(path.encode()).hexdigest(), size=1, rows=TARGETS)


def _parts(root: Path, marks: dict[int, Mark], groups: dict[str, list[Entry]]) -> Iterator[Part]:
    with private_connection() as connection:
        for folder, entries in sorted(groups.items()):
            hours = [int(entry.path.rpartition("batch-")[2].partition("-")[0]) for entry in entries]
            control = int(folder.partition("control_id=C")[2].partition("/")[0])
            made_from = digest_of(entries)
            path = root / folder.replace("records/", "query/") / f"{made_from[:16]}.parquet"
            path.parent.mkdir(parents=True)
            select = _rows(f"{min(hours)}, {max(hours) + 1}", f"{control}, {control + 1}")
            connection.execute(
                f"COPY ({select} ORDER BY occurred_at, target) TO {quoted(path)} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            part = Part(
                path=path.relative_to(root).as_posix(), sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
                size=path.stat().st_size, rows=len(hours) * TARGETS, made_from=made_from,
                first=marks[min(hours)], last=marks[max(hours)],
            )  # fmt: skip
            os.utime(path, ns=(part.stamp, part.stamp))
            yield part
