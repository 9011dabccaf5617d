"""(d) the rules: loaded cold, linted and tested, as they are and twice as many.

Each round runs in processes of its own, so that nothing is warm but the disk.
"""

import json
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from bench.measure import Measured, paired, timed

COLD = 0.3
"""Seconds that loading the rules may take in a new process, imports apart."""

HELD = 5.0
"""Seconds that `lint` and `test` may take together, start-up included."""

_LOAD = """
import json, time
began = time.perf_counter()
from taxonomy.rulebook import load
imported = time.perf_counter()
book = load()
cold = time.perf_counter()
load()
print(json.dumps({"imports": imported - began, "ours": cold - imported, "warm": time.perf_counter() - cold,
                  "rules": len(book.rules)}))
"""


def measure(rounds: int) -> list[Measured]:
    """Return the lines: loading, lint with test, and the same of twice the rules."""
    loads = [{**_said(_LOAD), "theirs": COLD} for _ in range(rounds)]
    held = [
        {"ours": timed(lambda: (_holdfast("lint"), _holdfast("test"))), "theirs": HELD} for _ in range(rounds)
    ]
    twice = [{**_said("from bench.taxonomy import twice; twice()"), "theirs": HELD} for _ in range(rounds)]
    middle = sorted(loads, key=lambda one: one["ours"])[rounds // 2]
    note = (
        f"{middle['rules']:.0f} rules, no cache; imports take {middle['imports']:.2f} s, "
        f"loading again in the same process {middle['warm']:.2f} s"
    )
    proved = f"examples stand for {twice[0]['changes'] / 2:.0f} changes; two processes, start-up included"
    return [
        paired("load the rules, cold", loads, peer="the limit", limit=1, note=note),
        paired("lint and test all rules", held, peer="the limit", limit=1, note=proved),
        paired(
            "lint and test twice as many", twice, peer="the limit", limit=1, note="one process, imports apart"
        ),
    ]


def twice() -> None:
    """Print the seconds of loading, linting and testing twice the rules: each once more, under another id."""
    from taxonomy import lint, patterns  # noqa: PLC0415 - imports are not what is measured
    from taxonomy.errors import RuleError  # noqa: PLC0415 - likewise
    from taxonomy.rulebook import BUILTIN, load  # noqa: PLC0415 - likewise

    built_in = Path(lint.__file__).parent / "rules"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rules").mkdir()
        for path in built_in.glob("*.yaml"):
            text = re.sub(r"(?m)^- id: (\S+)", r"- id: \1-twin", path.read_text("utf-8"))
            (Path(folder) / "rules" / path.name).write_text(text, "utf-8")
        changes = 0

        def held() -> None:
            nonlocal changes
            book = load((BUILTIN, folder))
            changes = sum(len(list(e.rows(rule.when))) for rule in book.rules for e in rule.examples)
            # a twin never decides, so it is refused, at the end: the work is the same
            with suppress(RuleError):
                lint.prove(book)
            patterns.unhit(book)
            load((BUILTIN, folder))

        seconds = timed(held)
    print(json.dumps({"ours": seconds, "changes": changes}))


def _holdfast(command: str) -> None:
    started = [sys.executable, "-c", "from flows.cli import main; main()", "taxonomy", command]
    subprocess.run(started, check=True, capture_output=True)


def _said(program: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result
