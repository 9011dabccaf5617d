"""The commands for auditors: `python -m evidence …`, and under `holdfast evidence …`.

A caller that knows where the evidence lies and whom to trust hands that over as the context object
(`EvidencePlace`); otherwise the folder must be named. Errors leave the commands as `EvidenceError` and
`TamperError`; `main` turns them into exit codes.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from evidence import ledger, reading
from evidence.bundle.pack import pack
from evidence.dsse import load_json
from evidence.errors import EvidenceError, TamperError
from evidence.exports import EXPORTS
from evidence.exports.selection import Wanted, open_selection
from evidence.exports.writing import put
from evidence.manifest import Head
from evidence.options import (
    EvidencePlace,
    form_option,
    head_option,
    path_option,
    root_of,
    trust_option,
    trusted,
)
from evidence.query import Answer
from evidence.reading import tell_copy
from evidence.show import show
from evidence.survey import survey
from evidence.verify import verify

__all__ = ["EvidencePlace", "evidence", "main"]

EXIT_ERROR, EXIT_TAMPERED, EXIT_USAGE = 1, 4, 64


@click.group(name="evidence")
def evidence() -> None:
    """Query and verify the evidence."""


@evidence.command(name="verify")
@click.argument("directory", metavar="[DIR]", required=False)
@path_option
@trust_option
@head_option
@click.pass_context
def verify_command(
    context: click.Context,
    *,
    directory: str | None,
    folder: str | None,
    trust_file: Path | None,
    head_file: Path | None,
) -> None:
    """Check that the evidence is whole, unchanged, and signed by trusted keys."""
    root, trust = root_of(context, directory or folder), trusted(context, trust_file)
    verify(root, trust=trust, heads=() if head_file is None else read_heads(head_file))
    tell_copy(root)
    held = survey(root)
    if not held.batches:
        raise EvidenceError(f"{root}: no evidence yet: the ledger is empty, so nothing is verified")
    writers = "writer" if held.writers == 1 else "writers"
    word = "consistent, authenticity not established" if trust is None else "verified"
    click.echo(
        f"{word}: {held.batches} batches of {held.writers} {writers}, {held.rows} rows "
        f"in {held.files} files, {held.objects} documents"
        + (f", {held.pending} files pending" if held.pending else "")
    )


def read_heads(path: Path) -> list[Head]:
    """Read heads that were kept outside the store, as `heads -o json` writes them.

    Raises:
        EvidenceError: the file can't be read, or holds none.
    """
    try:
        listed = load_json(path.read_bytes(), str(path))
        one_or_more = listed if isinstance(listed, list) else [listed]
        heads = [Head(writer=h["writer"], sequence=h["sequence"], digest=h["digest"]) for h in one_or_more]
    except OSError as error:
        raise EvidenceError(f"{path}: the heads can't be read: {error.strerror}") from error
    except (TamperError, TypeError, KeyError) as error:
        raise EvidenceError(f"{path}: expected JSON [{{writer, sequence, digest}}]") from error
    if not heads:
        raise EvidenceError(f"{path}: expected at least one head, got none")
    return heads


@evidence.command()
@path_option
@form_option
@click.pass_context
def heads(context: click.Context, folder: str | None, form: str) -> None:
    """Show the last batch of every writer: keep it outside the store."""
    found = ledger.heads(root_of(context, folder))
    rows = tuple((head.writer, head.sequence, head.digest) for head in found)
    click.echo(show(Answer(columns=("writer", "sequence", "digest"), rows=rows), form))


for command in (
    reading.query,
    reading.population_command,
    reading.sample_command,
    reading.effectiveness,
    reading.compact_command,
):
    evidence.add_command(command)


class _Output(click.ParamType[tuple[str, Path | None]]):
    """``FORMAT`` or ``FORMAT:FILE``."""

    name = "format[:file]"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path | None]:
        """Return the format and the file, None for standard output."""
        form, _, file = value.partition(":")
        if form not in EXPORTS:
            self.fail(f"expected one of {', '.join(EXPORTS)}, got {form!r}", param, ctx)
        return form, Path(file) if file else None


@evidence.command(name="export")
@click.option("-o", "--output", "outputs", multiple=True, type=_Output(), help=f"{', '.join(EXPORTS)}.")
@click.option(
    "--bundle", type=click.Path(path_type=Path), metavar="DIR|FILE.zip", help="To take home and check."
)
@click.option("--framework", help="Only this framework, such as soc2.")
@click.option("--control", metavar="FRAMEWORK:ID", help="Only this control, such as soc2:CC7.1.")
@click.option("--from", "first", metavar="MONTH", help="The first month: 2026-10.")
@click.option("--to", "last", metavar="MONTH", help="The last month, included.")
@path_option
@trust_option
@head_option
@click.pass_context
def export_command(
    context: click.Context,
    *,
    outputs: tuple[tuple[str, Path | None], ...],
    bundle: Path | None,
    framework: str | None,
    control: str | None,
    first: str | None,
    last: str | None,
    folder: str | None,
    trust_file: Path | None,
    head_file: Path | None,
) -> None:
    """Verify the evidence, then write it in the words of other programs; refuse where it does not verify."""
    if not (outputs or bundle) or [file for _, file in outputs].count(None) > 1:
        raise click.UsageError("expected --bundle, or -o FORMAT:FILE; one format may go to standard output")
    wanted = _wanted(framework, control, first, last)
    heads = () if head_file is None else read_heads(head_file)
    root, trust = root_of(context, folder), trusted(context, trust_file)
    with open_selection(root, wanted, trust=trust, heads=heads) as selection:
        for form, file in outputs:
            put(EXPORTS[form](selection), file)
        if bundle is not None:
            pack(selection, root, bundle)


def _wanted(framework: str | None, control: str | None, first: str | None, last: str | None) -> Wanted:
    if control is None:
        return Wanted(framework=framework, first=first, last=last)
    named, colon, control_id = control.partition(":")
    if not (named and colon and control_id) or framework not in (None, named):
        raise click.UsageError(f"--control: expected FRAMEWORK:ID such as soc2:CC7.1, got {control!r}")
    return Wanted(framework=named, control_id=control_id, first=first, last=last)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 1 error, 4 the evidence does not verify, 64 usage."""
    try:
        evidence.main(
            args=None if arguments is None else list(arguments), prog_name="evidence", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except TamperError as error:
        for sign in error.signs:
            click.echo(f"tampered: {sign}", err=True)
        return EXIT_TAMPERED
    except EvidenceError as error:
        click.echo(f"error: {error}", err=True)
        return EXIT_ERROR
    except click.Abort:
        return EXIT_ERROR
    return 0
