"""`holdfast demo`: the whole story on an embedded estate."""

import click

from flows.cli.context import Context


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask before starting.")
@click.option("--keep", is_flag=True, help="Leave server and UI up until ^C.")
@click.pass_context
def demo(ctx: click.Context, *, yes: bool, keep: bool) -> int:
    """Tell the whole story on an embedded estate: no account, no credentials, nothing left running."""
    # moto and Prefect take seconds to import, which no other command should wait for
    from examples.demo import story  # noqa: PLC0415

    context: Context = ctx.obj
    if context.out.is_terminal and not yes:
        click.confirm("Start simulated clouds and Prefect on loopback, for about three minutes?", abort=True)
    return story(context.out, context.err, keep=keep)
