"""How a drift is written down that was judged without a look at the rules.

A row says what it is (type, attribute, both sides) and what a cloud security engineer makes of it. Where two
answers can be defended, both stand, with ``|`` between them. Severities are a range. Controls are NIST 800-53
r5: all must be cited, of those with ``/`` between them any one; an enhancement counts for its control.
Of a hardening, the controls of changing settings (CM-3, CM-6) will do.

The judgement follows the documented law: ``auto`` only for words and for what is judged to be neither better
nor worse; ``record`` for what is told and needs nobody, above all hardening; ``review`` for all that bears on
security, may break what runs, or was not judged.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from taxonomy.drift import SEVERITIES

ACCOUNT, PARTNER = "123456789012", "210987654321"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b2c3d-1111-2222-3333-444455556666"
OTHER_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/9f8e7d6c-1111-2222-3333-444455556666"
AWS_OWN_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/ebs"
CONCEALED = "hmac-sha256:53eb60f6:" + "a1" * 32
CONCEALED_OTHER = "hmac-sha256:53eb60f6:" + "b2" * 32


@dataclass(frozen=True, kw_only=True)
class Blind:
    """One drift and what a person makes of it.

    Args:
        directions, tiers, severities: any of these is right.
        controls: of each, one must be cited, or an enhancement of it.
    """

    name: str
    layer: str
    provider: str
    resource_type: str
    attribute: str
    declared: Any
    actual: Any
    directions: frozenset[str]
    tiers: frozenset[str]
    severities: tuple[str, ...]
    controls: tuple[tuple[str, ...], ...]
    kind: str = "changed"
    drift_class: str | None = None
    reported_severity: str | None = None
    reported_controls: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


def judged(
    name: str,
    about: tuple[str, str],
    sides: tuple[Any, Any],
    verdict: str,
    controls: str = "",
    *,
    layer: str = "terraform",
    provider: str = "aws",
    **more: Any,
) -> Blind:
    """Return a row.

    Args:
        name: what happened, in words.
        about: resource type and attribute.
        sides: as declared, and as it is.
        verdict: ``direction tier severity..severity``; where several hold, with ``|`` between them.
        controls: what must be cited.
        more: kind, drift_class, reported_severity, reported_controls, tags.
    """
    directions, tiers, severities = verdict.split()
    mildest, _, worst = severities.partition("..")
    worse, milder = sorted(map(SEVERITIES.index, (mildest, worst or mildest)))
    wanted = [tuple(each.split("/")) for each in controls.split()]
    if directions == "strengthened":  # an auditor may file a hardening as an exception or as a change
        wanted = [(*each, "CM-3", "CM-6") for each in wanted]
    if layer == "terraform":
        more.setdefault("drift_class", "A")
    return Blind(
        name=name,
        layer=layer,
        provider=provider,
        resource_type=about[0],
        attribute=about[1],
        declared=sides[0],
        actual=sides[1],
        directions=frozenset(directions.split("|")),
        tiers=frozenset(tiers.split("|")),
        severities=SEVERITIES[worse : milder + 1],
        controls=tuple(wanted),
        **more,
    )


def document(*statements: dict[str, Any]) -> str:
    """Return a policy document as Terraform holds one."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = None, principal: Any = None, **more: Any) -> dict[str, Any]:
    """Return a statement that allows; `more` are its other elements, `Effect` too."""
    said = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}
    return {key: value for key, value in said.items() if value is not None}


def deny(action: Any, resource: Any = None, principal: Any = None, **more: Any) -> dict[str, Any]:
    """Return a statement that denies."""
    return allow(action, resource, principal, Effect="Deny", **more)
