"""`holdfast detect`: one sweep now."""

from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console

from flows.cli.context import Context
from flows.settings import prefect_api, speak_to_prefect
from taxonomy.drift import SEVERITIES
from taxonomy.target import LAYERS

FORMATS = ("table", "json")


class Output(click.ParamType[tuple[str, str]]):
    """``FORMAT`` or ``FORMAT:FILE``."""

    name = "format[:file]"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the format and the file, empty for standard output."""
        form, _, file = value.partition(":")
        if form not in FORMATS:
            self.fail(f"expected one of {', '.join(FORMATS)}, got {form!r}", param, ctx)
        return form, file


@click.command()
@click.option("--layer", "layers", multiple=True, type=click.Choice(LAYERS), help="Only this layer.")
@click.option("--target", "targets", multiple=True, metavar="NAME", help="Only this target.")
@click.option(
    "--remediate/--no-remediate", default=False, help="Open a branch for what is to be put right or asked."
)
@click.option(
    "-o", "--output", "outputs", multiple=True, type=Output(), help="table or json, to a file or not."
)
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit 3 for open drift at least this bad.")
@click.pass_context
def detect(
    ctx: click.Context,
    *,
    layers: tuple[str, ...],
    targets: tuple[str, ...],
    remediate: bool,
    outputs: tuple[tuple[str, str], ...],
    fail_on: str | None,
) -> int:
    """Look at the estate once, record what is there, and print it.

    Without --remediate nothing is opened or changed. With it, a Prefect server and a worker must answer.
    """
    context: Context = ctx.obj
    speak_to_prefect(context.settings)
    # Prefect reads its environment when it is imported
    from flows import report  # noqa: PLC0415
    from flows.looking import progress_bar, require_worker  # noqa: PLC0415
    from flows.sweep import sweep  # noqa: PLC0415

    if remediate:
        require_worker(prefect_api(context.settings.home))
    with ExitStack() as stack:
        stack.enter_context(progress_bar(context.err))
        swept = sweep(
            layers=list(layers),
            targets=list(targets),
            remediate=remediate,
            estate=str(context.settings.path),
        )
    code = report.exit_code(swept, fail_on)  # type: ignore[arg-type]
    for form, file in outputs or (("table", ""),):
        if form == "json":
            _put(report.dumps(report.document(swept, code=code)), file)
        elif file:
            with Path(file).open("w", encoding="utf-8") as stream:
                report.print_tables(swept, Console(file=stream, width=160))
        else:
            report.print_tables(swept, context.out)
    return code


def _put(text: str, file: str) -> None:
    if file:
        Path(file).write_text(text + "\n", "utf-8")
    else:
        click.echo(text)
