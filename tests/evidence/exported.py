"""A store with every kind of result that an export must tell apart, and hostile text in it."""

import functools
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kept_store import NOW

from evidence import dsse
from evidence.exports import EXPORTS
from evidence.exports.selection import Wanted, open_selection
from evidence.keys import SigningKey, new_key
from evidence.schema import Row
from evidence.store import Store

HOSTILE = (
    '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'quoted", "a\x00b", "\x1b[2J\x07",
    "\u2028line\u2029", "<script>alert(1)</script>", "]]>&amp;\"'", "x" * 5000, "\ufffe",
    'naïve, "quoted"\nnext',
)  # fmt: skip
CONTROLS = (("soc2", "CC7.1"), ("nist-800-53-r5", "CM-6(1)"))


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def rows(number: int, step: str, minutes: int, **columns: Any) -> list[Row]:
    """One record, a row for each of its controls; its id is the number, so that exports can be compared."""
    details = json.dumps(columns.pop("details", {}))
    controls = columns.pop("controls", CONTROLS)
    shared = {"estate": "acme", "actor": "holdfast", "actor_kind": "holdfast", "details": details, **columns}
    return [
        Row(
            record_id=f"00000000-0000-7000-8000-{number:012}",
            step=step,
            occurred_at=at(minutes),
            framework=framework,
            control_id=control_id,
            **shared,
        )
        for framework, control_id in controls
    ]


def drift(letter: str, **columns: Any) -> dict[str, Any]:
    return {
        "target": "network",
        "layer": "terraform",
        "drift_id": letter * 32,
        "episode": 1,
        "fingerprint": letter * 64,
        "resource_id": f"arn:aws:s3:::bucket-{letter}",
        "resource_type": "aws_s3_bucket",
        "address": f"aws_s3_bucket.{letter}",
        "kind": "changed",
        "severity": "high",
        "tier": "review",
        "rule_id": "aws-s3-001",
        **columns,
    }


def found(number: int, one: dict[str, Any], minutes: int = 0, actual: str = '"private"') -> list[Row]:
    attribute = {"attribute": "acl", "declared": '"private"', "actual": actual, "source": "network/x"}
    because = {"because": "A bucket that anyone reads is a leak.", "remedy": "terraform-apply"}
    place = {"direction": "weakened", "source_file": "s3/main.tf", "source_line": 12}
    return [
        *rows(number, "detected", minutes, outcome="drifted", details=because, **one),
        *rows(number + 1, "classified", minutes, outcome="drifted", details=place, **attribute, **one),
    ]


def decided(number: int, one: dict[str, Any], minutes: int, decision: str, **more: Any) -> list[Row]:
    outcome = {"approve": "approved", "reject": "rejected", "waive": "approved"}[decision]
    given = {"reason": "agreed with the owner", "actor": "a.person", "actor_kind": "person", **more}
    return rows(number, "decided", minutes, decision=decision, outcome=outcome, **given, **one)


RESTORED, WAIVED, OPEN, NASTY = (
    drift("a"),
    drift("b", severity="medium"),
    drift("c", severity="critical"),
    drift("e"),
)


def everything(envelope: str, hostile: tuple[str, ...] = ()) -> list[Row]:
    look = {"target": "network", "layer": "terraform"}
    until = {"details": {"until": at(60 * 24 * 30).isoformat()}}
    written = [
        *rows(1, "swept", 0, outcome="drifted", **look),
        *rows(2, "swept", 0, outcome="clean", target="payments", layer="terraform",
              details={"suppressed_by": {"ignored": 3}}),
        *rows(3, "swept", 60, outcome="clean", target="payments", layer="terraform"),
        *rows(4, "swept", 0, outcome="could-not-look", target="web-01", layer="inspec",
              reason="ssh: connection refused"),
        *rows(5, "swept", 0, outcome="drifted", target="lost", layer="aws_config", controls=CONTROLS[:1]),
        *found(10, RESTORED), *found(20, WAIVED), *found(30, OPEN, actual='"public-read"'),
        *rows(40, "snapshotted", 1, snapshot_sha256="5" * 64, **RESTORED),
        *rows(41, "previewed", 2, preview_sha256="6" * 64, **RESTORED),
        *rows(42, "asked", 3, preview_sha256="6" * 64, **RESTORED),
        *decided(43, RESTORED, 4, "approve", decision_sha256=envelope, preview_sha256="6" * 64),
        *rows(44, "remediated", 5, outcome="restored", **RESTORED),
        *rows(45, "verified", 6, outcome="restored", **RESTORED),
        *rows(46, "closed", 7, outcome="restored", **RESTORED),
        *decided(47, WAIVED, 4, "waive", reason="migration ends next month", **until),
        *rows(48, "asked", 4, **OPEN),
    ]  # fmt: skip
    for place, text in enumerate(hostile):
        nasty = {**NASTY, "drift_id": f"{place:032}", "resource_id": text, "address": text}
        written += found(100 + 10 * place, nasty, actual=json.dumps(text))
        written += decided(105 + 10 * place, nasty, 9, "reject", reason=text, actor=text)
    return written


def store(root: Path, *, key: SigningKey | None = None, hostile: tuple[str, ...] = ()) -> Path:
    """Write `everything` in two batches of one writer."""
    key = key or new_key()
    with Store(root, estate="acme", writer="one", key=key).batch(at(120)) as batch:
        envelope = batch.seal("decisions", dsse.sign(dsse.DECISION, b'{"decision":"approve"}', key))
        batch.seal("snapshots", {"state": "as it was"})
        batch.append(everything(envelope, hostile))
    with Store(root, estate="acme", writer="one", key=key).batch(at(180)) as batch:
        batch.append(rows(900, "swept", 180, outcome="clean", target="payments", layer="terraform"))
    return root


@functools.cache
def once(root: Path, form: str) -> str:
    """The whole export, made once for all tests that only read it."""
    return exported(root, form)


def exported(root: Path, form: str, **wanted: str) -> str:
    with open_selection(root, Wanted(**wanted), trust=None) as selection:
        return "".join(EXPORTS[form](selection))
