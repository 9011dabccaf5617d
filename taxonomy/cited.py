"""What a control is cited for: the rules, and the attributes of resource types that they name."""

from collections.abc import Mapping
from dataclasses import dataclass

from taxonomy.rule import Rule
from taxonomy.rulebook import Rulebook

ANY = "*"
"""Stands where a rule names no resource type, or no attribute: it is cited for any."""


@dataclass(frozen=True, kw_only=True)
class Cited:
    """What a control is cited for.

    Args:
        attributes: by resource type as the rules write it, the attributes they name of it, in order.
    """

    rules: tuple[Rule, ...]
    attributes: Mapping[str, tuple[str, ...]]

    @property
    def patterns(self) -> int:
        """How many attributes of resource types by name; what any type or attribute has is not counted."""
        named = (found for kind, found in self.attributes.items() if kind != ANY)
        return sum(attribute != ANY for found in named for attribute in found)


def cited(rulebook: Rulebook, control: str) -> Cited:
    """Return what a control, or one below it such as ``2.2.1`` below ``2.2``, is cited for.

    Args:
        rulebook: whose rules are asked.
        control: ``framework:id``.
    """
    below = (f"{control}.", f"{control}(")
    rules = [rule for rule in rulebook.rules if any(_is(name, control, below) for name in rule.controls)]
    found: dict[str, set[str]] = {}
    for rule in rules:
        for kind in rule.when.resource_type or (ANY,):
            found.setdefault(kind, set()).update(rule.when.attribute or (ANY,))
    return Cited(
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        attributes={kind: tuple(sorted(found[kind])) for kind in sorted(found)},
    )


def _is(name: str, control: str, below: tuple[str, ...]) -> bool:
    return name == control or name.startswith(below)
