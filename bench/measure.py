"""How a thing is measured here: in turn with its peer, several times, and the median is quoted."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One line of the table.

    Args:
        name: what was measured.
        ours: seconds (or what the name says), median.
        peer: what it is held against.
        theirs: the same of the peer, median.
        ratio: median of the ratios pair by pair.
        limit: what the ratio may be at most; None where none is set.
        note: anything else worth knowing.
    """

    name: str
    ours: float
    peer: str
    theirs: float
    ratio: float
    limit: float | None
    note: str = ""

    @property
    def over(self) -> bool:
        """Whether the ratio is beyond its limit."""
        return self.limit is not None and self.ratio > self.limit

    def row(self) -> str:
        """Return the line as Markdown."""
        limit = "" if self.limit is None else f"≤ {self.limit:g}"
        cells = (
            self.name,
            f"{self.ours:.2f}",
            self.peer,
            f"{self.theirs:.2f}",
            f"{self.ratio:.2f}",
            limit,
            self.note,
        )
        return "| " + " | ".join(cells) + " |"


HEAD = "| what, in seconds | ours | against | theirs | ratio | limit | |\n|---|--:|---|--:|--:|--:|---|"


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds of wall time the work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def paired(
    name: str, rounds: Sequence[Mapping[str, float]], *, peer: str, limit: float | None, note: str = ""
) -> Measured:
    """Return the medians of rounds, each with the seconds of ``ours`` and ``theirs``."""
    return Measured(
        name=name,
        ours=statistics.median(r["ours"] for r in rounds),
        peer=peer,
        theirs=statistics.median(r["theirs"] for r in rounds),
        ratio=statistics.median(r["ours"] / r["theirs"] for r in rounds),
        limit=limit,
        note=note,
    )
