"""(f) what is found of what was mutated: recorded plans of real Terraform, against the judgement of a person.

The judgement is the tests' own (`tests/terraform/mutations.py`); the plans are those of $HOLDFAST_SHARED, or
of ../shared.
"""

import gzip
import os
import runpy
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tasks.detectors.terraform import RawPlan, parse
from tasks.errors import ToolError
from tasks.program.events import read_events
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from tasks.terraform.diagnostics import check_stream
from tasks.terraform.document import load
from taxonomy.observation import Answer
from taxonomy.target import TerraformTarget

ROOT = Path(__file__).parents[1]
JUDGED = ROOT / "tests" / "terraform" / "mutations.py"
CLEAN = "clean.json"
WRONG = "wrong-account-all-deleted.jsonl.gz"
TARGET = TerraformTarget(name="recorded", plan_json=Path("plan.json"))
REDACTOR = Redactor(bytes(range(32)))

Row = tuple[str, str, str | None, str]
"""Address, attribute, class and kind of one change."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One line: what was found in one file, of what is in it.

    Args:
        name: the file, and what it was held against.
        of: how many entries of ``resource_drift`` it has, most of them noise.
        expected: changes that a person judged to be drift.
        told: changes that were told.
        right: those told that were expected, each once.
    """

    name: str
    of: int
    expected: int
    told: int
    right: int

    @property
    def precision(self) -> float:
        """The share of what was told that is drift; nothing told is nothing false."""
        return self.right / self.told if self.told else 1.0

    @property
    def recall(self) -> float:
        """The share of the drift that was told; no drift is none missed."""
        return self.right / self.expected if self.expected else 1.0

    @property
    def whole(self) -> bool:
        """Whether all of the drift was told, once, and nothing else."""
        return self.expected == self.told == self.right

    def row(self) -> str:
        """Return the line as Markdown."""
        share = f"{self.precision:.0%} | {self.recall:.0%}"
        return f"| {self.name} | {self.of} | {self.expected} | {self.told} | {share} |"


HEAD = (
    "| recorded plan | entries of `resource_drift` | drift in it | told | precision | recall |\n"
    "|---|--:|--:|--:|--:|--:|"
)


def measure() -> list[Found]:
    """Return a line per recorded plan, and one of the plan in the wrong account, which must be refused.

    Raises:
        FileNotFoundError: the recorded plans are not at hand.
    """
    samples = Path(os.environ.get("HOLDFAST_SHARED", ROOT.parent / "shared")) / "data" / "terraform"
    judged = runpy.run_path(str(JUDGED))
    mutated = [row for rows in judged["MUTATIONS"].values() for row in rows]
    clean = _plan(samples, CLEAN)
    sealed = Baseline.of("recorded", _answer(clean, None).live, taken_at=datetime.now(UTC))
    kinds, big = _plan(samples, "drift-44-kinds.json"), _plan(samples, "big-1000.json.gz")
    return [
        _line("drift-44-kinds.json", kinds, mutated),
        _line("drift-44-kinds.json, with a baseline", kinds, mutated, sealed),
        _line("clean.json", clean, []),
        _line("clean.json, with a baseline", clean, [], sealed),
        _line("big-1000.json", big, judged["BIG"]),
        _refused(samples),
    ]


def _plan(samples: Path, name: str) -> RawPlan:
    return RawPlan(document=load(_bytes(samples / "plans" / name), name=name), digest=name)


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def _answer(raw: RawPlan, baseline: Baseline | None) -> Answer:
    return parse(raw, TARGET, redactor=REDACTOR, baseline=baseline)


def _line(name: str, raw: RawPlan, expected: Iterable[Row], baseline: Baseline | None = None) -> Found:
    told: Counter[Row] = Counter(
        (str(change.source).removeprefix("recorded:"), change.attribute, change.drift_class, change.kind)
        for finding in _answer(raw, baseline).findings
        for change in finding.changes
    )
    wanted = Counter(expected)
    return Found(
        name=name,
        of=len(raw.document["resource_drift"]),
        expected=wanted.total(),
        told=told.total(),
        right=(told & wanted).total(),
    )


def _refused(samples: Path) -> Found:
    """A plan in the wrong account says that all is deleted: what is told of it is told falsely."""
    events = list(read_events(_bytes(samples / "streams" / WRONG).splitlines()))
    deleted = sum(1 for event in events if event.get("type") == "resource_drift")
    try:
        check_stream(events, doing="terraform plan")
    except ToolError:
        return Found(name="wrong-account stream: refused", of=deleted, expected=0, told=0, right=0)
    return Found(name="wrong-account stream: believed", of=deleted, expected=0, told=deleted, right=0)
