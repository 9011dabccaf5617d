"""`holdfast up`: everything that serves the flows, until ^C."""

import signal
import threading

import click

from flows.cli.context import Context
from flows.settings import UP_NOTE, own_environment


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=4200, show_default=True, help="Of server and UI."
)
@click.option(
    "--limit", type=click.IntRange(1, 64), default=2, show_default=True, help="Runs at once, by worker."
)
@click.pass_context
def up(ctx: click.Context, *, port: int, limit: int) -> None:
    """Run Prefect's server and UI, the deployments of prefect.yaml and a worker per pool, until ^C.

    Everything binds to loopback. A worker's environment holds no approval key.
    """
    # Prefect takes a second to import, which `holdfast --help` need not wait for
    from flows.up import running  # noqa: PLC0415

    context: Context = ctx.obj
    settings = context.settings
    # whoever serves the estate must be able to write its evidence: better known now than at the first sweep
    settings.evidence_key()
    environment = {**own_environment(), "HOLDFAST_ESTATE": str(settings.path)}
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    note = settings.home / UP_NOTE
    with running(
        home=settings.home / "prefect",
        environment=environment,
        port=port,
        limit=limit,
        told=context.err.print,
    ) as prefect:
        note.write_text(prefect.api_url, "utf-8")
        try:
            click.echo(prefect.ui_url)
            stopped.wait()
            context.err.print("stopping")
        finally:
            note.unlink(missing_ok=True)
