"""CSV: every row of the period, all columns of the contract, safe to open in a spreadsheet.

A spreadsheet runs a cell that starts with one of ``= + - @``, a tab, a carriage return or a line feed as a
formula. So such a value gets an apostrophe in front, and so does one that starts with an apostrophe: take
one leading apostrophe away, and the value is the one in the evidence. Every value is quoted and a null is
an empty cell without quotes, so a value can't break out of its cell, and nothing and "" stay apart.

Source of the rule: https://owasp.org/www-community/attacks/CSV_Injection
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from evidence.exports.selection import Selection
from evidence.schema import COLUMNS

NAME = "csv"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a value starts that gets an apostrophe; the wide forms count as formulas in some languages."""


def export(selection: Selection) -> Iterator[str]:
    """Yield one line a row, a line with the columns' names first."""
    yield ",".join(COLUMNS) + "\n"
    for row in selection.records():
        yield ",".join(cell(value) for value in row) + "\n"


def cell(value: Any) -> str:
    """Return a value as one cell."""
    if value is None:
        return ""
    text = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
    if text.startswith(FORMULAS):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'
