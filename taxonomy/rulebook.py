"""All rules that apply, in the order in which they decide, and the controls they may cite.

A directory of the taxonomy holds ``rules/*.yaml`` and, where it adds any, ``controls/*.yaml`` and
``directions/*.yaml``.
Later directories override earlier ones, a whole rule at a time. Everything wrong is told at once.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from taxonomy.controls import Catalogue, read_controls
from taxonomy.drift import SEVERITIES, UNCLASSIFIED, Tier
from taxonomy.errors import Problem, RuleError
from taxonomy.meaning import Meanings, builtin_meanings, read_entries
from taxonomy.rule import Remedy, Rule, canonical
from taxonomy.yaml_file import YamlFile, read

BUILTIN = "builtin"
"""The directory that comes with Holdfast, as the estate file names it."""

_PARTS = ("rules", "controls", "directions")

UNCLASSIFIED_BECAUSE = "No rule matches this change, so nobody has said yet what it means: a person decides."


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a rule was written."""

    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """All rules that apply, and the controls they may cite.

    Args:
        rules: one of each id, in any order.
        places: where each rule was written, by id.
        meanings: which way each attribute is stronger.
    """

    rules: tuple[Rule, ...]
    catalogue: Catalogue
    places: Mapping[str, Place] = field(default_factory=dict)
    meanings: Meanings = field(default_factory=builtin_meanings, compare=False, repr=False)

    @cached_property
    def ordered(self) -> tuple[Rule, ...]:
        """The rules in deciding order, first match wins: most severe, then most specific, then id."""
        return tuple(sorted(self.rules, key=_rank))

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """The rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that the rules decide, of what values mean, and of the ids they may cite."""
        digests = {rule.id: rule.digest for rule in self.rules}
        text = canonical(
            {"rules": digests, "controls": self.catalogue.digest, "directions": self.meanings.digest}
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def because(self, rule_id: str) -> str:
        """Return why a rule puts a change into its tier; also for `UNCLASSIFIED`.

        Raises:
            KeyError: no such rule.
        """
        return UNCLASSIFIED_BECAUSE if rule_id == UNCLASSIFIED else self.by_id[rule_id].because

    def remedy(self, rule_id: str) -> Remedy:
        """Return what a rule says restores a change; an unclassified one is left to hands.

        Raises:
            KeyError: no such rule.
        """
        return "by-hand" if rule_id == UNCLASSIFIED else self.by_id[rule_id].remedy


def load(directories: Iterable[str | Path] = (BUILTIN,)) -> Rulebook:
    """Return the rulebook that the directories hold together.

    Args:
        directories: paths, or ``builtin``; later ones override earlier ones, rule by rule.

    Raises:
        RuleError: something is wrong; every problem has file, line and key.
    """
    with ExitStack() as stack:
        folders = [_folder(stack, directory) for directory in directories]
        problems = [problem for folder, shown in folders for problem in _misplaced(folder, shown)]
        catalogue, wrong = read_controls(
            [(folder / "controls", f"{shown}/controls") for folder, shown in folders]
        )
        problems += wrong
        meanings = _meanings(folders, problems)
        rules: dict[str, Rule] = {}
        places: dict[str, Place] = {}
        for folder, shown in folders:
            found = _read_rules(folder, shown, catalogue, problems)
            rules |= {rule.id: rule for rule, _ in found}
            places |= {rule.id: place for rule, place in found}
    if not folders:
        problems.append(Problem(file="taxonomy", line=0, where="", message="expected at least one directory"))
    if problems:
        raise RuleError(problems)
    return Rulebook(rules=tuple(rules.values()), catalogue=catalogue, places=places, meanings=meanings)


class TierText(BaseModel):
    """What a tier means to the people who live with it, as `tiers.yaml` says it.

    Args:
        silence: what happens when nobody answers.
        never: when the tier does not apply, whatever a rule says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tier: Tier
    means: str
    silence: str
    never: tuple[str, ...]


def tiers() -> tuple[TierText, ...]:
    """Return what each tier means, in the words that people are shown.

    Raises:
        RuleError: the installation is damaged.
    """
    with resources.as_file(resources.files("taxonomy") / "tiers.yaml") as path:
        file = read(path, name=f"{BUILTIN}/tiers.yaml")
    if not isinstance(file, YamlFile):
        raise RuleError(file)
    try:
        return tuple(TierText.model_validate(written) for written in file.value)
    except ValidationError as error:
        raise RuleError(file.problems(error)) from error


def _rank(rule: Rule) -> tuple[int, int, int, str]:
    predicates, letters = rule.when.specificity
    return SEVERITIES.index(rule.severity), -predicates, -letters, rule.id


def _folder(stack: ExitStack, directory: str | Path) -> tuple[Path, str]:
    if str(directory) == BUILTIN:
        return stack.enter_context(resources.as_file(resources.files("taxonomy"))), BUILTIN
    return Path(directory), str(directory)


def _meanings(folders: Iterable[tuple[Path, str]], problems: list[Problem]) -> Meanings:
    """Return what values mean: as Holdfast has it, and over it what each directory says, in their order."""
    ours = builtin_meanings()
    more = [
        entry
        for folder, shown in folders
        if shown != BUILTIN
        for entry in read_entries(folder / "directions", f"{shown}/directions", problems)
    ]
    return Meanings((*ours.entries, *more)) if more else ours


def _misplaced(folder: Path, shown: str) -> Iterable[Problem]:
    """Tell of files that would be passed over in silence."""
    if not any((folder / name).is_dir() for name in _PARTS):
        yield Problem(
            file=shown,
            line=0,
            where="",
            message="expected rules/*.yaml, controls/*.yaml or directions/*.yaml in it; rules go into rules/",
        )
        return
    stray = [] if shown == BUILTIN else [*folder.glob("*.yaml"), *folder.glob("*.yml")]
    stray += [path for name in _PARTS for path in (folder / name).glob("*.yml")]
    for path in stray:
        place = f"{shown}/{path.relative_to(folder)}"
        message = "would not be read: put it into rules/, controls/ or directions/, with the ending .yaml"
        yield Problem(file=place, line=0, where="", message=message)


def _read_rules(
    folder: Path, shown: str, catalogue: Catalogue, problems: list[Problem]
) -> list[tuple[Rule, Place]]:
    found: list[tuple[Rule, Place]] = []
    for path in sorted((folder / "rules").glob("*.yaml")):
        file = read(path, name=f"{shown}/rules/{path.name}")
        if isinstance(file, YamlFile):
            found += _rules(file, catalogue, problems)
        else:
            problems += file
    first: dict[str, Place] = {}
    for rule, place in found:
        if rule.id in first:
            other = first[rule.id]
            message = (
                f"{rule.id} is used already in {other.file}:{other.line}; every rule needs an id of its own"
            )
            problems.append(Problem(file=place.file, line=place.line, where="id", message=message))
        first.setdefault(rule.id, place)
    return found


def _rules(file: YamlFile, catalogue: Catalogue, problems: list[Problem]) -> Iterable[tuple[Rule, Place]]:
    if not isinstance(file.value, list) or not file.value:
        problems.append(file.problem((), "expected a list of rules, each beginning with - id:"))
        return
    for index, written in enumerate(file.value):
        try:
            rule = Rule.model_validate(written)
        except ValidationError as error:
            problems += file.problems(error, below=(index,))
            continue
        problems += _uncited(file, index, rule, catalogue)
        yield rule, Place(file=file.name, line=file.line((index, "id")))


def _uncited(file: YamlFile, index: int, rule: Rule, catalogue: Catalogue) -> Iterable[Problem]:
    for position, name in enumerate(rule.controls):
        if name not in catalogue:
            heirs = ", ".join(catalogue.withdrawn.get(name, ()))
            hint = (
                f"it was withdrawn; cite {heirs}"
                if heirs
                else "add it to controls/, or cite one that is there"
            )
            yield file.problem((index, "controls", position), f"{name} is not a known control: {hint}")
