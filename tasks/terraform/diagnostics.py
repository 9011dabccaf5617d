"""Why Terraform did not answer, in one line with what to do about it.

Terraform's exit code is 1 for every failure, so the reason is read from its diagnostics. Its texts hold
request ids, URLs and sometimes values: only what a pattern names is repeated, everything else is scrubbed
and cut.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.errors import ToolError
from tasks.redaction import shapes
from tasks.terraform.run import Ended, Event

WIDTH = 240
"""Characters of Terraform's own words that are repeated at most."""

DELETED_SHARE = 0.5
DELETED_LEAST = 3
"""More than this share of all resources gone, and at least this many: it looks like the wrong account."""


@dataclass(frozen=True, kw_only=True)
class _Reason:
    pattern: re.Pattern[str]
    says: str


def _reason(pattern: str, says: str) -> _Reason:
    return _Reason(pattern=re.compile(pattern, re.IGNORECASE | re.DOTALL), says=says)


REASONS = (
    _reason(
        r"acquiring the state lock.*?\bWho:\s*(?P<who>\S+).*?Created:\s*(?P<created>[^\n]+)",
        "the state is locked by {who} since {created}; wait for them, or ask them to release it",
    ),
    _reason(
        r"acquiring the state lock",
        "the state is locked by somebody unknown; wait, or ask who runs Terraform here",
    ),
    _reason(
        r"saved plan is stale",
        "the state was changed by another operation after the plan was made; preview again",
    ),
    _reason(
        r"Inconsistent dependency lock file",
        "the workspace is not initialised (no provider version is locked); run `terraform init` "
        "there and commit "
        ".terraform.lock.hcl",
    ),
    _reason(
        r"Required plugins are not installed|there is no package for|missing or corrupted provider plugins",
        "a provider that the code needs is not installed; run `terraform init` in the workspace",
    ),
    _reason(
        r"Failed to (query available provider packages|install provider)"
        r"|Provider dependency changes detected",
        "terraform init can't get a provider; check the network, or name a filesystem mirror in the CLI "
        "configuration",
    ),
    _reason(
        r"Backend initialization required|Backend configuration changed|Initialization required",
        "the backend is not initialised; run `terraform init` in the workspace",
    ),
    _reason(r"Module not installed", "a module is not installed; run `terraform init` in the workspace"),
    _reason(
        r"No valid credential sources found|NoCredentialProviders|no EC2 IMDS role found",
        "no valid AWS credentials; give the worker a role or AWS_* variables for this target",
    ),
    _reason(
        r"ExpiredToken|token (included in the request )?is expired|InvalidClientTokenId|SignatureDoesNotMatch"
        r"|UnrecognizedClientException|AuthFailure",
        "AWS refused the credentials as expired or wrong; renew them",
    ),
    _reason(
        r"context canceled|execution halted|interrupt",
        "terraform was interrupted before it ended; look again",
    ),
    _reason(
        r"Request cancelled.*request was cancelled|Plugin did not respond|plugin exited"
        r"|connection is shut ?down",
        "the provider's process died while Terraform waited for it; look again, and check the memory of "
        "the worker",
    ),
    _reason(
        r"dial tcp (?P<where>[^\s:]+:\d+): connect: connection refused",
        "the cloud's endpoint {where} refused the connection; check that it is up and that AWS_ENDPOINT_URL "
        "is right",
    ),
    _reason(
        r"no such host|i/o timeout|TLS handshake|deadline exceeded|connection reset",
        "the cloud's endpoint can't be reached; check the network and the proxy",
    ),
    _reason(
        r"not authorized to perform:?\s*(?P<action>[a-z0-9-]+:[A-Za-z*]+)",
        "AWS denied {action}; grant it to the role of this target",
    ),
    _reason(
        r"AccessDenied|UnauthorizedOperation|not authorized",
        "AWS denied a call; grant what Terraform reads to the role of this target",
    ),
    _reason(r"Throttling|Rate exceeded|TooManyRequests", "AWS throttled the calls; look again later"),
    _reason(
        r"No value for required variable|variable not declared",
        "a variable has no value; name the file that sets it in `var_files` of the target",
    ),
    _reason(
        r"Failed to read variables file|Given variables file",
        "a file of `var_files` does not exist; correct the target",
    ),
    _reason(
        r"Unsupported Terraform Core version|state snapshot was created by Terraform v",
        "this Terraform is of another version than the code or its state asks for; install that version",
    ),
    _reason(
        r"cannot apply incomplete plan",
        "the plan is incomplete and can't be applied; preview again",
    ),
    _reason(r"No configuration files", "the folder holds no Terraform code; correct `path` of the target"),
)
"""In order of trust: the first that fits names the failure."""


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
    words = [*_errors(ended.events), *([ended.stderr] if ended.stderr.strip() else [])]
    if ended.exit_code < 0:
        raise _failed(ended, doing, f"terraform was killed by signal {-ended.exit_code}; look again")
    if ended.exit_code in good and not any(_errors(ended.events)):
        return
    raise _failed(ended, doing, reason(words))


def check_stream(events: Iterable[Event], *, doing: str) -> None:
    """Return only where a recorded or finished stream speaks of a whole plan.

    Raises:
        ToolError: it holds an error, breaks off, or reports most resources as deleted.
    """
    seen = tuple(events)
    words = list(_errors(seen))
    ended = Ended(command=("terraform",), exit_code=1, events=seen)
    if words:
        raise _failed(ended, doing, reason(words))
    if any(event.get("type") == "unreadable" for event in seen) or not _closed(seen):
        raise _failed(ended, doing, "its output breaks off before the end: it was killed; look again")
    gone = sum(1 for event in seen if _is_deletion(event))
    refreshed = len(
        {_address(event) for event in seen if event.get("type") in ("refresh_start", "resource_drift")}
    )
    check_deletions(gone, of=refreshed)


def check_deletions(gone: int, *, of: int) -> None:
    """Return only where few enough resources are gone for it to be drift.

    Raises:
        ToolError: so many are gone that the wrong account or endpoint is the likelier cause.
    """
    if gone >= DELETED_LEAST and gone > DELETED_SHARE * of:
        raise ToolError(
            f"looks like the wrong account: {gone} of {of} resources seem deleted; check the credentials, "
            "the region and the endpoint of this target"
        )


def reason(words: Iterable[str]) -> str:
    """Return the one line that names the failure, from Terraform's own words."""
    said = [" \n".join(text.split("\n")) for text in words]
    whole = "\n".join(said)
    for known in REASONS:
        found = known.pattern.search(whole)
        if found is not None:
            parts = {name: (value or "").strip() for name, value in found.groupdict().items()}
            return _masked(" ".join(known.says.format(**parts).split()))
    first = " ".join(
        next(iter(said), "it gave no reason").replace("\u2502", " ").replace("\u2577", " ").split()
    )
    return _masked(f"{_cut(first)}; correct that and look again")


def _masked(line: str) -> str:
    return shapes.replace(line, lambda _: "***")


def _errors(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        diagnostic = event.get("diagnostic")
        if isinstance(diagnostic, dict) and diagnostic.get("severity") == "error":
            yield f"{diagnostic.get('summary', '')}: {diagnostic.get('detail', '')}"
        elif event.get("@level") == "error" and diagnostic is None:
            yield str(event.get("@message", ""))


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
