"""Ed25519 keys: who signs, and whose signature counts for what.

A key is named by the first 16 hex digits of the SHA-256 over its 32 raw public bytes. A name is
easy to copy, so a public key is taken only if it hashes to the name that is trusted.
"""

import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.canonical import sha256_hex
from evidence.errors import EvidenceError, TamperError

Purpose = Literal["evidence", "approval"]
PURPOSES: tuple[Purpose, ...] = ("evidence", "approval")
KEY_ID = re.compile(r"[0-9a-f]{16}")
PEM_BYTES = 65536


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A public key by its 32 raw bytes."""

    raw: bytes

    @property
    def key_id(self) -> str:
        """The name of the key: 16 hex digits."""
        return sha256_hex(self.raw)[:16]

    @property
    def pem(self) -> bytes:
        """The key as PEM (SubjectPublicKeyInfo), as `openssl pkey -pubin` reads it."""
        return Ed25519PublicKey.from_public_bytes(self.raw).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @classmethod
    def from_pem(cls, pem: bytes, name: str) -> "PublicKey":
        """Read a public key; `name` says where it came from.

        Raises:
            EvidenceError: it is not an Ed25519 public key in PEM.
        """
        try:
            key = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise EvidenceError(
                f"{name}: expected an Ed25519 public key in PEM, got something else"
            ) from error
        if not isinstance(key, Ed25519PublicKey):
            raise EvidenceError(f"{name}: expected an Ed25519 public key, got {type(key).__name__}")
        return cls(raw=key.public_bytes_raw())

    def check(self, signature: bytes, message: bytes) -> None:
        """Return if this key signed the message.

        Raises:
            TamperError: it did not.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise TamperError([f"the signature of key {self.key_id} does not fit the content"]) from error


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key; its value is never shown."""

    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        """Return the name of the key, never the key."""
        return f"SigningKey({self.key_id})"

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(raw=self.private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        """The name of the key: 16 hex digits."""
        return self.public.key_id

    @classmethod
    def from_pem(cls, pem: bytes, name: str) -> "SigningKey":
        """Read an unencrypted PKCS#8 private key; `name` says where it came from.

        Raises:
            EvidenceError: it is not an Ed25519 private key in PEM without a password.
        """
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise EvidenceError(
                f"{name}: expected an Ed25519 private key in PEM without a password, got something else"
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise EvidenceError(f"{name}: expected an Ed25519 private key, got {type(key).__name__}")
        return cls(private=key)


def new_key() -> SigningKey:
    """Return a fresh key that is stored nowhere."""
    return SigningKey(private=Ed25519PrivateKey.generate())


def make_key(path: Path) -> SigningKey:
    """Create a private key file (0600), with the public key beside it in ``<path>.pub``.

    Raises:
        EvidenceError: the file exists already, or can't be written.
    """
    key = new_key()
    pem = key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(descriptor)
        path.with_name(path.name + ".pub").write_bytes(key.public.pem)
    except FileExistsError as error:
        raise EvidenceError(f"{path}: a key is there already and is not overwritten") from error
    except OSError as error:
        raise EvidenceError(f"{path}: the key can't be written: {error.strerror}") from error
    return key


def made_or_kept(path: Path) -> SigningKey:
    """Return the key of a file, made where there is none: what it says of itself can be had again.

    Raises:
        EvidenceError: it can't be written, or what is there is no key that only its owner can read.
    """
    return load_key(path) if path.exists() else make_key(path)


def load_key(path: Path, *, made_by: str = "holdfast evidence key") -> SigningKey:
    """Read a private key file that nobody but its owner can read; `made_by` is the command that makes one.

    Raises:
        EvidenceError: it is missing, readable by others, or not an Ed25519 key.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            pem = file.read(PEM_BYTES)
    except OSError as error:
        raise EvidenceError(
            f"{path}: the signing key can't be read: {error.strerror}; `{made_by}` makes one"
        ) from error
    if mode & 0o077:
        raise EvidenceError(f"{path}: expected mode 0600, got {mode:04o}; run: chmod 600 {path}")
    return SigningKey.from_pem(pem, str(path))


@dataclass(frozen=True, kw_only=True)
class TrustedKey:
    """One key that counts for one purpose.

    Args:
        key_id: its name, 16 hex digits.
        purpose: what it may say.
        public: the key itself, where the trust source holds it; else the store's copy in ``keys/`` is
            taken, if it hashes to the name.
    """

    key_id: str
    purpose: Purpose
    public: PublicKey | None = None

    def __post_init__(self) -> None:
        """Refuse a name that is none, and a key that is not the one named."""
        if not KEY_ID.fullmatch(self.key_id):
            raise EvidenceError(f"trusted key {self.key_id!r}: expected 16 lower-case hex digits")
        if self.purpose not in PURPOSES:
            raise EvidenceError(
                f"trusted key {self.key_id}: expected a purpose of {PURPOSES}, got {self.purpose!r}"
            )
        if self.public is not None and self.public.key_id != self.key_id:
            raise EvidenceError(f"trusted key {self.key_id}: the key given is {self.public.key_id}")


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whose signatures count; made outside the store, or it proves nothing."""

    keys: tuple[TrustedKey, ...]

    def __post_init__(self) -> None:
        """Refuse an empty trust: nothing would count, which is never what is meant."""
        if not self.keys:
            raise EvidenceError("expected at least one trusted key, got none")

    def ids(self, purpose: Purpose) -> frozenset[str]:
        """Return the names of the keys that count for the purpose."""
        return frozenset(key.key_id for key in self.keys if key.purpose == purpose)

    def public_keys(self) -> dict[str, PublicKey]:
        """Return the keys that the trust source holds itself, by name."""
        return {key.key_id: key.public for key in self.keys if key.public is not None}


def trust_named(entries: Iterable[Mapping[str, str]], name: str) -> Trust:
    """Return the trust of a list of ``{key_id, purpose}``, as the estate file holds it.

    Raises:
        EvidenceError: an entry has other keys, or the list is empty; `name` says where it stands.
    """
    found = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, Mapping) or set(entry) != {"key_id", "purpose"}:
            raise EvidenceError(f"{name}: entry {number}: expected the keys key_id and purpose")
        key_id, purpose = str(entry["key_id"]), entry["purpose"]
        if purpose not in PURPOSES:
            raise EvidenceError(f"{name}: entry {number}: expected a purpose of {PURPOSES}, got {purpose!r}")
        found.append(TrustedKey(key_id=key_id, purpose=purpose))
    return Trust(keys=tuple(found))


def load_trust(path: Path) -> Trust:
    """Read a trust file: public keys in PEM (for evidence), or YAML or JSON ``[{key_id, purpose}]``.

    Raises:
        EvidenceError: it can't be read or is neither.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path}: the trust file can't be read: {error.strerror}") from error
    if b"-----BEGIN" in content:
        blocks = [b"-----BEGIN" + block for block in content.split(b"-----BEGIN")[1:]]
        publics = [PublicKey.from_pem(block, str(path)) for block in blocks]
        return Trust(
            keys=tuple(TrustedKey(key_id=key.key_id, purpose="evidence", public=key) for key in publics)
        )
    try:
        entries = yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise EvidenceError(f"{path}: expected public keys in PEM, or YAML or JSON") from error
    if not isinstance(entries, list):
        raise EvidenceError(f"{path}: expected a list of {{key_id, purpose}}, got {type(entries).__name__}")
    return trust_named(entries, str(path))
