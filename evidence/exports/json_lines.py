"""JSON Lines: every row of the period as one object, all columns of the contract, nothing changed.

`declared`, `actual` and `details` stay the canonical JSON text that they are in the evidence, so that
fingerprints can be computed from them. All text is ASCII: U+2028 in a value ends no line.

Format: https://jsonlines.org/
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from evidence.exports.selection import Selection
from evidence.exports.words import line
from evidence.schema import COLUMNS

NAME = "jsonl"


def export(selection: Selection) -> Iterator[str]:
    """Yield one line a row."""
    for row in selection.records():
        values = (v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for v in row)
        yield line(dict(zip(COLUMNS, values, strict=True))) + "\n"
