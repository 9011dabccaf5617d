"""Verify the evidence, anchor its heads outside the store, and close what died without a word."""

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact

from evidence.ledger import heads
from evidence.verify import verify
from flows import branches
from flows.settings import load
from tasks.memory import remember


@flow(name="audit", persist_result=False)
def audit() -> None:
    """Check what is recorded, and record what nobody could.

    Raises:
        TamperError: the evidence does not verify; every sign of it is in the message.
    """
    settings = load()
    verify(settings.root, trust=settings.trust)
    branches.bury(settings, remember(settings.root, trust=settings.trust))
    found = [{"writer": h.writer, "sequence": h.sequence, "digest": h.digest} for h in heads(settings.root)]
    # only a head that somebody else has seen shows that the newest batches were cut off
    create_table_artifact(
        table=found, key="evidence-heads", description="The heads of the evidence, as it verified."
    )
    get_run_logger().info("the evidence verifies; %s writers", len(found))
