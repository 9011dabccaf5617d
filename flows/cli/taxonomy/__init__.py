"""`holdfast taxonomy`: work on rules.

DIRECTORIES lie over the built-in rules, in their order; without any, the built-in ones are meant.
"""

from importlib import import_module

import click

COMMANDS = {
    "lint": "held.lint",
    "test": "held.test",
    "try": "tried.try_",
    "show": "covered.show",
    "coverage": "covered.coverage",
    "controls": "controls.controls",
    "preview": "moved.preview",
    "diff": "moved.diff",
    "lock": "held.lock",
    "docs": "covered.docs",
    "schema": "covered.schema",
}
"""Where each command stands."""


class _Commands(click.Group):
    """Commands by name, each read only when it is wanted: detectors and clouds take a second to import."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order in which somebody who writes rules meets them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Return a command, from the module that holds it."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(".")
        command: click.Command = getattr(import_module(f"flows.cli.taxonomy.{module}"), attribute)
        return command


taxonomy = _Commands(
    name="taxonomy",
    help="Check rules, prove their examples, try them, and show what they cover and what an edit would do.",
)
