"""Who wrote a line of the taxonomy: the author that git names, else whoever ran the sweep, and which of both.

Git's author is what the commit claims; nothing here proves it.

Source: https://git-scm.com/docs/git-blame#_the_porcelain_format.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tasks.errors import ToolError
from tasks.program.run import run
from taxonomy.place import Place
from taxonomy.rulebook import BUILTIN

SECONDS = 20.0
"""How long git may take to answer."""

_UNCOMMITTED = "0" * 40


@dataclass(frozen=True, kw_only=True)
class Answerable:
    """Who answers for a line.

    Args:
        actor: a name; git's has the address too.
        known_by: how it is known, in words for an auditor.
        source: where the line stands; None where it stands nowhere any more.
    """

    actor: str
    known_by: str
    source: str | None


Blame = Callable[[Place | None], Answerable]
"""Says who answers for a line, or for one that is gone (None)."""


def nobody(place: Place | None) -> Answerable:
    """Return that nothing is known of who answers."""
    return Answerable(actor="unknown", known_by="nobody could be asked", source=str(place) if place else None)


def blame(place: Place | None, *, folder: Path, user: str, path: str, home: str) -> Answerable:
    """Return who answers for a line.

    Args:
        place: the line; None for one that is gone.
        folder: what places are told from.
        user: the user of the operating system who runs this.
        path: the PATH that git is found on.
        home: the HOME that it gets.
    """
    if place is None:
        return _runner(user, "the line is gone", None)
    if place.file.startswith(f"{BUILTIN}/"):
        why = "it stands in the built-in rules: another version of Holdfast, or a line of an overlay is gone"
        return _runner(user, why, str(place))
    file = Path(place.file)
    shown = f"{file.relative_to(folder) if file.is_relative_to(folder) else file}:{place.line}"
    author = _author(file, place.line, {"PATH": path, "HOME": home, "LC_ALL": "C"})
    if author is None:
        return _runner(user, "git knows no author of the line", shown)
    return Answerable(actor=author, known_by=f"git names the author of {shown}", source=shown)


def _runner(user: str, why: str, source: str | None) -> Answerable:
    known_by = f"the operating system's user who ran the sweep, for {why}"
    return Answerable(actor=user, known_by=known_by, source=source)


def _author(file: Path, line: int, environment: dict[str, str]) -> str | None:
    where = (f"-L{line},{line}", "--", file.name)
    try:
        ended = run(
            ("git", "-c", "core.fsmonitor=false", "blame", "--porcelain", *where),
            cwd=file.parent,
            environment=environment,
            timeout=SECONDS,
        )
    except ToolError:
        return None
    if ended.exit_code or ended.timed_out:
        return None
    said = ended.stdout.decode("utf-8", "replace")
    first, *rest = said.splitlines() or [_UNCOMMITTED]
    told = dict(text.partition(" ")[::2] for text in rest if text.startswith(("author ", "author-mail ")))
    if first.startswith(_UNCOMMITTED) or not told.get("author"):
        return None
    return " ".join(filter(None, (told["author"], told.get("author-mail"))))
