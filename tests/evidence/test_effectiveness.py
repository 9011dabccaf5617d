"""Every number of `effectiveness`, against a story counted by hand."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from told_story import DECEMBER, written

from evidence.cli import main
from evidence.query import ask, connect, define_views


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("told") / "evidence"
    return written(root)


@pytest.fixture(scope="module")
def views(told: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(connect(told)) as connection:
        define_views(connection)
        yield connection


def test_november_and_december_are_what_a_hand_counts(views: duckdb.DuckDBPyConnection) -> None:
    november, december = ask(views, "SELECT * FROM effectiveness ORDER BY month").as_dicts()
    control = {"framework": "soc2", "control_id": "CC7.1"}
    assert november == {
        **control, "month": "2026-11", "looked": 3, "could_not_look": 1, "found_drift": 2, "drifted": 5,
        "auto_restored": 1, "restored": 2, "gone": 0, "reviewed": 3, "rejected": 1, "waived": 1,
        "sla_breached": 1, "exposure_minutes": 60 + 20 + 3 * (DECEMBER - 180),
        "detected": 5, "detect_minutes": 60 + 4 * 120,
        "mttd_minutes": 108, "restore_minutes": 60 + 20, "mttr_minutes": 40, "open_at_end": 2,
        "waived_at_end": 1,
    }  # fmt: skip
    assert december == {
        **control, "month": "2026-12", "looked": 2, "could_not_look": 0, "found_drift": 2, "drifted": 0,
        "auto_restored": 0, "restored": 0, "gone": 1, "reviewed": 0, "rejected": 0, "waived": 0,
        "sla_breached": 0, "exposure_minutes": (12000 - DECEMBER) + 2 * (12600 - DECEMBER),
        "detected": 0, "detect_minutes": 0,
        "mttd_minutes": None, "restore_minutes": 12000 - 180, "mttr_minutes": 12000 - 180, "open_at_end": 2,
        "waived_at_end": 0,
    }  # fmt: skip


def test_the_command_adds_months_up(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    period = ["--control", "soc2:CC7.1", "--from", "2026-11", "--to", "2026-12", "--path", str(told)]
    assert main(["effectiveness", *period, "-o", "json"]) == 0
    *months, whole = json.loads(capsys.readouterr().out)
    assert [one["month"] for one in months] == ["2026-11", "2026-12"]
    assert (whole["looked"], whole["drifted"], whole["exposure_minutes"]) == (5, 5, 32390 + 4350)
    assert (whole["mttd_minutes"], whole["mttr_minutes"]) == (108, 3966.667)
    assert (whole["open_at_end"], whole["waived_at_end"]) == (2, 0)


def test_each_drift_has_one_row_with_how_it_ended(views: duckdb.DuckDBPyConnection) -> None:
    states = ask(views, "SELECT drift_id[1], state, auto_restored, breached FROM drifts ORDER BY 1").rows
    assert states == (
        ("a", "restored", False, False),
        ("b", "restored", True, False),
        ("c", "gone", False, True),
        ("d", "open", False, False),
        ("e", "rejected", False, False),
    )


def test_decisions_tell_who_and_whether_it_counted(views: duckdb.DuckDBPyConnection) -> None:
    answers = ask(views, "SELECT drift_id[1], decision, actor, counted FROM decisions ORDER BY 1").rows
    assert answers == tuple(
        (d, said, "a.person", True) for d, said in zip("ade", ("approve", "waive", "reject"), strict=True)
    )
