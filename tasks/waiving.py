"""Mark what people have waived in the table `classified`: by files, by noise rules, by signed decisions.

Only the column `waived_by` is written; what is waived stays a change of its drift, is recorded, and
is counted in every report. Whatever can't be shown to be waived is reported.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import duckdb

from tasks.history import Past
from taxonomy.condition import of_names, of_type, of_values, quoted
from taxonomy.oracle import Row, holds
from taxonomy.waived import Waived, met, waived_by
from taxonomy.waivers import SOON, Noise, Waiver, Waivers

COLUMNS = {
    "id": "VARCHAR",
    "sort": "VARCHAR",
    "standing": "VARCHAR",
    "why": "VARCHAR",
    "resource": "VARCHAR",
    "attribute": "VARCHAR",
    "reason": "VARCHAR",
    "owner": "VARCHAR",
    "approver": "VARCHAR",
    "expires": "TIMESTAMPTZ",
    "place": "VARCHAR",
    "waived": "INTEGER",
    "soon": "BOOLEAN",
}
"""The columns of the table `waivings`: the fields of `Waived`."""

_OVER = (
    "c.kind = w.kind AND (c.attribute = w.attribute "
    "OR (w.below AND starts_with(c.attribute, w.attribute || '.')))"
)
_PINNED = "coalesce(c.actual = w.actual, r.fingerprint = w.fingerprint, false)"

_COVERED = f"""
SELECT w.id, count(*), count(*) FILTER ({_PINNED}), bool_or(c.redacted AND NOT {_PINNED})
FROM waivers AS w JOIN resources AS r USING (resource_id) JOIN classified AS c USING (drift_id)
WHERE {_OVER} GROUP BY w.id
"""  # noqa: S608 - constants above

_WAIVE = f"""
UPDATE classified AS c SET waived_by = w.id
FROM waivers AS w JOIN resources AS r USING (resource_id)
WHERE c.drift_id = r.drift_id AND c.waived_by IS NULL AND {_OVER} AND {_PINNED}
"""  # noqa: S608 - constants above

_DECIDED = """
UPDATE classified AS c SET waived_by = ?
FROM resources AS r WHERE r.drift_id = ? AND c.drift_id = r.drift_id AND r.fingerprint = ?
"""

_HIDE = """
UPDATE classified AS c SET waived_by = {id} FROM (
    SELECT n FROM (SELECT *, rowid AS n, lower(resource_type) AS lowered FROM classified)
    WHERE waived_by IS NULL AND kind = 'changed' AND coalesce(drift_class, 'B') <> 'A'
      AND severity <> 'critical' AND direction IN ({directions}) AND ({rules}) AND {condition}
) AS hidden WHERE c.rowid = hidden.n
"""


def waive(
    connection: duckdb.DuckDBPyConnection, waivers: Waivers, history: Mapping[str, Past], *, now: datetime
) -> None:
    """Write `waived_by` into `classified`, and what every waiver came to into the table `waivings`.

    Args:
        connection: with `resources` of tasks/merge.sql and `classified`.
        waivers: of the taxonomy's directories.
        history: what the evidence remembers, signed decisions among it.
        now: an aware instant.
    """
    connection.execute("ALTER TABLE classified ADD COLUMN waived_by VARCHAR")
    found = [*_by_decision(connection, history, waivers.people, now)]
    found += _by_value(connection, waivers, now)
    found += _by_noise(connection, waivers, now)
    found += _unread(waivers)
    _keep(connection, found)


def told(connection: duckdb.DuckDBPyConnection) -> tuple[Waived, ...]:
    """Return what every waiver came to, in order of sort and id."""
    rows = connection.table("waivings").select(*COLUMNS).order("sort, id, place").fetchall()
    return tuple(Waived(**dict(zip(COLUMNS, row, strict=True))) for row in rows)


def listed(waivers: Waivers, history: Mapping[str, Past], *, now: datetime) -> list[Waived]:
    """Return every waiver as it stands, whatever has drifted."""
    people = waivers.people or frozenset()
    decisions = (past for past in history.values() if past.state == "waived")
    return [
        *(_decision(past, waivers.people, now) for past in decisions),
        *(waived_by(one, "waiver", people=people, now=now) for one in waivers.waivers),
        *(waived_by(one, "noise", people=people, now=now) for one in waivers.noise),
        *_unread(waivers),
    ]


def hides(noise: Noise, change: Row) -> bool:
    """Whether a noise rule hides a row of `classified`: the plain reading that the SQL is held to."""
    lawful = (
        change["kind"] == "changed"
        and change["drift_class"] != "A"
        and change["severity"] != "critical"
        and change["direction"] in noise.directions
    )
    named = noise.rule is None or any(fnmatchcase(change["rule_id"], glob) for glob in noise.rule)
    return lawful and named and holds(noise.when, change)


def _by_decision(
    connection: duckdb.DuckDBPyConnection,
    history: Mapping[str, Past],
    people: Collection[str] | None,
    now: datetime,
) -> Iterable[Waived]:
    for past in history.values():
        if past.state != "waived":
            continue
        one = _decision(past, people, now)
        if one.standing != "holds":
            yield one
            continue
        seen = connection.execute(
            "SELECT resource_id FROM resources WHERE drift_id = ?", [past.drift_id]
        ).fetchone()
        values = [one.id, past.drift_id, past.waived_fingerprint]
        waived = _count(connection, _DECIDED, values) if seen else 0
        named = replace(one, resource=seen[0] if seen else None)
        yield met(named, covered=max(waived, int(seen is not None)), waived=waived)


def _decision(past: Past, people: Collection[str] | None, now: datetime) -> Waived:
    stands, why = past.lapsed(people, now=now) or ("holds", "")
    return Waived(
        id=f"decision-{past.drift_id[:12]}",
        sort="decision",
        standing=stands,
        why=why,
        reason=past.waived_reason,
        approver=past.waived_by,
        expires=past.waived_until,
        soon=stands == "holds" and past.waived_until is not None and past.waived_until - now <= SOON,
    )


def _unread(waivers: Waivers) -> Iterable[Waived]:
    for problem in waivers.problems:
        place = f"{problem.file}:{problem.line}"
        yield Waived(id=problem.where, sort="unread", standing="refused", why=problem.message, place=place)


def _by_value(connection: duckdb.DuckDBPyConnection, waivers: Waivers, now: datetime) -> Iterable[Waived]:
    people = waivers.people or frozenset()
    filed = [(one.what, waived_by(one, "waiver", people=people, now=now)) for one in waivers.waivers]
    rows = [_row(what) for what, one in filed if one.standing == "holds"]
    if rows:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE waivers (id VARCHAR, resource_id VARCHAR, attribute VARCHAR, "
            "below BOOLEAN, kind VARCHAR, actual VARCHAR, fingerprint VARCHAR)"
        )
        connection.executemany("INSERT INTO waivers VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    found = {row[0]: row[1:] for row in connection.execute(_COVERED).fetchall()} if rows else {}
    if found:
        connection.execute(_WAIVE)
    for what, one in filed:
        covered, waived, concealed = found.get(what.id, (0, 0, False))
        stands = one.standing == "holds"
        yield met(one, covered=covered, waived=waived, concealed=concealed) if stands else one


def _by_noise(connection: duckdb.DuckDBPyConnection, waivers: Waivers, now: datetime) -> Iterable[Waived]:
    people = waivers.people or frozenset()
    for entry in waivers.noise:
        one = waived_by(entry, "noise", people=people, now=now)
        if one.standing == "holds":
            waived = _count(connection, _hide(entry.what), [])
            one = met(one, covered=waived, waived=waived)
        yield one


def _hide(noise: Noise) -> str:
    parts = (of_type(noise.when), of_names(noise.when), of_values(noise.when, ()))
    held = " AND ".join(filter(None, parts))
    return _HIDE.format(
        id=quoted(noise.id),
        directions=", ".join(map(quoted, noise.directions)),
        rules=" OR ".join(f"rule_id GLOB {quoted(glob)}" for glob in noise.rule or ("*",)),
        condition=held,
    )


def _row(what: Waiver) -> tuple[Any, ...]:
    bare = what.attribute.removesuffix(".*")
    return what.id, what.resource, bare, bare != what.attribute, what.kind, what.pinned, what.fingerprint


def _count(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any]) -> int:
    row = connection.execute(sql, values).fetchone()
    return int(row[0]) if row else 0


def _keep(connection: duckdb.DuckDBPyConnection, found: Iterable[Waived]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE waivings ({columns})")
    rows = [tuple(getattr(one, name) for name in COLUMNS) for one in found]
    if rows:
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"INSERT INTO waivings VALUES ({marks})", rows)  # noqa: S608 - only marks
