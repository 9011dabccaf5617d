"""A waiver in a file, from the look to the evidence: it hides what it pins, by name, until its end."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from yard import Yard, enrol

from evidence.query import connect
from flows.sweeping import sweep_once
from flows.swept import Swept
from flows.waived import lines, waived_document


@pytest.fixture
def drifted(yard: Yard) -> Yard:
    """An estate with a person, a host's drift and an empty folder of waivers."""
    enrol(yard)
    yard.show_report("web-01")
    (yard.folder / "taxonomy.d" / "waivers").mkdir(parents=True)
    yard.write(taxonomy=["builtin", "taxonomy.d"])
    return yard


def waive(yard: Yard, swept: Swept, **more: Any) -> int:
    """Waive every change that a sweep saw; return how many that are."""
    entries = [
        {
            "id": f"w-{number}-{place}",
            "resource": drift.resource_id,
            "attribute": change.attribute,
            "kind": change.kind,
            "actual": change.actual,
            "reason": "The host is rebuilt next month.",
            "owner": "platform",
            "approver": "ada",
            "expires": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
            **more,
        }
        for number, (drift, _) in enumerate(swept.drifts)
        for place, change in enumerate(drift.changes)
    ]
    (yard.folder / "taxonomy.d" / "waivers" / "hosts.yaml").write_text(
        yaml.safe_dump(entries, sort_keys=False)
    )
    return len(entries)


CHANGES = """
SELECT DISTINCT details->>'state', details->'waived'->>'approver', (details->'waived'->>'until') IS NOT NULL
FROM records WHERE step = 'classified' AND details->>'sweep_id' = ?
"""
LOOKS = "SELECT DISTINCT details->>'waived' FROM records WHERE step = 'swept' AND details->>'sweep_id' = ?"


def recorded(yard: Yard, sql: str, sweep_id: str) -> list[Any]:
    with closing(connect(yard.evidence)) as connection:
        return connection.execute(sql, [sweep_id]).fetchall()


def test_what_a_file_waives_is_counted_named_and_recorded_and_ends_with_the_file(drifted: Yard) -> None:
    first = sweep_once(drifted.settings, names=("fleet",))
    assert first.drifts
    changes = waive(drifted, first)
    done = drifted.run("detect", "--target", "fleet", "-o", "json", "-o", "table:seen.txt")
    assert done.code == 0, done.err
    document = done.document
    assert {drift["state"] for drift in document["drift"]} == {"waived"}
    assert sum(document["waived"]["waiver"].values()) == changes
    assert sum(document["summary"].values()) == 0
    assert {one["standing"] for one in document["waivers"]} == {"holds"}
    assert document["drift"][0]["changes"][0]["waived_by"].startswith("w-")
    told = " ".join((drifted.folder / "seen.txt").read_text().split())
    assert f"waived by waivers: {changes}" in told
    assert "ends" in told  # within 14 days

    assert recorded(drifted, CHANGES, document["sweep_id"]) == [("waived", "ada", True)]
    ((counted,),) = recorded(drifted, LOOKS, document["sweep_id"])
    assert sum(json.loads(counted).values()) == changes
    assert drifted.run("drift", "list").code == 0
    listed = drifted.run("review", "waivers", "-o", "json").document
    assert {(one["sort"], one["standing"], one["approver"]) for one in listed} == {("waiver", "holds", "ada")}

    (drifted.folder / "taxonomy.d" / "waivers" / "hosts.yaml").unlink()
    again = sweep_once(drifted.settings, names=("fleet",))
    assert {drift.state for drift, _ in again.drifts} == {"open"}
    assert drifted.run("drift", "list").code == 2


def test_a_waiver_written_wrong_stops_no_look_and_is_told(drifted: Yard) -> None:
    waive(drifted, sweep_once(drifted.settings, names=("fleet",)), owner=None, approver="eve")
    swept = sweep_once(drifted.settings, names=("fleet",))
    assert {drift.state for drift, _ in swept.drifts} == {"open"}
    assert {(one.sort, one.standing) for one in swept.waivings} == {("unread", "refused")}
    assert any("taxonomy.d/waivers/hosts.yaml" in said for said, _ in lines(swept))
    wrong = drifted.run("taxonomy", "lint", "taxonomy.d")
    assert wrong.code == 1
    assert "taxonomy.d/waivers/hosts.yaml:7" in wrong.err


def test_an_ended_waiver_is_listed_and_its_drift_is_open_again(drifted: Yard) -> None:
    first = sweep_once(drifted.settings, names=("fleet",))
    waive(drifted, first, expires="2026-01-01T00:00:00+00:00")
    swept = sweep_once(drifted.settings, names=("fleet",))
    assert {drift.state for drift, _ in swept.drifts} == {"open"}
    assert {one.standing for one in swept.waivings} == {"expired"}
    assert all("expired: ended 2026-01-01" in said for said, _ in lines(swept))
    assert waived_document(swept)["would_be_critical"] == []
