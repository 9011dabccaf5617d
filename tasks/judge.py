"""Judge what a sweep saw: merge, classify, check the contract; one drift per resource comes out."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any

import duckdb

from tasks import contract, merge
from tasks.history import Past
from taxonomy.classify import classify
from taxonomy.drift import Drift, DriftChange
from taxonomy.holding import Shared
from taxonomy.observation import Observation
from taxonomy.rulebook import Rulebook

DRIFT_COLUMNS = (
    "drift_id, fingerprint, episode, state, kind, resource_id, resource_type, address, aliases, "
    "provider, account, region, environment, layers, targets, severity, tier, direction, rule_id, "
    "because, remedy, controls, tags"
)
CHANGE_COLUMNS = (
    "attribute, kind, declared, actual, redacted, drift_class, layer, direction, severity, tier, rule_id, "
    "controls, source, source_file, source_line"
)


def judge(
    observations: Iterable[Observation],
    *,
    estate: str,
    rulebook: Rulebook,
    history: Mapping[str, Past],
    now: datetime,
) -> duckdb.DuckDBPyConnection:
    """Return a connection whose tables `drifts` and `classified` hold the sweep's drift, contract met.

    The caller closes it.

    Raises:
        ContractError: the merged table breaks its contract; nothing of it may become evidence.
    """
    connection = merge.connect()
    seen = tuple(observations)
    shared = {one for observation in seen for one in observation.answer.shared}
    try:
        merge.load(connection, seen, meanings=rulebook.meanings)
        judge_findings(connection, estate=estate, rulebook=rulebook, history=history, now=now, shared=shared)
    except BaseException:
        connection.close()
        raise
    return connection


def judge_findings(
    connection: duckdb.DuckDBPyConnection,
    *,
    estate: str,
    rulebook: Rulebook,
    history: Mapping[str, Past],
    now: datetime,
    shared: Collection[Shared] = (),
) -> None:
    """Make `drifts` and `classified` from the table `findings`, and hold them to their contract.

    Raises:
        ContractError: the merged table breaks its contract.
    """
    merge.merge(connection, estate=estate)
    classify(connection, rulebook)
    summarise(connection, rulebook=rulebook, history=history, now=now, shared=shared)
    contract.check(connection)


def summarise(
    connection: duckdb.DuckDBPyConnection,
    *,
    rulebook: Rulebook,
    history: Mapping[str, Past],
    now: datetime,
    shared: Collection[Shared] = (),
) -> None:
    """Make `drifts` from `resources` and `classified`: the worst attribute decides for the whole.

    Drift of what stands in two states is never put right by itself.
    """
    _fill(connection, "shared", ("resource_id", "why"), sorted(_shared(shared).items()))
    _fill(connection, "rules", ("rule_id", "because", "remedy"), _texts(rulebook))
    _fill(
        connection, "history", ("drift_id", "episode", "state", "waived_fingerprint"), _states(history, now)
    )
    connection.execute(resources.files("tasks").joinpath("drifts.sql").read_text("utf-8"))


def drifts(connection: duckdb.DuckDBPyConnection) -> list[Drift]:
    """Return the judged drifts as nouns, worst first, then by resource."""
    changes: dict[str, list[DriftChange]] = {}
    for row in _rows(connection, f"drift_id, {CHANGE_COLUMNS}", "classified"):
        changes.setdefault(row.pop("drift_id"), []).append(_change(row))
    order = "list_position(['critical','high','medium','low','info'], severity), resource_id"
    return [
        Drift(**_drift(row), changes=tuple(sorted(changes[row["drift_id"]], key=_place)))
        for row in _rows(connection, DRIFT_COLUMNS, f"drifts ORDER BY {order}")
    ]


def _rows(connection: duckdb.DuckDBPyConnection, columns: str, source: str) -> list[dict[str, Any]]:
    result = connection.execute(f"SELECT {columns} FROM {source}")  # noqa: S608 - both are constants above
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _change(row: dict[str, Any]) -> DriftChange:
    sides = {side: json.loads(row[side]) for side in ("declared", "actual")}
    return DriftChange(**{**row, **sides, "controls": tuple(row["controls"])})


def _drift(row: dict[str, Any]) -> dict[str, Any]:
    lists = {name: tuple(row[name]) for name in ("aliases", "layers", "targets", "controls")}
    own = {row["resource_id"], row["address"]}
    aliases = tuple(name for name in lists["aliases"] if name not in own)
    return {**row, **lists, "aliases": aliases, "tags": json.loads(row["tags"])}


def _place(change: DriftChange) -> tuple[str, str, str]:
    return change.attribute, change.kind, change.layer


def _texts(rulebook: Rulebook) -> list[tuple[str, str, str]]:
    return [(rule.id, " ".join(rule.because.split()), rule.remedy) for rule in rulebook.ordered]


def _shared(shared: Iterable[Shared]) -> dict[str, str]:
    """Return why what stands in two states needs a person, by each of its ids."""
    why: dict[str, str] = {}
    for one in sorted(shared, key=lambda one: (one.resource_id, one.part)):
        for name in one.names:
            why[name] = f"{why[name]} {one.told}" if name in why else one.told
    return why


def _states(history: Mapping[str, Past], now: datetime) -> list[tuple[str, int, str, str | None]]:
    rows: list[tuple[str, int, str, str | None]] = []
    for past in history.values():
        over = past.state == "waived" and not past.waives(past.waived_fingerprint or "", now=now)
        rows.append((past.drift_id, past.episode, "open" if over else past.state, past.waived_fingerprint))
    return rows


def _fill(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    kinds = ", ".join(f"{name} {'INTEGER' if name == 'episode' else 'VARCHAR'}" for name in columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({kinds})")
    if rows:
        import pandas as pd  # noqa: PLC0415 - takes 0.3 s, and a clean sweep needs none

        connection.register("incoming", pd.DataFrame(rows, columns=list(columns), dtype=object))
        connection.execute(f"INSERT INTO {table} SELECT * FROM incoming")  # noqa: S608 - named by us
        connection.unregister("incoming")
