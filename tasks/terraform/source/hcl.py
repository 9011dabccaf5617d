"""The items of an HCL body, attributes and blocks, each with its line.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#structural-elements.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from tasks.terraform.source.expression import Branch, bare, constant, elements, parsed, parts
from tasks.terraform.source.filled import is_filled
from tasks.terraform.source.lexer import UnreadableError, skip
from tasks.terraform.source.node import Node

_BLANK = re.compile(r"[ \t\r]+")
_GAP = re.compile(r"\s+")
_NAME = re.compile(r"[^\W\d][\w-]*")
_PLAIN = re.compile(r'[^"#/<{}()\[\]\n]+')


@dataclass(frozen=True, kw_only=True)
class HclAttribute(Node):
    """``name = expression``.

    Args:
        text: all of it.
    """

    text: str = field(repr=False)

    @cached_property
    def _expression(self) -> Branch | None:
        return parsed(self.text)

    @property
    def inner(self) -> tuple[Node, ...]:
        """The elements of a map or list that is written out; nothing of what is computed."""
        found = self._expression
        return () if found is None else tuple(elements(found, self.line - 1))

    @property
    def spelled(self) -> tuple[str, ...] | Literal["all"] | None:
        """A list's elements as they are spelled; None where it is no list that is written out."""
        expression = self._expression
        if expression is None:
            return None
        found = bare(expression)
        if found.data == "identifier" and self._text_of(found) == "all":
            return "all"
        if found.data != "tuple":
            return None
        return tuple(self._text_of(part) for part in parts(found))

    @property
    def constant(self) -> str | None:
        """A string without templates or escapes; None where it is anything else."""
        return None if self._expression is None else constant(bare(self._expression))

    @property
    def is_false(self) -> bool:
        """Whether it is ``false``, written out."""
        return self._expression is not None and self._text_of(self._expression) == "false"

    @property
    def is_filled(self) -> bool:
        """As of every node."""
        return self._expression is not None and is_filled(self._expression, self.text)

    def _text_of(self, branch: Branch) -> str:
        return self.text[branch.meta.start_pos : branch.meta.end_pos]


@dataclass(frozen=True, kw_only=True)
class HclBlock(Node):
    """``name "label" { body }``.

    Args:
        body: the text between its braces.
        body_line: where that begins.
    """

    body: str = field(repr=False)
    body_line: int

    @cached_property
    def written(self) -> tuple["HclAttribute | HclBlock", ...]:
        """What stands in the body.

        Raises:
            UnreadableError: it can't be followed.
        """
        return tuple(items(self.body, self.body_line))

    @property
    def inner(self) -> tuple[Node, ...]:
        """What stands in the body, a ``dynamic`` block under the name of the blocks that it makes."""
        return tuple(_as_made(item) for item in self.written)


def items(text: str, line: int = 1) -> Iterator[HclAttribute | HclBlock]:
    """Yield what stands in a body, in order.

    Args:
        text: the body.
        line: of its first character.

    Raises:
        UnreadableError: it can't be followed to its end.
    """
    at = counted = 0
    while (at := _content(text, at)) < len(text):
        line += text.count("\n", counted, at)
        counted = at
        found = _NAME.match(text, at)
        if found is None:
            raise UnreadableError(f"line {line} begins with no name")
        item, at = _item(text, found[0], at, line)
        yield item


def _item(text: str, name: str, start: int, line: int) -> tuple[HclAttribute | HclBlock, int]:
    labels: list[str] = []
    at = start + len(name)
    while (at := _blank(text, at)) < len(text):
        if text[at] == "=" and not labels:
            end = _expression_end(text, at + 1)
            return HclAttribute(name=name, line=line, text=text[start:end]), end
        if text[at] == "{":
            end = skip(text, at)
            body_line = line + text.count("\n", start, at)
            body = text[at + 1 : end - 1]
            return HclBlock(name=name, line=line, labels=tuple(labels), body=body, body_line=body_line), end
        label, at = _label(text, at)
        labels.append(label)
    raise UnreadableError(f"{name} is neither an attribute nor a block")


def _label(text: str, at: int) -> tuple[str, int]:
    if text[at] == '"':
        end = skip(text, at)
        label = text[at + 1 : end - 1]
        if "\\" in label or "${" in label or "%{" in label:
            raise UnreadableError("a label is not written out")
        return label, end
    found = _NAME.match(text, at)
    if found is None:
        raise UnreadableError("expected a label or {")
    return found[0], found.end()


def _content(text: str, at: int) -> int:
    """Return where the next item begins: past blanks, newlines and comments."""
    while at < len(text):
        if gap := _GAP.match(text, at):
            at = gap.end()
        elif text[at] == "#" or text.startswith(("//", "/*"), at):
            at = skip(text, at)
        else:
            break
    return at


def _blank(text: str, at: int) -> int:
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
        elif text.startswith("/*", at):
            at = skip(text, at)
        else:
            break
    return at


def _expression_end(text: str, at: int) -> int:
    while at < len(text) and text[at] != "\n":
        plain = _PLAIN.match(text, at)
        at = plain.end() if plain else skip(text, at)
    return at


def _as_made(item: HclAttribute | HclBlock) -> Node:
    if not isinstance(item, HclBlock) or item.name != "dynamic" or len(item.labels) != 1:
        return item
    content = next((one for one in item.written if isinstance(one, HclBlock) and one.name == "content"), None)
    return HclBlock(
        name=item.labels[0],
        line=item.line,
        body=content.body if content else "",
        body_line=content.body_line if content else item.body_line,
        is_made=True,
    )
