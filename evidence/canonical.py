"""One way to write a value down, so that two people get the same digest of it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys, no spaces, and non-ASCII text as itself.

    Raises:
        ValueError: the value holds NaN or an infinity, which JSON has no word for.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of the bytes, in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def netstring(text: str | None) -> str:
    """Return the text behind its length in UTF-8 bytes (``-`` for None), so that joins are unambiguous."""
    return "-" if text is None else f"{len(text.encode())}:{text}"


def drift_id(estate: str, resource_id: str) -> str:
    """Return the id of the drift of one resource in one estate: it stays the same from episode to episode."""
    return sha256_hex((netstring(estate) + netstring(resource_id)).encode())[:32]


def fingerprint(changes: Iterable[tuple[str | None, str, str | None, str | None]]) -> str:
    """Return the content address of what drifted.

    Args:
        changes: (attribute, kind, declared, actual) of every change, both sides as canonical JSON of
            the redacted values. Order and repetition do not matter.

    An auditor gets the same from the rows in DuckDB; `tasks/merge.sql` shows how.
    """
    lines = {"".join(netstring(part) for part in change) for change in changes}
    joined = "\n".join(sorted(lines, key=str.encode))
    return sha256_hex(joined.encode())
