"""One plan, as ``terraform show -json`` writes it, its sections read when somebody asks for them.

Format 1.x: https://developer.hashicorp.com/terraform/internals/json-format. A section that would be empty
is an absent key, so an absent key is "empty" only where another key says that the plan is whole.

A plan of 15,000 resources has 100 MB, most of it values that nobody asks for: ``planned_values``, and both
sides of what the plan leaves alone. They stay the bytes that they are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from tasks.errors import ToolError
from tasks.terraform.diagnostics import USUAL, check_deletions
from tasks.terraform.planned import Entry, Module, Planned, PriorState, Resource, Values, planned
from taxonomy.target import MassDeletion

MALFORMED = (ValueError, RecursionError)
"""What reading bytes that are no JSON raises, or no JSON of the shape that was expected."""


_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


class Document(Mapping[str, Any]):
    """A plan: a mapping of its sections, and the three lists that are read without their values.

    Args:
        sections: each as it was written.

    Raises:
        ValueError: by each property, where a section has not the shape that it must have.
    """

    def __init__(self, sections: Mapping[str, msgspec.Raw]) -> None:
        self._sections = sections
        self._read: dict[str, Any] = {}

    def __getitem__(self, section: str) -> Any:
        if section not in self._read:
            self._read[section] = msgspec.json.decode(self._sections[section])
        return self._read[section]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def __len__(self) -> int:
        return len(self._sections)

    def __contains__(self, section: object) -> bool:
        return section in self._sections

    @cached_property
    def live(self) -> tuple[Resource, ...]:
        """Every managed resource of ``prior_state``: it holds what is live."""
        raw = self._sections.get("prior_state")
        state = msgspec.json.decode(raw, type=PriorState | None) if raw is not None else None
        return tuple(_resources_of(state.values.root_module)) if state else ()

    @cached_property
    def drift(self) -> tuple[Entry, ...]:
        """Every entry of ``resource_drift``."""
        return self._entries("resource_drift")

    @cached_property
    def changes(self) -> tuple[Entry, ...]:
        """Every entry of ``resource_changes``."""
        return self._entries("resource_changes")

    @cached_property
    def resources(self) -> tuple[Planned, ...]:
        """Every managed resource of the plan once, in order of address."""
        live = {one.address: one for one in self.live}
        drift = {one.address: one for one in self.drift if one.counts}
        plan = {one.address: one for one in self.changes if one.counts}
        return tuple(
            planned(address, live.get(address), drift.get(address), plan.get(address))
            for address in sorted(live.keys() | drift.keys() | plan.keys())
        )

    def _entries(self, section: str) -> tuple[Entry, ...]:
        raw = self._sections.get(section)
        return () if raw is None else msgspec.json.decode(raw, type=tuple[Entry, ...])


def load(data: bytes, *, name: str) -> Document:
    """Return the plan in these bytes; they are kept, and looked into when a section is asked for.

    Raises:
        ToolError: they are no JSON, or no plan; `name` says where they came from.
    """
    try:
        sections = msgspec.json.decode(_mended(data), type=dict[str, msgspec.Raw])
        version = msgspec.json.decode(sections.get("format_version", b"null"))
    except msgspec.ValidationError:
        sections, version = {}, None  # JSON, but no object
    except MALFORMED as error:
        raise ToolError(
            f"{name} is no readable JSON ({error}); make it anew with `terraform show -json PLAN`"
        ) from error
    if not isinstance(version, str):
        raise ToolError(
            f"{name} is not a Terraform plan: expected an object with format_version; {_hint(sections)}"
        )
    return Document(sections)


def _mended(data: bytes) -> bytes:
    """Return JSON without halves of characters, which an escape may spell and no text can hold."""
    if b"\\ud" not in data and b"\\uD" not in data:
        return data
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found["half"] else found[0], data)


def document_of(values: Values, *, name: str) -> Document:
    """Return a plan that is at hand as plain JSON values.

    Raises:
        ToolError: it is no plan; `name` says where it came from.
    """
    return values if isinstance(values, Document) else load(json.dumps(values).encode(), name=name)


def check_whole(
    document: Document, *, name: str, targeted: bool = False, limit: MassDeletion = USUAL
) -> None:
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
    if "resource_changes" not in document and ("resource_drift" in document or document.live):
        raise ToolError(
            f"{name} is of a -refresh-only plan, which can't tell what an apply would do; make a plain plan"
        )
    if not targeted:
        _check_account(document, name, limit)


def _check_account(document: Document, name: str, limit: MassDeletion) -> None:
    deleted = sum(1 for entry in document.drift if "delete" in entry.change.actions)
    managed = len(document.live) + deleted
    check_deletions(deleted, of=managed, limit=limit)
    if managed == 0 and document.changes:
        raise ToolError(
            f"{name}: the state is empty, so nothing can have drifted; apply the code first, or "
            f"correct `workspace` and backend"
        )


def check_absorbed(document: Document, *, known: frozenset[str], limit: MassDeletion = USUAL) -> None:
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
    created = {entry.address for entry in document.changes if entry.change.actions == ("create",)}
    wanted = known & (created | {one.address for one in document.live})
    check_deletions(len(created & known), of=len(wanted), limit=limit)


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


def _resources_of(root: Module) -> Iterator[Resource]:
    pending = [root]
    while pending:
        module = pending.pop()
        yield from (one for one in module.resources if one.counts)
        pending.extend(module.child_modules)


def _hint(document: Mapping[str, Any]) -> str:
    if "lineage" in document:
        return "it is a state file; give the output of `terraform show -json PLAN`"
    if "values" in document:
        return "it shows a state; give the output of `terraform show -json PLAN`"
    if "@level" in document:
        return "it is the stream of `plan -json`; give the output of `terraform show -json PLAN`"
    return "give the output of `terraform show -json PLAN`"
