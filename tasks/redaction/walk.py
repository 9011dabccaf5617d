"""The walk through one JSON value that finds what must not be shown."""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

from evidence.canonical import canonical_json
from tasks.redaction import shapes
from tasks.redaction.names import is_about, suspicion, words

Standing = Literal["plain", "named", "always"]
"""What the place of a value says: nothing, a name above it promised a secret, or everything there is one."""

_DEPTH = 60
_NO_SECRET = re.compile(r"arn:aws[a-z-]*:.*|/subscriptions/.*", re.DOTALL)
_PLAIN_WORDS = frozenset({"enabled", "disabled", "required", "optional", "none", "true", "false"})
# As `_snake` spells them: a number is a word of its own.
_FREE_TEXT = frozenset({"user_data", "user_data_base_64", "custom_data", "custom_data_base_64"})
_VARIABLES = frozenset(
    {
        "app_settings",
        "env_vars",
        "environment_variable",
        "environment_variables",
        "runtime_environment_secrets",
        "runtime_environment_variables",
        "secret_environment_variables",
        "secure_environment_variables",
    }
)
_PAIRS_OF = _VARIABLES | {"environment", "env", "secrets"}
_NAME_KEYS = ("name", "key", "parameter_name", "parameter_key", "option_name")
_VALUE_KEYS = frozenset({"value", "parameter_value", "value_from"})
_OPEN = frozenset({bool, int, float, type(None)})
"""Types whose values are secrets only by mark or by name."""


def context(segments: tuple[str, ...]) -> Standing:
    """Return what a path from the resource's root says of the value at its end."""
    standing: Standing = "plain"
    for end in range(len(segments)):
        standing = _below(standing, segments[:end], segments[end])
    return standing


@lru_cache(maxsize=8192)
def _snake(key: str) -> str:
    return "_".join(words(key))


def _holder(segments: tuple[str, ...]) -> str:
    """Return the last key of the path that is not an index, in snake spelling."""
    return next((_snake(part) for part in reversed(segments) if not part.isdigit()), "")


def _below(standing: Standing, above: tuple[str, ...], key: str) -> Standing:
    if standing == "always" or (_snake(key) == "variables" and _holder(above) == "environment"):
        return "always"
    return _says(key) or standing


@lru_cache(maxsize=8192)
def _says(key: str) -> Standing | None:
    """Return what a key alone says of what is below it; None where that stands as what is above."""
    name = _snake(key)
    if name in _FREE_TEXT or name in _VARIABLES:
        return "always"
    if suspicion(key) == "secret":
        return "named"
    return "plain" if is_about(key) else None


@lru_cache(maxsize=8192)
def _is_plain(key: str) -> bool:
    """Say whether a key itself holds no secret."""
    return shapes.replace(shapes.encodable(key), lambda _: "", again=False) == key


class Walk:
    """One walk through one value; remembers whether anything was replaced.

    Args:
        digest: makes the replacement of a secret from it and its path without indexes.
        again: what has the form of a replacement is one, and stays.
    """

    def __init__(self, digest: Callable[[Any, str], str], *, again: bool = False) -> None:
        self._digest = digest
        self._again = again
        self.redacted = False

    def value(self, value: Any, path: tuple[str, ...], *, sensitive: Any, standing: Standing) -> Any:
        """Return the value with every secret in it replaced."""
        if value is None or (not value and isinstance(value, (str, list, dict))):
            return value
        if sensitive is True or len(path) > _DEPTH:
            return self._replace(value, path)
        if isinstance(value, str):
            return self._leaf(value, path, standing)
        if isinstance(value, Mapping):
            return self._object(value, path, sensitive, standing)
        if isinstance(value, (list, tuple)):
            marks = sensitive if isinstance(sensitive, list) else []
            return [
                self.value(
                    item,
                    (*path, str(index)),
                    sensitive=marks[index] if index < len(marks) else False,
                    standing=standing,
                )
                for index, item in enumerate(value)
            ]
        return self._leaf(value, path, standing)

    def _object(
        self, value: Mapping[str, Any], path: tuple[str, ...], sensitive: Any, standing: Standing
    ) -> dict[str, Any]:
        marks = sensitive if sensitive and isinstance(sensitive, Mapping) else {}
        pair = _pair(value, path)
        shown: dict[str, Any] = {}
        for key, item in value.items():
            mark = marks.get(key, False)
            below = pair.get(key) or _below(standing, path, key)
            name = key if _is_plain(key) else self._key(key, path)
            # most of a plan is numbers and switches, which need no walk
            shown[name] = (
                item
                if below == "plain" and mark is False and item.__class__ in _OPEN and len(path) < _DEPTH
                else self.value(item, (*path, key), sensitive=mark, standing=below)
            )
        return shown

    def _key(self, key: str, path: tuple[str, ...]) -> str:
        return self._replaced(shapes.encodable(key), path)

    def _leaf(self, value: Any, path: tuple[str, ...], standing: Standing) -> Any:
        if standing == "always":
            return self._replace(value, path)
        if isinstance(value, bool):
            return value
        if not isinstance(value, str):
            return self._replace(value, path) if standing == "named" else value
        text = shapes.encodable(value)
        if shapes.REDACTED.fullmatch(text) or (standing == "named" and not _harmless(text)):
            return self._replace(text, path)
        if path and suspicion(path[-1]) == "maybe" and shapes.looks_random(text):
            return self._replace(text, path)
        return self._text(text, path)

    def _text(self, text: str, path: tuple[str, ...]) -> str:
        document = _json_inside(text)
        if document is None:
            return self._replaced(text, path)
        inside = Walk(self._digest, again=self._again)
        concealed = inside.value(document, path, sensitive=False, standing="plain")
        self.redacted |= inside.redacted
        return canonical_json(concealed) if inside.redacted else text

    def _replaced(self, text: str, path: tuple[str, ...]) -> str:
        return shapes.replace(text, lambda found: self._replace(found, path), again=self._again)

    def _replace(self, value: Any, path: tuple[str, ...]) -> str:
        self.redacted = True
        plain_path = ".".join(part for part in path if not part.isdigit())
        if not isinstance(value, str):
            return self._digest(value, plain_path)
        text = shapes.encodable(value)
        stays = self._again and shapes.REDACTED.fullmatch(text)
        return text if stays else self._digest(text, plain_path)


def _harmless(text: str) -> bool:
    """Say whether a string under a secret's name only points to one, or switches something."""
    return bool(_NO_SECRET.fullmatch(text)) or text.lower() in _PLAIN_WORDS


def _pair(value: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Standing]:
    """Return the standing of the keys of ``{"name": …, "value": …}``, the way lists write an object."""
    if _VALUE_KEYS.isdisjoint(map(_snake, value)):
        return {}
    keys = {_snake(key): key for key in value}
    name = next((keys[key] for key in _NAME_KEYS if key in keys), None)
    values = [keys[key] for key in _VALUE_KEYS if key in keys]
    if name is None or not values:
        return {}
    if _holder(path) not in _PAIRS_OF and suspicion(str(value[name])) != "secret":
        return {}
    told: dict[str, Standing] = dict.fromkeys(values, "always")
    return {**told, name: "plain"}


def _json_inside(text: str) -> Any:
    """Return the object or list that a string spells, or None where it spells none."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, (dict, list)) else None
