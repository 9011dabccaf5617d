"""A store of evidence that tests write to."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evidence.keys import SigningKey, Trust, TrustedKey
from evidence.schema import Row, record_id
from evidence.store import Store

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def row(control_id: str = "CC7.1", framework: str = "soc2", **columns: str) -> Row:
    given = {"estate": "acme", "step": "swept", "outcome": "clean", "record_id": record_id(NOW), **columns}
    return Row(occurred_at=NOW, framework=framework, control_id=control_id, **given)


def trust_in(*keys: SigningKey) -> Trust:
    return Trust(keys=tuple(TrustedKey(key_id=key.key_id, purpose="evidence") for key in keys))


@dataclass(frozen=True, kw_only=True)
class Kept:
    root: Path
    key: SigningKey
    other: SigningKey

    @property
    def store(self) -> Store:
        return Store(self.root, estate="acme", writer="one", key=self.key)

    @property
    def trust(self) -> Trust:
        return trust_in(self.key, self.other)
