"""Read a YAML file that a person wrote, and remember at which line and column each value stands.

Anchors and aliases are refused (they make bombs, and hide what a reviewer should see), and so are
duplicate keys, tags, files over 1 MiB, nesting deeper than 40, letters that turn the direction of writing,
and what `taxonomy.plain_scalar` refuses: words and numbers that readers take for different things.

The parser's events are read once, and lines are kept of the two upper levels only: most of the time of
loading rules is spent here. What stands deeper is found by reading again, once there is a problem to tell.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from taxonomy.errors import Problem, RuleError
from taxonomy.suggestion import nearest
from taxonomy.yaml_reader import MAX_DEPTH, Mark, Place, Reader, RefusedError, dotted

Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES = 1 << 20

UPPER = 2
"""How many keys the paths have whose lines are always kept: an entry of a list, and its keys."""

_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Letters that show a reviewer another order than the one that is read (Unicode TR 36, bidirectional)."""


@dataclass(frozen=True, kw_only=True)
class YamlFile:
    """A parsed file.

    Args:
        name: the file, as the user named it.
        value: plain Python values.
        upper: the mark of each key path of at most two keys.
        text: what was parsed.
    """

    name: str
    value: Any
    upper: dict[Place, Mark]
    text: str = field(repr=False)

    @cached_property
    def _whole(self) -> Reader:
        """What stands where, however deep."""
        reader = Reader(self.name, kept=MAX_DEPTH + 1)
        reader.document(self.text)
        return reader

    def line(self, place: Place) -> int:
        """Return the line of the deepest part of `place` that the file holds."""
        return _deepest(place, self.upper if len(place) <= UPPER else self._whole.marks)[0]

    def problems(
        self, error: ValidationError, *, below: Place = (), model: type[BaseModel] | None = None
    ) -> list[Problem]:
        """Return what pydantic found wrong, each with its line and column.

        Args:
            error: of a model that stands at `below`.
            below: a key path.
            model: whose keys are known, so that the nearest one can be told for one that is not.
        """
        return [self._problem(below, dict(detail), model) for detail in error.errors()]

    def problem(self, place: Place, message: str) -> Problem:
        """Return a problem at the value of a key path, or, where that has many lines, at its key."""
        values = self._whole.values
        return self._at(
            values[place] if place in values else _deepest(place, self._whole.marks), place, message
        )

    def _problem(self, below: Place, detail: dict[str, Any], model: type[BaseModel] | None) -> Problem:
        # pydantic puts the tag of a union into the path; the file has no such key
        place = below + detail["loc"]
        known: Place = ()
        for part in place:
            known = (*known, part) if (*known, part) in self._whole.marks else known
        if detail["type"] == "extra_forbidden":
            meant = nearest(model, detail["loc"]) if model else None
            hint = f"did you mean {meant}?" if meant else "remove it, or check its spelling"
            return self._at(self._whole.marks.get(known, (1, 1)), known, f"unknown key; {hint}")
        if detail["type"] == "missing":
            return self.problem((*known, place[-1]), "missing; this key is required")
        message = detail["msg"].removeprefix("Value error, ")
        given = detail["input"]
        told = isinstance(given, dict | list) or ", got " in message
        shown = "" if told else f", got {given!r}"
        return self.problem(known, f"{message[:1].lower()}{message[1:]}{shown}")

    def _at(self, mark: Mark, place: Place, message: str) -> Problem:
        return Problem(file=self.name, line=mark[0], column=mark[1], where=dotted(place), message=message)


def _deepest(place: Place, marks: Mapping[Place, Mark]) -> Mark:
    return next((marks[place[:end]] for end in range(len(place), -1, -1) if place[:end] in marks), (1, 1))


def read(path: Path, *, name: str | None = None) -> YamlFile | list[Problem]:
    """Return the parsed file, or everything that keeps it from being parsed."""
    shown = name or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return [Problem(file=shown, line=0, where="", message=f"can't be read: {error.strerror}")]
    if len(data) > MAX_BYTES:
        return [
            Problem(file=shown, line=0, where="", message=f"expected at most {MAX_BYTES} bytes, got more")
        ]
    try:
        return parse(data.decode("utf-8-sig"), name=shown)
    except UnicodeDecodeError as error:
        return [
            Problem(file=shown, line=data.count(b"\n", 0, error.start) + 1, where="", message="not UTF-8")
        ]


def read_builtin(name: str, model: type[Model]) -> Model:
    """Return a file that comes with Holdfast.

    Args:
        name: of the file, in the package `taxonomy`.
        model: its form.

    Raises:
        RuleError: the installation is damaged.
    """
    with resources.as_file(resources.files("taxonomy") / name) as path:
        file = read(path, name=f"builtin/{name}")
    if not isinstance(file, YamlFile):
        raise RuleError(file)
    try:
        return model.model_validate(file.value)
    except ValidationError as error:
        raise RuleError(file.problems(error, model=model)) from error


def parse(text: str, *, name: str) -> YamlFile | list[Problem]:
    """Return the parsed text, or everything that keeps it from being parsed."""
    if turning := _TURNING.search(text):
        line = text.count("\n", 0, turning.start()) + 1
        shown = f"U+{ord(turning[0]):04X} turns the direction of writing; remove it"
        return [Problem(file=name, line=line, where="", message=shown)]
    reader = Reader(name, kept=UPPER)
    try:
        value = reader.document(text)
        if reader.problems:
            # only now is it worth knowing where everything stands
            reader = Reader(name, kept=MAX_DEPTH + 1)
            reader.document(text)
    except RefusedError as refused:
        return [refused.problem(name)]
    except yaml.MarkedYAMLError as error:
        return [_not_yaml(error, text, name)]
    except (yaml.YAMLError, RecursionError) as error:
        return [Problem(file=name, line=0, where="", message=f"not YAML: {type(error).__name__}")]
    return reader.problems or YamlFile(name=name, value=value, upper=reader.marks, text=text)


def _not_yaml(error: yaml.MarkedYAMLError, text: str, name: str) -> Problem:
    mark = error.problem_mark
    if mark is None:
        return Problem(file=name, line=0, where="", message=f"not YAML: {error.problem}")
    written = text.splitlines()[mark.line : mark.line + 1]
    tab = bool(written) and "\t" in written[0][: mark.column + 1]
    told = "a tab; indent with spaces" if tab else error.problem
    line, column = mark.line + 1, mark.column + 1
    return Problem(file=name, line=line, column=column, where="", message=f"not YAML: {told}")
