"""One drift from snapshot to proof; its own deployment run, which may suspend for days.

The parameters are ids only: whoever can reach the Prefect API can start a run with any, so everything
else is taken from evidence that verifies, and whether anything may happen is the estate file's to say
as it stands now.
"""

from datetime import datetime
from typing import Any

from prefect import State, flow, get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows import gate
from flows import policy as policies
from flows.settings import Settings, load
from tasks import question as questions
from tasks import steps
from tasks.preview import Previewed
from tasks.question import Terms
from tasks.remedies import StaleError, by_hand
from tasks.story import Story
from taxonomy.drift import Drift
from taxonomy.route import Route
from taxonomy.target import AnyTarget, TerraformTarget

MAX_REFUSED = 50
"""After so many answers that did not count, a branch gives up; the next sweep opens another."""


@flow(name="branch", flow_run_name="branch {drift_id}", persist_result=False)
def branch(drift_id: str, episode: int, attempt: int) -> State[Any]:
    """Take one drift from snapshot to proof.

    Args:
        drift_id: of a drift that the evidence holds.
        episode: of that drift.
        attempt: which branch of the episode this is.
    """
    settings = load()
    story = steps.open_story(
        settings.store(),
        settings.trust,
        policies.acceptors(settings),
        run_id=str(flow_run.id),
        drift_id=drift_id,
        episode=episode,
    )
    drift = story.case.drift
    route = steps.choose(story, policies.policy(settings, now=steps.utc_now()))
    get_run_logger().info("%s %s: %s (attempt %s)", drift.severity, drift.resource_id, route.reason, attempt)
    # who was asked is heard: a freeze since then holds the remedy, not the answer
    if route.kind not in {"auto", "review"} and not story.told("asked"):
        return Completed(name="Held", message=route.reason)
    snapshot = steps.take_snapshot(story)
    target = _target(settings, drift)
    try:
        previewed = steps.make_preview(story, target, settings.reach, settings.redactor)
    except StaleError as stale:
        reason = settings.redactor.scrub(str(stale))
        story.tell("refused", outcome="stale", reason=reason)
        return Failed(name="Stale", message=reason)
    # what Holdfast can't put right itself, or not for sure, or only by destroying, wants a person
    preview = previewed.preview
    if route.kind != "auto" or preview.remedy == by_hand.NAME or preview.wants_person:
        verdict = _decided(story, settings, previewed, snapshot)
        if verdict != "approve":
            return Completed(name={"reject": "Rejected", "waive": "Waived"}.get(verdict, "Unanswered"))
    return _put_right(story, settings, target, previewed, route)


def _decided(story: Story, settings: Settings, previewed: Previewed, snapshot: str) -> str:
    """Ask until the quorum has decided; every answer is recorded, and only signed ones count."""
    terms = policies.terms(settings, story.case.drift.severity)
    while True:
        ballot = questions.count(story, policies.electorate(settings))
        if ballot.verdict is not None:
            return ballot.verdict
        if ballot.refused >= MAX_REFUSED:
            story.tell("refused", outcome="failed", reason=f"{ballot.refused} answers in a row did not count")
            return "unanswered"
        question = steps.ask(story, terms, previewed, snapshot)
        answer = gate.wait(
            round_=question.round,
            expires_at=datetime.fromisoformat(question.expires_at),
            now=steps.utc_now(),
            description=_described(story.case.drift, previewed, terms, question.round),
        )
        steps.receive(story, question, answer.envelopes, policies.electorate(settings))


def _put_right(
    story: Story, settings: Settings, target: AnyTarget, previewed: Previewed, route: Route
) -> State[Any]:
    # heard, but not to be done: the estate or the evidence has changed its mind since it was asked
    if route.kind not in {"auto", "review"} and not story.told("closed"):
        story.tell("refused", outcome="failed", reason=route.reason, preview_sha256=previewed.sha256)
        return Failed(name="Refused", message=route.reason)
    done = steps.put_right(
        story,
        previewed,
        target,
        reach=settings.reach,
        redactor=settings.redactor,
        trust=settings.trust,
        reason=route.reason,
    )
    if done != "done":
        return Failed(name=done.capitalize(), message=f"{story.case.drift.resource_id}: {done}")
    targets = tuple(settings.target(name) for name in story.case.drift.targets)
    outcome = steps.verify(story, targets, reach=settings.reach, redactor=settings.redactor)
    if outcome == "restored":
        return Completed(name="Restored", message=f"{story.case.drift.resource_id} is as declared again")
    return Failed(name="NotRestored", message=f"{story.case.drift.resource_id} still drifts")


def _target(settings: Settings, drift: Drift) -> AnyTarget:
    """Return the target that a remedy works in: the drift's live Terraform workspace, if it has one."""
    targets = [settings.target(name) for name in drift.targets]
    live = [t for t in targets if isinstance(t, TerraformTarget) and t.path is not None]
    return (live or targets)[0]


def _described(drift: Drift, previewed: Previewed, terms: Terms, round_: int) -> str:
    lines = [
        f"**{drift.severity}** {drift.kind}: `{drift.resource_id}`",
        "",
        *(f"* `{change.attribute}` {change.direction}" for change in drift.changes),
        "",
        *(f"> {line}" for line in previewed.preview.summary),
        "",
        f"Round {round_}, {terms.quorum} of role *{terms.role}*.",
        f"Only a signed decision counts: `holdfast review show {drift.drift_id[:12]}`.",
        "Resuming here without one changes nothing.",
    ]
    return "\n".join(lines)
