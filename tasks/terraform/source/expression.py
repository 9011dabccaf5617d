"""The expression of one attribute, parsed: its elements with their lines.

python-hcl2 takes 60 ms for 400 lines, so it gets only the attribute that is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hcl2 import parses_to_tree
from lark import Token, Tree
from lark.exceptions import LarkError

from tasks.terraform.source.node import Node

Branch = Tree[Token]

LARGEST = 2**18
"""Characters of one attribute that are parsed; a longer one still has its own line."""


@dataclass(frozen=True, kw_only=True)
class HclValue(Node):
    """One element of a map or list inside an attribute."""

    value: Branch = field(repr=False)
    offset: int

    @property
    def inner(self) -> tuple[Node, ...]:
        """Its own elements."""
        return tuple(elements(self.value, self.offset))


def parsed(text: str) -> Branch | None:
    """Return the expression of an attribute; None where python-hcl2 can't read it."""
    if len(text) > LARGEST:
        return None
    try:
        body = _branches(parses_to_tree(text))[0]
    except (LarkError, RecursionError, IndexError):
        return None
    written = parts(body)
    if len(written) != 1 or written[0].data != "attribute":
        return None
    return _branches(written[0])[-1]


def elements(expression: Branch, offset: int) -> Iterator[Node]:
    """Yield the elements of a map or list that is written out, their lines moved by `offset`."""
    found = bare(expression)
    if found.data == "object":
        for element in (part for part in _branches(found) if part.data == "object_elem"):
            key, value = _branches(element)[0], _branches(element)[-1]
            name = constant(bare(_branches(key)[0]))
            if name is not None:
                yield HclValue(name=name, line=element.meta.line + offset, value=value, offset=offset)
    elif found.data == "tuple":
        for index, value in enumerate(parts(found)):
            yield HclValue(name=str(index), line=value.meta.line + offset, value=value, offset=offset)


def constant(branch: Branch) -> str | None:
    """Return the text of a name, or of a string without templates or escapes; else None."""
    if branch.data in ("identifier", "keyword"):
        return str(branch.children[0])
    if branch.data != "string":
        return None
    parts = _branches(branch)
    text = "".join(str(part.children[0]) for part in parts if isinstance(part.children[0], Token))
    plain = all(isinstance(part.children[0], Token) for part in parts)
    return text if plain and "\\" not in text and "{" not in text else None


def bare(branch: Branch) -> Branch:
    """Return an expression without what only wraps it."""
    while branch.data == "expr_term":
        inner = parts(branch)
        if len(inner) != 1 or len(branch.children) != 1:
            return branch
        branch = inner[0]
    return branch


def parts(branch: Branch) -> list[Branch]:
    """Return what a branch is made of, without comments."""
    return [child for child in _branches(branch) if child.data != "new_line_or_comment"]


def _branches(branch: Branch) -> list[Branch]:
    return [child for child in branch.children if isinstance(child, Tree)]
