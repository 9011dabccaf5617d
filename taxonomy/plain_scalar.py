"""What a value without quotes is, where all readers of YAML agree; where they don't, it is refused.

YAML 1.1 takes ``on`` for true, ``012`` for ten and ``1:30`` for ninety; YAML 1.2 takes them for text and
twelve. A time is text, as JSON has no other.

Source: https://yaml.org/spec/1.2.2/#103-core-schema and https://yaml.org/type/ (the types of YAML 1.1).
"""

import math
import re

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_SWITCHES = re.compile(r"(?:on|off|yes|no)", re.IGNORECASE)
_ODD = frozenset({"=", "<<"})
_NUMBERLIKE = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,39})")
_FLOAT = re.compile(
    r"[-+]?(?:0|[1-9][0-9]{0,39})?\.[0-9]+(?:[eE][-+][0-9]{1,3})?|[-+]?(?:0|[1-9][0-9]{0,39})\."
)
_SURPRISE = re.compile(
    r"""[-+]?(?:
        0[0-7_]+ | 0[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F_]+ | 0b[01_]+   # octal, hexadecimal, binary
        | [0-9][0-9_]*(?:\.[0-9_]*)?                                 # with _, with leading zeros, very long
        | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?                # by sixties
        | (?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+                # an exponent without sign or point
        | \.(?:inf|Inf|INF)
    )|\.(?:nan|NaN|NAN)""",
    re.VERBOSE,
)


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return what plain text stands for.

    Raises:
        ValueError: readers of YAML disagree about it, or it is no number that JSON has.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMBERLIKE:
        return _number(text)
    if _SWITCHES.fullmatch(text) or text in _ODD:
        raise ValueError(f"{text} is read in two ways; write true or false, or put it in quotes")
    return text


def _number(text: str) -> str | int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(found := float(text)):
        return found
    if _FLOAT.fullmatch(text) or _SURPRISE.fullmatch(text):
        raise ValueError(f"{text[:40]} is read in two ways; write a plain number, or put it in quotes")
    return text
