"""All rules that apply, in the order in which they decide, and the controls they may cite.

A directory of the taxonomy holds ``rules/*.yaml``, ``retired.yaml`` and, where it adds any,
``controls/*.yaml``, ``directions/*.yaml`` and ``overrides.yaml``. Later directories override earlier ones, a
rule or a field of one at a time. Everything wrong is told at once.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel

from taxonomy.controls import Catalogue, read_controls
from taxonomy.drift import SEVERITIES, UNCLASSIFIED, Tier
from taxonomy.errors import Problem, RuleError
from taxonomy.meaning import Meanings, builtin_meanings, read_entries
from taxonomy.overlay import Laid, Revision
from taxonomy.override_files import FILE as OVERRIDES
from taxonomy.override_files import read_overrides
from taxonomy.overrides import NONE as NO_OVERRIDES
from taxonomy.overrides import Overrides
from taxonomy.place import Place
from taxonomy.rule import Remedy, Rule, canonical
from taxonomy.rule_files import RETIRED, Retired, read_directory
from taxonomy.typed import Typed
from taxonomy.yaml_file import read_builtin

BUILTIN = "builtin"
"""The directory that comes with Holdfast, as the estate file names it."""

_PARTS = ("rules", "controls", "directions")
_BESIDE = ("waivers", "noise")
"""Read elsewhere, where what is written wrong stops nothing."""

UNCLASSIFIED_BECAUSE = "No rule matches this change, so nobody has said yet what it means: a person decides."


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """All rules that apply, and the controls they may cite.

    Args:
        rules: one of each id, in any order.
        overrides: what surroundings change about a decision.
        places: where each rule was written, by id.
        meanings: which way each attribute is stronger.
        fields: where each field of each rule was written, by id and field.
        revisions: what each directory changed of those before it, in order.
        retired: ids that decide no more, with the reason.
        retired_at: where each of them was written.
        first: the rules as the first directory has them; None where they came from no directory.
    """

    rules: tuple[Rule, ...]
    catalogue: Catalogue
    overrides: Overrides = NO_OVERRIDES
    places: Mapping[str, Place] = field(default_factory=dict)
    meanings: Meanings = field(default_factory=builtin_meanings, compare=False, repr=False)
    fields: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    revisions: tuple[Revision, ...] = ()
    retired: Mapping[str, Retired] = field(default_factory=dict)
    retired_at: Mapping[str, Place] = field(default_factory=dict)
    first: tuple[Rule, ...] | None = None

    @property
    def underneath(self) -> tuple[Rule, ...]:
        """The rules before any directory lay over another."""
        return self.rules if self.first is None else self.first

    @cached_property
    def ordered(self) -> tuple[Rule, ...]:
        """The rules in deciding order, first match wins: most severe, then most specific, then id."""
        return tuple(sorted(self.rules, key=_rank))

    @cached_property
    def typed(self) -> Typed:
        """The rules in deciding order, found by resource type."""
        return Typed(self.ordered)

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """The rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def remembers(self) -> bool:
        """Whether some rule asks for what only earlier sweeps know."""
        return any(rule.when.remembers for rule in self.rules)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that rules and overrides decide, of what values mean, and of citable ids."""
        parts = {
            "rules": {rule.id: rule.digest for rule in self.rules},
            "controls": self.catalogue.digest,
            "directions": self.meanings.digest,
            "overrides": self.overrides.meaning,
        }
        return hashlib.sha256(canonical(parts).encode()).hexdigest()

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
        directories: paths, or ``builtin``; later ones override earlier ones, by rule or by field.

    Raises:
        RuleError: something is wrong; every problem has file, line and key.
    """
    with ExitStack() as stack:
        folders = [_folder(stack, directory) for directory in directories]
        problems = [problem for folder, shown in folders for problem in _misplaced(folder, shown)]
        catalogue, wrong = read_controls(
            [(folder / "controls", f"{shown}/controls") for folder, shown in folders]
        )
        overrides, unread = read_overrides(folders)
        laid = Laid(problems=problems + wrong + unread)
        meanings = _meanings(folders, laid.problems)
        for folder, shown in folders:
            laid.lay(read_directory(folder, shown, catalogue, laid.problems), catalogue)
    if not folders:
        message = "expected at least one directory"
        laid.problems.append(Problem(file="taxonomy", line=0, where="", message=message))
    if laid.problems:
        raise RuleError(laid.problems)
    return Rulebook(
        rules=tuple(one.rule for one in laid.written.values()),
        catalogue=catalogue,
        meanings=meanings,
        overrides=overrides,
        places={rule_id: one.places["id"] for rule_id, one in laid.written.items()},
        fields={rule_id: one.places for rule_id, one in laid.written.items()},
        revisions=tuple(laid.revisions),
        retired={rule_id: one for rule_id, (one, _) in laid.retired.items()},
        retired_at={rule_id: place for rule_id, (_, place) in laid.retired.items()},
        first=laid.underneath,
    )


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


class TierTexts(RootModel[tuple[TierText, ...]]):
    """What `tiers.yaml` holds."""


def tiers() -> tuple[TierText, ...]:
    """Return what each tier means, in the words that people are shown.

    Raises:
        RuleError: the installation is damaged.
    """
    return read_builtin("tiers.yaml", TierTexts).root


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
    if not any((folder / name).exists() for name in (*_PARTS, *_BESIDE, RETIRED, OVERRIDES)):
        yield Problem(
            file=shown,
            line=0,
            where="",
            message=f"expected {', '.join((*_PARTS, *_BESIDE))} or {OVERRIDES} in it; rules go into rules/",
        )
        return
    loose = [] if shown == BUILTIN else [*folder.glob("*.yaml"), *folder.glob("*.yml")]
    stray = [path for path in loose if path.name not in {RETIRED, OVERRIDES}]
    stray += [path for name in _PARTS for path in (folder / name).glob("*.yml")]
    for path in stray:
        place = f"{shown}/{path.relative_to(folder)}"
        message = f"would not be read: put it into one of {', '.join(_PARTS)}, with the ending .yaml"
        yield Problem(file=place, line=0, where="", message=message)
