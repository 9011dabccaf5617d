"""The form of a file of rules as JSON Schema, for editors that complete and check while one types.

Made from the models that read the files, so that it can't say anything else; what only the whole rule
shows (an example that matches and one that does not) is said by `lint`.

Source: https://json-schema.org/draft/2020-12
"""

import inspect
import json
import re
from typing import Any

from pydantic import BaseModel, TypeAdapter

from taxonomy.example import Example
from taxonomy.rule import Rule
from taxonomy.when import NewlyAdmits, NewlyGrants, NumberTest, ValueTest, When

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MODELS: tuple[type[BaseModel], ...] = (Rule, When, ValueTest, NumberTest, NewlyAdmits, NewlyGrants, Example)


def document() -> dict[str, Any]:
    """Return the schema of one file: a list of rules, not empty."""
    schema = TypeAdapter(list[Rule]).json_schema(by_alias=True)
    parts = schema["$defs"]
    for model in MODELS:
        _explain(model, parts[model.__name__])
    return {
        "$schema": DIALECT,
        "title": "Rules of Holdfast's taxonomy",
        "type": "array",
        "items": schema["items"],
        "minItems": 1,
        "$defs": parts,
    }


def text() -> str:
    """Return the schema as the file `rule.schema.json` has it."""
    return json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _explain(model: type[BaseModel], part: dict[str, Any]) -> None:
    """Let the editor say of each key what the model's docstring says of it, and no more."""
    told = inspect.cleandoc(model.__doc__ or "")
    part["description"] = " ".join(told.partition("\n\n")[0].split())
    if not part.get("required"):
        part["minProperties"] = 1
    words = _arguments(told)
    for name, field in model.model_fields.items():
        property_ = part["properties"][field.alias or name]
        # what stands in for a key that is left out is no value that a person would write
        property_.pop("default", None)
        property_.pop("title", None)
        if name in words:
            property_["description"] = words[name]
        if "anyOf" in property_:
            _without_null(property_)


def _without_null(property_: dict[str, Any]) -> None:
    kinds = [one for one in property_.pop("anyOf") if one != {"type": "null"}]
    property_.update(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})


def _arguments(docstring: str) -> dict[str, str]:
    """Return what stands behind each name under ``Args:``."""
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", docstring.partition("Args:")[2], re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in found}
