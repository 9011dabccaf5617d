"""Drift made of one finding, the way merging and classifying make it."""

from evidence.canonical import canonical_json, drift_id, fingerprint
from taxonomy.drift import Drift, DriftChange
from taxonomy.observation import KINDS, Finding


def drift_of(finding: Finding, target: str) -> Drift:
    return Drift(
        drift_id=drift_id("tests", finding.resource_id),
        fingerprint=fingerprint(
            (one.attribute, one.kind, canonical_json(one.declared), canonical_json(one.actual))
            for one in finding.changes
        ),
        episode=1,
        state="open",
        kind=min((one.kind for one in finding.changes), key=KINDS.index),
        resource_id=finding.resource_id,
        resource_type=finding.resource_type,
        address=finding.address,
        aliases=finding.aliases,
        provider=finding.provider,
        account=finding.account,
        region=finding.region,
        environment=None,
        layers=("terraform",),
        targets=(target,),
        severity="high",
        tier="review",
        direction="weakened",
        rule_id="unclassified",
        because="",
        remedy="terraform-apply",
        controls=(),
        changes=tuple(
            DriftChange(
                attribute=one.attribute,
                kind=one.kind,
                declared=one.declared,
                actual=one.actual,
                redacted=one.redacted,
                drift_class=one.drift_class,
                layer="terraform",
                direction="weakened",
                severity="high",
                tier="review",
                rule_id="unclassified",
                controls=(),
                source=one.source,
                source_file=one.source_file,
                source_line=one.source_line,
            )
            for one in finding.changes
        ),
    )
