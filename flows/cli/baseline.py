"""`holdfast baseline`: the approved state that live values are compared with, and a person's word for it."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from evidence.keys import SigningKey, load_key
from flows import aside, baselines, report, sides
from flows import policy as policies
from flows.baselines import Recorded
from flows.cli.context import Context
from flows.cli.review import MADE_BY, reason_option
from flows.exits import CLEAN, ERROR
from flows.settings import Settings
from tasks.accept import Accepted, Proposal, accept, propose
from tasks.acceptance import check_acceptor
from tasks.approval import check_reason
from tasks.baselines import Held
from tasks.errors import ApprovalError
from tasks.memory import remember

WORDS = ("approved", "live")
"""What the two sides of a difference are called."""


@click.group()
def baseline() -> None:
    """The approved state that live values are compared with."""


@baseline.command()
@click.argument("target", required=False, metavar="[TARGET]")
@click.option("-o", "--output", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def show(ctx: click.Context, *, target: str | None, form: str) -> int:
    """Say what is approved, since when and by whom; with a TARGET, of each resource.

    Exits 1 where what claims to be approved does not count.
    """
    context: Context = ctx.obj
    settings = context.settings
    names = (
        [settings.target(target).name]
        if target
        else [one.name for one in settings.targets if one.layer == "terraform"]
    )
    found = baselines.recorded(settings, names)
    if form == "json":
        documents = [baselines.document(one, whole=target is not None) for one in found]
        click.echo(report.dumps(documents[0] if target else documents))
    elif target is None:
        context.out.print(_overview(found))
    else:
        for line in baselines.lines(found[0]):
            context.out.print(line, markup=False)
        if found[0].held.standing:
            context.out.print(_resources(found[0]))
    return ERROR if any(one.doubt for one in found) else CLEAN


@baseline.command(name="accept")
@click.argument("target", metavar="TARGET")
@reason_option
@click.option("--yes", is_flag=True, help="Don't ask; needed where there is no terminal.")
@click.option("-o", "--output", "form", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def accept_(ctx: click.Context, *, target: str, reason: str, yes: bool, form: str) -> None:
    """Look at TARGET now and approve what is live, signed with your own key; say first what is new in it.

    What an apply would undo is never accepted: put it right, or change the code.
    """
    asks = not yes
    if asks and not sys.stdin.isatty():
        raise click.UsageError("expected a terminal to ask on, or --yes: nothing is accepted unasked")
    context: Context = ctx.obj
    settings = context.settings
    acceptors = policies.acceptors(settings)
    key = load_key(settings.approval_key_path, made_by=MADE_BY)
    person = _may(settings, key, reason)
    store = settings.store()
    memory = remember(settings.root, trust=settings.trust, acceptors=acceptors)
    held = memory.held.get(target) or Held(target=target)
    proposal = propose(
        settings.target(target),
        held,
        reach=settings.reach,
        redactor=settings.redactor,
        now=datetime.now(UTC),
    )
    out = context.err if form == "json" else context.out
    for line in _told(proposal):
        out.print(line, markup=False)
    if asks and not click.confirm(f"Approve this state of {target}?", err=True):
        raise ApprovalError(f"{target}: nothing was accepted")
    accepted = accept(
        store,
        proposal,
        acceptors,
        approver=person,
        reason=settings.redactor.scrub(reason),
        key=key,
        now=datetime.now(UTC),
    )
    if form == "json":
        click.echo(report.dumps(_document(proposal, accepted)))
    context.err.print(
        f"{target}: baseline {accepted.acceptance.baseline_sha256[:12]} accepted by {person}", markup=False
    )


def _overview(found: Iterable[Recorded]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("target", "addresses", "since", "last look", "baseline"):
        table.add_column(column, no_wrap=True)
    table.add_column("approved", overflow="fold")
    for one in found:
        standing, look = one.held.standing, one.last_look
        table.add_row(
            Text(one.held.target),
            str(len(standing.baseline.resources)) if standing else "",
            f"{standing.at:%Y-%m-%d}" if standing else "",
            look.outcome if look else "",
            standing.sha256[:12] if standing else "none",
            Text(sides.plain(one.doubt or _approved(one)), style="bold red" if one.doubt else ""),
        )
    return table


def _approved(one: Recorded) -> str:
    standing = one.held.standing
    if standing is None:
        return "nothing yet: a first clean look takes a baseline"
    added = sum(len(more.baseline.resources) for more in standing.additions)
    return standing.said + (f"; {added} addresses added since, by no person" if added else "")


def _resources(one: Recorded) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("approved by", "address", "id"):
        table.add_column(column, overflow="fold")
    standing = one.held.standing
    for address, resource in sorted(standing.baseline.resources.items()) if standing else ():
        by = baselines.who(standing, address)
        table.add_row(by, Text(sides.plain(address)), Text(sides.plain(resource.resource_id)))
    return table


def _may(settings: Settings, key: SigningKey, reason: str) -> str:
    """Return who accepts; whoever may not is told before anything is looked at.

    Raises:
        ApprovalError: the key is nobody's, the person may not accept, or the reason says too little.
    """
    check_reason(reason)
    person = policies.owner(settings, key)
    check_acceptor(policies.acceptors(settings), person.id, key.key_id)
    return person.id


def _told(proposal: Proposal) -> Iterator[str]:
    """Yield what a person would newly accept."""
    held = proposal.held
    before = f"{held.standing.sha256[:12]}, {held.standing.said}" if held.standing else "none"
    yield f"{held.target}: {len(proposal.baseline.resources)} addresses are live; baseline so far: {before}"
    for refused in held.refused:
        yield f"overrules a baseline that claims {refused.actor} and does not count: {refused.reason}"
    for address, changes in groupby(proposal.changed, key=lambda one: one.address):
        yield sides.plain(address)
        for one in changes:
            yield f"  {sides.plain(one.attribute)}"
            yield from (f"    {line}" for line in sides.side_lines(one.before, one.after, words=WORDS))
    for title, addresses in (
        ("not approved before", proposal.added),
        ("moved", tuple(f"{was} -> {now}" for was, now in proposal.moved)),
        ("approved before, and no longer there", proposal.dropped),
    ):
        yield from _list(title, addresses)
    yield from _list("live is not what the code says", aside.by_address(proposal.unapplied))
    yield from _drift(proposal)
    if not proposal.changed and not proposal.added and not proposal.dropped:
        yield "nothing differs from the baseline so far"


def _drift(proposal: Proposal) -> Iterator[str]:
    """Yield what no apply undoes, of all that is live: accepted, it is drift no more."""
    count = sum(len(finding.changes) for finding in proposal.findings)
    if count:
        yield f"drift that accepting approves: {count}"
    for finding in proposal.findings:
        for change in finding.changes:
            source = (change.source or "").removeprefix(f"{proposal.held.target}:")
            yield f"  {sides.plain(source)} {sides.plain(change.attribute)}, class {change.drift_class}"
            yield from (f"    {line}" for line in sides.side_lines(change.declared, change.actual))


def _list(title: str, names: Iterable[str]) -> Iterator[str]:
    listed = [sides.plain(name) for name in names]
    if listed:
        yield f"{title}: {len(listed)}"
    yield from (f"  {name}" for name in listed)


def _document(proposal: Proposal, accepted: Accepted) -> dict[str, Any]:
    return {
        **asdict(accepted.acceptance),
        "decision_sha256": accepted.decision_sha256,
        "resources": len(proposal.baseline.resources),
        "changes": [
            {**asdict(one), **report.parts_document(one.before, one.after)} for one in proposal.changed
        ],
        "added": list(proposal.added),
        "moved": [{"from": was, "to": now} for was, now in proposal.moved],
        "dropped": list(proposal.dropped),
        "unapplied": [asdict(one) for one in proposal.unapplied],
        "drift": [
            {
                "resource_id": finding.resource_id,
                "address": finding.address,
                **asdict(change),
                **report.parts_document(change.declared, change.actual),
            }
            for finding in proposal.findings
            for change in finding.changes
        ],
    }
