"""Which key was meant: the nearest of those that a model knows at a place."""

import typing
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel


def nearest(model: type[BaseModel], place: tuple[str | int, ...]) -> str | None:
    """Return the known key that is nearest to an unknown one; None where none is near.

    Args:
        model: what the file holds.
        place: the path of the unknown key below it, as pydantic tells it.
    """
    models = {model}
    for part in place[:-1]:
        models = {deeper for one in models for deeper in _below(one, part)} or models
    known = [word for one in models for word in _fields(one)]
    return next(iter(get_close_matches(str(place[-1]), known, n=1)), None)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _below(model: type[BaseModel], part: str | int) -> Iterator[type[BaseModel]]:
    annotation = _fields(model).get(str(part))
    if annotation is not None:
        yield from _models(annotation)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models(argument)
