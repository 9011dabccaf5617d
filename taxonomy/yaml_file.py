"""Read a YAML file that a person wrote, and remember on which line each value stands.

Anchors and aliases are refused (they make bombs, and hide what a reviewer should see), and so are
duplicate keys, tags that construct objects, files over 1 MiB and nesting deeper than 40.

The parser's events are read once, and lines are kept of the two upper levels only: most of the time of
loading rules is spent here. What stands deeper is found by reading again, once there is a problem to tell.

Source: https://yaml.org/spec/1.1/ as PyYAML's `SafeLoader` reads it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from taxonomy.errors import Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 40

UPPER = 2
"""How many keys the paths have whose lines are always kept: an entry of a list, and its keys."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it is built in: the rules load seven times as fast, with the same lines."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class YamlFile:
    """A parsed file.

    Args:
        name: the file, as the user named it.
        value: plain Python values.
        upper: the line, counted from 1, of each key path of at most two keys.
        text: what was parsed.
    """

    name: str
    value: Any
    upper: dict[Place, int]
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> dict[Place, int]:
        """The line of each key path that occurs, however deep."""
        reader = _Reader(self.name, kept=MAX_DEPTH + 1)
        reader.document(self.text)
        return reader.lines

    def line(self, place: Place) -> int:
        """Return the line of the deepest part of `place` that the file holds."""
        lines = self.upper if len(place) <= UPPER else self.lines
        return next((lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines), 1)

    def problems(self, error: ValidationError, *, below: Place = ()) -> list[Problem]:
        """Return what pydantic found wrong, each with its line; `below` is where its model stands."""
        return [self._problem(below + detail["loc"], dict(detail)) for detail in error.errors()]

    def problem(self, place: Place, message: str) -> Problem:
        """Return a problem at a key path."""
        return Problem(file=self.name, line=self.line(place), where=dotted(place), message=message)

    def _problem(self, place: Place, detail: dict[str, Any]) -> Problem:
        # pydantic puts the tag of a union into the path; the file has no such key
        known: Place = ()
        for part in place:
            known = (*known, part) if (*known, part) in self.lines else known
        if detail["type"] == "extra_forbidden":
            return self.problem(known, "unknown key; remove it, or check its spelling")
        if detail["type"] == "missing":
            return self.problem((*known, place[-1]), "missing; this key is required")
        message = detail["msg"].removeprefix("Value error, ")
        given = detail["input"]
        told = isinstance(given, dict | list) or ", got " in message
        shown = "" if told else f", got {given!r}"
        return self.problem(known, f"{message[:1].lower()}{message[1:]}{shown}")


def dotted(place: Place) -> str:
    """Return a key path as people write it: ``targets[2].layer``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


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


def parse(text: str, *, name: str) -> YamlFile | list[Problem]:
    """Return the parsed text, or everything that keeps it from being parsed."""
    reader = _Reader(name, kept=UPPER)
    try:
        value = reader.document(text)
        if reader.problems:
            # only now is it worth knowing where everything stands
            reader = _Reader(name, kept=MAX_DEPTH + 1)
            reader.document(text)
    except _RefusedError as refused:
        return [refused.problem(name)]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return [Problem(file=name, line=line, where="", message=f"not YAML: {error.problem}")]
    except (yaml.YAMLError, RecursionError) as error:
        return [Problem(file=name, line=0, where="", message=f"not YAML: {type(error).__name__}")]
    return reader.problems or YamlFile(name=name, value=value, upper=reader.lines, text=text)


class _RefusedError(Exception):
    def __init__(self, event: yaml.Event, message: str) -> None:
        super().__init__(message)
        self.line = event.start_mark.line + 1 if event.start_mark else 0

    def problem(self, name: str) -> Problem:
        return Problem(file=name, line=self.line, where="", message=str(self))


class _Reader:
    """Builds plain values from events, and notes lines and problems on the way.

    Args:
        kept: how many keys the paths have at most whose lines are kept; deeper ones have the place None.
    """

    def __init__(self, name: str, *, kept: int) -> None:
        self.name = name
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._kept = kept
        self._depth = 0
        self._scalars = yaml.constructor.SafeConstructor()
        self._resolver = yaml.resolver.Resolver()

    def document(self, text: str) -> Any:
        """Return the value of the only document; None where there is none."""
        events = iter(yaml.parse(text, Loader=_LOADER))
        next(events)
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            return None
        value = self._value(next(events), events, ())
        next(events)
        if not isinstance(more := next(events), yaml.StreamEndEvent):
            raise _RefusedError(more, "expected one document, got another one")
        return value

    def _value(self, event: Any, events: Iterator[Any], place: Place | None) -> Any:
        if place is not None and place not in self.lines:
            self.lines[place] = event.start_mark.line + 1
        kind = type(event)
        if kind is yaml.AliasEvent or event.anchor:
            raise _RefusedError(event, "anchors and aliases are not allowed; write the value out")
        if kind is yaml.ScalarEvent:
            return self._scalar(event, place)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _RefusedError(event, f"nested deeper than {MAX_DEPTH}")
        read = self._mapping if kind is yaml.MappingStartEvent else self._sequence
        value = read(events, place)
        self._depth -= 1
        return value

    def _sequence(self, events: Iterator[Any], place: Place | None) -> list[Any]:
        result: list[Any] = []
        while type(event := next(events)) is not yaml.SequenceEndEvent:
            result.append(self._value(event, events, self._below(place, len(result))))
        return result

    def _mapping(self, events: Iterator[Any], place: Place | None) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        first: dict[str, int] = {}
        event: Any
        while type(event := next(events)) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent:
                self._note(event, place, "expected a plain key, got a list or mapping")
                self._value(event, events, None)
                self._value(next(events), events, None)
                continue
            if event.anchor:
                raise _RefusedError(event, "anchors and aliases are not allowed; write the value out")
            mark: Any = event.start_mark
            key, line = event.value, mark.line + 1
            here = self._below(place, key)
            if key in first:
                self._note(event, here, f"duplicate key, first used on line {first[key]}")
                self._value(next(events), events, None)
                continue
            first[key] = line
            if here is not None:
                self.lines[here] = line
            result[key] = self._value(next(events), events, here)
        return result

    def _scalar(self, event: Any, place: Place | None) -> Any:
        text, (plain, quoted) = event.value, event.implicit
        if quoted or (plain and not self._may_be_other(text)):
            return text
        resolve: Any = self._resolver.resolve
        given = event.tag not in {None, "!"}
        tag = event.tag if given else resolve(yaml.ScalarNode, text, event.implicit)
        node = yaml.ScalarNode(tag, text, event.start_mark, event.end_mark)
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self._note(event, place, f"not a plain value: {getattr(error, 'problem', error)}")
            return None

    def _may_be_other(self, text: str) -> bool:
        """Whether plain text may be a number, a truth or nothing: by its first letter, as YAML tells them."""
        resolvers: Sequence[Any] = self._resolver.yaml_implicit_resolvers.get(text[:1], ())
        return any(pattern.match(text) for _, pattern in resolvers)

    def _below(self, place: Place | None, part: str | int) -> Place | None:
        return (*place, part) if place is not None and len(place) < self._kept else None

    def _note(self, event: Any, place: Place | None, message: str) -> None:
        line = event.start_mark.line + 1
        where = dotted(place) if place is not None else ""
        self.problems.append(Problem(file=self.name, line=line, where=where, message=message))
