"""`holdfast review`: the queue of open questions, decided from a terminal with one's own key."""

from datetime import UTC, datetime

import click
from rich.table import Table
from rich.text import Text

from evidence.keys import load_key, made_or_kept
from flows import policy as policies
from flows import report, sides
from flows.cli.context import Context
from flows.cli.waivers import waivers
from flows.resume import resume
from flows.settings import prefect_api
from tasks.approval import Verdict, answer, check
from tasks.errors import ToolError
from tasks.queue import Waiting, named, waiting

reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why; 10 to 500 characters.")

MADE_BY = "holdfast review key --person ID"
"""The command that makes a person's key."""


@click.group()
def review() -> None:
    """What waits for a person, and the answers."""


review.add_command(waivers)


@review.command(name="list")
@click.option("-o", "--output", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def list_(ctx: click.Context, *, form: str) -> None:
    """List what waits, the oldest first."""
    context: Context = ctx.obj
    queue = waiting(context.settings.root, trust=context.settings.trust)
    if form == "json":
        click.echo(report.dumps([_document(one) for one in queue]))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("id", "severity", "remedy", "until", "wants"):
        table.add_column(column, no_wrap=True)
    table.add_column("resource", overflow="fold")
    for one in queue:
        drift, question = one.case.drift, one.question
        table.add_row(
            drift.drift_id[:12],
            drift.severity,
            one.preview.remedy,
            f"{question.expires_at[5:16].replace('T', ' ')}Z",
            f"{question.quorum} of {question.role}",
            Text(sides.plain(drift.address or drift.resource_id)),
        )
    context.out.print(table if queue else "nothing waits for a decision")


@review.command()
@click.argument("name", metavar="ID")
@click.pass_context
def show(ctx: click.Context, *, name: str) -> None:
    """Show one question whole: what drifted, and exactly what approving would do."""
    context: Context = ctx.obj
    one = named(waiting(context.settings.root, trust=context.settings.trust), name)
    out = context.out
    drift = one.case.drift
    named_as = f"{drift.severity} {drift.kind} {sides.plain(drift.resource_id)}"
    out.print(named_as, style="bold", markup=False)
    out.print(drift.because, markup=False)
    for change in drift.changes:
        out.print(f"\n{sides.plain(change.attribute)} ({change.direction})", style="bold", markup=False)
        for line in sides.both_sides(change):
            out.print(f"  {line}", markup=False)
    out.print("\nApproving does exactly this:", style="bold")
    for line in one.preview.summary:
        out.print(f"  {sides.plain(line)}", markup=False)
    for label in ("run_id", "round", "fingerprint", "preview_sha256", "snapshot_sha256", "expires_at"):
        out.print(f"{label:16} {getattr(one.question, label)}", markup=False, style="dim")


@review.command()
@click.argument("name", metavar="ID")
@reason_option
@click.pass_context
def approve(ctx: click.Context, *, name: str, reason: str) -> None:
    """Let exactly what was previewed happen."""
    _decide(ctx.obj, name, "approve", reason)


@review.command()
@click.argument("name", metavar="ID")
@reason_option
@click.pass_context
def reject(ctx: click.Context, *, name: str, reason: str) -> None:
    """Leave it as it is: it stays open, and is not asked again for a while."""
    _decide(ctx.obj, name, "reject", reason)


@review.command()
@click.argument("name", metavar="ID")
@reason_option
@click.option("--until", required=True, metavar="INSTANT", help="When it ends: 2027-01-31T18:00:00+00:00.")
@click.pass_context
def waive(ctx: click.Context, *, name: str, reason: str, until: str) -> None:
    """Accept exactly this drift until an instant; any other value is a new drift."""
    try:
        instant = datetime.fromisoformat(until)
    except ValueError:
        raise click.UsageError(f"--until: expected an ISO 8601 instant, got {until!r}") from None
    if instant.utcoffset() is None:
        raise click.UsageError(f"--until: expected an instant with its offset from UTC, got {until!r}")
    _decide(ctx.obj, name, "waive", reason, until=instant)


@review.command()
@click.option("--person", required=True, metavar="ID", help="Whose key it is: an id of `people`.")
@click.pass_context
def key(ctx: click.Context, *, person: str) -> None:
    """Make a key of your own, and print what to enrol in the estate file; again where it is made already."""
    context: Context = ctx.obj
    settings = context.settings
    made = made_or_kept(settings.approval_key_path)
    public = settings.approval_key_path.with_name(settings.approval_key_path.name + ".pub")
    context.err.print(f"private key: {settings.approval_key_path} (0600; it never leaves this machine)")
    click.echo(f"# copy {public.name} to keys/{person}.pub beside the estate file, and let it be reviewed:")
    click.echo("# then add each item below its key, which may be there already")
    click.echo(f"people:\n  - {{id: {person}, review_key: keys/{person}.pub}}")
    click.echo(f"trust:\n  - {{key_id: {made.key_id}, purpose: approval}}")
    click.echo("# whoever decides and accepts baselines stands in the role that decides by default, such as")
    click.echo(f"# approvals:\n#   roles: {{platform: [{person}]}}\n#   default: {{approvers: platform}}")


def _decide(
    context: Context, name: str, verdict: Verdict, reason: str, until: datetime | None = None
) -> None:
    settings = context.settings
    one = named(waiting(settings.root, trust=settings.trust), name)
    signing = load_key(settings.approval_key_path, made_by=MADE_BY)
    person = policies.owner(settings, signing)
    now = datetime.now(UTC)
    envelope = answer(
        one.question,
        decision=verdict,
        approver=person.id,
        reason=settings.redactor.scrub(reason),
        now=now,
        key=signing,
        until=until,
    )
    # what the run would refuse is refused here already, where it can be mended
    check(envelope, one.question, policies.electorate(settings), now=now)
    api_url = prefect_api(settings.home)
    if api_url is None:
        raise ToolError("no Prefect is known; run `holdfast up`, or set PREFECT_API_URL to where it runs")
    resume(api_url, one.question.run_id, [envelope])
    context.err.print(
        f"{verdict} of {one.case.drift.resource_id} by {person.id} is on its way; the run checks it"
    )


def _document(one: Waiting) -> dict[str, object]:
    return {
        "question": one.question.to_document(),
        "asked_at": one.asked_at.isoformat(),
        "drift": report.drift_document(one.case.drift),
        "preview": one.preview.to_document(),
        "answers": list(one.answers),
    }
