"""Carry out exactly what was previewed, one at a time per target, and prove it by looking again."""

from collections.abc import Sequence
from typing import Literal

from evidence.keys import Trust
from tasks.baselines import Doubt, trusted
from tasks.errors import ToolError
from tasks.inventory import again
from tasks.lease import lease
from tasks.look import ask
from tasks.memory import remember
from tasks.preview import Previewed
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.remedies import REMEDIES, RefusedError, StaleError
from tasks.remedies.terraform_apply import look_again
from tasks.story import Story
from tasks.terraform.baseline import Baseline
from tasks.verify import found_again
from taxonomy.target import AnyTarget, TerraformTarget

LEASES = "_staging/leases"
"""Where leases lie below the store: never read by auditors, shared by all that may remediate."""

PATIENCE = 900.0
"""Seconds that a remedy waits for the one before it on the same target."""

Done = Literal["done", "stale", "refused", "failed"]


def remediate(
    story: Story,
    previewed: Previewed,
    target: AnyTarget,
    reach: Reach,
    *,
    redactor: Redactor,
    trust: Trust | None,
    reason: str,
) -> Done:
    """Return what came of carrying a preview out; each end is recorded before it is returned.

    Args:
        story: of the run.
        previewed: what was approved, or what an approved class puts right by itself.
        target: where the remedy works.
        reach: how the world is reached.
        redactor: conceals secrets in what is recorded.
        trust: the keys that count; a freeze is looked up in evidence that verifies.
        reason: why it may be carried out.
    """
    # one that failed is tried again: the remedy proves anew that it does no more than was approved
    if any(row["outcome"] != "failed" for row in story.told("remediated")):
        return "done"
    columns = {"preview_sha256": previewed.sha256}
    folder = story.store.root / LEASES
    try:
        with lease(folder, target=target.name, holder=story.run_id, clock=story.clock, patience=PATIENCE):
            # asked only now: a freeze must hold what waited for its turn
            frozen = remember(story.store.root, trust=trust).frozen
            if frozen is not None:
                story.tell("refused", outcome="failed", reason=frozen, **columns)
                return "refused"
            remedy = REMEDIES[previewed.preview.remedy]
            done = remedy.apply(story.case.drift, previewed.preview, target, reach, redactor=redactor)
    except (StaleError, RefusedError, ToolError) as error:
        outcome: Done = "stale" if isinstance(error, StaleError) else "failed"
        step = "refused" if isinstance(error, StaleError | RefusedError) else "remediated"
        story.tell(step, outcome=outcome, reason=redactor.scrub(str(error)), **columns)
        return outcome
    details = {"remedy": done.remedy, "summary": [redactor.scrub(line) for line in done.summary]}
    story.tell("remediated", reason=reason, details=details, **columns)
    return "done"


def verify(
    story: Story, targets: Sequence[AnyTarget], reach: Reach, *, redactor: Redactor
) -> Literal["restored", "failed"]:
    """Look again at every target that saw the drift, record what they say, and close it where it is gone.

    A Terraform target decides where there is one; what slower layers still say is kept in the record.

    Raises:
        ToolError: the deciding target could not be looked at, so nothing is proven.
    """
    if story.told("closed"):
        return "restored"
    deciding = [target for target in targets if target.layer == "terraform"] or list(targets)
    says: dict[str, str] = {}
    for target in targets:
        try:
            says[target.name] = _says(story, target, reach, redactor, story.memory.baselines.get(target.name))
        except ToolError as error:
            if target in deciding:
                raise ToolError(redactor.scrub(str(error))) from None
            says[target.name] = f"could-not-look: {redactor.scrub(str(error))}"
    details = {"looks": says}
    if any(says[target.name] != "clean" for target in deciding):
        story.tell("verified", outcome="failed", reason="a look still finds it", details=details)
        return "failed"
    story.tell_all(
        {"step": step, "outcome": "restored", "details": details} for step in ("verified", "closed")
    )
    return "restored"


def _says(
    story: Story, target: AnyTarget, reach: Reach, redactor: Redactor, baseline: Baseline | Doubt | None
) -> str:
    drift = story.case.drift
    if isinstance(target, TerraformTarget) and drift.kind == "unmanaged":
        # no plan speaks of it: it is gone, or this state holds it by now
        if not again.still_live(drift, target, reach):
            return "clean"
        looked = ask(target, reach=reach, redactor=redactor, baseline=baseline, now=story.clock())
        return "clean" if again.held(drift, looked.answer.held) else "drifted"
    if isinstance(target, TerraformTarget) and target.path is not None:
        found = look_again(drift, target, reach, redactor=redactor, baseline=trusted(baseline))
        return "clean" if found is None else "drifted"
    looked = ask(target, reach=reach, redactor=redactor, baseline=baseline, now=story.clock())
    return "drifted" if found_again(drift, [looked.answer]) else "clean"
