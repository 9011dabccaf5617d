"""What we wrote wrong ourselves: an estate file, a rule, a control."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """One thing wrong at one place, with what was expected and what to do.

    Args:
        file: the file, as the user named it.
        line: the line, counted from 1; 0 where no single line is to blame.
        column: the column, counted from 1; 0 where the line alone is known.
        where: the key path inside the file, such as ``targets[2].layer``.
        message: "expected X, got Y", and what to do where that is not plain.
    """

    file: str
    line: int
    column: int = 0
    where: str
    message: str

    def __str__(self) -> str:
        """Return the problem as compilers print theirs: ``file:line:column: where: message``."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place}: {self.where}: {self.message}" if self.where else f"{place}: {self.message}"


class WrittenWrongError(Exception):
    """A file that a person wrote can't be used; every problem found in it is listed at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in file order; at least one is needed."""
        self.problems = tuple(sorted(problems))
        if not self.problems:
            raise ValueError("expected at least one problem, got none")
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EstateError(WrittenWrongError):
    """The estate file is wrong."""


class RuleError(WrittenWrongError):
    """A rule or a control file of the taxonomy is wrong."""
