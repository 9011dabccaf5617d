"""The Merkle tree hash of RFC 6962: one digest for a list, so that one entry can be proved without the rest.

Leaf and node hashes start with different bytes, or a node could be passed off as a leaf.

Source: https://www.rfc-editor.org/rfc/rfc6962#section-2.1
"""

import hashlib
from collections.abc import Sequence


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Return the tree hash over the leaves in their order, in hex; of no leaves, SHA-256 of no bytes."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = [_leaf(leaf) for leaf in leaves]
    # Carrying an odd last hash up is the same as RFC 6962's split at the largest power of two.
    while len(level) > 1:
        paired = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0].hex()
