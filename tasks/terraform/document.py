"""One plan, as ``terraform show -json`` writes it, read into one noun per managed resource.

Format 1.x: https://developer.hashicorp.com/terraform/internals/json-format. A section that would be empty
is an absent key, so an absent key is "empty" only where another key says that the plan is whole.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.errors import ToolError
from tasks.terraform.diagnostics import USUAL, check_deletions
from taxonomy.target import MassDeletion

Values = Mapping[str, Any]
NOTHING: Values = {}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One managed resource in one plan: what the state says, what is live, what the code wants.

    Args:
        provider: its short name, such as ``aws``.
        state: attributes as last saved; None where the state does not differ from what is live, or has none.
        live: attributes as just refreshed; None where it is gone.
        wanted: attributes after an apply; None where the plan leaves the resource as it is, or removes it.
        unknown: Terraform's ``after_unknown``: True where no value is known before an apply.
        actions: what an apply would do; empty where the plan does not speak of it.
        reason: Terraform's ``action_reason``; empty where it gives none.
        gone: True where the refresh found it deleted.
        marks: the ``*_sensitive`` shapes of `state`, `live` and `wanted`.
    """

    address: str
    type: str
    provider: str
    state: Values | None
    live: Values | None
    wanted: Values | None
    unknown: Any = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    reason: str = ""
    gone: bool = False
    marks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attributes(self) -> Values:
        """What identifies it: live where it is there, else as it was, else as it is wanted."""
        return self.live or self.state or self.wanted or NOTHING


