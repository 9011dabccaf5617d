"""What every command shares: where the estate is, and how to speak to whoever typed it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from flows.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Context:
    """The global options.

    Args:
        estate: the estate file; None for what the environment says.
        quiet: say nothing but results and errors.
        no_color: no colours.
    """

    estate: Path | None
    quiet: bool
    no_color: bool

    @cached_property
    def out(self) -> Console:
        """Where results go: standard output."""
        return Console(no_color=self.no_color or None, highlight=False, soft_wrap=False)

    @cached_property
    def err(self) -> Console:
        """Where everything else goes: standard error."""
        return Console(stderr=True, no_color=self.no_color or None, highlight=False, quiet=self.quiet)

    @cached_property
    def settings(self) -> "Settings":
        """The settings that apply.

        Raises:
            EstateError: everything that is wrong with the estate file.
        """
        from flows.settings import load  # noqa: PLC0415 - what needs no estate does not wait for it

        return load(self.estate)
