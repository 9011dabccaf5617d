"""OSCAL's kinds of text: tokens, strings of one line, markup, and instants."""

import re
from datetime import UTC, datetime
from typing import Any

from evidence.exports.words import cut

VERSION = "1.2.3"
NAMESPACE = "urn:holdfast:evidence"
"""In which the names of our properties are ours."""

_NOT_TOKEN = re.compile(r"[^\w.\-]+")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")


def single(text: str) -> str:
    """Return the text on one line, without blanks at its ends, cut where it is long."""
    return cut(_BLANKS.sub(" ", text).strip()).strip() or "-"


def markup(text: str) -> str:
    """Return the text as markup that shows it as it is: signs of Markdown and HTML are escaped."""
    signs = re.sub(r"([\\`*_\[\]#|~])", r"\\\1", _BLANKS.sub(" ", text).strip())
    return signs.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or "-"


def token(control: str) -> str:
    """Return a control as OSCAL names it.

    ``CM-6(1)`` of NIST 800-53 is ``cm-6.1``; all others are framework and id.
    """
    framework, _, control_id = control.partition(":")
    if framework.startswith("nist-800-53"):
        return _NOT_TOKEN.sub("-", control_id.replace("(", ".").replace(")", "").lower())
    return _NOT_TOKEN.sub(
        "-", f"_{framework}.{control_id}" if framework[:1].isdigit() else f"{framework}.{control_id}"
    )


def instant(moment: datetime) -> str:
    """Return an instant as OSCAL writes it, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def prop(name: str, value: object) -> dict[str, Any]:
    """Return a property of ours."""
    return {"name": name, "ns": NAMESPACE, "value": single(str(value))}