def load(data: bytes, *, name: str) -> dict[str, Any]:
    """Return the plan in these bytes.

    Raises:
        ToolError: they are no JSON, or no plan; `name` says where they came from.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ToolError(
            f"{name} is no readable JSON ({_where(error)}); make it anew with `terraform show -json PLAN`"
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("format_version"), str):
        raise ToolError(
            f"{name} is not a Terraform plan: expected an object with format_version; {_hint(document)}"
        )
    return document


def check_whole(document: Values, *, name: str, targeted: bool = False, limit: MassDeletion = USUAL) -> None:
    """Return only where the plan speaks for the whole workspace and can be believed.

    Args:
        document: the plan.
        name: where it came from, for messages.
        targeted: it was made with ``-target``, which is never complete.
        limit: how much may be gone.

    Raises:
        ToolError: it is errored, incomplete, of another format, a state or refresh-only, of an empty
        state, or looks like
            the wrong account.
    """
    version = document.get("format_version")
    if not str(version).startswith(("1.", "0.")):
        raise ToolError(
            f"{name} has format {version}; expected 1.x; install a version of Holdfast that knows it"
        )
    # absent is not false: a version that does not write one of them leaves it to the others
    if document.get("errored", False) is not False:
        raise ToolError(
            f"{name} is of a plan that failed; nothing is known; look at Terraform's errors and plan again"
        )
    if "planned_values" not in document:
        raise ToolError(f"{name} is not a Terraform plan: {_hint(document)}")
    if document.get("complete", True) is not True and not targeted:
        raise ToolError(
            f"{name} is of an incomplete plan (-target, or deferred changes); plan without -target"
        )
    if "resource_changes" not in document and ("resource_drift" in document or _resources_of(document)):
        raise ToolError(
            f"{name} is of a -refresh-only plan, which can't tell what an apply would do; make a plain plan"
        )
    if not targeted:
        _check_account(document, name, limit)


def _check_account(document: Values, name: str, limit: MassDeletion) -> None:
    drift = [entry for entry in _entries(document, "resource_drift") if "delete" in _actions(entry)]
    managed = sum(1 for _ in _live(document)) + len(drift)
    check_deletions(len(drift), of=managed, limit=limit)
    if managed == 0 and _entries(document, "resource_changes"):
        raise ToolError(
            f"{name}: the state is empty, so nothing can have drifted; apply the code first, or "
            f"correct `workspace` and backend"
        )


def check_absorbed(document: Values, *, known: frozenset[str], limit: MassDeletion = USUAL) -> None:
    """Return only where few enough of what was approved is gone, also where the state has forgotten it.

    A refresh that was saved in the wrong account leaves a state without resources and a plan that would
    create them all: no deletion is to be seen in it.

    Args:
        document: the plan.
        known: the addresses of the target's baseline.
        limit: how much may be gone.

    Raises:
        ToolError: it looks like the wrong account.
    """
    changes = _entries(document, "resource_changes")
    created = {entry["address"] for entry in changes if _actions(entry) == ("create",)}
    wanted = known & (created | dict(_live(document)).keys())
    check_deletions(len(created & known), of=len(wanted), limit=limit)


def resources(document: Values) -> Iterator[Planned]:
    """Yield every managed resource of the plan once, in order of address."""
    live = dict(_live(document))
    drift = {entry["address"]: entry for entry in _entries(document, "resource_drift") if _counts(entry)}
    plan = {entry["address"]: entry for entry in _entries(document, "resource_changes") if _counts(entry)}
    for address in sorted(live.keys() | drift.keys() | plan.keys()):
        yield _planned(address, live.get(address), drift.get(address), plan.get(address))


def configured(document: Values) -> dict[str, Values]:
    """Return the ``expressions`` of every resource block, by its address without any index."""
    found: dict[str, Values] = {}
    pending = [("", document.get("configuration", {}).get("root_module", {}))]
    while pending:
        prefix, module = pending.pop()
        for block in module.get("resources", []):
            if block.get("mode") == "managed":
                found[prefix + block["address"]] = block.get("expressions", {})
        for name, call in module.get("module_calls", {}).items():
            pending.append((f"{prefix}module.{name}.", call.get("module", {})))
    return found


def block_address(address: str) -> str:
    """Return the address of the block that declares a resource: without the indexes of count and for_each."""
    out: list[str] = []
    quoted = depth = 0
    previous = ""
    for character in address:
        if character == '"' and previous != "\\" and depth:
            quoted = 1 - quoted
        elif character == "[" and not quoted:
            depth += 1
        elif character == "]" and not quoted:
            depth -= 1
            previous = character
            continue
        if not depth:
            out.append(character)
        previous = "" if previous == "\\" else character
    return "".join(out)


def _planned(address: str, live: Values | None, drift: Values | None, plan: Values | None) -> Planned:
    seen = live or plan or drift or NOTHING
    drifted = drift["change"] if drift else NOTHING
    planned = plan["change"] if plan else NOTHING
    gone = bool(drift) and "delete" in _actions(drift or NOTHING)
    is_live = _attributes(live.get("values") if live else planned.get("before"), address)
    return Planned(
        address=address,
        type=str(seen["type"]),
        provider=str(seen.get("provider_name", "")).rpartition("/")[2],
        state=_attributes(drifted.get("before"), address),
        live=None
        if gone
        else (is_live if is_live is not None else _attributes(drifted.get("after"), address)),
        wanted=None
        if _actions(plan or NOTHING) in ((), ("no-op",))
        else _attributes(planned.get("after"), address),
        unknown=planned.get("after_unknown", {}),
        actions=_actions(plan or NOTHING),
        reason=str((plan or NOTHING).get("action_reason", "")),
        gone=gone,
        marks={
            "state": drifted.get("before_sensitive", False),
            "live": live.get("sensitive_values", False) if live else planned.get("before_sensitive", False),
            "before": planned.get("before_sensitive", False),
            "wanted": planned.get("after_sensitive", False),
        },
    )


def _attributes(value: Any, address: str) -> Values | None:
    if value is None or isinstance(value, dict):
        return value
    raise TypeError(f"expected the attributes of {address} as an object, got {type(value).__name__}")


def _counts(entry: Values) -> bool:
    """Data sources are read anew each time, and deposed objects wait for their deletion: neither is drift."""
    return entry.get("mode", "managed") == "managed" and "deposed" not in entry


def _actions(entry: Values) -> tuple[str, ...]:
    change = entry.get("change")
    return tuple(str(action) for action in change["actions"]) if isinstance(change, dict) else ()


def _entries(document: Values, section: str) -> list[Values]:
    entries = document.get(section, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise TypeError(f"expected {section} as a list of objects")
    return entries


def _resources_of(document: Values) -> bool:
    return next(_live(document), None) is not None


def _live(document: Values) -> Iterator[tuple[str, Values]]:
    state = document.get("prior_state") or {}
    pending = [state.get("values", {}).get("root_module", {})]
    while pending:
        module = pending.pop()
        for entry in module.get("resources", []):
            if entry.get("mode") == "managed" and "deposed_key" not in entry:
                yield entry["address"], entry
        pending.extend(module.get("child_modules", []))


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    return type(error).__name__


def _hint(document: Any) -> str:
    if isinstance(document, dict) and "lineage" in document:
        return "it is a state file; give the output of `terraform show -json PLAN`"
    if isinstance(document, dict) and "values" in document:
        return "it shows a state; give the output of `terraform show -json PLAN`"
    if isinstance(document, dict) and "@level" in document:
        return "it is the stream of `plan -json`; give the output of `terraform show -json PLAN`"
    return "give the output of `terraform show -json PLAN`"
