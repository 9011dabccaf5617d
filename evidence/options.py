"""What the auditors' commands share: where evidence lies, whose signatures count, the form of answers."""

from dataclasses import dataclass
from pathlib import Path

import click

from evidence.keys import Trust, load_trust
from evidence.store import local_root


@dataclass(frozen=True, kw_only=True)
class EvidencePlace:
    """Where the evidence lies and whose signatures count; None for the trust: nobody said."""

    root: Path
    trust: Trust | None


path_option = click.option("--path", "folder", metavar="DIR", help="The folder of the evidence.")
trust_option = click.option(
    "--trust", "trust_file", metavar="FILE", type=click.Path(path_type=Path), help="Whose keys count."
)
head_option = click.option(
    "--head", "head_file", metavar="FILE", type=click.Path(path_type=Path), help="Heads kept outside."
)
form_option = click.option(
    "-o", "--output", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)


def root_of(context: click.Context, folder: str | None) -> Path:
    """Return the folder of the evidence: the one named, else the caller's.

    Raises:
        click.UsageError: neither says where it lies.
    """
    if folder is not None:
        return local_root(folder)
    if isinstance(context.obj, EvidencePlace):
        return context.obj.root
    raise click.UsageError("expected the folder of the evidence: --path DIR")


def trusted(context: click.Context, trust_file: Path | None) -> Trust | None:
    """Return whose signatures count: by the file, else by the caller; None where nobody said."""
    if trust_file is not None:
        return load_trust(trust_file)
    return context.obj.trust if isinstance(context.obj, EvidencePlace) else None
