"""What one directory of the taxonomy holds: whole rules, entries that change fields of others, retired ids.

``rules/*.yaml`` is a list of entries: ``id:`` begins a whole rule, ``revises:`` one that changes fields of
a rule of an earlier directory. ``retired.yaml`` lists ids that decide no more and are never used again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from taxonomy.controls import Catalogue
from taxonomy.errors import Problem
from taxonomy.place import Place
from taxonomy.rule import RULE_ID, Rule
from taxonomy.yaml_file import YamlFile, read

RETIRED = "retired.yaml"

ABOUT = frozenset({"revises", "reason"})
"""Keys of an entry that changes another rule, beside the fields that it changes."""

RuleId = Annotated[str, Field(pattern=RULE_ID, max_length=64)]


class Retired(BaseModel):
    """A rule that decides no more; its id is never used again.

    Args:
        reason: why, for whoever looks for it in old evidence.
        heirs: the rules that decide instead, where there are any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: RuleId
    reason: str = Field(min_length=20)
    heirs: tuple[RuleId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Written:
    """A rule with where each of its fields was written; the place of ``id`` is the rule's own.

    Args:
        fields: as the file has them, before they were validated.
    """

    rule: Rule
    fields: Mapping[str, Any]
    places: Mapping[str, Place]


@dataclass(frozen=True, kw_only=True)
class Partial:
    """An entry that changes fields of a rule of an earlier directory.

    Args:
        index: which entry of its file.
        reason: why; needed where it loosens.
    """

    file: YamlFile
    index: int
    rule_id: str
    reason: str | None
    fields: Mapping[str, Any]

    def place(self, field: str = "revises") -> Place:
        """Return where a field was written."""
        return place_of(self.file, self.index, field)


@dataclass(frozen=True, kw_only=True)
class Directory:
    """What one directory holds; ``places`` are of the retired."""

    rules: tuple[Written, ...]
    partials: tuple[Partial, ...]
    retired: tuple[tuple[Retired, Place], ...]


def place_of(file: YamlFile, index: int, field: str) -> Place:
    """Return where a field of one of a file's entries was written."""
    return Place(file=file.name, line=file.line((index, field)))


def read_directory(folder: Path, shown: str, catalogue: Catalogue, problems: list[Problem]) -> Directory:
    """Return what a directory holds; what is wrong with it is added to `problems`.

    Args:
        folder: the directory.
        shown: what the user calls it.
        catalogue: what its rules may cite.
        problems: gets everything that is wrong.
    """
    rules: list[Written] = []
    partials: list[Partial] = []
    for path in sorted((folder / "rules").glob("*.yaml")):
        file = read(path, name=f"{shown}/rules/{path.name}")
        if not isinstance(file, YamlFile):
            problems += file
        elif not isinstance(file.value, list) or not file.value:
            problems.append(
                file.problem((), "expected a list of rules, each beginning with - id: or - revises:")
            )
        else:
            for index, entry in enumerate(file.value):
                if isinstance(entry, dict) and "revises" in entry:
                    partials += _partial(file, index, entry, problems)
                else:
                    rules += _rule(file, index, entry, catalogue, problems)
    problems += _twice([(one.rule.id, one.places["id"], "is used already in") for one in rules])
    problems += _twice([(one.rule_id, one.place(), "is revised already in") for one in partials])
    retired = tuple(_retired(folder / RETIRED, f"{shown}/{RETIRED}", problems))
    return Directory(rules=tuple(rules), partials=tuple(partials), retired=retired)


def uncited(file: YamlFile, index: int, rule: Rule, catalogue: Catalogue) -> Iterable[Problem]:
    """Tell of the controls that a rule cites and nobody knows."""
    for position, name in enumerate(rule.controls):
        if name not in catalogue:
            heirs = ", ".join(catalogue.withdrawn.get(name, ()))
            hint = (
                f"it was withdrawn; cite {heirs}"
                if heirs
                else "add it to controls/, or cite one that is there"
            )
            yield file.problem((index, "controls", position), f"{name} is not a known control: {hint}")


def _rule(
    file: YamlFile, index: int, entry: Any, catalogue: Catalogue, problems: list[Problem]
) -> Iterable[Written]:
    try:
        rule = Rule.model_validate(entry)
    except ValidationError as error:
        problems += file.problems(error, below=(index,), model=Rule)
        return
    problems += uncited(file, index, rule, catalogue)
    yield Written(rule=rule, fields=entry, places={field: place_of(file, index, field) for field in entry})


def _partial(file: YamlFile, index: int, entry: dict[str, Any], problems: list[Problem]) -> Iterable[Partial]:
    rule_id, reason = entry["revises"], entry.get("reason")
    fields = {field: value for field, value in entry.items() if field not in ABOUT}
    if not isinstance(rule_id, str):
        problems.append(file.problem((index, "revises"), "expected the id of a rule"))
    elif "id" in fields:
        problems.append(file.problem((index, "id"), "expected id or revises, not both"))
    elif not fields:
        problems.append(file.problem((index, "revises"), "expected at least one field that it changes"))
    elif reason is not None and not isinstance(reason, str):
        problems.append(file.problem((index, "reason"), "expected text"))
    else:
        yield Partial(file=file, index=index, rule_id=rule_id, reason=reason, fields=fields)


def _retired(path: Path, shown: str, problems: list[Problem]) -> Iterable[tuple[Retired, Place]]:
    if not path.is_file():
        return
    file = read(path, name=shown)
    if not isinstance(file, YamlFile):
        problems += file
        return
    try:
        listed = TypeAdapter(tuple[Retired, ...]).validate_python(file.value or ())
    except ValidationError as error:
        problems += file.problems(error)
        return
    found = [(one, place_of(file, index, "id")) for index, one in enumerate(listed)]
    problems += _twice([(one.id, place, "is retired already in") for one, place in found])
    yield from found


def _twice(named: Iterable[tuple[str, Place, str]]) -> Iterable[Problem]:
    first: dict[str, Place] = {}
    for rule_id, place, said in named:
        if rule_id in first:
            message = f"{rule_id} {said} {first[rule_id]}; every rule needs an id of its own"
            yield Problem(file=place.file, line=place.line, where="id", message=message)
        first.setdefault(rule_id, place)
