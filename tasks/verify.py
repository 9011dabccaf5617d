"""Look at a drifted resource again: is it still what was seen, is it put right?"""

from collections.abc import Iterable

from taxonomy.drift import Drift
from taxonomy.observation import Answer, Change, Finding, Kind

Key = tuple[str, Kind]


def found_again(drift: Drift, answers: Iterable[Answer]) -> tuple[Finding, ...]:
    """Return what looks say of the drift's resource now; nothing where they no longer find it drifted."""
    names = {drift.resource_id, drift.address, *drift.aliases} - {None}
    return tuple(
        finding
        for answer in answers
        for finding in answer.findings
        if names & {finding.resource_id, finding.address, *finding.aliases}
    )


def moved(drift: Drift, findings: Iterable[Finding], *, layers: Iterable[str]) -> tuple[str, ...]:
    """Return the attributes that no longer stand as the drift was recorded, sorted; empty where all do.

    Args:
        drift: as it was recorded.
        findings: what looks say of its resource now.
        layers: the layers that were asked again; what others saw is not compared.
    """
    asked = set(layers)
    before = {
        (change.attribute, change.kind): (change.declared, change.actual)
        for change in drift.changes
        if asked & set(change.layer.split("+"))
    }
    after = {_key(change): (change.declared, change.actual) for f in findings for change in f.changes}
    keys = before.keys() | after.keys()
    return tuple(sorted({key[0] for key in keys if before.get(key) != after.get(key)}))


def _key(change: Change) -> Key:
    return change.attribute, change.kind
