"""DSSE envelopes: a payload, what kind it is, and one signature over both.

The kind is signed, so a decision can't be passed off as a batch. One envelope carries exactly one
signature here; several people sign several envelopes.

Format: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from evidence.canonical import canonical_json
from evidence.errors import TamperError
from evidence.keys import PublicKey, SigningKey

BATCH = "application/vnd.holdfast.batch+json"
DECISION = "application/vnd.holdfast.decision+json"
BASELINE = "application/vnd.holdfast.baseline+json"


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: type and payload, each behind its length in bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, key: SigningKey) -> bytes:
    """Return the signed envelope as canonical JSON bytes."""
    signature = key.private.sign(pre_authentication_encoding(payload_type, payload))
    return _written(payload_type, payload, key.key_id, signature)


def _written(payload_type: str, payload: bytes, key_id: str, signature: bytes) -> bytes:
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": key_id, "sig": base64.b64encode(signature).decode()}],
    }
    return canonical_json(envelope).encode()


def load_json(content: bytes | str, what: str) -> Any:
    """Return the value of JSON that somebody else may have written.

    Raises:
        TamperError: it is damaged, nested beyond reason, or holds NaN or an endless number.
    """
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise TamperError([f"{what}: expected JSON, got something damaged"]) from error


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _parts(envelope: bytes) -> tuple[str, bytes, str, bytes]:
    value = load_json(envelope, "envelope")
    try:
        (signature,) = value["signatures"]
        parts = (
            str(value["payloadType"]),
            base64.b64decode(value["payload"], validate=True),
            str(signature["keyid"]),
            base64.b64decode(signature["sig"], validate=True),
        )
        written = _written(*parts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise TamperError(
            ["expected a DSSE envelope with exactly one signature, got something else"]
        ) from error
    # Base64 has spare bits and JSON has blanks: only one spelling of an envelope is taken.
    if written != envelope:
        raise TamperError(["expected a DSSE envelope in canonical JSON without further fields"])
    return parts


def claimed_key_id(envelope: bytes) -> str:
    """Return which key the envelope says it is signed with; nothing is checked by that.

    Raises:
        TamperError: it is no envelope.
    """
    return _parts(envelope)[2]


def unsafe_payload(envelope: bytes, payload_type: str) -> bytes:
    """Return the payload without looking at the signature; for reading a ledger that `verify` has checked.

    Raises:
        TamperError: it is no envelope, or of another kind.
    """
    kind, payload, _, _ = _parts(envelope)
    if kind != payload_type:
        raise TamperError([f"expected an envelope of {payload_type}, got {kind}"])
    return payload


def open_envelope(envelope: bytes, keys: Mapping[str, PublicKey], payload_type: str) -> bytes:
    """Return the payload, if one of the keys signed it as this kind.

    Args:
        envelope: the bytes as stored.
        keys: the keys that count, by name; an empty mapping lets nothing pass.
        payload_type: the kind that is expected.

    Raises:
        TamperError: damaged, another kind, a key that does not count, or a signature that does not fit.
    """
    kind, payload, key_id, signature = _parts(envelope)
    if kind != payload_type:
        raise TamperError([f"expected an envelope of {payload_type}, got {kind}"])
    key = keys.get(key_id)
    if key is None or key.key_id != key_id:
        raise TamperError([f"signed with key {key_id}, which does not count here"])
    key.check(signature, pre_authentication_encoding(kind, payload))
    return payload
