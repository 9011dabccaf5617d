"""Build plain values from the events of YAML's parser, and note where each stands and what is refused.

Source: https://yaml.org/spec/1.2.2/ for what a plain value is, and https://yaml.org/spec/1.1/ for all else.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from taxonomy.errors import Problem
from taxonomy.plain_scalar import plain_scalar

MAX_DEPTH = 40
MAX_VALUES = 60_000
"""Of keys, values and lists in one file; the largest that comes with Holdfast has a tenth of that."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it is built in: the rules load seven times as fast, with the same lines."""

Place = tuple[str | int, ...]
Mark = tuple[int, int]
"""Line and column, both counted from 1."""


def dotted(place: Place) -> str:
    """Return a key path as people write it: ``targets[2].layer``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


class RefusedError(Exception):
    """What no file of ours may hold; reading ends there."""

    def __init__(self, event: yaml.Event, message: str) -> None:
        super().__init__(message)
        self.line, self.column = _mark(event)

    def problem(self, name: str) -> Problem:
        """Return it as a problem of a file."""
        return Problem(file=name, line=self.line, column=self.column, where="", message=str(self))


class Reader:
    """Builds plain values from events, and notes marks and problems on the way.

    `marks` are those of keys and of entries of lists, `values` those of single values.

    Args:
        kept: how many keys the paths have at most whose marks are kept; deeper ones have the place None.
    """

    def __init__(self, name: str, *, kept: int) -> None:
        self.name = name
        self.marks: dict[Place, Mark] = {}
        self.values: dict[Place, Mark] = {}
        self.problems: list[Problem] = []
        self._kept = kept
        self._depth = 0
        self._events = 0

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
            raise RefusedError(more, "expected one document, got another one")
        return value

    def _value(self, event: Any, events: Iterator[Any], place: Place | None) -> Any:
        if place is not None and place not in self.marks:
            self.marks[place] = _mark(event)
        kind = type(event)
        self._refuse(event)
        if kind is yaml.ScalarEvent:
            return self._scalar(event, place)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise RefusedError(event, f"nested deeper than {MAX_DEPTH}")
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
            self._refuse(event)
            key, line = event.value, _mark(event)[0]
            if key == "<<":
                raise RefusedError(event, "merging mappings is not allowed; write the keys out")
            here = self._below(place, key)
            if key in first:
                self._note(event, here, f"duplicate key, first used on line {first[key]}")
                self._value(next(events), events, None)
                continue
            first[key] = line
            if here is not None:
                self.marks[here] = _mark(event)
            result[key] = self._value(next(events), events, here)
        return result

    def _scalar(self, event: Any, place: Place | None) -> Any:
        if place is not None:
            self.values[place] = _mark(event)
        if not event.implicit[0]:
            return event.value
        try:
            return plain_scalar(event.value)
        except ValueError as error:
            self._note(event, place, str(error))
            return None

    def _refuse(self, event: Any) -> None:
        """Refuse what no file of ours may hold, whatever its key says."""
        self._events += 1
        if self._events > MAX_VALUES:
            raise RefusedError(event, f"expected at most {MAX_VALUES} values in one file, got more")
        if type(event) is yaml.AliasEvent or event.anchor:
            raise RefusedError(event, "anchors and aliases are not allowed; write the value out")
        if event.tag is not None:
            raise RefusedError(event, f"tags such as {event.tag} are not allowed; write the value alone")

    def _below(self, place: Place | None, part: str | int) -> Place | None:
        return (*place, part) if place is not None and len(place) < self._kept else None

    def _note(self, event: Any, place: Place | None, message: str) -> None:
        line, column = _mark(event)
        where = dotted(place) if place is not None else ""
        problem = Problem(file=self.name, line=line, column=column, where=where, message=message)
        self.problems.append(problem)
