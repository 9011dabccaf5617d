"""Both sides of a change for people: what was removed and added, cut to a width, safe for a terminal."""

import re
from collections.abc import Iterator
from typing import Any

from evidence.canonical import canonical_json
from flows import report
from flows.elements import elements
from taxonomy.drift import DriftChange

DIGEST = re.compile(r"hmac-sha256:[0-9a-f]+:[0-9a-f]+")
"""How a secret stands."""

SHOWN = 60
"""Characters of a value that a table shows; a digest of a secret is never cut."""


def both_sides(change: DriftChange) -> Iterator[str]:
    """Yield the lines that tell one change to whoever decides: both sides, and where it is declared."""
    yield from side_lines(change.declared, change.actual)
    if change.in_code:
        yield f"in code   {plain(change.in_code)}"


def differing(declared: Any, actual: Any) -> tuple[Any, Any]:
    """Return both sides without what they share: elements of lists that stand on both are left out."""
    parts = elements(declared, actual)
    if parts is None:
        return declared, actual
    return list(parts.removed) or None, list(parts.added) or None


def side_lines(
    declared: Any, actual: Any, *, words: tuple[str, str] = ("declared", "actual")
) -> Iterator[str]:
    """Yield both sides whole, or of two lists or policies what was removed and added, an element a line.

    Args:
        declared: one side.
        actual: the other.
        words: what the sides are called.
    """
    parts = elements(declared, actual)
    if parts is None:
        yield f"{words[0]:9} {report.dumps(declared)}"
        yield f"{words[1]:9} {report.dumps(actual)}"
        return
    for word, count in zip(words, (parts.declared, parts.actual), strict=True):
        yield f"{word:9} {count} {parts.unit}{'' if count == 1 else 's'}"
    for word, these in (("removed", parts.removed), ("added", parts.added)):
        for element in these:
            yield f"  {word:7} {plain(element if isinstance(element, str) else canonical_json(element))}"


def shown(value: Any) -> str:
    """Return a value as a table shows it: canonical JSON, cut, never inside a digest of a secret."""
    if value is None:
        return "nothing"
    text = plain(value if isinstance(value, str) else canonical_json(value))
    if len(text) <= SHOWN:
        return text
    if isinstance(value, list) and len(value) > 1:
        return f"{shown(value[0])} and {len(value) - 1} more"
    digests = (found.span() for found in DIGEST.finditer(text))
    end = next((end for start, end in digests if start < SHOWN - 1 < end), SHOWN - 1)
    return text[:end] + ("…" if end < len(text) else "")


def plain(text: str) -> str:
    """Return a text without what steers a terminal: whoever names a tag could hide a row with it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
