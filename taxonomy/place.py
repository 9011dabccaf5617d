"""Where something was written."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Place:
    """One line of a file of the taxonomy.

    Args:
        file: the file, as the user named its directory.
        line: the line, counted from 1.
    """

    file: str
    line: int

    def __str__(self) -> str:
        """Return the place as compilers print theirs."""
        return f"{self.file}:{self.line}"
