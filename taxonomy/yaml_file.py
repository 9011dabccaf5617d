"""Read a YAML file that a person wrote, and remember on which line each value stands.

Anchors and aliases are refused (they make bombs, and hide what a reviewer should see), and so are
duplicate keys, tags that construct objects, files over 1 MiB and nesting deeper than 40.

Source: https://yaml.org/spec/1.1/ as PyYAML's `SafeLoader` reads it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from taxonomy.errors import Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 40

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it is built in: the rules load seven times as fast, with the same lines."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class YamlFile:
    """A parsed file.

    Args:
        name: the file, as the user named it.
        value: plain Python values.
        lines: the line, counted from 1, of each key path that occurs.
    """

    name: str
    value: Any
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """Return the line of the deepest part of `place` that the file holds."""
        for end in range(len(place), -1, -1):
            if place[:end] in self.lines:
                return self.lines[place[:end]]
        return 1

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
    try:
        _refuse_aliases(text)
        node = yaml.compose(text, Loader=_LOADER)
    except _RefusedError as refused:
        return [refused.problem(name)]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return [Problem(file=name, line=line, where="", message=f"not YAML: {error.problem}")]
    except (yaml.YAMLError, RecursionError) as error:
        return [Problem(file=name, line=0, where="", message=f"not YAML: {type(error).__name__}")]
    reader = _Reader(name)
    value = reader.value(node, ()) if node is not None else None
    return reader.problems or YamlFile(name=name, value=value, lines=reader.lines)


def _refuse_aliases(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _RefusedError(event, "anchors and aliases are not allowed; write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _RefusedError(event, f"nested deeper than {MAX_DEPTH}")


class _RefusedError(Exception):
    def __init__(self, event: yaml.Event, message: str) -> None:
        super().__init__(message)
        self.line = event.start_mark.line + 1 if event.start_mark else 0

    def problem(self, name: str) -> Problem:
        return Problem(file=name, line=self.line, where="", message=str(self))


class _Reader:
    """Builds plain values from nodes and notes lines and duplicate keys on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, index)) for index, item in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self._note(node, place, f"not a plain value: {getattr(error, 'problem', error)}")
            return None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                self._note(key_node, place, "expected a plain key, got a list or mapping")
                continue
            here = (*place, key)
            if key in result:
                self._note(key_node, here, f"duplicate key, first used on line {self.lines[here]}")
                continue
            self.lines[here] = key_node.start_mark.line + 1
            result[key] = self.value(value_node, here)
        return result

    def _note(self, node: yaml.Node, place: Place, message: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(file=self.name, line=line, where=dotted(place), message=message))
