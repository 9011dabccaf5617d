"""Read ``overrides.yaml`` of the taxonomy's directories.

Later directories override earlier ones by id, and may switch one off with a reason.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from taxonomy.errors import Problem
from taxonomy.overrides import Override, Overrides, Reason, Written
from taxonomy.rule import RULE_ID
from taxonomy.yaml_file import YamlFile, read

FILE = "overrides.yaml"

TagKey = Annotated[str, StringConstraints(to_lower=True, min_length=1)]


class Off(Written):
    """An override of an earlier directory that does not hold here."""

    id: str = Field(pattern=RULE_ID)
    off: Reason


class OverrideFile(Written):
    """The file of one directory."""

    data_class_tags: tuple[TagKey, ...] = ()
    overrides: tuple[Off | Override, ...] = ()


def read_overrides(folders: Iterable[tuple[Path, str]]) -> tuple[Overrides, list[Problem]]:
    """Return what the directories override together, and what is wrong; a directory need not hold any.

    Args:
        folders: each with the name that problems show.
    """
    found: dict[str, tuple[Override, str]] = {}
    keys: set[str] = set()
    problems: list[Problem] = []
    for folder, shown in folders:
        path = folder / FILE
        file = read(path, name=f"{shown}/{FILE}") if path.is_file() else None
        if isinstance(file, YamlFile):
            written = _validated(file, problems)
            keys |= set(written.data_class_tags)
            problems += _merge(found, written, file)
        else:
            problems += file or []
    ordered = sorted(found.items())
    return Overrides(
        overrides=tuple(one for _, (one, _) in ordered),
        data_class_tags=frozenset(keys),
        places={name: place for name, (_, place) in ordered},
    ), problems


def _validated(file: YamlFile, problems: list[Problem]) -> OverrideFile:
    try:
        return OverrideFile.model_validate(file.value)
    except ValidationError as error:
        problems += file.problems(error)
        return OverrideFile()


def _merge(
    found: dict[str, tuple[Override, str]], written: OverrideFile, file: YamlFile
) -> Iterable[Problem]:
    seen: set[str] = set()
    for index, one in enumerate(written.overrides):
        place = ("overrides", index, "id")
        if one.id in seen:
            yield file.problem(place, f"{one.id} is used already in this file; give it an id of its own")
        elif isinstance(one, Override):
            found[one.id] = one, f"{file.name}:{file.line(place)}"
        elif found.pop(one.id, None) is None:
            yield file.problem(place, f"no earlier directory has an override {one.id} to switch off")
        seen.add(one.id)
