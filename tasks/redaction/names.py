"""Which names of attributes promise a secret, judged word by word."""

import itertools
import re
from functools import lru_cache
from typing import Literal

Suspicion = Literal["secret", "maybe", "none"]
"""``secret``: whatever stands there is concealed; ``maybe``: only a value that looks random."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SECRET_WORDS = _listed("""
    password passwords passwd pwd passphrase passcode secret secrets token tokens apikey apikeys
    credential credentials creds privatekey secretkey accesskey authkey authtoken psk
""")
_SECRET_PAIRS = _listed("""
    api_key api_keys private_key private_keys secret_key access_key access_keys account_key shared_key
    master_key signing_key auth_key client_key storage_key host_key license_key encryption_key session_key
    connection_string connection_strings sas_url webhook_url pre_shared preshared_key function_key basic_auth
    subscription_key
""")
_MAYBE_WORDS = _listed(
    "key keys auth authorization session cookie salt seed sig signature webhook dsn license hash"
)

# The last word says what the attribute is about; of these none is the secret itself.
_ABOUT = _listed("""
    age algorithm allowed arn arns at attempts audience character characters class claims classes
    configuration count date day days description duration enable enabled encryption endpoint expiration
    expiry expires fingerprint format history hour hours id ids issuer kind length level lifetime
    limit location lowercase max maximum method methods min minimum minutes mode name names number numbers
    option options parameter parameters path period policies policy prevention reference region required
    require requirements reset retries reuse role rotation rule scope scopes seconds size source spec
    specification state status strategy symbols target threshold timeout ttl type types units unit uppercase
    uri url usage validity version versions window
""")
_NOT_SECRET = _listed("""
    http_tokens tokens_per_minute max_tokens primary_key sort_key partition_key hash_key range_key key_pair
""")


@lru_cache(maxsize=8192)
def is_about(name: str) -> bool:
    """Say whether the last word of a name says that it only speaks about something, as ``_arn`` does."""
    return not _ABOUT.isdisjoint(words(name)[-1:])


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """Return the lower-case words of a name in snake, kebab, dotted or camel spelling."""
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=8192)
def suspicion(name: str) -> Suspicion:
    """Judge a key's name: ``db_password`` is ``secret``, ``secret_arn`` and ``token_ttl`` are ``none``.

    Args:
        name: one key, not a path.
    """
    parts = words(name)
    if not parts or "public" in parts or "_".join(parts) in _NOT_SECRET:
        return "none"
    pairs = ["_".join(pair) for pair in itertools.pairwise(parts)]
    if not _SECRET_PAIRS.isdisjoint(pairs[-1:]):
        return "secret"
    if parts[-1] in _ABOUT:
        return "none"
    if not _SECRET_WORDS.isdisjoint(parts) or not _SECRET_PAIRS.isdisjoint(pairs):
        return "secret"
    return "maybe" if _MAYBE_WORDS.intersection(parts) else "none"
