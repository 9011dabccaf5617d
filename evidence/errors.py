"""Errors of the evidence store."""

from collections.abc import Iterable


class EvidenceError(Exception):
    """The store can't be read or written: what, where, and what to do."""


class TamperError(Exception):
    """Somebody changed the evidence; every sign of it that was found is listed."""

    def __init__(self, signs: Iterable[str]) -> None:
        """Keep the signs in the order found; at least one is needed."""
        self.signs = tuple(signs)
        if not self.signs:
            raise ValueError("expected at least one sign of tampering, got none")
        super().__init__("\n".join(self.signs))
