"""Which attribute patterns and resource types of a rule no matching example hits: those prove nothing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from taxonomy.errors import Problem
from taxonomy.place import Place
from taxonomy.rule import Rule
from taxonomy.rulebook import BUILTIN, Rulebook

PATTERNED: tuple[Literal["attribute", "resource_type"], ...] = ("attribute", "resource_type")
"""The keys of `when` whose every glob must be hit."""


@dataclass(frozen=True, kw_only=True)
class Unhit:
    """A glob of a rule that no matching example of its own hits."""

    rule_id: str
    key: Literal["attribute", "resource_type"]
    glob: str
    place: Place

    def problem(self) -> Problem:
        """Return it as what is to be done about it."""
        message = f"no matching example hits {self.key} {self.glob}; add one, or each: {self.key} to one"
        return Problem(file=self.place.file, line=self.place.line, where=self.rule_id, message=message)


def unhit(rulebook: Rulebook) -> tuple[Unhit, ...]:
    """Return each glob over attributes and types that its rule's own matching examples leave unproven."""
    return tuple(one for rule in rulebook.rules for one in _unhit(rule, rulebook))


def count(rulebook: Rulebook) -> int:
    """Return how many distinct attribute patterns the rules hold."""
    return len({glob for rule in rulebook.rules for glob in rule.when.attribute or ()})


def _unhit(rule: Rule, rulebook: Rulebook) -> Iterator[Unhit]:
    rows = [row for example in rule.examples if example.match for row in example.rows(rule.when)]
    named = {key: {str(row[key]) for row in rows} for key in PATTERNED}
    places = rulebook.fields.get(rule.id, {})
    place = places.get("when") or rulebook.places.get(rule.id) or Place(file=BUILTIN, line=0)
    for key in PATTERNED:
        for glob in getattr(rule.when, key) or ():
            if not _hit(glob, named[key], parents=key == "attribute"):
                yield Unhit(rule_id=rule.id, key=key, glob=glob, place=place)


def _hit(glob: str, names: Collection[str], *, parents: bool) -> bool:
    """Whether a glob matches a name as it does in a rule: of an attribute, ``x.*`` also matches ``x``."""
    if glob in names or (parents and glob.removesuffix(".*") in names):
        return True
    globs = (glob, glob.removesuffix(".*")) if parents else (glob,)
    return any(fnmatchcase(name if parents else name.lower(), one) for name in names for one in globs)
