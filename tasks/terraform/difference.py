"""Where two trees of attributes differ, and where they only look different.

A path is a tuple of keys. In a list of blocks, the one element that differs goes by its index; sets, and
lists where several elements or their number differ, are compared whole. Terraform writes sets as lists in
any order; which lists are sets, the provider's schema tells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.terraform import schema
from tasks.terraform.policy import is_policy_text, meaning
from tasks.terraform.spelling import in_order, normal_elements, same_name, spelled

Path = tuple[str, ...]

EMPTY_AND_NULL = "null and empty are the same"
SAME_ELEMENTS = "the same elements in another order or spelling"
SAME_MEANING = "the same JSON by meaning"
OTHER_ORDER = "the same elements in another order, which no code sets"
SAME_NAME = "the same name or range in another spelling"

_SPELLED = frozenset({OTHER_ORDER, SAME_NAME})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where two trees differ.

    Args:
        alike: why the two sides mean the same; None where they don't.
    """

    path: Path
    declared: Any
    actual: Any
    alike: str | None = None

    @property
    def counts(self) -> bool:
        """Whether an apply that undoes it changes anything; order and spelling count where code sets them."""
        return self.alike is None or self.alike in _SPELLED


def differences(
    declared: Any, actual: Any, unknown: Any = None, path: Path = (), *, of: str = ""
) -> Iterator[Difference]:
    """Yield every place where `actual` differs from `declared`, in order of path.

    Args:
        declared: one tree of JSON values.
        actual: the other.
        unknown: Terraform's ``after_unknown`` for `declared`: what it marks is no difference.
        path: where the two trees hang.
        of: the resource's type, whose schema tells sets from lists.
    """
    if unknown is True or declared == actual:
        return
    left, right = _as_objects(declared, actual)
    if isinstance(left, dict) and isinstance(right, dict):
        marks = unknown if isinstance(unknown, dict) else {}
        for key in sorted(left.keys() | right.keys()):
            inner = marks.get(key, False)
            yield from differences(left.get(key), right.get(key), inner, (*path, key), of=of)
        return
    index = _one_element(left, right, path, of)
    if index is not None:
        inner = unknown[index] if isinstance(unknown, list) and index < len(unknown) else None
        yield from differences(left[index], right[index], inner, (*path, str(index)), of=of)
    else:
        yield Difference(
            path=path, declared=declared, actual=actual, alike=_alike(declared, actual, path, of)
        )


def at(tree: Any, path: Path) -> Any:
    """Return the value at a path; None where there is none.

    Raises:
        KeyError: the path leads through something that holds no such key.
    """
    for key in path:
        if tree is None:
            return None
        if isinstance(tree, Mapping):
            tree = tree.get(key)
        elif isinstance(tree, (list, tuple)) and key.isdigit() and int(key) < len(tree):
            tree = tree[int(key)]
        else:
            raise KeyError(key)
    return tree


def is_unknown(marks: Any, path: Path) -> bool:
    """Say whether Terraform's ``after_unknown`` marks the value at a path, or something above it."""
    for key in path:
        if isinstance(marks, Mapping):
            marks = marks.get(key)
        elif isinstance(marks, list) and key.isdigit() and int(key) < len(marks):
            marks = marks[int(key)]
        else:
            break
    return marks is True


def shown(declared: Any, actual: Any, *, ordered: bool = False) -> tuple[Any, Any]:
    """Return both sides as judges should see them: sets sorted, elements and policies in one spelling.

    Args:
        declared: one value.
        actual: the other.
        ordered: they are lists whose order counts.
    """
    if not _lists(declared, actual):
        return spelled(declared), spelled(actual)
    both = declared or [], actual or []
    return in_order(*both) if ordered else normal_elements(*both)


def is_ordered(path: Path, *, of: str) -> bool:
    """Say whether the order of a list at this path counts; where no schema says so, it does not."""
    return bool(path) and schema.is_set(of, path[-1]) is False


def is_empty(value: Any) -> bool:
    """Say whether a value holds nothing: null, empty, zero, false, or blocks of nothing else."""
    if isinstance(value, dict):
        return all(is_empty(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(is_empty(item) for item in value)
    return value is None or value == "" or value is False or (value == 0 and not isinstance(value, str))


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Paths, to be asked whether another path lies in, above or below one of them."""

    paths: frozenset[Path]
    above: frozenset[Path] = frozenset()

    @classmethod
    def of(cls, found: list[Difference]) -> "Paths":
        """Return the paths of real differences."""
        return cls.at([difference.path for difference in found if difference.counts])

    @classmethod
    def at(cls, found: list[Path]) -> "Paths":
        """Return these paths, ready to be asked."""
        paths = frozenset(found)
        return cls(paths=paths, above=frozenset(path[:end] for path in paths for end in range(1, len(path))))

    def touches(self, path: Path) -> bool:
        """Say whether the path is one of them, or lies in or above one."""
        return path in self.above or any(path[:end] in self.paths for end in range(1, len(path) + 1))


def _alike(declared: Any, actual: Any, path: Path, of: str) -> str | None:
    if is_empty(declared) and is_empty(actual):
        return EMPTY_AND_NULL
    if _lists(declared, actual):
        left, right = normal_elements(declared or [], actual or [])
        if left != right:
            return None
        return (
            OTHER_ORDER if is_ordered(path, of=of) and not _in_one_order(declared, actual) else SAME_ELEMENTS
        )
    if is_policy_text(declared) and is_policy_text(actual) and meaning(declared) == meaning(actual):
        return SAME_MEANING
    return SAME_NAME if same_name(declared, actual) else None


def _in_one_order(declared: Any, actual: Any) -> bool:
    left, right = in_order(declared or [], actual or [])
    return left == right


def _as_objects(declared: Any, actual: Any) -> tuple[Any, Any]:
    """An absent map next to a filled one is an empty map, so that its keys are told one by one."""
    if declared is None and isinstance(actual, dict) and actual:
        return {}, actual
    if actual is None and isinstance(declared, dict) and declared:
        return declared, {}
    return declared, actual


def _one_element(declared: Any, actual: Any, path: Path, of: str) -> int | None:
    """Return the index of the one block that differs in two lists of the same length; else None."""
    if not (isinstance(declared, list) and isinstance(actual, list) and len(declared) == len(actual)):
        return None
    known = schema.is_set(of, path[-1]) if path else None
    if known or (known is None and len(declared) != 1):
        return None
    differing = [index for index, pair in enumerate(zip(declared, actual, strict=True)) if pair[0] != pair[1]]
    if len(differing) != 1:
        return None
    index = differing[0]
    return index if isinstance(declared[index], dict) and isinstance(actual[index], dict) else None


def _lists(declared: Any, actual: Any) -> bool:
    sides = (declared, actual)
    return all(side is None or isinstance(side, list) for side in sides) and sides != (None, None)
