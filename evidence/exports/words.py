"""Text and documents as other programs can hold them: cut, escaped, and written piece by piece."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

LONGEST = 1000
"""How many characters of one value stand in a sentence; the evidence holds the whole."""

_REDACTED = re.compile(r"hmac-sha256:[0-9A-Za-z]*:?[0-9a-f]*$")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def cut(text: str, longest: int = LONGEST) -> str:
    """Return the text, cut with a word about it where it is too long, and never inside a redaction."""
    if len(text) <= longest:
        return text
    kept = _REDACTED.sub("", text[:longest])
    return f"{kept}… ({len(text)} characters; the evidence holds them)"


def xml(text: str) -> str:
    r"""Return the text for XML 1.0; what XML can't hold is spelt ``\u0000``."""
    spelt = _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return escape(spelt, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def written(value: Any) -> Iterator[str]:
    """Yield a JSON document in pieces: an iterator inside it becomes a list whose items are taken one by one.

    Iterators are taken in the order in which they stand, each to its end. All text is ASCII, so that no
    reader takes a line separator in a value for the end of a line.
    """
    if isinstance(value, Iterator):
        yield "["
        for number, item in enumerate(value):
            yield "\n" if number == 0 else ",\n"
            yield from written(item)
        yield "]"
    elif isinstance(value, dict) and _lazy(value):
        yield "{"
        for number, (name, item) in enumerate(value.items()):
            yield f"{', ' if number else ''}{line(name)}: "
            yield from written(item)
        yield "}"
    else:
        yield line(value)


def _lazy(value: dict[str, Any]) -> bool:
    return any(isinstance(one, Iterator) or (isinstance(one, dict) and _lazy(one)) for one in value.values())


def line(value: Any) -> str:
    """Return a value as JSON on one line of ASCII.

    Raises:
        ValueError: it holds NaN or an infinity.
    """
    return json.dumps(value, ensure_ascii=True, allow_nan=False)
