"""What single attributes mean: which way is stronger. Read from `directions/*.yaml`, changed by people.

Each entry says how the values of some attributes of some resource types compare; globs in which only
``*`` is special. An attribute is compared without its list indexes and behind a dot, so that
``*.storage_encrypted`` holds at any depth. Of several entries that hold the most specific counts:
the one with more letters fixed in the type, then in the attribute; of equals, the one of the later directory.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from taxonomy.errors import Problem, RuleError
from taxonomy.when import Glob, OneOrMore, canonical
from taxonomy.yaml_file import YamlFile, read

How = Literal[
    "lateral",  # says nothing about security
    "true",  # true is stronger
    "false",  # false is stronger
    "present",  # something is stronger than nothing; another thing instead is not judged
    "there",  # guards something: gone or missing is weaker; what it holds is judged by its parts
    "more",  # a larger number or a longer time is stronger; nothing and 0 are the weakest
    "more-or-ever",  # a larger number or a longer time is stronger; nothing, 0 and -1 are for ever
    "less",  # a smaller number or a shorter time is stronger; nothing, 0 and -1 are the weakest
    "lower",  # a smaller number or a shorter time is stronger, 0 the strongest; nothing is not judged
    "ladder",  # words from weakest to strongest
    "tls",  # a later lowest protocol version is stronger; policies of clouds are known by name
    "later",  # a later version is stronger
    "key",  # a key of one's own is stronger than a service's, and that than none
    "mode",  # fewer permissions of a file are stronger
    "algorithms",  # fewer algorithms known to be weak are stronger
    "fewer",  # fewer members are stronger; a member with * stands for all that it covers
    "members",  # more members are stronger
    "policy",  # a policy document
    "rules",  # network rules, in order where they have one
    "sources",  # address ranges that are let in
    "ports",  # ports that are let in
    "sources-of-a-rule",  # address ranges of a rule that may let in or keep out: fewer are not judged
    "ports-of-a-rule",  # ports of such a rule
    "range-start",  # the first address that is let in
    "range-end",  # the last address that is let in
    "slipped-in",  # a grant beside the declared ones
]

WHOLE: frozenset[How] = frozenset({"there", "slipped-in"})
"""What may be said of whole resources: missing, it guards no longer; unmanaged, it slipped in."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """How the values of an attribute compare.

    Args:
        ladder: its words, weakest first; words of one height stand together and don't compare, and ``a|b``
            is one word, written in two ways.
        default: what it is where nothing stands there; None where that is not known.
    """

    how: How
    ladder: tuple[tuple[str, ...], ...] = ()
    default: Any = None


class Entry(BaseModel):
    """Some attributes whose values compare alike, as a file of directions says it.

    Args:
        stronger: which way is stronger.
        types: resource types; all of them where none is given.
        attributes: ``x.*`` also matches ``x``; without them, the whole resource is meant.
        ladder: of ``stronger: ladder``, its words, weakest first; a list for words of one height, which don't
            compare; ``a|b`` for one word that is written in two ways.
        default: the value that counts where none is given, or an empty one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    stronger: How
    types: OneOrMore[Glob] = ("*",)
    attributes: OneOrMore[Glob] | None = None
    ladder: tuple[OneOrMore[str], ...] = ()
    default: Any = None

    @model_validator(mode="after")
    def _has_its_ladder(self) -> "Entry":
        if (self.stronger == "ladder") is not bool(self.ladder):
            raise ValueError("expected a ladder, weakest word first, with stronger: ladder and only there")
        if self.attributes is None and self.stronger not in WHOLE:
            raise ValueError(
                "expected attributes; only stronger: there and slipped-in may speak of whole resources"
            )
        return self


Ranked = tuple[str, str, Meaning]
"""Globs of types and of attributes, and how these compare."""

Line = tuple[re.Pattern[str], re.Pattern[str], Meaning]


