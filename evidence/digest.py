"""Digests of many files at once."""

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_THREADS = 2


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def in_threads(work: Callable[[_In], _Out], items: Iterable[_In]) -> list[_Out]:
    """Return the work's result for every item, in order; hashing and fsync let go of the interpreter."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, items))
