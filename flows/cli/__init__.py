"""The console script `holdfast`: what people type.

Exit codes are contract.md's: 0 looked everywhere and no open drift, 1 an error or a target that could not
be looked at, 2 open drift, 3 open drift at or above ``--fail-on``, 4 the evidence does not verify, 64 usage,
130 ^C, 143 SIGTERM.
"""

import atexit
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

import click

from evidence.errors import EvidenceError, TamperError
from flows.cli.context import Context
from flows.exits import ABORTED, ERROR, TAMPERED, TERMINATED, USAGE
from tasks.contract import ContractError
from tasks.errors import ApprovalError, ToolError
from tasks.program import scratch
from tasks.program.run import GRACE
from taxonomy.errors import WrittenWrongError

COMMANDS = (
    "demo",
    "up",
    "detect",
    "drift",
    "baseline",
    "review",
    "freeze",
    "thaw",
    "taxonomy",
    "evidence",
    "doctor",
)

SAID = (EvidenceError, ContractError, ApprovalError, ToolError, WrittenWrongError)
"""Errors that say in plain words what is wrong and what to do; they need no traceback."""


class Commands(click.Group):
    """Commands by name, each read only when it is wanted: Prefect takes a second to import."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order that a new user meets them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Return a command, from the module of its name."""
        if name not in COMMANDS:
            return None
        module = import_module(f"flows.cli.{'freeze' if name == 'thaw' else name}")
        command: click.Command = getattr(module, name)
        return command


@click.command(cls=Commands)
@click.option("--estate", type=click.Path(path_type=Path), help="The estate file [default: holdfast.yaml].")
@click.option("--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.pass_context
def holdfast(ctx: click.Context, estate: Path | None, *, quiet: bool, no_color: bool) -> None:
    """Find drift between declared and actual infrastructure, and close it without hiding anything."""
    ctx.obj = Context(estate=estate, quiet=quiet, no_color=no_color)


class Terminated(BaseException):
    """SIGTERM has come; as with ^C, what was begun is ended on the way out."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    codes = [ERROR]
    atexit.register(_leave, codes)
    signal.signal(signal.SIGTERM, _terminate)
    codes[0] = _run(arguments)
    if codes[0] in (ABORTED, TERMINATED):
        _leave_promptly(codes)
    sys.exit(codes[0])


def _terminate(*_: object) -> None:
    raise Terminated


def _leave_promptly(codes: list[int]) -> None:
    """Wait for Terraform to end, which it has been asked to, and for no other look: those only read."""
    try:
        scratch.await_closed(GRACE)
    except (KeyboardInterrupt, Terminated):
        pass  # asked twice: what still runs is ended by its keeper
    finally:
        _leave(codes)


def _leave(codes: list[int]) -> None:
    # Registered first, so called last. DuckDB's binding lists itself as leaked, in fifty lines, when
    # Prefect's threads still hold modules while Python takes them down; all else has ended by now.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(codes[0])


def _run(arguments: list[str] | None) -> int:
    try:
        code = holdfast.main(args=arguments, prog_name="holdfast", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        error.show()
        code = USAGE
    except click.ClickException as error:
        error.show()
        code = ERROR
    except click.Abort:
        code = ABORTED
    except Terminated:
        code = TERMINATED
    except TamperError as error:
        click.echo(f"the evidence does not verify:\n{error}", err=True)
        code = TAMPERED
    except SAID as error:
        click.echo(f"holdfast: {error}", err=True)
        code = ERROR
    except BrokenPipeError:
        # whoever read our output has left; leave quietly, as other tools in a pipe do
        _unheard()
        code = ERROR
    except OSError as error:
        _unheard()
        click.echo(f"holdfast: {': '.join(filter(None, (error.filename, error.strerror)))}", err=True)
        code = ERROR
    return code if isinstance(code, int) else 0


def _unheard() -> None:
    """Let what is still to be written go nowhere, or leaving would fail at it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
