"""What secrets look like inside text, whatever the attribute is called.

Published forms: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (access keys),
https://www.rfc-editor.org/rfc/rfc7468 (PEM), https://www.rfc-editor.org/rfc/rfc7519 (JWT),
https://docs.github.com/en/authentication (GitHub), https://api.slack.com/authentication/token-types (Slack).
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator

REDACTED = re.compile(r"hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}")
"""What a secret is replaced by."""

# Each pattern conceals its named group, or all of itself where it has none.
_KEY_BLOCK = r"(?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
_ASSIGNED = r"(?P<assigned>(?!hmac-sha256:)(?!arn:)[^\s\"',;&}{\[\])(]{4,})"
_NAMES = (
    "password|passwd|pwd|passphrase|secret|secret[_-]?(?:access[_-]?)?key|access[_-]?key|token|api[_-]?key"
    "|account[_-]?key|shared[_-]?access[_-]?key|private[_-]?key|client[_-]?secret"
)
_PATTERNS = (
    rf"-----BEGIN {_KEY_BLOCK}.*?(?:-----END {_KEY_BLOCK}|\Z)",
    r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*",
    r"\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bgithub_pat_[A-Za-z0-9_]{22,}\b",
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}",
    r"\bhooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]+",
    r"\bgl(?:pat|dt|rt|ptt|cbt|soat)-[A-Za-z0-9_.-]{20,}",
    r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}\b|\bwhsec_[A-Za-z0-9+/=]{20,}",
    r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}",
    r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-[A-Za-z0-9_-]{40,}|\bhvs\.[A-Za-z0-9_-]{20,}|\bdop_v1_[0-9a-f]{64}\b",
    r"\bAIza[A-Za-z0-9_-]{35}|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@\"'<>]*:(?P<userinfo>[^\s/@\"'<>]+)@",
    r"(?i)\b(?:bearer|basic)\s+(?P<bearer>(?!hmac-sha256:)[A-Za-z0-9._~+/-]{16,}=*)",
    r"(?i)[?&](?:sig|signature|x-amz-signature|x-amz-security-token)=(?P<sig>(?!hmac-sha256:)[^&\s\"']{8,})",
    rf"(?i)(?:\b|_)(?:{_NAMES})[\"']?\s*(?:=|:(?!/)(?!:))\s*[\"']?{_ASSIGNED}",
)
_SHAPES = tuple(re.compile(pattern, re.DOTALL) for pattern in _PATTERNS)
_HINT = re.compile(
    r"-----BEGIN|A[KSBC][IC]A|eyJ|gh[pousr]_|github_pat|xox|xapp-|slack|gl[a-z]+-|[sr]k[_-]|whsec|npm_|pypi-|hvs\.|dop_v1|AIza|SG\."
    r"|://|(?i:bearer|basic|sig|passw|pwd|passphrase|secret|token|key)"
)
_AWS_SECRET_LENGTH = 40
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_.-])")
_SHORTEST = 15
_SIGNS = re.compile("[=:@]")
"""Every shape is so long, or holds one of these signs."""
_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _entropy(text: str) -> float:
    """Return Shannon's bits per character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values())


def _mixed(text: str) -> bool:
    return bool(re.search("[a-z]", text) and re.search("[A-Z]", text) and re.search("[0-9]", text))


def looks_random(text: str) -> bool:
    """Say whether a whole value looks like key material; UUIDs are names and do not."""
    if not _RANDOM.fullmatch(text) or _UUID.fullmatch(text):
        return False
    return (_mixed(text) and _entropy(text) >= 3.8) or bool(re.fullmatch("[0-9a-fA-F]{32,}", text))  # noqa: PLR2004


def encodable(text: str) -> str:
    """Return the text without lone surrogates, which JSON may spell and UTF-8 can't."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _spans(text: str, *, again: bool) -> Iterator[tuple[int, int]]:
    if not again:
        yield from (match.span() for match in REDACTED.finditer(text))
    if _HINT.search(text):
        for shape in _SHAPES:
            for match in shape.finditer(text):
                yield match.span(match.lastgroup) if match.lastgroup else match.span()
    for match in _AWS_SECRET.finditer(text) if len(text) >= _AWS_SECRET_LENGTH else ():
        if _mixed(match[0]) and _entropy(match[0]) >= 4.2:  # noqa: PLR2004
            yield match.span()


def replace(text: str, by: Callable[[str], str], *, again: bool = True) -> str:
    """Return the text with each secret in it replaced by what `by` makes of it; the rest stays readable.

    Args:
        text: any.
        by: makes the replacement.
        again: what has the form of a replacement is one, and stays; else it is a secret like others.
    """
    if len(text) < _SHORTEST and not _SIGNS.search(text):
        return text
    done, end = "", 0
    for start, stop in sorted(_spans(text, again=again), key=lambda span: (span[0], -span[1])):
        if start < end:
            continue
        done += text[end:start] + (
            text[start:stop] if again and REDACTED.fullmatch(text[start:stop]) else by(text[start:stop])
        )
        end = stop
    return done + text[end:]
