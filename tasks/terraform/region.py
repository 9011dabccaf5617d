"""Which region the code's provider is for, read from the code before anything is asked of it.

A provider's ``region`` rules over ``AWS_REGION``, so a plan of the wrong workspace would go through all
of another region first. Only what the code writes out is believed here: one provider for all resources,
its region a constant. Everything else is judged from the plan (`tasks.terraform.place`).
"""

from collections.abc import Iterator

from tasks.errors import ToolError
from tasks.terraform.providers import REGION
from tasks.terraform.source.folder import Header, Written
from tasks.terraform.source.lexer import UnreadableError
from tasks.terraform.source.modules import Modules
from taxonomy.target import TerraformTarget

_DEEPEST = 20


def check_region(target: TerraformTarget, modules: Modules) -> None:
    """Return only where the code does not say for sure that all of it is for another region.

    Raises:
        ToolError: it does.
    """
    try:
        found = _region(modules)
    except UnreadableError:
        return
    if target.region is None or found is None or found[0] == target.region:
        return
    raise ToolError(
        f"the code of {target.name} is of the wrong region: expected {target.region}, but its provider is "
        f"for {found[0]} ({found[1]}); correct `region` of target {target.name}, or the provider's"
    )


def _region(modules: Modules) -> tuple[str, str] | None:
    """Return the region of the one provider, with its place in code; None where that is not for sure."""
    blocks = list(_blocks(modules, (), depth=0))
    providers = [written for header, written in blocks if header == ("provider", "aws")]
    # since provider 6, a resource may name a region of its own
    placed = any(header[0] == "resource" and one.node.named("region") for header, one in blocks)
    if len(providers) != 1 or placed or providers[0].node.named("alias"):
        return None
    for node in providers[0].node.named("region"):
        if REGION.fullmatch(node.constant or ""):
            return str(node.constant), f"{modules.shown(providers[0].file)}:{node.line}"
    return None


def _blocks(modules: Modules, names: tuple[str, ...], *, depth: int) -> Iterator[tuple[Header, Written]]:
    """Yield the blocks of the code and of all modules that it calls.

    Raises:
        UnreadableError: not all of them can be known.
    """
    folder = modules.folder(names)
    if folder is None or depth > _DEEPEST:
        raise UnreadableError(f"module {'.'.join(names)} is not at hand")
    for header, written in folder.blocks():
        yield header, written
        if header[0] == "module":
            yield from _blocks(modules, (*names, *header[1:]), depth=depth + 1)
