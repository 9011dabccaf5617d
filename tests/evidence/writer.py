"""A process that writes batches, and may be told to die at one point of a commit."""

import argparse
import os
import resource
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from evidence.errors import EvidenceError
from evidence.keys import load_key
from evidence.schema import Row, record_id
from evidence.store import Store

orders = argparse.ArgumentParser()
orders.add_argument("root")
orders.add_argument("key", type=Path)
orders.add_argument("--die-at", default="")
orders.add_argument("--limit", type=int, default=0)
orders.add_argument("--rows", type=int, default=6)
orders.add_argument("--batches", type=int, default=1)
told = orders.parse_args()


def die(point: str) -> None:
    if point == told.die_at:
        os.kill(os.getpid(), signal.SIGKILL)


def rows(now: datetime) -> list[Row]:
    return [
        Row(
            record_id=record_id(now), step="detected", occurred_at=now, estate="acme", framework="cis",
            control_id=str(number % 3), details=os.urandom(40).hex(),
        )
        for number in range(told.rows)
    ]  # fmt: skip


if told.limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (told.limit, told.limit))
store = Store(told.root, estate="acme", writer="one", key=load_key(told.key), reached=die)
try:
    for _ in range(told.batches):
        now = datetime.now(UTC)
        with store.batch(now) as batch:
            batch.append(rows(now))
            batch.seal("snapshots", {"process": os.getpid(), "noise": os.urandom(1000).hex()})
except EvidenceError as error:
    sys.exit(str(error))
