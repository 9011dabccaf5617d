"""Exactly what a remedy would do, sealed; an approval binds to its digest."""

from dataclasses import dataclass

from evidence.objects import read_document
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.remedies import REMEDIES, Preview, RefusedError
from tasks.story import Story
from taxonomy.target import AnyTarget


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """A sealed preview.

    Args:
        sha256: digest of the sealed bytes; what an approval binds to.
    """

    preview: Preview
    sha256: str


def preview(story: Story, target: AnyTarget, reach: Reach, *, redactor: Redactor) -> Previewed:
    """Return the preview of this run, making, sealing and recording it where that is not done yet.

    Where the remedy can't be kept to this one drift, a person has to do it: the preview then says so.

    Raises:
        StaleError: the drift is no longer as it was seen.
        ToolError: the world did not answer, so nothing can be said of what would happen.
    """
    for row in story.told("previewed"):
        document = read_document(story.store.root, "snapshots", row["preview_sha256"])
        return Previewed(preview=Preview.from_document(document), sha256=row["preview_sha256"])
    try:
        made = _made(story, target, reach, redactor)
    except ToolError as error:
        # whoever can reach the Prefect API reads what a run failed with
        raise ToolError(redactor.scrub(str(error))) from None
    document = made.to_document()
    sealed = story.tell(
        "previewed", preview=document, details={"remedy": made.remedy, "summary": list(made.summary)}
    )
    return Previewed(preview=made, sha256=sealed["preview_sha256"])


def _made(story: Story, target: AnyTarget, reach: Reach, redactor: Redactor) -> Preview:
    drift = story.case.drift
    try:
        return REMEDIES[drift.remedy].preview(drift, target, reach, redactor=redactor)
    except RefusedError as refused:
        by_hand = REMEDIES["by-hand"].preview(drift, target, reach, redactor=redactor)
        return by_hand.because(redactor.scrub(f"{drift.remedy} is refused: {refused}"))
