"""Nouns made for the laws of the verbs: changes, findings, observations, a drift."""

from datetime import UTC, datetime
from typing import Any

from evidence.canonical import canonical_json, drift_id, fingerprint
from taxonomy.drift import Drift, DriftChange
from taxonomy.observation import KINDS, Answer, Change, Finding, Look, Observation
from taxonomy.target import Layer

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ESTATE = "acme"
BUCKET = "arn:aws:s3:::acme-ledger"


def change(attribute: str = "tags.Owner", declared: Any = "a", actual: Any = "b", **more: Any) -> Change:
    return Change(attribute=attribute, declared=declared, actual=actual, **{"drift_class": "A", **more})


def finding(resource_id: str = BUCKET, *changes: Change, **more: Any) -> Finding:
    told: dict[str, Any] = {"resource_type": "aws_s3_bucket", "provider": "aws", **more}
    return Finding(resource_id=resource_id, changes=changes or (change(),), **told)


def seen(
    *findings: Finding,
    target: str = "network",
    layer: Layer = "terraform",
    outcome: Look | None = None,
    at: datetime = NOW,
    **answer: Any,
) -> Observation:
    return Observation(
        target=target,
        layer=layer,
        environment=None,
        outcome=outcome or ("drifted" if findings else "clean"),
        reason="the tool did not answer" if outcome == "could-not-look" else None,
        started_at=at,
        ended_at=at,
        answer=Answer(findings=findings, **answer),
    )


def drift(resource_id: str = BUCKET, **more: Any) -> Drift:
    """A drift as a sweep that saw one tag changed would judge it."""
    sides = (("tags.Owner", "changed", canonical_json("a"), canonical_json("b")),)
    told: dict[str, Any] = {
        "drift_id": drift_id(ESTATE, resource_id),
        "fingerprint": fingerprint(sides),
        "episode": 1,
        "state": "open",
        "kind": KINDS[2],
        "resource_type": "aws_s3_bucket",
        "address": "aws_s3_bucket.ledger",
        "aliases": (),
        "provider": "aws",
        "account": None,
        "region": None,
        "environment": None,
        "layers": ("terraform",),
        "targets": ("network",),
        "severity": "low",
        "tier": "auto",
        "direction": "lateral",
        "rule_id": "aws-tags-001",
        "because": "a tag is cosmetic",
        "remedy": "terraform-apply",
        "controls": ("nist-800-53-r5:CM-6",),
        "changes": (drift_change(),),
    }
    return Drift(resource_id=resource_id, **{**told, **more})


def drift_change(**more: Any) -> DriftChange:
    told: dict[str, Any] = {
        "attribute": "tags.Owner",
        "kind": "changed",
        "declared": "a",
        "actual": "b",
        "redacted": False,
        "drift_class": "A",
        "layer": "terraform",
        "direction": "lateral",
        "severity": "low",
        "tier": "auto",
        "rule_id": "aws-tags-001",
        "controls": ("nist-800-53-r5:CM-6",),
    }
    return DriftChange(**{**told, **more})
