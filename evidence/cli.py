"""The commands for auditors: `python -m evidence …`, and under `holdfast evidence …`.

A caller that knows where the evidence lies and whom to trust hands that over as the context object
(`EvidencePlace`); otherwise the folder must be named. Errors leave the commands as `EvidenceError` and
`TamperError`; `main` turns them into exit codes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from evidence import ledger
from evidence.bundle.pack import pack
from evidence.dsse import load_json
from evidence.errors import EvidenceError, TamperError
from evidence.exports import EXPORTS
from evidence.exports.selection import Wanted, open_selection
from evidence.exports.writing import put
from evidence.keys import Trust, load_trust
from evidence.manifest import Head
from evidence.query import Answer, Scope, ask, connect, population, sample
from evidence.show import show
from evidence.store import local_root
from evidence.survey import survey
from evidence.verify import verify

EXIT_ERROR, EXIT_TAMPERED, EXIT_USAGE = 1, 4, 64


@dataclass(frozen=True, kw_only=True)
class EvidencePlace:
    """Where the evidence lies and whose signatures count; None for the trust: nobody said."""

    root: Path
    trust: Trust | None


_path = click.option("--path", "folder", metavar="DIR", help="The folder of the evidence.")
_trust = click.option(
    "--trust", "trust_file", metavar="FILE", type=click.Path(path_type=Path), help="Whose keys count."
)
_head = click.option(
    "--head", "head_file", metavar="FILE", type=click.Path(path_type=Path), help="Heads kept outside."
)
_form = click.option(
    "-o", "--output", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)


def _scoped(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--to", "last", metavar="MONTH", required=True, help="The last month, included."),
        click.option("--from", "first", metavar="MONTH", required=True, help="The first month: 2026-10."),
        click.option("--control", metavar="FRAMEWORK:ID", required=True, help="Such as soc2:CC7.1."),
    ):
        command = option(command)
    return command


def _scope(control: str, first: str, last: str) -> Scope:
    framework, colon, control_id = control.partition(":")
    if not (framework and colon and control_id):
        raise click.UsageError(f"--control: expected FRAMEWORK:ID such as soc2:CC7.1, got {control!r}")
    return Scope(framework=framework, control_id=control_id, first=first, last=last)


def _root(context: click.Context, folder: str | None) -> Path:
    if folder is not None:
        return local_root(folder)
    if isinstance(context.obj, EvidencePlace):
        return context.obj.root
    raise click.UsageError("expected the folder of the evidence: --path DIR")


def _trusted(context: click.Context, trust_file: Path | None) -> Trust | None:
    if trust_file is not None:
        return load_trust(trust_file)
    return context.obj.trust if isinstance(context.obj, EvidencePlace) else None


@click.group(name="evidence")
def evidence() -> None:
    """Query and verify the evidence."""


@evidence.command(name="verify")
@click.argument("directory", metavar="[DIR]", required=False)
@_path
@_trust
@_head
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
    root, trust = _root(context, directory or folder), _trusted(context, trust_file)
    verify(root, trust=trust, heads=() if head_file is None else read_heads(head_file))
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


def _answer(root: Path, question: Callable[[Any], Answer], form: str) -> None:
    connection = connect(root)
    try:
        click.echo(show(question(connection), form))
    finally:
        connection.close()


@evidence.command()
@click.argument("sql")
@_path
@_form
@click.pass_context
def query(context: click.Context, sql: str, folder: str | None, form: str) -> None:
    """Answer one SELECT over the view `records`."""
    _answer(_root(context, folder), lambda connection: ask(connection, sql), form)


@evidence.command(name="population")
@_scoped
@_path
@_form
@click.pass_context
def population_command(context: click.Context, /, *, folder: str | None, form: str, **asked: str) -> None:
    """List every record about one control in a period."""
    scope = _scope(**asked)
    _answer(_root(context, folder), lambda connection: population(connection, scope), form)


@evidence.command(name="sample")
@_scoped
@click.option("--size", type=click.IntRange(min=1), required=True, help="How many records.")
@click.option("--seed", required=True, help="Any text; the same seed draws the same records.")
@_path
@_form
@click.pass_context
def sample_command(
    context: click.Context, /, *, size: int, seed: str, folder: str | None, form: str, **asked: str
) -> None:
    """Draw records from the population so that anybody can repeat it."""
    scope = _scope(**asked)
    _answer(_root(context, folder), lambda connection: sample(connection, scope, size=size, seed=seed), form)


@evidence.command()
@_path
@_form
@click.pass_context
def heads(context: click.Context, folder: str | None, form: str) -> None:
    """Show the last batch of every writer: keep it outside the store."""
    found = ledger.heads(_root(context, folder))
    rows = tuple((head.writer, head.sequence, head.digest) for head in found)
    click.echo(show(Answer(columns=("writer", "sequence", "digest"), rows=rows), form))


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
@_path
@_trust
@_head
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
    root, trust = _root(context, folder), _trusted(context, trust_file)
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
