"""Files on the disk: their digests, and that they are really there."""

import hashlib
import os
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


def fsync(path: Path) -> None:
    """Put a file or folder on the disk.

    Raises:
        OSError: the disk refused.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def in_threads(work: Callable[[_In], _Out], items: Iterable[_In]) -> list[_Out]:
    """Return the work's result for every item, in order; hashing and fsync let go of the interpreter."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, items))
