"""Measure all parts, or those named, and print the tables; exit 1 where something is beyond its limit."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import classify, found, four_workspaces, one_workspace, pipeline, plan, taxonomy, year
from bench.measure import HEAD, Measured

README = Path(__file__).parents[1] / "README.md"

PARTS: Mapping[str, Callable[[int], list[Measured]]] = {
    "classify": classify.measure,
    "pipeline": pipeline.measure,
    "plan": plan.measure,
    "one-workspace": one_workspace.measure,
    "four-workspaces": four_workspaces.measure,
    "taxonomy": taxonomy.measure,
    "year": year.measure,
}
"""What takes time, by name; `found` counts."""


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}, found; all")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of each measurement")
    parser.add_argument(
        "--readme", action="store_true", help="put the tables into README.md; needs all parts"
    )
    arguments = parser.parse_args()
    chosen = arguments.parts or [*PARTS, "found"]
    if unknown := sorted(set(chosen) - {*PARTS, "found"}):
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}, found")
    failed = _timed([name for name in PARTS if name in chosen], arguments.rounds, readme=arguments.readme)
    failed += _found(readme=arguments.readme) if "found" in chosen else []
    if failed:
        sys.exit("\n".join(failed))


def _timed(parts: list[str], rounds: int, *, readme: bool) -> list[str]:
    """Measure the parts and print their table; return what is wrong."""
    lines = [line for part in parts for line in PARTS[part](rounds)]
    cores = len(os.sched_getaffinity(0))
    where = f"{cores} cores, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    rows = [line.row() for line in lines]
    if rows:
        table = "\n".join((f"Medians of {rounds} pairs; {where}.", "", HEAD, *rows))
        _show(table, "bench", readme=readme and parts == list(PARTS))
    over = [line.name for line in lines if line.over]
    return [f"beyond the limit: {', '.join(over)}"] if over else []


def _found(*, readme: bool) -> list[str]:
    """Count what is found and print the table; return what is wrong."""
    lines = found.measure()
    _show("\n".join((found.HEAD, *(line.row() for line in lines))), "found", readme=readme)
    wrong = [line.name for line in lines if not line.whole]
    return [f"not all of the drift, or more than it: {', '.join(wrong)}"] if wrong else []


def _show(table: str, name: str, *, readme: bool) -> None:
    print(f"{table}\n")
    if readme:
        mark, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, rest = README.read_text("utf-8").split(mark, 1)
        README.write_text(f"{before}{mark}\n{table}\n{end}{rest.split(end, 1)[1]}", "utf-8")


if __name__ == "__main__":
    main()
