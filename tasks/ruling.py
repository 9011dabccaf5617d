"""The rules in force, as evidence: sealed when they move, with a record of each rule that was loosened.

A record of step `classified` that speaks of no drift says which rules decide from then on. One with a
`rule_id` besides says of that rule what it was and is, why, and who did it. Rules that may be looser (a moved
`when`, a new rule that asks nobody) are recorded like those that are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from evidence.batch import Batch
from evidence.canonical import canonical_json
from evidence.objects import read_document
from evidence.schema import Row, record_id
from tasks.blame import Blame
from tasks.record import HOLDFAST, fan_out
from taxonomy.diff import RuleChange, compare, meanings, reasons
from taxonomy.loosening import Meaning
from taxonomy.place import Place
from taxonomy.rulebook import Rulebook

CONTROLS = ("nist-800-53-r5:CM-3", "soc2:CC8.1")
"""Configuration change control: what the rules themselves speak of."""

_LAST = """
SELECT taxonomy_digest, snapshot_sha256 FROM records
WHERE step = 'classified' AND drift_id IS NULL AND rule_id IS NULL AND snapshot_sha256 IS NOT NULL
ORDER BY occurred_at DESC, record_id DESC LIMIT 1
"""


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """The rules that were in force when a sweep was last recorded.

    Args:
        digest: of the rulebook.
        sealed: digest of the sealed document that holds their meanings.
    """

    digest: str
    sealed: str


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """The sweep at which the rules were found to have moved."""

    estate: str
    sweep_id: str
    run_id: str | None
    now: datetime


def ruled(connection: duckdb.DuckDBPyConnection) -> Ruled | None:
    """Return the rules that the rows at hand last recorded; None where they recorded none."""
    row = connection.execute(_LAST).fetchone()
    return Ruled(digest=row[0], sealed=row[1]) if row else None


def append_rules(
    batch: Batch, occasion: Occasion, rulebook: Rulebook, *, last: Ruled | None, root: Path, blame: Blame
) -> None:
    """Record the rules, where they are not those last recorded; the first time against their first directory.

    Raises:
        EvidenceError: the rules last recorded can't be read.
        TamperError: they are not what was sealed.
    """
    if last is not None and last.digest == rulebook.digest:
        return
    now = meanings(rulebook.rules)
    was: Mapping[str, Meaning] = (
        read_document(root, "snapshots", last.sealed)["rules"] if last else meanings(rulebook.underneath)
    )
    changes = compare(was, now, reasons(rulebook))
    sealed = batch.seal("snapshots", {"taxonomy_digest": rulebook.digest, "rules": now})
    shared = {
        "step": "classified",
        "occurred_at": occasion.now,
        "estate": occasion.estate,
        "taxonomy_digest": rulebook.digest,
        "snapshot_sha256": sealed,
        "run_id": occasion.run_id,
    }
    more = {"sweep_id": occasion.sweep_id, "was": last.digest if last else None}
    batch.append(_of_all(shared, more, changes, rules=len(now)))
    for change in changes:
        if change.effect in {"loosened", "undecided"}:
            batch.append(_of_one(shared, more, change, was=was, rulebook=rulebook, blame=blame))


def _of_all(
    shared: Mapping[str, Any], more: Mapping[str, Any], changes: tuple[RuleChange, ...], *, rules: int
) -> list[Row]:
    loosened = sum(change.effect == "loosened" for change in changes)
    reason = f"{rules} rules decide from here on; {len(changes)} moved, {loosened} of them loosened"
    details = {**more, "rules": rules, "moved": [str(change) for change in changes]}
    return fan_out(
        {**shared, **_named(shared), "reason": reason, "details": canonical_json(details), **HOLDFAST},
        CONTROLS,
    )


def _of_one(
    shared: Mapping[str, Any],
    more: Mapping[str, Any],
    change: RuleChange,
    *,
    was: Mapping[str, Meaning],
    rulebook: Rulebook,
    blame: Blame,
) -> list[Row]:
    before, rule = was.get(change.rule_id), rulebook.by_id.get(change.rule_id)
    who = blame(_place(change, rulebook))
    details = {**more, "change": change.document(), "known_by": who.known_by}
    about = {
        "rule_id": change.rule_id,
        "severity": rule.severity if rule else None,
        "tier": rule.tier if rule else None,
        "actor": who.actor,
        "actor_kind": "unknown" if who.actor == "unknown" else "person",
        "reason": f"{change}: {change.reason or 'no reason was given'}",
        "source": who.source,
        "details": canonical_json(details),
    }
    controls = {*CONTROLS, *(before["controls"] if before else ()), *(rule.controls if rule else ())}
    return fan_out({**shared, **_named(shared), **about}, controls)


def _named(shared: Mapping[str, Any]) -> dict[str, str]:
    return {"record_id": record_id(shared["occurred_at"])}


def _place(change: RuleChange, rulebook: Rulebook) -> Place | None:
    """Return the line that did it: of the worst field, of the retirement, of the new rule."""
    if change.differences:
        worst = next(one for one in change.differences if one.effect == change.effect)
        fields = rulebook.fields.get(change.rule_id, {})
        return fields.get(worst.field)
    return rulebook.retired_at.get(change.rule_id) or rulebook.places.get(change.rule_id)
