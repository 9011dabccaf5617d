"""What the rules cover, counted from the rules themselves, and what they don't, by name.

A type is covered where a rule names it; a rule for any type of a provider (``aws_*``) or for any at all
names none. Which types matter most is data with its source: `most_checked.yaml`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from taxonomy.oracle import holds
from taxonomy.rule import Rule, When
from taxonomy.rulebook import Rulebook
from taxonomy.yaml_file import read_builtin

NAMING = 2
"""How many letters a glob must fix beyond its provider to name a type: ``aws_db_*`` does, ``aws_*`` not."""


class MostChecked(BaseModel):
    """The resource types that are looked at most.

    Args:
        source: what was counted, where.
        checks: how many checks are about each type.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    checks: dict[str, int] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class Area:
    """What one file of rules covers.

    Args:
        area: the file's name, without its ending.
        resource_types: names and globs of types that its rules have.
        patterns: attribute patterns that its rules have.
        controls: that its rules cite.
    """

    area: str
    rules: int
    resource_types: int
    patterns: int
    controls: int


@dataclass(frozen=True, kw_only=True)
class Covered:
    """What is covered of one resource type.

    Args:
        areas: whose rules name it; empty where none does.
        patterns: attribute patterns of the rules that name it.
    """

    resource_type: str
    areas: tuple[str, ...]
    rules: int
    patterns: int
    controls: int


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What the rules cover, and what of the types that matter most they don't.

    Args:
        frameworks: how many controls are cited, and how many there are, by framework.
        types: every type that a rule names in full, and the most checked ones.
        not_covered: most checked types that no rule names, the most checked first.
    """

    rules: int
    resource_types: int
    patterns: int
    changes: int
    areas: tuple[Area, ...]
    frameworks: dict[str, tuple[int, int]]
    types: tuple[Covered, ...]
    most_checked: int
    source: str
    not_covered: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        frameworks = {
            name: {"cited": cited, "known": known} for name, (cited, known) in self.frameworks.items()
        }
        return {**asdict(self), "frameworks": frameworks}


def coverage(rulebook: Rulebook) -> Coverage:
    """Return what the rules cover.

    Raises:
        RuleError: the installation is damaged.
    """
    ranked = most_checked()
    by_area: dict[str, list[Rule]] = {}
    for rule in rulebook.rules:
        by_area.setdefault(area_of(rule, rulebook), []).append(rule)
    plain = {name for name in _patterns(rulebook.rules, "resource_type") if "*" not in name}
    types = tuple(_covered(name, by_area) for name in sorted({*plain, *ranked.checks}))
    bare = {one.resource_type for one in types if not one.areas}
    return Coverage(
        rules=len(rulebook.rules),
        resource_types=len(_patterns(rulebook.rules, "resource_type")),
        patterns=len(_patterns(rulebook.rules, "attribute")),
        changes=sum(len(list(e.rows(rule.when))) for rule in rulebook.rules for e in rule.examples),
        areas=tuple(_area(area, rules) for area, rules in sorted(by_area.items())),
        frameworks=_frameworks(rulebook),
        types=types,
        most_checked=len(ranked.checks),
        source=ranked.source,
        not_covered=tuple(name for name in ranked.checks if name in bare),
    )


def area_of(rule: Rule, rulebook: Rulebook) -> str:
    """Return the area that a rule belongs to: the name of its file."""
    place = rulebook.places.get(rule.id)
    return PurePath(place.file).stem if place else "elsewhere"


def most_checked() -> MostChecked:
    """Return the resource types that are looked at most, most first.

    Raises:
        RuleError: the installation is damaged.
    """
    return read_builtin("most_checked.yaml", MostChecked)


def _area(area: str, rules: list[Rule]) -> Area:
    return Area(
        area=area,
        rules=len(rules),
        resource_types=len(_patterns(rules, "resource_type")),
        patterns=len(_patterns(rules, "attribute")),
        controls=len({control for rule in rules for control in rule.controls}),
    )


def _covered(name: str, by_area: dict[str, list[Rule]]) -> Covered:
    naming = {area: [rule for rule in rules if _names(rule, name)] for area, rules in by_area.items()}
    rules = [rule for found in naming.values() for rule in found]
    return Covered(
        resource_type=name,
        areas=tuple(sorted(area for area, found in naming.items() if found)),
        rules=len(rules),
        patterns=len(_patterns(rules, "attribute")),
        controls=len({control for rule in rules for control in rule.controls}),
    )


def _names(rule: Rule, name: str) -> bool:
    globs = tuple(glob for glob in rule.when.resource_type or () if _is_name(glob))
    return bool(globs) and holds(_typed(globs), {"resource_type": name, "declared": None, "actual": None})


def _is_name(glob: str) -> bool:
    _, _, own = glob.partition("_")
    return "*" not in glob or len(own.replace("*", "")) >= NAMING or "/" in glob or ":" in glob


@lru_cache(maxsize=4096)
def _typed(globs: tuple[str, ...]) -> When:
    return When(resource_type=globs)


def _patterns(rules: Iterable[Rule], key: str) -> set[str]:
    return {glob for rule in rules for glob in getattr(rule.when, key) or ()}


def _frameworks(rulebook: Rulebook) -> dict[str, tuple[int, int]]:
    known = Counter(control.framework for control in rulebook.catalogue.controls.values())
    named = {control for rule in rulebook.rules for control in rule.controls}
    cited = Counter(name.split(":", 1)[0] for name in named)
    return {name: (cited[name], known[name]) for name in sorted(known)}
