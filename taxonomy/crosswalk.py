"""Which controls of other frameworks speak of the same matter, and how well that is backed.

A crosswalk is somebody's reading. So a related control is shown to people who ask for it and is never
written down as cited: what evidence is filed under is what a rule or a tool cites itself.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

COLUMNS = ("control", "related", "adobe", "cisco", "checks")


@dataclass(frozen=True, kw_only=True)
class Related:
    """One control that the crosswalk relates to another one.

    Args:
        name: ``framework:id``.
        vendors: how many of the two vendors' control frameworks relate the pair.
        checks: how many checks of scanners cite both.
    """

    name: str
    vendors: int
    checks: int

    @property
    def backing(self) -> str:
        """How well the pair is backed, in words."""
        vendors = f"{self.vendors} vendor{'s' if self.vendors != 1 else ''}"
        return f"{vendors}, {self.checks} checks" if self.checks else vendors


def related(name: str) -> tuple[Related, ...]:
    """Return what the crosswalk relates to a control, best backed first.

    Args:
        name: ``framework:id``; one that the crosswalk does not know has none.
    """
    return _pairs().get(name, ())


@cache
def _pairs() -> dict[str, tuple[Related, ...]]:
    found: dict[str, list[Related]] = {}
    for control, other, adobe, cisco, checks in _rows():
        vendors = (int(adobe) > 0) + (int(cisco) > 0)
        for one, two in ((control, other), (other, control)):
            found.setdefault(one, []).append(Related(name=two, vendors=vendors, checks=int(checks)))
    best = {
        one: sorted(others, key=lambda o: (-o.vendors, -o.checks, o.name)) for one, others in found.items()
    }
    return {one: tuple(others) for one, others in best.items()}


def _rows() -> Iterable[list[str]]:
    text = (resources.files("taxonomy") / "crosswalk.csv").read_text("utf-8")
    rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    if tuple(next(rows)) != COLUMNS:
        raise ValueError(f"crosswalk.csv: expected the columns {', '.join(COLUMNS)}")
    return rows
