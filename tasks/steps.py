"""The verbs as Prefect tasks: the only file of `tasks/` that knows Prefect, and one that reads the clock.

A step is a decorator and one plain call. Prefect caches and persists nothing: a sweep must look afresh,
and a branch keeps its progress in the evidence (`tasks.story`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from evidence.keys import Trust
from evidence.store import Store
from tasks import memory, preview, question, remediate, routing, snapshot, story
from tasks.acceptance import Acceptors
from tasks.approval import Electorate, Question
from tasks.baselines import Doubt
from tasks.look import look
from tasks.memory import Memory
from tasks.preview import Previewed
from tasks.question import Terms
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.routing import Policy
from tasks.story import Story
from tasks.terraform.baseline import Baseline
from taxonomy.observation import Observation
from taxonomy.route import Route
from taxonomy.target import AnyTarget


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@task(name="remember", cache_policy=NO_CACHE, persist_result=False)
def remember(store: Store, trust: Trust | None, acceptors: Acceptors, *, attributes: bool) -> Memory:
    """Verify the evidence and take from it what is known before a look."""
    return memory.remember(store.root, trust=trust, acceptors=acceptors, attributes=attributes)


@task(task_run_name="look at {target.name}", cache_policy=NO_CACHE, persist_result=False)
def look_at(
    target: AnyTarget, reach: Reach, redactor: Redactor, baseline: Baseline | Doubt | None
) -> Observation:
    """Look at one target."""
    return look(target, reach=reach, redactor=redactor, baseline=baseline, clock=utc_now)


@task(name="open story", cache_policy=NO_CACHE, persist_result=False)
def open_story(
    store: Store, trust: Trust | None, acceptors: Acceptors, *, run_id: str, drift_id: str, episode: int
) -> Story:
    """Verify the evidence and take the drift out of it."""
    return story.open_story(
        store,
        trust,
        run_id=run_id,
        drift_id=drift_id,
        episode=episode,
        clock=utc_now,
        acceptors=acceptors,
    )


@task(name="choose route", cache_policy=NO_CACHE, persist_result=False)
def choose(told: Story, policy: Policy) -> Route:
    """Say where the drift goes, as the estate and the evidence stand now."""
    return routing.choose(told.case.drift, policy, told.memory, now=utc_now())


@task(name="take snapshot", cache_policy=NO_CACHE, persist_result=False)
def take_snapshot(told: Story) -> str:
    """Seal the drifted state; return its digest."""
    return snapshot.take(told)


@task(name="make preview", cache_policy=NO_CACHE, persist_result=False)
def make_preview(told: Story, target: AnyTarget, reach: Reach, redactor: Redactor) -> Previewed:
    """Seal exactly what the remedy would do."""
    return preview.preview(told, target, reach, redactor=redactor)


@task(name="ask", cache_policy=NO_CACHE, persist_result=False)
def ask(told: Story, terms: Terms, previewed: Previewed, snapshot_sha256: str) -> Question:
    """Put the question that is open now."""
    return question.put(told, terms, preview_sha256=previewed.sha256, snapshot_sha256=snapshot_sha256)


@task(name="receive", cache_policy=NO_CACHE, persist_result=False)
def receive(told: Story, asked: Question, envelopes: Sequence[str], electorate: Electorate) -> None:
    """Record what came back, whether it counts or not."""
    question.receive(told, asked, envelopes, electorate)


@task(name="remediate", cache_policy=NO_CACHE, persist_result=False)
def put_right(
    told: Story,
    previewed: Previewed,
    target: AnyTarget,
    *,
    reach: Reach,
    redactor: Redactor,
    trust: Trust | None,
    reason: str,
) -> remediate.Done:
    """Carry out exactly what was previewed."""
    return remediate.remediate(told, previewed, target, reach, redactor=redactor, trust=trust, reason=reason)


@task(name="verify", cache_policy=NO_CACHE, persist_result=False)
def verify(told: Story, targets: Sequence[AnyTarget], *, reach: Reach, redactor: Redactor) -> str:
    """Look again, and close the drift where it is gone."""
    return remediate.verify(told, targets, reach, redactor=redactor)
