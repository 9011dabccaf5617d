"""Which region each provider of the code is for, as far as a plan's ``configuration`` tells.

``AWS_REGION`` is set from the target, but ``region`` of a ``provider`` block rules over it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.terraform.document import block_address
from tasks.terraform.planned import NOTHING, Values

REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
_DEEPEST = 20


@dataclass(frozen=True, kw_only=True)
class Providers:
    """The AWS providers of one plan.

    Args:
        used: by the address of a managed block: the key of its provider.
        regions: by key: the region that the code names; None where it is computed. A provider that names
            none is absent: it takes ``AWS_REGION``.
        placed: blocks that name a region of their own, as provider 6 allows: nothing is known of theirs.
    """

    used: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str | None] = field(default_factory=dict)
    placed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: Values) -> "Providers":
        """Return the AWS providers of a plan; an absent ``configuration`` has none."""
        configuration = document.get("configuration") or NOTHING
        given = {name: one.get("value") for name, one in (document.get("variables") or NOTHING).items()}
        found = {
            key: _region(one["expressions"]["region"], given)
            for key, one in (configuration.get("provider_config") or NOTHING).items()
            if one.get("name") == "aws" and "region" in one.get("expressions", NOTHING)
        }
        blocks = dict(_blocks("", configuration.get("root_module") or NOTHING, depth=0))
        return cls(
            used={address: str(one.get("provider_config_key")) for address, one in blocks.items()},
            regions=found,
            placed=frozenset(a for a, one in blocks.items() if "region" in one.get("expressions", NOTHING)),
        )

    def region(self, address: str, default: str) -> str | None:
        """Return the region that a resource's provider is for; None where the plan doesn't tell it.

        Args:
            address: of the resource.
            default: what ``AWS_REGION`` says.
        """
        block = block_address(address)
        key = self.used.get(block)
        if key is None or block in self.placed or ":" in key:
            return None
        return self.regions.get(key, default)


def _blocks(prefix: str, module: Values, *, depth: int) -> Iterator[tuple[str, Values]]:
    for block in module.get("resources", []):
        if block.get("mode") == "managed":
            yield prefix + block["address"], block
    if depth < _DEEPEST:
        for name, call in module.get("module_calls", NOTHING).items():
            yield from _blocks(f"{prefix}module.{name}.", call.get("module", NOTHING), depth=depth + 1)


def _region(expression: Values, given: Mapping[str, Any]) -> str | None:
    """Return the region that an expression comes to: a constant, or a variable that holds a region's name."""
    value = expression.get("constant_value")
    references = expression.get("references", [])
    names = {name.removeprefix("var.").partition(".")[0].partition("[")[0] for name in references}
    if value is None and len(names) == 1 and references[0].startswith("var."):
        value = given.get(names.pop())
    return value if isinstance(value, str) and REGION.fullmatch(value) else None
