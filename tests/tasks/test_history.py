"""The life of a drift, step by step, as the evidence tells it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from made import NOW

from evidence.canonical import canonical_json
from tasks import history
from tasks.history import Past

COLUMNS = {
    "record_id": "VARCHAR",
    "occurred_at": "TIMESTAMPTZ",
    "drift_id": "VARCHAR",
    "episode": "INTEGER",
    "attribute": "VARCHAR",
    "step": "VARCHAR",
    "outcome": "VARCHAR",
    "decision": "VARCHAR",
    "run_id": "VARCHAR",
    "fingerprint": "VARCHAR",
    "actor": "VARCHAR",
    "reason": "VARCHAR",
    "details": "VARCHAR",
}
UNTIL = NOW + timedelta(days=30)


def said(step: str, outcome: str | None = None, **more: Any) -> dict[str, Any]:
    return {"step": step, "outcome": outcome, **more}


SEEN = said("detected", "drifted")
PART = said("classified", "drifted", attribute="tags.Owner")
SHOT = said("snapshotted", run_id="r1")
SHOWN = said("previewed", run_id="r1")
ASKED = said("asked", run_id="r1")
FORGED = said("refused", "unauthorised", run_id="r1")
YES = said("decided", "approved", decision="approve", run_id="r1")
NO = said("decided", "rejected", decision="reject", run_id="r1")
WAIVED = said("decided", "approved", decision="waive", run_id="r1", details={"until": UNTIL.isoformat()})
STALE = said("refused", "stale", run_id="r1")
EXPIRED = said("refused", "expired", run_id="r1")
DIED = said("refused", "failed", run_id="r1")
DONE = said("remediated", run_id="r1")
NOT_DONE = said("remediated", "failed", run_id="r1")
NOT_PROVEN = said("verified", "failed", run_id="r1")
PROVEN = said("verified", "restored", run_id="r1")
RESTORED = said("closed", "restored", run_id="r1")
GONE = said("closed", "gone")
SECOND = {"episode": 2}

LIVES: dict[str, tuple[list[dict[str, Any]], tuple[int, str, int, bool, str]]] = {
    "seen": ([SEEN, PART], (1, "open", 1, False, "open")),
    "seen again": ([SEEN, SEEN, SEEN], (1, "open", 1, False, "open")),
    "a branch that has not asked yet": ([SEEN, SHOT, SHOWN], (1, "open", 1, False, "open")),
    "asked": ([SEEN, SHOT, SHOWN, ASKED], (1, "waiting", 1, False, "waiting")),
    "seen while it waits": ([SEEN, ASKED, SEEN], (1, "waiting", 1, False, "waiting")),
    "a forged answer": ([SEEN, ASKED, FORGED], (1, "waiting", 1, False, "waiting")),
    "one of two approvals": ([SEEN, ASKED, YES, ASKED], (1, "waiting", 1, False, "waiting")),
    "approved": ([SEEN, ASKED, YES], (1, "approved", 1, False, "approved")),
    "rejected": ([SEEN, ASKED, NO], (1, "rejected", 2, False, "rejected")),
    "seen after a reject": ([SEEN, ASKED, NO, SEEN], (1, "rejected", 2, False, "rejected")),
    "waived": ([SEEN, ASKED, WAIVED], (1, "waived", 2, False, "waived")),
    "stale": ([SEEN, ASKED, YES, STALE], (1, "open", 2, False, "open")),
    "expired": ([SEEN, ASKED, EXPIRED], (1, "open", 2, False, "open")),
    "died": ([SEEN, ASKED, YES, DIED], (1, "open", 2, False, "open")),
    "twice ended": (
        [SEEN, ASKED, EXPIRED, {**ASKED, "run_id": "r2"}, {**EXPIRED, "run_id": "r2"}],
        (1, "open", 3, False, "open"),
    ),
    "one run that ended in two words": ([SEEN, ASKED, STALE, DIED], (1, "open", 2, False, "open")),
    "failed": ([SEEN, ASKED, YES, NOT_DONE], (1, "open", 2, False, "open")),
    "put right, not proven": ([SEEN, ASKED, YES, DONE], (1, "approved", 1, False, "approved")),
    "still there": ([SEEN, ASKED, YES, DONE, NOT_PROVEN], (1, "open", 2, False, "open")),
    "restored": ([SEEN, ASKED, YES, DONE, PROVEN, RESTORED], (2, "open", 1, True, "restored")),
    "put right by itself": ([SEEN, SHOT, DONE, PROVEN, RESTORED], (2, "open", 1, True, "restored")),
    "gone": ([SEEN, GONE], (2, "open", 1, True, "gone")),
    "gone while it waited": ([SEEN, ASKED, GONE], (2, "open", 1, True, "gone")),
    "back again": ([SEEN, GONE, SEEN | SECOND], (2, "open", 1, False, "open")),
    "back, and asked again": (
        [SEEN, ASKED, EXPIRED, GONE, SEEN | SECOND, ASKED | SECOND | {"run_id": "r2"}],
        (2, "waiting", 1, False, "waiting"),
    ),
    "a reject of an earlier life": (
        [SEEN, ASKED, NO, GONE, SEEN | SECOND],
        (2, "open", 1, False, "open"),
    ),
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect()) as one:
        one.execute("SET TimeZone = 'UTC'")
        one.execute(f"CREATE TABLE records ({', '.join(f'{n} {t}' for n, t in COLUMNS.items())})")
        yield one


def at(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


def remembered(connection: duckdb.DuckDBPyConnection, life: list[dict[str, Any]]) -> dict[str, Past]:
    connection.execute("DELETE FROM records")
    for number, row in enumerate(life):
        told = {
            "record_id": f"{number:04}",
            "occurred_at": at(number),
            "drift_id": "d",
            "episode": 1,
            "fingerprint": "f1",
            "actor": "holdfast",
            **row,
            "details": canonical_json(row.get("details", {})),
        }
        values = [told.get(name) for name in COLUMNS]
        connection.execute(f"INSERT INTO records VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
    history.build(connection)
    return history.pasts(connection)


@pytest.mark.parametrize("name", LIVES)
def test_every_step_of_a_life_leads_where_it_must(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    life, expected = LIVES[name]
    past = remembered(connection, life)["d"]
    assert (past.episode, past.state, past.attempt, past.closed, past.last_state) == expected


def test_drifts_do_not_mix(connection: duckdb.DuckDBPyConnection) -> None:
    other = [{**row, "drift_id": "e"} for row in (SEEN, GONE)]
    found = remembered(connection, [SEEN, ASKED, *other])
    assert {name: past.state for name, past in found.items()} == {"d": "waiting", "e": "open"}


def test_the_run_that_asked_last_is_remembered(connection: duckdb.DuckDBPyConnection) -> None:
    life = [SEEN, ASKED, EXPIRED, {**ASKED, "run_id": "r2"}]
    assert remembered(connection, life)["d"].asked_run == "r2"


def test_a_reject_is_remembered_with_what_it_was_for(connection: duckdb.DuckDBPyConnection) -> None:
    past = remembered(connection, [SEEN, ASKED, NO, SEEN | {"fingerprint": "f2"}])["d"]
    assert (past.rejected_at, past.rejected_fingerprint, past.fingerprint) == (at(2), "f1", "f2")


def test_a_waiver_accepts_its_fingerprint_until_it_ends_and_nothing_else(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    past = remembered(connection, [SEEN, ASKED, WAIVED])["d"]
    assert past.waived_until == UNTIL
    assert past.state_at(UNTIL - timedelta(seconds=1)) == "waived"
    assert past.state_at(UNTIL) == "open"
    assert replace(past, fingerprint="f2").state_at(NOW) == "open"


def test_a_waiver_of_somebody_who_has_left_the_estate_accepts_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    past = remembered(connection, [SEEN, ASKED, {**WAIVED, "actor": "ada", "reason": "a long reason"}])["d"]
    assert (past.waived_by, past.waived_reason) == ("ada", "a long reason")
    assert past.state_at(NOW, people={"ada"}) == "waived"
    assert past.state_at(NOW, people={"bob"}) == "open"


FILED = SEEN | {"details": {"waived_until": UNTIL.isoformat()}}


@pytest.mark.parametrize(
    ("life", "now", "state"),
    [
        ([FILED], NOW, "waived"),
        ([FILED], UNTIL, "open"),
        ([FILED, SEEN], NOW, "open"),
        ([FILED, GONE, SEEN | {"episode": 2}], NOW, "open"),
        ([FILED, GONE], NOW, "open"),
    ],
    ids=[
        "as the last look found it",
        "it has ended",
        "a later look found it waived by none",
        "a new life",
        "gone",
    ],
)
def test_what_files_waive_is_what_the_last_look_says(
    connection: duckdb.DuckDBPyConnection, life: list[dict[str, Any]], now: datetime, state: str
) -> None:
    assert remembered(connection, life)["d"].state_at(now) == state


def test_a_later_waiver_rules(connection: duckdb.DuckDBPyConnection) -> None:
    later = UNTIL + timedelta(days=1)
    more = {**WAIVED, "fingerprint": "f2", "details": {"until": later.isoformat()}}
    past = remembered(connection, [SEEN, ASKED, WAIVED, ASKED, more])["d"]
    assert (past.waived_until, past.waived_fingerprint) == (later, "f2")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], None),
        (["frozen"], "frozen by oncall: why"),
        (["frozen", "thawed"], None),
        (["frozen", "thawed", "frozen"], "frozen by oncall: why"),
        (["frozen", "frozen", "thawed"], None),
    ],
)
def test_the_last_freeze_or_thaw_rules(
    connection: duckdb.DuckDBPyConnection, steps: list[str], expected: str | None
) -> None:
    life = [said(step, actor="oncall", reason="why", drift_id=None, episode=None) for step in steps]
    remembered(connection, life)
    assert history.frozen(connection) == expected
