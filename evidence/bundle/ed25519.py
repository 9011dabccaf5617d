"""Verify Ed25519 signatures with nothing but Python, or by asking openssl.

RFC 8032 in extended coordinates. It handles no secret, so its time may depend on what it is given.
A bundle's verify.py holds this file in itself.

Source: https://www.rfc-editor.org/rfc/rfc8032#section-5.1
"""

import base64
import hashlib
import subprocess
import tempfile
from pathlib import Path

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Add two points of edwards25519 in extended coordinates (RFC 8032, section 5.1.4)."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return (x * y % P, z * t % P, y * z % P, x * t % P)


def times(number: int, point: tuple[int, ...]) -> tuple[int, ...]:
    """Add a point to itself so many times."""
    total: tuple[int, ...] = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point_of(encoded: bytes) -> tuple[int, ...]:
    """Decode a point (RFC 8032, section 5.1.3); refuse what is none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(raw: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 key signed the message (RFC 8032, section 5.1.7)."""
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 2 * len(raw) or s >= L:
        return False
    try:
        key, r = point_of(raw), point_of(signature[:32])
    except ValueError:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + raw + message).digest(), "little") % L
    one, two = times(s, BASE), add(r, times(h, key))
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


def openssl_signed(raw: bytes, message: bytes, signature: bytes) -> bool:
    """Ask openssl the same; version 3 or newer can."""
    der = bytes.fromhex("302a300506032b6570032100") + raw
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der) + b"\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as folder:
        files = {f"{folder}/key": pem, f"{folder}/message": message, f"{folder}/sig": signature}
        for path, content in files.items():
            Path(path).write_bytes(content)
        key, said, sig = files
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", key, "-in", said]
        return subprocess.run([*command, "-sigfile", sig], capture_output=True, check=False).returncode == 0
