"""Waivers and noise rules made for the laws of waiving, and drift that meets them."""

# ruff: noqa: FBT003 - a switch that drifted is told as true and false

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

from made import BUCKET, ESTATE, NOW, change, finding, seen

from tasks import judge, merge
from tasks.history import Past
from tasks.waiving import told
from taxonomy.classify import classify
from taxonomy.drift import Drift
from taxonomy.errors import Problem
from taxonomy.observation import Change, Finding
from taxonomy.rulebook import Rulebook, load
from taxonomy.waived import Waived
from taxonomy.waivers import Filed, Noise, Waiver, Waivers


def few_rules() -> Rulebook:
    """Return a rulebook that decides as all would here, in a tenth of the time."""
    whole = load()
    few = tuple(rule for rule in whole.rules if rule.id.startswith(("aws-s3-", "aws-tags-")))
    return Rulebook(rules=few, catalogue=whole.catalogue)


def waiver(**more: Any) -> Waiver:
    written = {
        "id": "mine",
        "resource": BUCKET,
        "attribute": "versioning.0.enabled",
        "actual": False,
        "reason": "The migration writes each object twice.",
        "owner": "payments",
        "approver": "ada",
        "expires": NOW + timedelta(days=60),
    }
    if "fingerprint" in more:
        del written["actual"]
    return Waiver.model_validate(written | more)


def noise(**more: Any) -> Noise:
    when = {"resource_type": "aws_s3_bucket", "attribute": ["tags.*", "odd.*"], **more.pop("when", {})}
    written = {
        "id": "hum",
        "reason": "The agent writes the time into this tag.",
        "owner": "platform",
        "approver": "ada",
        "expires": NOW + timedelta(days=60),
    }
    return Noise.model_validate(written | {"when": when} | more)


def filed(*entries: Waiver | Noise, problems: Iterable[Problem] = (), people: Any = ("ada",)) -> Waivers:
    return Waivers(
        waivers=tuple(Filed(what=one, file="f", line=1) for one in entries if isinstance(one, Waiver)),
        noise=tuple(Filed(what=one, file="f", line=1) for one in entries if isinstance(one, Noise)),
        problems=tuple(problems),
        people=None if people is None else frozenset(people),
    )


def judged(
    book: Rulebook, waivers: Waivers, *findings: Finding, history: Mapping[str, Past] | None = None
) -> tuple[list[Drift], tuple[Waived, ...]]:
    with closing(merge.connect()) as connection:
        merge.load(connection, [seen(*findings)])
        merge.merge(connection, estate=ESTATE)
        classify(connection, book)
        judge.summarise(connection, rulebook=book, history=history or {}, now=NOW, waivers=waivers)
        return judge.drifts(connection), told(connection)


def off(**more: Any) -> Change:
    return change("versioning.0.enabled", True, False, **more)


def one(book: Rulebook, waivers: Waivers, *changes: Change) -> tuple[Drift, tuple[Waived, ...]]:
    (drift,), found = judged(book, waivers, finding(BUCKET, *changes))
    return drift, found


ECHO = change("tags.LastSeen", "a", "b", drift_class="B")
"""A word that no apply would undo."""
