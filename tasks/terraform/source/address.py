"""The address of a block, taken apart."""

from dataclasses import dataclass
from typing import Self

from tasks.terraform.document import block_address


@dataclass(frozen=True, kw_only=True)
class BlockAddress:
    """Where a managed resource is declared.

    Args:
        modules: the names of the module calls that lead there.
        labels: its type and name; empty for the address of anything else.
    """

    modules: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, address: str) -> Self:
        """Return the block of a resource, with or without indexes: ``module.a["x"].aws_sns_topic.b[0]``."""
        modules: list[str] = []
        match block_address(address).split("."):
            case [*calls, kind, name] if len(calls) % 2 == 0 and set(calls[::2]) <= {"module"}:
                modules = calls[1::2]
                return cls(modules=tuple(modules), labels=(kind, name))
        return cls(modules=(), labels=())
