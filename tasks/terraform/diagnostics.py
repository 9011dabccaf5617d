"""Why Terraform did not answer, in one line with what to do about it.

Terraform's exit code is 1 for every failure, so the reason is read from its diagnostics. Its texts hold
request ids, URLs and sometimes values: only what a pattern names is repeated, everything else is scrubbed
and cut.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tasks.errors import ToolError
from tasks.program.events import UNREADABLE, Event
from tasks.program.run import Ended
from tasks.redaction import shapes
from tasks.terraform.reasons import reasons
from taxonomy.target import MassDeletion

WIDTH = 240
"""Characters of Terraform's own words that are repeated at most."""

USUAL = MassDeletion()

_SIGNALLED = 128
"""Shells and containers add the signal's number to this."""

_KILL = 9

_CRASH = re.compile(r"\bpanic: |TERRAFORM CRASH|OPENTOFU CRASH|fatal error: |goroutine \d+ \[|signal SIG")

_NOISE = (
    (re.compile(r"\x1b\[[0-9;]*m|[\u2500-\u257f]"), " "),
    (re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE), "(a URL)"),
    (re.compile(r"(?:https response error )?StatusCode: \d+, *", re.IGNORECASE), ""),
    (re.compile(r"\b(?:Request|Host)[ _-]?ID:? ?[^\s,;]*,?", re.IGNORECASE), ""),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE), "(an id)"),
)
"""What differs each time, or leads somewhere: a reason that moves by itself is no reason."""


def check(ended: Ended, *, good: frozenset[int], doing: str) -> None:
    """Return only where the command ended well: exit code, no error said, and not killed.

    A stream says "0 to change" before it fails, so its summary is no proof of anything.

    Raises:
        ToolError: it did not; the reason is its own.
    """
    if ended.timed_out:
        raise _failed(
            ended, doing, "took longer than its time and was stopped; raise the timeout or find what hangs"
        )
    number = -ended.exit_code if ended.exit_code < 0 else ended.exit_code - _SIGNALLED
    if number > 0:
        hint = "check the memory of the worker, and look again" if number == _KILL else "look again"
        raise _failed(ended, doing, f"terraform was killed by signal {number}; {hint}")
    words = [*errors(ended.events), *_plain(ended)]
    if ended.exit_code in good and not any(errors(ended.events)):
        return
    raise _failed(ended, doing, reason(words))


def check_stream(events: Iterable[Event], *, doing: str, limit: MassDeletion = USUAL) -> None:
    """Return only where a recorded or finished stream speaks of a whole plan.

    A line of plain text among the others is no harm: it is a wrapper's or a library's, and what drifted is
    read from the plan. One that begins like an object and is none was cut, one that tells of a crash is a
    crash, and the last one has to be whole.

    Raises:
        ToolError: it holds an error, breaks off, or reports most resources as deleted.
    """
    seen = tuple(events)
    words = list(errors(seen))
    ended = Ended(command=("terraform",), exit_code=1, events=seen)
    if words:
        raise _failed(ended, doing, reason(words))
    unreadable = [event for event in seen if event.get("type") == UNREADABLE]
    if any(map(_is_cut, unreadable)) or seen[-1:] == tuple(unreadable[-1:]) or not _closed(seen):
        crash = "".join(f"{event.get('@message')}\n" for event in unreadable)
        raise _failed(
            ended,
            doing,
            reason([crash])
            if _CRASH.search(crash)
            else "its output breaks off before the end: it was killed; look again",
        )
    gone = sum(1 for event in seen if _is_deletion(event))
    refreshed = len(
        {_address(event) for event in seen if event.get("type") in ("refresh_start", "resource_drift")}
    )
    check_deletions(gone, of=refreshed, limit=limit)


def check_deletions(gone: int, *, of: int, limit: MassDeletion = USUAL) -> None:
    """Return only where few enough resources are gone for it to be drift.

    Raises:
        ToolError: so many are gone that the wrong account or endpoint is the likelier cause.
    """
    if limit.reached(gone, of=of):
        raise ToolError(
            f"looks like the wrong account: {gone} of {of} resources seem deleted; check the credentials, "
            "the region and the endpoint of this target, or raise its `mass_deletion`"
        )


def reason(words: Iterable[str]) -> str:
    """Return the one line that names the failure, from Terraform's own words."""
    said = tuple(words)
    whole = "\n".join(said)
    for known in reasons():
        if line := known.of(whole):
            return _masked(line)
    first = next((text for text in said if text.strip()), "it gave no reason")
    return _masked(f"{_cut(_scrubbed(first))}; correct that and look again")


def _scrubbed(text: str) -> str:
    """Return Terraform's own words without what differs each time, or leads somewhere."""
    for pattern, instead in _NOISE:
        text = pattern.sub(instead, text)
    return " ".join(text.split())


def _masked(line: str) -> str:
    return shapes.replace(line, lambda _: "***")


def errors(events: Iterable[Event]) -> Iterator[str]:
    """Yield what a stream says of errors, in Terraform's own words."""
    for event in events:
        diagnostic = event.get("diagnostic")
        if isinstance(diagnostic, dict) and diagnostic.get("severity") == "error":
            yield f"{diagnostic.get('summary', '')}: {diagnostic.get('detail', '')}{_place(diagnostic)}"
        elif event.get("@level") == "error" and diagnostic is None:
            yield str(event.get("@message", ""))


def _plain(ended: Ended) -> Iterator[str]:
    """Yield what was said outside of diagnostics; a crash says all that it says there."""
    said = [str(event.get("@message")) for event in ended.events if event.get("type") == UNREADABLE]
    for text in ("\n".join(said), ended.stderr):
        if text.strip():
            yield text


def _place(diagnostic: Mapping[str, Any]) -> str:
    found = diagnostic.get("range")
    if not isinstance(found, dict) or not isinstance(found.get("start"), dict):
        return ""
    return f"\nat {found.get('filename')}:{found['start'].get('line')}"


def _is_cut(event: Event) -> bool:
    text = str(event.get("@message"))
    return text.lstrip().startswith("{") or _CRASH.search(text) is not None


def _closed(events: tuple[Event, ...]) -> bool:
    return any(event.get("type") == "change_summary" for event in events) and not any(
        event.get("type") == "apply_start" and _address(event) not in _ended(events) for event in events
    )


def _ended(events: tuple[Event, ...]) -> frozenset[str]:
    return frozenset(
        _address(event) for event in events if event.get("type") in ("apply_complete", "apply_errored")
    )


def _is_deletion(event: Event) -> bool:
    change = event.get("change")
    return (
        event.get("type") == "resource_drift"
        and isinstance(change, dict)
        and change.get("action") == "delete"
    )


def _address(event: Event) -> str:
    holder = event.get("hook") or event.get("change") or {}
    named = holder.get("resource") if isinstance(holder, dict) else None
    return str(named.get("addr")) if isinstance(named, dict) else ""


def _failed(ended: Ended, doing: str, why: str) -> ToolError:
    return ToolError(f"{doing}: {why}", command=ended.command, exit_code=ended.exit_code)


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
