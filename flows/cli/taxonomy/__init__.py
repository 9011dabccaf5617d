"""`holdfast taxonomy`: work on rules.

DIRECTORIES lie over the built-in rules, in their order; without any, the built-in ones are meant.
"""

import click

from flows.cli.taxonomy.covered import coverage, docs, show
from flows.cli.taxonomy.held import lint, lock, test
from flows.cli.taxonomy.moved import diff, preview
from flows.cli.taxonomy.tried import try_


@click.group()
def taxonomy() -> None:
    """Check rules, prove their examples, try them, and show what they cover and what an edit would do."""


for command in (lint, test, try_, show, coverage, preview, diff, lock, docs):
    taxonomy.add_command(command)
