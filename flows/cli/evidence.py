"""`holdfast evidence`: the auditors' commands, over the estate's own evidence."""

import os
import secrets

import click

from evidence.cli import EvidencePlace
from evidence.cli import evidence as auditors
from evidence.keys import made_or_kept
from flows.cli.context import Context
from flows.settings import REDACTION_KEY_BYTES


class _Mounted(click.Group):
    """The auditors' commands, told where the estate's evidence lies."""

    def invoke(self, ctx: click.Context) -> object:
        """Hand the estate's evidence over, unless the command makes the keys that it needs."""
        context: Context = ctx.obj
        if ctx._protected_args[:1] != ["key"]:  # noqa: SLF001 - click names the subcommand nowhere else yet
            ctx.obj = EvidencePlace(root=context.settings.root, trust=context.settings.trust)
        return super().invoke(ctx)


@click.command()
@click.pass_context
def key(ctx: click.Context) -> None:
    """Make this machine's evidence key and the estate's redaction key; print what to trust, again if made."""
    context: Context = ctx.obj
    settings = context.settings
    made = made_or_kept(settings.evidence_key_path)
    if not settings.redaction_key_path.exists():
        place = os.open(settings.redaction_key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(place, "wb") as file:
            file.write(secrets.token_bytes(REDACTION_KEY_BYTES))
    context.err.print(f"evidence key:  {settings.evidence_key_path}", soft_wrap=True)
    context.err.print(
        f"redaction key: {settings.redaction_key_path} (one per estate: copy it)", soft_wrap=True
    )
    click.echo("# in the estate file, under `trust:`, which may be there already")
    click.echo(f"  - {{key_id: {made.key_id}, purpose: evidence}}")


evidence = _Mounted(name="evidence", help=auditors.help, commands={**auditors.commands, "key": key})
