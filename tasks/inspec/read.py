"""From a report's bytes to its document, whatever encoding and noise it comes in."""

import codecs
import json
import re
from typing import Any, NoReturn

from tasks.errors import ToolError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OBJECT_START = re.compile(r"^\{", re.MULTILINE)
_STARTS = 100  # log lines in JSON may come before the report, but not without end


def read(data: bytes, name: str) -> dict[str, Any]:
    """Return the report that the bytes spell.

    Log lines before it are passed over, as wrappers that print to one stream leave them there.

    Args:
        data: the whole file.
        name: the file's name, for messages.

    Raises:
        ToolError: empty, cut off, not JSON, or JSON that is no InSpec report.
    """
    text = _text(data)
    if not text.strip():
        raise ToolError(f"{name}: the InSpec report is empty; the run that made it has probably been stopped")
    document = _document(text, name)
    if "profiles" not in document and not _is_minimal(document):
        raise ToolError(
            f"{name}: expected an InSpec report with `profiles` or json-min `controls`, got an object with "
            f"{', '.join(sorted(map(str, document))[:5]) or 'nothing'}; write it with `--reporter json:FILE`"
        )
    return document


def _text(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if data[:2] == b"{\x00":
        return data.decode("utf-16-le", errors="replace")
    # One bad byte in a command's output must not hide the other controls.
    return data.decode("utf-8", errors="replace")


def _document(text: str, name: str) -> dict[str, Any]:
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    starts = [match.start() for match in _OBJECT_START.finditer(text)][:_STARTS]
    failure: ValueError | None = None
    for start in starts:
        try:
            found, end = decoder.raw_decode(text, start)
        except RecursionError as error:
            raise ToolError(f"{name}: the InSpec report is nested too deeply to be one") from error
        except ValueError as error:
            failure = failure or error
            continue
        if isinstance(found, dict) and not text[end:].strip():
            return found
    raise ToolError(f"{name}: the InSpec report can't be read: {_why(text, failure)}") from failure


def _why(text: str, failure: ValueError | None) -> str:
    if failure is None:
        return "expected one JSON object at the start of a line and nothing behind it"
    if isinstance(failure, json.JSONDecodeError) and failure.pos >= len(text.rstrip()) - 1:
        return f"it is cut off in line {failure.lineno}; run InSpec again and let it end"
    if isinstance(failure, json.JSONDecodeError) and failure.msg.startswith("Unterminated"):
        return f"it is cut off in line {failure.lineno}, within a string; run InSpec again and let it end"
    return f"{failure}; expected JSON as InSpec writes it"


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON value")


def _is_minimal(document: dict[str, Any]) -> bool:
    """Say whether this is json-min: one row per result. A profile's export has controls without status."""
    rows = document.get("controls")
    return isinstance(rows, list) and all(isinstance(row, dict) and "status" in row for row in rows)
