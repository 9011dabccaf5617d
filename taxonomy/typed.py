"""Rules by the resource types that they name, so that few need be asked about one change."""

import re
from collections.abc import Iterable
from fnmatch import translate

from taxonomy.rule import Rule


class Typed:
    """Rules in the order given, found by resource type.

    Args:
        rules: in deciding order.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._named: dict[str, set[int]] = {}
        self._globbed: list[tuple[int, re.Pattern[str]]] = []
        self._untyped: set[int] = set()
        self._rules = tuple(rules)
        self._found: dict[str, tuple[Rule, ...]] = {}
        for number, rule in enumerate(self._rules):
            for glob in rule.when.resource_type or ():
                if "*" in glob:
                    # in a glob only * is special, so fnmatch reads it as the rules mean it
                    self._globbed.append((number, re.compile(translate(glob))))
                else:
                    self._named.setdefault(glob, set()).add(number)
            if not rule.when.resource_type:
                self._untyped.add(number)

    def of(self, resource_type: str) -> tuple[Rule, ...]:
        """Return the rules that hold for a resource type as far as that goes, in order."""
        if resource_type not in self._found:
            name = resource_type.lower()
            globbed = {number for number, glob in self._globbed if glob.match(name)}
            numbers = globbed | self._named.get(name, set()) | self._untyped
            self._found[resource_type] = tuple(self._rules[number] for number in sorted(numbers))
        return self._found[resource_type]
