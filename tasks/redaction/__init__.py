"""Secrets stand as keyed digests from the moment a raw answer is read; a changed one still shows as changed.

A value is a secret because Terraform marks it, because of its name (`names`), because of what it looks like
(`shapes`), or because of where it stands: environment variables and user data are free text in which people
keep secrets. What has no mark, no telling name and no known shape can't be seen from here.

Someone who may write to the cloud could write another value's digest there. So what has the form of a digest
in a raw answer is a secret of its own, and gets another digest; only who conceals anew what was concealed
before says so.
"""

import hashlib
import hmac
from typing import Any

import msgspec

from evidence.canonical import canonical_json, netstring
from tasks.redaction import shapes
from tasks.redaction.walk import Walk, context

KEY_BYTES = 32

__all__ = ["KEY_BYTES", "Redactor"]


class Redactor:
    """Replaces secrets by ``hmac-sha256:<key id>:<64 hex>``, one key per estate.

    Args:
        key: at least 32 secret bytes. The same key gives the same digests in every run.

    Raises:
        ValueError: the key is too short.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"expected a redaction key of at least {KEY_BYTES} bytes, got {len(key)}")
        self._key = key
        proof = hmac.digest(key, b"holdfast redaction key id", "sha256")
        self.key_id = hashlib.sha256(proof).hexdigest()[:8]

    def conceal(
        self, value: Any, *, resource: str, attribute: str, sensitive: Any = False, again: bool = False
    ) -> tuple[Any, bool]:
        """Return the JSON value with every secret in it replaced, and whether there was one.

        Args:
            value: any JSON value; lists and objects are walked, and so is JSON inside strings.
            resource: the resource's id; the same secret has another digest on another resource.
            attribute: the path of `value` in dots, empty for a whole resource. Indexes do not count, so
                that the order of a set doesn't.
            sensitive: Terraform's mark for `value`: True for all of it, else its ``*_sensitive`` shape.
            again: `value` was concealed before, so its digests stay. Never for what a cloud or a tool says.

        Empty values hide nothing and stay.
        """
        walk = Walk(lambda secret, path: self._digest(secret, resource, path), again=again)
        segments = tuple(part for part in attribute.split(".") if part)
        concealed = walk.value(value, segments, sensitive=sensitive, standing=context(segments))
        return concealed, walk.redacted

    def digest(self, value: Any, *, resource: str) -> str:
        """Return the keyed digest of all of a resource's attributes: two that are equal have the same.

        Args:
            value: any JSON value.
            resource: the resource's id.
        """
        named = netstring(resource) + netstring(None)
        return self._mac(named.encode() + msgspec.json.encode(value, order="deterministic"))

    def scrub(self, text: str) -> str:
        """Return free text, such as an error message, with whatever looks like a secret replaced."""
        return shapes.replace(shapes.encodable(text), lambda secret: self._digest(secret, None, None))

    def _digest(self, value: Any, resource: str | None, path: str | None) -> str:
        message = netstring(resource) + netstring(path) + canonical_json(value)
        return self._mac(message.encode())

    def _mac(self, message: bytes) -> str:
        return f"hmac-sha256:{self.key_id}:{hmac.digest(self._key, message, 'sha256').hex()}"
