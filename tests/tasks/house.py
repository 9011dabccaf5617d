"""A small estate that keeps its evidence on disk, swept without Prefect and without any cloud."""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from made import ESTATE, NOW

from evidence.canonical import sha256_hex
from evidence.keys import SigningKey, Trust, TrustedKey
from evidence.query import ask, connect
from evidence.store import Store
from tasks import judge
from tasks.acceptance import Acceptors
from tasks.conclude import Sweep, conclude
from tasks.memory import Memory, remember
from taxonomy.drift import Drift
from taxonomy.observation import Observation
from taxonomy.rulebook import Rulebook


@dataclass(frozen=True, kw_only=True)
class House:
    root: Path
    key: SigningKey
    rulebook: Rulebook
    now: datetime = NOW
    acceptors: Acceptors | None = None

    @property
    def store(self) -> Store:
        return Store(self.root, estate=ESTATE, writer="one", key=self.key)

    @property
    def trust(self) -> Trust:
        return Trust(keys=(TrustedKey(key_id=self.key.key_id, purpose="evidence"),))

    @property
    def memory(self) -> Memory:
        return remember(
            self.root, trust=self.trust, acceptors=self.acceptors, attributes=self.rulebook.remembers
        )

    def at(self, now: datetime) -> "House":
        return replace(self, now=now)

    def sweep(self, *observations: Observation) -> tuple[list[Drift], tuple[Drift, ...]]:
        """Judge and record; return what drifts now, and what is gone."""
        memory = self.memory
        judged = judge.judge(
            observations,
            estate=ESTATE,
            rulebook=self.rulebook,
            history=memory.pasts,
            now=self.now,
            sightings=memory.sightings,
        )
        with closing(judged) as connection:
            drifts = judge.drifts(connection)
            sweep = Sweep(
                sweep_id=sha256_hex(self.now.isoformat().encode())[:16],
                estate=ESTATE,
                run_id=None,
                due=None,
                schedule=None,
                now=self.now,
            )
            earlier = conclude(
                self.store,
                sweep,
                observations=observations,
                connection=connection,
                drifts=drifts,
                memory=memory,
                rulebook=self.rulebook,
            )
        return drifts, earlier.gone

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with closing(connect(self.root)) as connection:
            return [tuple(row) for row in ask(connection, sql).rows]
