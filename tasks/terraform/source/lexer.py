"""Where strings, heredocs, comments and brackets of HCL begin and end, and nothing else of it.

A parser is slow, so most of a file is only skipped over; what is skipped must still be understood, or a
heredoc that holds ``resource "x" "y" {`` would pass for a block.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.
"""

import re

DEEPEST = 60
"""How deeply templates may stand in one another."""

_CLOSES = {"{": "}", "(": ")", "[": "]"}
_JUMP = re.compile(r'[^"#/<{}()\[\]]+')
_HEREDOC = re.compile(r"<<-?(?P<marker>[^\W\d][\w-]*)\r?\n")
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_QUOTED = re.compile(r'\\.|"|\n|\$\$\{|%%\{|\$\{|%\{', re.DOTALL)


class UnreadableError(Exception):
    """The text can't be followed, so nothing in it has a place."""


def skip(text: str, at: int, depth: int = 0) -> int:
    """Return the end of what begins at `at`: a string, heredoc, comment, bracketed part or plain text.

    A comment to the end of its line ends before the newline; a heredoc ends before the newline after its
    closing marker.

    Raises:
        UnreadableError: it does not end.
    """
    character = text[at]
    if character == '"':
        return _string(text, at + 1, depth)
    if character == "#" or text.startswith("//", at):
        return _to(text, "\n", at, missing=len(text))
    if text.startswith("/*", at):
        return _to(text, "*/", at + 2) + 2
    if text.startswith("<<", at):
        return _heredoc(text, at, depth)
    if character in _CLOSES:
        return _bracketed(text, at, depth)
    if character in ")]}":
        raise UnreadableError(f"{character} closes nothing")
    return at + 1


def _bracketed(text: str, at: int, depth: int) -> int:
    """Return the end of the brackets that open at `at`, whatever stands inside."""
    open_ = [_CLOSES[text[at]]]
    at += 1
    while open_:
        if jump := _JUMP.match(text, at):
            at = jump.end()
        if at >= len(text):
            break
        if text[at] in _CLOSES:
            open_.append(_CLOSES[text[at]])
            at += 1
        elif text[at] == open_[-1]:
            open_.pop()
            at += 1
        else:
            at = skip(text, at, depth)
    if open_:
        raise UnreadableError(f"{open_[-1]} is missing")
    return at


def _string(text: str, at: int, depth: int) -> int:
    while found := _QUOTED.search(text, at):
        at = found.end()
        if found[0] == '"':
            return at
        if found[0] == "\n":
            break
        if found[0] in ("${", "%{"):
            at = _template(text, at, depth)
    raise UnreadableError("a string does not end")


def _heredoc(text: str, at: int, depth: int) -> int:
    begins = _HEREDOC.match(text, at)
    if begins is None:
        raise UnreadableError("<< begins no heredoc")
    at = begins.end()
    while at < len(text):
        end = _to(text, "\n", at, missing=len(text))
        if text[at:end].strip() == begins["marker"]:
            return end - 1 if text[end - 1 : end] == "\r" else end
        at = _heredoc_line(text, at, depth)
    raise UnreadableError(f"heredoc {begins['marker']} does not end")


def _heredoc_line(text: str, at: int, depth: int) -> int:
    """Return where the next line begins; a template may span several, and none of them ends the heredoc."""
    while True:
        end = _to(text, "\n", at, missing=len(text))
        found = _TEMPLATE.search(text, at, end)
        if found is None:
            return end + 1
        at = found.end() if found[0][:2] in ("$$", "%%") else _template(text, found.end(), depth)


def _template(text: str, at: int, depth: int) -> int:
    if depth >= DEEPEST:
        raise UnreadableError("templates stand too deeply in one another")
    return _bracketed(text, at - 1, depth + 1)


def _to(text: str, mark: str, at: int, missing: int | None = None) -> int:
    found = text.find(mark, at)
    if found >= 0:
        return found
    if missing is None:
        raise UnreadableError(f"{mark} is missing")
    return missing
