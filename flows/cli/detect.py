"""`holdfast detect`: one sweep now."""

from pathlib import Path

import click
from rich.console import Console

from flows import report, tables
from flows.cli.context import Context
from flows.looking import answers, progress_bar, require_worker
from flows.settings import Settings, prefect_api, speak_to_prefect
from flows.sweeping import sweep_once
from flows.swept import Swept
from tasks.errors import ToolError
from taxonomy.drift import SEVERITIES
from taxonomy.target import LAYERS

FORMATS = ("table", "json")

Names = tuple[str, ...]


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
@click.option("--suppressed", is_flag=True, help="List in tables what was put aside, and why.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit 3 for open drift at least this bad.")
@click.pass_context
def detect(
    ctx: click.Context,
    *,
    layers: tuple[str, ...],
    targets: tuple[str, ...],
    remediate: bool,
    outputs: tuple[tuple[str, str], ...],
    suppressed: bool,
    fail_on: str | None,
) -> int:
    """Look at the estate once, record what is there, and print it.

    Without --remediate nothing is opened or changed. With it, a Prefect server and a worker must answer.
    """
    context: Context = ctx.obj
    _check(outputs)
    api_url = prefect_api(context.settings.home)
    if remediate:
        require_worker(api_url)
        if context.settings.trust is None:
            raise ToolError(
                "--remediate needs `trust:` in the estate file: nothing says who wrote the evidence"
            )
    elif api_url is not None and not answers(api_url):
        context.err.print(f"Prefect does not answer at {api_url}; looking without it", markup=False)
        api_url = None
    with progress_bar(context.err):
        swept = (_in_prefect if api_url else _in_threads)(context.settings, layers, targets, remediate)
    code = report.exit_code(swept, fail_on)  # type: ignore[arg-type]
    for form, file in outputs or (("table", ""),):
        if form == "json":
            _put(report.dumps(report.document(swept, code=code)), file)
        elif file:
            with Path(file).open("w", encoding="utf-8") as stream:
                tables.print_tables(swept, Console(file=stream, width=160), suppressed=suppressed)
        else:
            tables.print_tables(swept, context.out, suppressed=suppressed)
    return code


def _check(outputs: tuple[tuple[str, str], ...]) -> None:
    """Refuse what could only fail after the sweep.

    Raises:
        click.ClickException: a file can't be written, or several formats would share standard output.
    """
    if [file for _, file in outputs].count("") > 1:
        raise click.UsageError("-o: expected one format for standard output; give the others a file")
    for _, file in outputs:
        if file:
            try:
                Path(file).open("a", encoding="utf-8").close()
            except OSError as error:
                raise click.FileError(file, str(error.strerror)) from None


def _in_threads(settings: Settings, layers: Names, targets: Names, _remediate: object) -> Swept:
    return sweep_once(settings, layers=layers, names=targets)


def _in_prefect(settings: Settings, layers: Names, targets: Names, remediate: bool) -> Swept:  # noqa: FBT001
    speak_to_prefect(settings)
    # Prefect reads its environment when it is imported
    from flows.sweep import sweep  # noqa: PLC0415

    return sweep(layers=list(layers), targets=list(targets), remediate=remediate)


def _put(text: str, file: str) -> None:
    if file:
        Path(file).write_text(text + "\n", "utf-8")
    else:
        click.echo(text)
