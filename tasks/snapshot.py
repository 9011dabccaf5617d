"""The drifted state as it was before anybody touched it: what is sealed before any change.

Made from the sealed answers of the sweep that saw the drift, so it holds exactly what was seen and
classified; the remedy looks again before it acts and refuses if that is no longer so.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from evidence.errors import EvidenceError
from evidence.objects import read_document
from tasks.case import Case
from tasks.story import Story
from taxonomy.observation import Observation


def answer_document(observation: Observation) -> dict[str, Any]:
    """Return what one look found, masked, as the document that a sweep seals."""
    return {
        "target": observation.target,
        "layer": observation.layer,
        "raw_digest": observation.raw_digest,
        "started_at": observation.started_at.isoformat(),
        "ended_at": observation.ended_at.isoformat(),
        "findings": [
            {
                "resource_id": finding.resource_id,
                "resource_type": finding.resource_type,
                "address": finding.address,
                "aliases": list(finding.aliases),
                "tags": dict(finding.tags),
                "state": dict(finding.state),
            }
            for finding in observation.answer.findings
        ],
    }


def snapshot_document(
    case: Case, answers: Mapping[str, Mapping[str, Any]], *, now: datetime
) -> dict[str, Any]:
    """Return the drifted state of a case, as every layer saw it.

    Args:
        case: the drift.
        answers: the sealed answers of the sweep, by target.
        now: when the snapshot is taken.

    Raises:
        EvidenceError: no sealed answer speaks of the resource, so there is nothing to keep.
    """
    drift = case.drift
    names = {drift.resource_id, drift.address, *drift.aliases}
    states = [
        {"target": target, "layer": answer["layer"], "seen_at": answer["ended_at"], **finding}
        for target, answer in sorted(answers.items())
        for finding in answer["findings"]
        if names & {finding["resource_id"], finding["address"], *finding["aliases"]} - {None}
    ]
    if not states:
        raise EvidenceError(
            f"drift {drift.drift_id}: no sealed answer of sweep {case.sweep_id} holds its state"
        )
    return {
        "taken_at": now.isoformat(),
        "sweep_id": case.sweep_id,
        "drift": drift.to_document(),
        "states": states,
    }


def take(story: Story) -> str:
    """Return the digest of this run's sealed snapshot, taking and recording it where that is not done yet.

    Raises:
        EvidenceError: the drifted state can't be captured, so nothing may be changed.
        TamperError: a sealed answer is not what was sealed.
    """
    for row in story.told("snapshotted"):
        return str(row["snapshot_sha256"])
    case = story.case
    root = story.store.root
    answers = {name: read_document(root, "snapshots", digest) for name, digest in case.answers.items()}
    document = snapshot_document(case, answers, now=story.clock())
    return story.tell("snapshotted", snapshot=document, details={"sweep_id": case.sweep_id})[
        "snapshot_sha256"
    ]
