"""By hand: what a person must do; Holdfast changes nothing.

For drift that no code declares, that another tool owns, or that can't be put right without touching
something else.
"""

from typing import Any

from evidence.canonical import canonical_json
from tasks.reach import Reach
from tasks.remedies.preview import Outcome, Preview
from tasks.terraform.mask import Conceals
from taxonomy.drift import Drift, DriftChange
from taxonomy.target import AnyTarget

NAME = "by-hand"

_WIDTH = 160


def preview(drift: Drift, target: AnyTarget, reach: Reach, *, redactor: Conceals) -> Preview:
    """Return what a person must do to restore what was declared; nothing is asked of the world.

    Args:
        drift: what drifted.
        target: which target saw it.
        reach: not used; every remedy takes it.
        redactor: not used; a drift's values are redacted already.
    """
    del reach, redactor
    steps = [_step(drift, change) for change in drift.changes]
    document = {
        "remedy": NAME,
        "target": target.name,
        "drift_id": drift.drift_id,
        "fingerprint": drift.fingerprint,
        "resource_id": drift.resource_id,
        "steps": steps,
        "changes": [],
    }
    return Preview.of(NAME, document, ("Holdfast changes nothing here. To do by hand:", *steps))


def apply(drift: Drift, preview: Preview, target: AnyTarget, reach: Reach, *, redactor: Conceals) -> Outcome:
    """Change nothing, and say so; a person does it, and another look tells whether it is done.

    Raises:
        StaleError: the preview is not of this drift.
    """
    del target, reach, redactor
    preview.check(drift)
    return Outcome(remedy=NAME, summary=("nothing was changed; a person has to do what the preview says",))


def _step(drift: Drift, change: DriftChange) -> str:
    name = drift.address or drift.resource_id
    if change.kind == "unmanaged":
        return f"{name}: nobody declared it. Import it into code, or delete it after asking whose it is."
    if change.kind == "missing":
        return f"{name}: {change.attribute} is gone. Create it again as declared: {_value(change.declared)}."
    if change.kind == "noncompliant":
        return f"{name}: make it comply with {change.source or change.attribute}."
    if change.drift_class == "B" and change.declared is None:
        place = f" ({change.in_code})" if change.in_code else ""
        return (
            f"{name}: {change.attribute} was never declared. Remove it, or declare it in code{place}: "
            f"{_value(change.actual)}."
        )
    return f"{name}: set {change.attribute} from {_value(change.actual)} back to {_value(change.declared)}."


def _value(value: Any) -> str:
    text = canonical_json(value)
    return text if len(text) <= _WIDTH else f"({len(text)} characters; see the drift)"
