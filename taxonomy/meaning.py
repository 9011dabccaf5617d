"""What single attributes mean: which way is stronger. Read from `directions/*.yaml`, changed by people.

Each entry says how the values of some attributes of some resource types compare; globs in which only
``*`` is special. An attribute is compared without its list indexes and behind a dot, so that
``*.storage_encrypted`` holds at any depth. Of several entries that hold the most specific counts:
the one with more letters fixed in the type, then in the attribute.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from taxonomy.errors import Problem, RuleError
from taxonomy.when import Glob, OneOrMore
from taxonomy.yaml_file import YamlFile, read

How = Literal[
    "lateral",  # says nothing about security
    "true",  # true is stronger
    "false",  # false is stronger
    "present",  # something is stronger than nothing; another thing instead is not judged
    "there",  # guards something: gone or missing is weaker; what it holds is judged by its parts
    "more",  # a larger number is stronger; nothing and 0 are the weakest
    "more-or-ever",  # a larger number is stronger; nothing and 0 are for ever
    "less",  # a smaller number is stronger; nothing and 0 are the weakest
    "ladder",  # words from weakest to strongest
    "tls",  # a later protocol version is stronger
    "fewer",  # fewer members are stronger
    "members",  # more members are stronger
    "policy",  # a policy document
    "rules",  # network rules
    "sources",  # address ranges that are let in
    "slipped-in",  # a grant beside the declared ones
]


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """How the values of an attribute compare; `ladder` holds its words, weakest first."""

    how: How
    ladder: tuple[str, ...] = ()


class Entry(BaseModel):
    """Some attributes whose values compare alike, as a file of directions says it.

    Args:
        stronger: which way is stronger.
        types: resource types; all of them where none is given.
        attributes: ``x.*`` also matches ``x``; without them, ``stronger: there`` means the whole resource.
        ladder: of ``stronger: ladder``, its words, weakest first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    stronger: How
    types: OneOrMore[Glob] = ("*",)
    attributes: OneOrMore[Glob] | None = None
    ladder: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_its_ladder(self) -> "Entry":
        if (self.stronger == "ladder") is not bool(self.ladder):
            raise ValueError("expected a ladder, weakest word first, with stronger: ladder and only there")
        if self.attributes is None and self.stronger != "there":
            raise ValueError("expected attributes; only stronger: there may speak of whole resources")
        return self


class Meanings:
    """All entries, the most specific first."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        given = tuple(entries)
        self._values = _compiled(entry for entry in given if entry.stronger != "there")
        self._blocks = _compiled(entry for entry in given if entry.stronger == "there")
        whole = (types for entry in given if entry.attributes is None for types in entry.types)
        self._resources = [_regex(types) for types in whole]
        self._found = lru_cache(maxsize=65536)(self._find)

    def of(self, resource_type: str, path: str) -> Meaning | None:
        """Return how the values of an attribute compare; None where nobody has said.

        Args:
            resource_type: Terraform's word.
            path: the attribute behind a dot and without list indexes.
        """
        return self._found(resource_type, path)

    def guard(self, resource_type: str) -> bool:
        """Whether other things stand less guarded where such a resource is missing."""
        return any(types.fullmatch(resource_type) for types in self._resources)

    def guards(self, resource_type: str, path: str) -> bool:
        """Whether the resource stands less guarded where this part of it is gone."""
        return any(t.fullmatch(resource_type) and a.fullmatch(path) for t, a, _ in self._blocks)

    def _find(self, resource_type: str, path: str) -> Meaning | None:
        return next((m for t, a, m in self._values if t.fullmatch(resource_type) and a.fullmatch(path)), None)


def read_meanings(folder: Path, shown: str) -> Meanings:
    """Return what the files of a folder say.

    Args:
        folder: holds ``*.yaml``, each a list of entries.
        shown: the folder, as problems show it.

    Raises:
        RuleError: a file is wrong; every problem at once.
    """
    entries: list[Entry] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        file = read(path, name=f"{shown}/{path.name}")
        if isinstance(file, YamlFile):
            for number, written in enumerate(file.value or []):
                try:
                    entries.append(Entry.model_validate(written))
                except ValidationError as error:
                    problems += file.problems(error, below=(number,))
        else:
            problems += file
    if problems:
        raise RuleError(problems)
    return Meanings(entries)


@cache
def builtin_meanings() -> Meanings:
    """Return what comes with Holdfast; it is read once.

    Raises:
        RuleError: the installation is damaged.
    """
    with resources.as_file(resources.files("taxonomy") / "directions") as folder:
        return read_meanings(folder, "builtin/directions")


Line = tuple[re.Pattern[str], re.Pattern[str], Meaning]


def _compiled(entries: Iterable[Entry]) -> list[Line]:
    lines = [
        (types, attribute, Meaning(how=entry.stronger, ladder=entry.ladder))
        for entry in entries
        for types in entry.types
        for written in entry.attributes or ()
        for attribute in {written, written.removesuffix(".*")}
    ]
    lines.sort(key=lambda line: (-_letters(line[0]), -_letters(line[1]), line[1]))
    return [(_regex(types), _regex(attribute), meaning) for types, attribute, meaning in lines]


def _letters(glob: str) -> int:
    return len(glob.replace("*", ""))


@lru_cache(maxsize=65536)
def _regex(glob: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in glob.split("*")), re.DOTALL)
