"""The life of five drifts under one control over two months, short enough to be counted by hand."""

from pathlib import Path

from exported import at, decided, drift, found, rows

from evidence.keys import new_key
from evidence.schema import Row
from evidence.store import Store

ONE = (("soc2", "CC7.1"),)
A, B, C, D, E = (drift(letter, controls=ONE) for letter in "abcde")
DECEMBER = 10950
"""Minutes from the beginning of the story to the first of December."""


def look(number: int, minutes: int, outcome: str) -> list[Row]:
    return rows(number, "swept", minutes, outcome=outcome, target="network", layer="terraform", controls=ONE)


def asked(number: int, one: dict[str, object], minutes: int, until: int) -> list[Row]:
    question = {"question": {"expires_at": at(until).isoformat()}}
    return rows(number, "asked", minutes, details=question, **one)


def story() -> list[Row]:
    return [
        *look(1, 0, "clean"), *look(2, 60, "drifted"), *look(3, 120, "could-not-look"),
        *look(4, 180, "drifted"),
        *look(5, 12000, "drifted"), *look(6, 12600, "drifted"),
        # found after 60 minutes at most, approved, put right an hour later
        *found(10, A, 60), *asked(12, A, 70, 1000), *decided(13, A, 100, "approve"),
        *rows(14, "remediated", 110, **A), *rows(15, "verified", 115, outcome="restored", **A),
        *rows(16, "closed", 120, outcome="restored", **A),
        # found after 120 minutes at most, for the look between could not see; put right by itself
        *found(20, B, 180), *rows(22, "remediated", 190, **B),
        *rows(23, "verified", 195, outcome="restored", **B),
        *rows(24, "closed", 200, outcome="restored", **B),
        # asked about, not answered in time, gone in December
        *found(30, C, 180), *asked(32, C, 200, 500), *rows(33, "refused", 501, outcome="expired", **C),
        *rows(34, "closed", 12000, outcome="gone", **C),
        # waived past the end of November, and not past the end of the story
        *found(40, D, 180), *asked(42, D, 200, 5000),
        *decided(43, D, 300, "waive", details={"until": at(11500).isoformat()}), *found(44, D, 12000),
        # rejected, and still there
        *found(50, E, 180), *asked(52, E, 200, 5000), *decided(53, E, 250, "reject"), *found(54, E, 12600),
    ]  # fmt: skip


def written(root: Path) -> Path:
    """Write the story in one batch."""
    with Store(root, estate="acme", writer="one", key=new_key()).batch(at(12601)) as batch:
        batch.append(story())
    return root
