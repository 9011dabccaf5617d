"""Put an export where it was asked for: all of it, or nothing of it."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import click

from evidence.errors import EvidenceError


def put(pieces: Iterator[str], file: Path | None) -> None:
    """Write the text as UTF-8 to a file, which appears when it is whole; None is standard output.

    Raises:
        EvidenceError: the disk refused; what was there before is still there.
    """
    if file is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    try:
        _replace(pieces, file)
    except OSError as error:
        raise EvidenceError(f"{file}: the export can't be written: {error.strerror}") from error


def _replace(pieces: Iterator[str], file: Path) -> None:
    waiting = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with waiting.open("x", encoding="utf-8", newline="") as out:
            out.writelines(pieces)
        waiting.replace(file)
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise
