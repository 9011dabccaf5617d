"""Answers as a table for people, or as CSV or JSON for programs."""

import csv
import io
import json
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evidence.query import Answer


def _plain(value: Any) -> str:
    """Return a value as one line of text in which no terminal sees a command."""
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def show(answer: Answer, form: str) -> str:
    """Return the answer as text that ends without a line feed.

    Args:
        answer: columns and rows.
        form: ``table``, ``csv`` or ``json`` (one list of objects).
    """
    if form == "json":
        return as_json(answer.as_dicts())
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows([[_for_csv(value) for value in row] for row in answer.rows])
        return out.getvalue().rstrip("\n")
    return _table(answer)


def as_json(value: Any) -> str:
    """Return one JSON document, times as ISO 8601."""
    return json.dumps(value, default=_for_json, ensure_ascii=False, indent=1)


def _for_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _for_csv(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _table(answer: Answer) -> str:
    table = Table(show_lines=False)
    for column in answer.columns:
        table.add_column(Text(column), overflow="fold")
    for row in answer.rows:
        table.add_row(*(Text(_plain(value)) for value in row))
    out = io.StringIO()
    console = Console(file=out, width=None if Console().is_terminal else 200)
    console.print(table)
    return out.getvalue().rstrip("\n")
