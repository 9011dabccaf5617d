"""What the code says about an attribute, as far as a plan's ``configuration`` tells.

It holds constants, and the names of what an expression refers to, not its value. Variables are followed
through module calls; what can't be followed is not taken as declared, for then undeclared drift would hide
behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tasks.terraform.difference import Path, is_empty
from tasks.terraform.document import block_address
from tasks.terraform.planned import Values

Says = Literal["nothing", "maybe", "something", "block", "this", "other"]
"""Of one attribute: not declared; an expression that names what may be null; one that names none such, which
a function may make null all the same; a block; declared as it is live; declared otherwise."""

_UNKNOWN = object()
_MAYBE = object()
_BLOCK = object()
_CAN_BE_NULL = ("var.", "local.", "each.", "module.")
_CHAIN = 10


@dataclass(frozen=True, kw_only=True)
class _Given:
    """The value of the one variable that an expression names: which may make something else of it."""

    value: Any


@dataclass(frozen=True, kw_only=True)
class _Module:
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Code:
    """The code behind one plan."""

    blocks: dict[str, tuple[Values, _Module]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Values) -> "Code":
        """Return the code behind a plan; an absent ``configuration`` declares nothing."""
        variables = {name: one.get("value") for name, one in document.get("variables", {}).items()}
        root = document.get("configuration", {}).get("root_module", {})
        code = cls()
        code._enter("", root, _Module(variables=variables), depth=0)
        return code

    def says(self, address: str, path: Path, live: Any) -> Says:
        """Return what the code says of the attribute at `path`, which is `live`.

        Args:
            address: of the resource, with or without indexes.
            path: of the attribute.
            live: its value.
        """
        expressions, module = self.blocks.get(block_address(address), _NO_BLOCK)
        node, rest = _descend(expressions, path)
        if node is None:
            return "nothing"
        return "block" if node is _BLOCK else _compare(_value(node, module), rest, live)

    def expression(self, address: str, path: Path) -> Path:
        """Return the part of a path that leads to the expression which speaks for it; without one, all."""
        expressions, _ = self.blocks.get(block_address(address), _NO_BLOCK)
        _, rest = _descend(expressions, path)
        return path[: len(path) - len(rest)]

    def _enter(self, prefix: str, module: Values, variables: _Module, *, depth: int) -> None:
        for block in module.get("resources", []):
            if block.get("mode") == "managed":
                self.blocks[prefix + block["address"]] = (block.get("expressions", {}), variables)
        if depth >= _CHAIN:
            return
        for name, call in module.get("module_calls", {}).items():
            inner = call.get("module", {})
            given = {
                key: _value(expression, variables) if _is_expression(expression) else _UNKNOWN
                for key, expression in call.get("expressions", {}).items()
            }
            defaults = {key: one.get("default") for key, one in inner.get("variables", {}).items()}
            self._enter(
                f"{prefix}module.{name}.", inner, _Module(variables={**defaults, **given}), depth=depth + 1
            )


def _compare(value: Any, rest: Path, live: Any) -> Says:
    if value is _UNKNOWN or value is _MAYBE:
        return "something" if value is _UNKNOWN else "maybe"
    if isinstance(value, _Given):
        return "this" if _compare(value.value, rest, live) == "this" else "something"
    for key in rest:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            break
    if value is None:
        # A map that is set whole declares its absent keys too; anything else that is null is unset.
        return "other" if rest and not is_empty(live) else "nothing"
    return "this" if value == live else "other"


def _descend(expressions: Values, path: Path) -> tuple[Any, Path]:
    """Return the expression that speaks for the path, and the rest of the path.

    It is `_BLOCK` where the path leads to blocks and not inside, and None where nothing speaks for it. What
    stands in a list is a block, be it empty; an empty object elsewhere is an expression that names nothing.
    """
    node: Any = expressions
    is_block = True
    for position, key in enumerate(path):
        if not is_block and _is_expression(node):
            return node, path[position:]
        is_block = isinstance(node, list)
        if isinstance(node, Mapping):
            node = node.get(key)
        elif isinstance(node, list):
            node = node[int(key)] if key.isdigit() and int(key) < len(node) else None
        if node is None:
            return None, ()
    return (node if not is_block and _is_expression(node) else _BLOCK), ()


_NO_BLOCK: tuple[Values, _Module] = ({}, _Module())


def _is_expression(node: Any) -> bool:
    return isinstance(node, Mapping) and node.keys() <= {"constant_value", "references"}


def _value(expression: Values, module: _Module) -> Any:
    """Return the value of an expression; `_UNKNOWN` or `_MAYBE` where the plan doesn't tell it."""
    if "constant_value" in expression:
        return expression["constant_value"]
    references = expression.get("references", [])
    if not any(name.startswith(_CAN_BE_NULL) for name in references):
        return _UNKNOWN
    plain = [name for name in references if not any(other.startswith(f"{name}.") for other in references)]
    if len(plain) != 1 or not plain[0].startswith("var."):
        return _MAYBE
    name, *fields = plain[0].removeprefix("var.").split(".")
    value = module.variables.get(name, _MAYBE)
    value = value.value if isinstance(value, _Given) else value
    for part in fields:
        value = value.get(part) if isinstance(value, Mapping) else _MAYBE
    # An interpolation refers to the variable alone too, so only null is told for sure.
    return value if value is None or value is _MAYBE or value is _UNKNOWN else _Given(value=value)
