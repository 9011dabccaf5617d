"""Which expressions are never null and never empty, told by their text alone.

What holds a name that may be null somewhere is not among them, nor is what may come out empty: providers take
an empty text or list for none where they may fill it in themselves.
"""

import re

from tasks.terraform.source.expression import Branch, bare, parts

NEVER_EMPTY = frozenset(
    {
        "base64sha256",
        "base64sha512",
        "coalesce",
        "filebase64sha256",
        "filebase64sha512",
        "filemd5",
        "filesha1",
        "filesha256",
        "filesha512",
        "jsonencode",
        "length",
        "md5",
        "sha1",
        "sha256",
        "sha512",
        "timestamp",
        "uuid",
        "yamlencode",
    }
)
"""Functions that return something whatever they are given, or fail."""

AS_GIVEN = frozenset({"concat", "distinct", "merge", "setunion", "sort", "tolist", "tomap", "toset"})
"""Functions whose result holds all that one of their arguments holds."""

_NAME_OF_RESOURCE = re.compile(
    r"(?:data\.)?(?!(?:var|local|each|module|count|self|path|terraform|data|ephemeral)\.)"
    r"[\w-]+\.[\w-]+(?:\[[^\[\]]*\])?\.(?P<attribute>id|arn)"
)
_DOCUMENT = re.compile(r"data\.aws_iam_policy_document\.[\w-]+(?:\[[^\[\]]*\])?\.json")


def is_filled(expression: Branch, text: str) -> bool:
    """Say whether an expression surely comes to something: neither null nor empty.

    Args:
        expression: parsed.
        text: that it was parsed from.
    """
    found = bare(expression)
    match found.data:
        case "int_lit" | "float_lit" | "unary_op" | "binary_op":
            return True
        case "literal_value":
            return str(found.children[0]) != "null"
        case "string":
            return has_letters(_written(found, text)[1:-1])
        case "heredoc_template" | "heredoc_template_trim":
            return has_letters(_body(_written(found, text)))
        case "get_attr_expr_term":
            name = _written(found, text)
            return any(form.fullmatch(name) for form in (_NAME_OF_RESOURCE, _DOCUMENT))
    return _composed(found, text)


def has_letters(text: str) -> bool:
    """Say whether a template surely has text of its own, before or after what it fills in."""
    if "%{" in text:
        return False
    return bool(text.partition("${")[0].strip() or ("${" in text and text.rpartition("}")[2].strip()))


def _composed(found: Branch, text: str) -> bool:
    inner = parts(found)
    match found.data:
        case "expr_term":
            return len(inner) == 1 and is_filled(inner[0], text)
        case "conditional":
            return all(is_filled(one, text) for one in inner[1:])
        case "tuple":
            return bool(inner)
        case "object":
            return any(is_filled(parts(one)[-1], text) for one in inner if one.data == "object_elem")
        case "function_call":
            return _call(inner, text)
    return False


def _call(inner: list[Branch], text: str) -> bool:
    names = [str(one.children[0]) for one in inner if one.data == "identifier"]
    if len(names) != 1:
        return False
    arguments = [argument for one in inner if one.data == "arguments" for argument in parts(one)]
    return names[0] in NEVER_EMPTY or (
        names[0] in AS_GIVEN and any(is_filled(one, text) for one in arguments)
    )


def _body(heredoc: str) -> str:
    return heredoc.partition("\n")[2].rstrip().rpartition("\n")[0]


def _written(branch: Branch, text: str) -> str:
    return text[branch.meta.start_pos : branch.meta.end_pos]
