"""(d) a plan of 15,000 resources read, compared and merged, against a bare `orjson.loads` of the same bytes.

The plan is made anew. Each look runs in a process of its own, so that its peak memory is its own, and must
find exactly the drift that was put into the plan.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.measure import Measured, paired, timed
from bench.synthetic import write
from tasks import merge
from tasks.detectors.terraform import collect, parse
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from taxonomy.observation import Answer, Observation
from taxonomy.target import TerraformTarget

SERVICES = 1000
"""Of 15 resources each."""

MEMORY = 1.0
"""What a process may hold at its peak, in GB."""

REDACTOR = Redactor(bytes(range(32)))


def measure(rounds: int) -> list[Measured]:
    """Return the lines of a look at a large plan, without a baseline and with one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "clean.json", services=SERVICES, drifted=False)
        _apart("seal", str(folder / "clean.json"), str(folder / "baseline.json"))
        drift = write(folder / "plan.json", services=SERVICES)
        (folder / "drift.json").write_text(json.dumps(drift))
        size = (folder / "plan.json").stat().st_size / 1e6
        done = [_round(folder) for _ in range(rounds)]
    note = f"{size:.0f} MB; all {len(drift)} drifts found and no other"
    return [
        line
        for key, against in (("state", "against its state"), ("baseline", "against a sealed baseline"))
        for line in (
            paired(
                f"read, compare, merge a plan of {SERVICES * 15:,} resources {against}",
                [{"ours": one[key]["seconds"], "theirs": one["loads"]["seconds"]} for one in done],
                peer="orjson.loads",
                limit=4,
                note=note,
            ),
            paired(
                "peak memory of that, in GB",
                [{"ours": one[key]["peak"] / 1e9, "theirs": MEMORY} for one in done],
                peer="the limit",
                limit=1,
            ),
        )
    ]


def _round(folder: Path) -> dict[str, dict[str, float]]:
    plan, drift = str(folder / "plan.json"), str(folder / "drift.json")
    return {
        "loads": _apart("loads", plan),
        "state": _apart("look", plan, drift),
        "baseline": _apart("look", plan, drift, str(folder / "baseline.json")),
    }


def _apart(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.plan", *arguments]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    result: dict[str, float] = json.loads(said.splitlines()[-1])
    return result


def loads(plan: str) -> dict[str, float]:
    """Return the seconds of the peer."""
    data = Path(plan).read_bytes()
    return {"seconds": timed(lambda: orjson.loads(data))}


def seal(plan: str, baseline: str) -> dict[str, float]:
    """Write the baseline of a clean look down."""
    answer = _answer(plan, None)
    sealed = Baseline.of("bench", answer.live, taken_at=datetime.now(UTC))
    return {"bytes": Path(baseline).write_bytes(orjson.dumps(sealed.to_document()))}


def look(plan: str, drift: str, baseline: str | None = None) -> dict[str, float]:
    """Return the seconds of a look, and the peak memory in bytes of this process.

    Raises:
        ValueError: it found anything but the drift that was put into the plan.
    """
    sealed = Baseline.from_document(orjson.loads(Path(baseline).read_bytes())) if baseline else None
    told: list[Any] = []
    seconds = timed(lambda: told.extend(_merged(_answer(plan, sealed))))
    expected = [tuple(row) for row in json.loads(Path(drift).read_bytes())]
    if told != expected:
        raise ValueError(f"expected {len(expected)} drifts, got {len(told)}: {set(told) ^ set(expected)}")
    return {"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def _answer(plan: str, baseline: Baseline | None) -> Answer:
    target = TerraformTarget(name="bench", plan_json=Path(plan))
    return parse(
        collect(target, Reach(scratch=Path(plan).parent)), target, redactor=REDACTOR, baseline=baseline
    )


def _merged(answer: Answer) -> list[tuple[str, str, str]]:
    now = datetime.now(UTC)
    observation = Observation(
        target="bench",
        layer="terraform",
        environment=None,
        outcome="drifted",
        reason=None,
        started_at=now,
        ended_at=now,
        answer=answer,
    )
    with closing(merge.connect()) as connection:
        merge.load(connection, [observation])
        merge.merge(connection, estate="bench")
        rows = connection.execute(
            "SELECT replace(source, 'bench:', ''), attribute, drift_class FROM changes ORDER BY ALL"
        ).fetchall()
    return [(str(address), str(attribute), str(drift_class)) for address, attribute, drift_class in rows]


if __name__ == "__main__":
    work: dict[str, Callable[..., dict[str, float]]] = {"loads": loads, "seal": seal, "look": look}
    print(json.dumps(work[sys.argv[1]](*sys.argv[2:])))
