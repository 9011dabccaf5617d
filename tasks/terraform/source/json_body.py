"""``.tf.json`` files as the same nodes, each with its line, which Python's own reader doesn't tell.

https://developer.hashicorp.com/terraform/language/syntax/json.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tasks.terraform.source.filled import has_letters
from tasks.terraform.source.lexer import UnreadableError
from tasks.terraform.source.node import Node

DEEPEST = 200

_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\]}:"]+', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class JsonNode(Node):
    """A member of an object, or an element of an array.

    Args:
        value: a scalar, or what stands in it.
        is_array: whether it is an array.
    """

    value: Any = field(repr=False)
    is_array: bool = False

    @property
    def inner(self) -> tuple[Node, ...]:
        """Its members or elements."""
        return self.value if isinstance(self.value, tuple) else ()

    def named(self, name: str) -> tuple[Node, ...]:
        """Return its members of a name, and those of the objects that they are."""
        inner = (node for one in self.objects() for node in one.inner if isinstance(node, JsonNode))
        return tuple(one for node in inner if node.name == name for one in _blocks(node))

    @property
    def spelled(self) -> tuple[str, ...] | Literal["all"] | None:
        """A list's elements; None where one of them is no text."""
        if self.value == "all":
            return "all"
        texts = [node.constant for node in self.inner if isinstance(node, JsonNode)]
        if not self.is_array or None in texts:
            return None
        return tuple(str(text) for text in texts)

    @property
    def constant(self) -> str | None:
        """Its text, where it is a string without templates."""
        plain = isinstance(self.value, str) and "${" not in self.value and "%{" not in self.value
        return self.value if plain else None

    @property
    def is_false(self) -> bool:
        """Whether it is ``false``, written out."""
        return self.value is False

    @property
    def is_filled(self) -> bool:
        """As of every node; an object may be a block, so it shows nothing."""
        if self.is_array:
            return any(isinstance(one, JsonNode) and one.is_filled for one in self.inner)
        if isinstance(self.value, str):
            return has_letters(self.value)
        return isinstance(self.value, (bool, int, float))

    def objects(self) -> Iterator["JsonNode"]:
        """Yield the objects that it is: JSON writes one block as an object, several as an array of them."""
        for node in self.inner if self.is_array else (self,):
            if isinstance(node, JsonNode) and isinstance(node.value, tuple) and not node.is_array:
                yield node


@dataclass(frozen=True, kw_only=True)
class JsonBlock(JsonNode):
    """A block with its labels."""

    @property
    def inner(self) -> tuple[Node, ...]:
        """What stands in it, ``dynamic`` blocks under the names of the blocks that they make."""
        return tuple(one for member in _members(self) for one in _as_made(member))


def items(text: str) -> Iterator[Node]:
    """Yield the blocks of a ``.tf.json`` file that bear two labels or one, under their labels.

    Raises:
        UnreadableError: it is no JSON object.
    """
    try:
        json.loads(text)
        root, _ = _Reader(text).value("", 0)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"no JSON ({type(error).__name__})") from error
    for section in _members(root):
        for labels, block in _labelled(section, {"resource": 2, "module": 1}.get(section.name, 0)):
            yield JsonBlock(name=section.name, line=block.line, labels=labels, value=block.value)


def _as_made(member: JsonNode) -> Iterator[JsonNode]:
    if member.name != "dynamic":
        yield member
        return
    for made in _members(member):
        content = [node for node in _members(made) if node.name == "content"]
        value = content[0].value if content else ()
        yield JsonNode(name=made.name, line=made.line, value=value, is_made=True)


def _labelled(node: JsonNode, depth: int) -> Iterator[tuple[tuple[str, ...], JsonNode]]:
    for one in node.objects():
        if not depth:
            yield (), one
            continue
        for member in _members(one):
            for labels, block in _labelled(member, depth - 1):
                yield (member.name, *labels), block


def _blocks(node: JsonNode) -> Iterator[JsonNode]:
    """Yield a member that is no block as it is, one that is an array of objects as each of them."""
    found = tuple(node.objects())
    yield from found if node.is_array and found else (node,)


def _members(node: JsonNode) -> Iterator[JsonNode]:
    """Yield the members of the objects that a node is, without those that are comments."""
    for one in node.objects():
        yield from (member for member in one.value if isinstance(member, JsonNode) and member.name != "//")


class _Reader:
    """Reads a text that is known to be JSON once more, for its lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newlines = [found.start() for found in re.finditer("\n", text)]

    def value(self, name: str, at: int, line: int | None = None, depth: int = 0) -> tuple[JsonNode, int]:
        """Return what stands at `at` or after blanks there, and where it ends."""
        if depth > DEEPEST:
            raise RecursionError
        at = self.blank(at)
        line = self.line(at) if line is None else line
        if self.text[at] in "{[":
            inner, end = self._inside(at, depth)
            return JsonNode(name=name, line=line, value=inner, is_array=self.text[at] == "["), end
        scalar, end = self._scalar(at)
        return JsonNode(name=name, line=line, value=scalar), end

    def _inside(self, at: int, depth: int) -> tuple[tuple[JsonNode, ...], int]:
        is_array = self.text[at] == "["
        found: list[JsonNode] = []
        at = self.blank(at + 1)
        while self.text[at] not in "]}":
            name, line = str(len(found)), self.line(at)
            if not is_array:
                name, at = self._scalar(at)
                at = self.blank(at) + 1
            node, at = self.value(name, at, line, depth + 1)
            found.append(node)
            at = self.blank(at)
            at = self.blank(at + 1) if self.text[at] == "," else at
        return tuple(found), at + 1

    def _scalar(self, at: int) -> tuple[Any, int]:
        found = _SCALAR.match(self.text, at)
        if found is None:
            raise ValueError(at)
        return json.loads(found[0]), found.end()

    def line(self, at: int) -> int:
        return bisect_left(self.newlines, at) + 1

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at
