"""Look at one target: what a detector found, or why it could not look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tasks.baselines import Doubt, trusted
from tasks.detectors import DETECTORS
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from taxonomy.observation import Answer, Observation
from taxonomy.target import AnyTarget


@dataclass(frozen=True, kw_only=True)
class Looked:
    """An observation that could be made: the answer, and the digest of what was said."""

    answer: Answer
    digest: str


def look(
    target: AnyTarget,
    *,
    reach: Reach,
    redactor: Redactor,
    baseline: Baseline | Doubt | None,
    clock: Callable[[], datetime],
) -> Observation:
    """Return what came of looking at a target; a tool that does not answer is never "no drift".

    Args:
        target: what to look at.
        reach: how the world is reached.
        redactor: conceals secrets before anything leaves the detector.
        baseline: the target's approved state, if it has one; with a doubt about it nothing can be said.
        clock: returns the time, in UTC.
    """
    started = clock()
    try:
        looked = ask(target, reach=reach, redactor=redactor, baseline=baseline, now=started)
    except ToolError as error:
        return could_not_look(target, redactor.scrub(str(error)), started=started, ended=clock())
    return Observation(
        target=target.name,
        layer=target.layer,
        environment=target.environment,
        outcome="drifted" if looked.answer.findings else "clean",
        reason=None,
        started_at=started,
        ended_at=clock(),
        raw_digest=looked.digest,
        answer=looked.answer,
    )


def ask(
    target: AnyTarget, *, reach: Reach, redactor: Redactor, baseline: Baseline | Doubt | None, now: datetime
) -> Looked:
    """Return a detector's answer about a target.

    Raises:
        ToolError: it could not look.
    """
    approved = trusted(baseline)
    detector = DETECTORS[target.layer]
    raw = detector.collect(target, reach)
    answer = detector.parse(raw, target, redactor=redactor, baseline=approved, now=now)
    return Looked(answer=answer, digest=raw.digest)


def could_not_look(target: AnyTarget, reason: str, *, started: datetime, ended: datetime) -> Observation:
    """Return the observation of a target that nothing is known of."""
    return Observation(
        target=target.name,
        layer=target.layer,
        environment=target.environment,
        outcome="could-not-look",
        reason=" ".join(reason.split()),
        started_at=started,
        ended_at=ended,
    )
