"""A crosswalk is somebody's reading: it is shown with its backing, and nothing is ever filed under it."""

import ast
import csv
from pathlib import Path

import pytest

from taxonomy.controls import builtin_catalogue
from taxonomy.crosswalk import related

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "taxonomy" / "crosswalk.csv"


def rows() -> list[list[str]]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return list(csv.reader(lines))[1:]


def test_each_pair_is_of_two_frameworks_stands_once_and_is_backed_by_more_than_one() -> None:
    pairs = [frozenset(row[:2]) for row in rows()]
    assert len(set(pairs)) == len(pairs) > 1000
    for control, other, *counts in rows():
        adobe, cisco, checks = map(int, counts)
        assert control.split(":")[0] != other.split(":")[0]
        assert {control, other} <= set(builtin_catalogue().controls)
        assert (adobe and cisco) or ((adobe or cisco) and checks > 1), (control, other)


def test_the_table_says_where_it_is_from_and_under_which_licence() -> None:
    head = " ".join(line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("#"))
    for word in ("Adobe", "Cisco", "Prowler", "Steampipe", "AGPL-3.0", "Apache-2.0"):
        assert word in head


def test_a_relation_holds_both_ways_and_the_best_backed_comes_first() -> None:
    found = related("nist-800-53-r5:CM-6")
    assert found[0].name == "soc2:CC7.1"
    assert found[0].backing == "2 vendors, 5 checks"
    assert "nist-800-53-r5:CM-6" in {one.name for one in related("soc2:CC7.1")}
    assert [one.vendors for one in found] == sorted((one.vendors for one in found), reverse=True)
    assert related("nist-800-53-r5:PE-99") == ()


@pytest.mark.parametrize("part", ["taxonomy", "tasks", "flows", "evidence"])
def test_nothing_but_the_command_that_shows_it_reads_the_crosswalk(part: str) -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / part).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "taxonomy.crosswalk"
    }
    assert readers <= {"flows/cli/taxonomy/controls.py"}
