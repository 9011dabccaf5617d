"""Measure everything and print the table; exit 1 where a ratio is beyond its limit."""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import pipeline, sweep
from bench.measure import HEAD

README = Path(__file__).parents[1] / "README.md"
FROM, TO = "<!-- bench -->", "<!-- /bench -->"


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="pairs of each measurement")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    arguments = parser.parse_args()
    lines = [*pipeline.measure(arguments.rounds), *sweep.measure(arguments.rounds)]
    cores = len(os.sched_getaffinity(0))
    where = f"{cores} cores, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    table = "\n".join(
        (f"Medians of {arguments.rounds} pairs; {where}.", "", HEAD, *(one.row() for one in lines))
    )
    print(table)
    if arguments.readme:
        text = README.read_text("utf-8")
        before, rest = text.split(FROM, 1)
        README.write_text(f"{before}{FROM}\n{table}\n{TO}{rest.split(TO, 1)[1]}", "utf-8")
    over = [one.name for one in lines if one.over]
    if over:
        sys.exit(f"beyond the limit: {', '.join(over)}")


if __name__ == "__main__":
    main()
