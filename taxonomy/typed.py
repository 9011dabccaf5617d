"""Rules by the resource types that they name, so that few need be asked about one change."""

from collections.abc import Iterable

from taxonomy.fits import Fits, numbers
from taxonomy.rule import Rule


class Typed:
    """Rules in the order given, found by resource type.

    Args:
        rules: in deciding order.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._fits = Fits(rule.when.resource_type or () for rule in self._rules)
        self._found: dict[str, tuple[Rule, ...]] = {}

    def of(self, resource_type: str) -> tuple[Rule, ...]:
        """Return the rules that hold for a resource type as far as that goes, in order."""
        if resource_type not in self._found:
            bits = self._fits.of(resource_type.lower())
            self._found[resource_type] = tuple(self._rules[number] for number in numbers(bits))
        return self._found[resource_type]