class Meanings:
    """All entries, the most specific first.

    Args:
        entries: of equally specific ones, the last counts.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        given = tuple(entries)
        self.entries = given
        values = _ranked(entry for entry in given if entry.stronger != "there")
        self._values = [(_ending(line[1]), line) for line in values]
        self._of_word = lru_cache(maxsize=4096)(self._ending_in)
        self._blocks = _compiled(_ranked(entry for entry in given if entry.stronger == "there"))
        whole = [(entry.stronger, types) for entry in given if not entry.attributes for types in entry.types]
        self._guards = [_regex(types) for stronger, types in whole if stronger == "there"]
        self._intruders = [_regex(types) for stronger, types in whole if stronger == "slipped-in"]
        self._found = lru_cache(maxsize=65536)(self._find)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that the entries say."""
        text = canonical([entry.model_dump(mode="json", exclude_defaults=True) for entry in self.entries])
        return hashlib.sha256(text.encode()).hexdigest()

    def of(self, resource_type: str, path: str) -> Meaning | None:
        """Return how the values of an attribute compare; None where nobody has said.

        Args:
            resource_type: Terraform's word.
            path: the attribute behind a dot and without list indexes.
        """
        return self._found(resource_type, path)

    def guard(self, resource_type: str) -> bool:
        """Whether other things stand less guarded where such a resource is missing."""
        return any(types.fullmatch(resource_type) for types in self._guards)

    def intruder(self, resource_type: str) -> bool:
        """Whether somebody is let in where such a resource is that nobody declared."""
        return any(types.fullmatch(resource_type) for types in self._intruders)

    def guards(self, resource_type: str, path: str) -> bool:
        """Whether the resource stands less guarded where this part of it is gone."""
        return any(t.fullmatch(resource_type) and a.fullmatch(path) for t, a, _ in self._blocks)

    def _find(self, resource_type: str, path: str) -> Meaning | None:
        lines = self._of_word(path.rpartition(".")[2])
        return next((m for t, a, m in lines if t.fullmatch(resource_type) and a.fullmatch(path)), None)

    def _ending_in(self, word: str) -> list[Line]:
        """Return the lines that may hold for a path whose last word this is."""
        return _compiled(line for ending, line in self._values if ending in {word, ""})


def read_entries(folder: Path, shown: str, problems: list[Problem]) -> list[Entry]:
    """Return what the files of a folder say.

    Args:
        folder: holds ``*.yaml``, each a list of entries.
        shown: the folder, as problems show it.
        problems: what is wrong is added to it.
    """
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.yaml")):
        file = read(path, name=f"{shown}/{path.name}")
        if isinstance(file, YamlFile):
            entries += _entries(file, problems)
        else:
            problems += file
    return entries


def _entries(file: YamlFile, problems: list[Problem]) -> Iterable[Entry]:
    if not isinstance(file.value, list):
        problems.append(file.problem((), "expected a list of entries, each beginning with - stronger:"))
        return
    for number, written in enumerate(file.value):
        try:
            yield Entry.model_validate(written)
        except ValidationError as error:
            problems += file.problems(error, below=(number,), model=Entry)


@cache
def builtin_meanings() -> Meanings:
    """Return what comes with Holdfast; it is read once.

    Raises:
        RuleError: the installation is damaged.
    """
    problems: list[Problem] = []
    with resources.as_file(resources.files("taxonomy") / "directions") as folder:
        entries = read_entries(folder, "builtin/directions", problems)
    if problems:
        raise RuleError(problems)
    return Meanings(entries)


def _compiled(lines: Iterable[Ranked]) -> list[Line]:
    return [(_regex(types), _regex(attribute), meaning) for types, attribute, meaning in lines]


def _ending(glob: str) -> str:
    """Return the last word of all paths that a glob matches; empty where they differ in it."""
    word = glob.rpartition(".")[2]
    return "" if "*" in word else word


def _ranked(entries: Iterable[Entry]) -> list[Ranked]:
    lines = [
        (types, attribute, Meaning(how=entry.stronger, ladder=entry.ladder, default=entry.default))
        for entry in entries
        for types in entry.types
        for written in entry.attributes or ()
        for attribute in sorted({written, written.removesuffix(".*")})
    ]
    lines.reverse()
    lines.sort(key=lambda line: (-_letters(line[0]), -_letters(line[1])))
    return lines


def _letters(glob: str) -> int:
    return len(glob.replace("*", ""))


@lru_cache(maxsize=65536)
def _regex(glob: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in glob.split("*")), re.DOTALL)
