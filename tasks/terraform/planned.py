"""One managed resource in one plan, its values read when somebody asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

Values = Mapping[str, Any]
NOTHING: Values = {}

_NULL = msgspec.Raw(b"null")
_FALSE = msgspec.Raw(b"false")
_OBJECT = msgspec.Raw(b"{}")

LEAVING: tuple[tuple[str, ...], ...] = ((), ("no-op",))
"""The actions of a plan that leaves a resource as it is, or does not speak of it."""


class Changed(msgspec.Struct, frozen=True, gc=False):
    """The ``change`` of an entry: both sides as they were written."""

    actions: tuple[str, ...]
    before: msgspec.Raw = _NULL
    after: msgspec.Raw = _NULL
    after_unknown: msgspec.Raw = _OBJECT
    before_sensitive: msgspec.Raw = _FALSE
    after_sensitive: msgspec.Raw = _FALSE
    importing: Any = None


_NO_CHANGE = Changed(actions=())


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry of ``resource_drift`` or ``resource_changes``."""

    address: str
    type: str
    change: Changed
    mode: str = "managed"
    provider_name: str = ""
    action_reason: str = ""
    previous_address: str = ""
    deposed: Any = msgspec.UNSET

    @property
    def counts(self) -> bool:
        """Data sources are read anew each time, and deposed objects wait for deletion: neither is drift."""
        return self.mode == "managed" and self.deposed is msgspec.UNSET

    @property
    def is_imported(self) -> bool:
        """Whether an apply would take it into the state, where it is live already."""
        return self.change.importing is not None


class Resource(msgspec.Struct, frozen=True, gc=False):
    """One resource of ``prior_state``."""

    address: str
    type: str
    mode: str
    provider_name: str = ""
    values: msgspec.Raw = _NULL
    sensitive_values: msgspec.Raw = _FALSE
    deposed_key: Any = msgspec.UNSET

    @property
    def counts(self) -> bool:
        """As of an entry."""
        return self.mode == "managed" and self.deposed_key is msgspec.UNSET


class Module(msgspec.Struct, frozen=True, gc=False):
    """One module of ``prior_state``."""

    resources: tuple[Resource, ...] = ()
    child_modules: tuple["Module", ...] = ()


class State(msgspec.Struct, frozen=True, gc=False):
    """The ``values`` of ``prior_state``."""

    root_module: Module = Module()


class PriorState(msgspec.Struct, frozen=True, gc=False):
    """The section ``prior_state``."""

    values: State = State()


class Written(NamedTuple):
    """The sides of a resource and what they mark as sensitive, as the plan holds them."""

    state: msgspec.Raw
    live: msgspec.Raw
    wanted: msgspec.Raw
    unknown: msgspec.Raw
    state_marks: msgspec.Raw
    live_marks: msgspec.Raw
    before_marks: msgspec.Raw
    wanted_marks: msgspec.Raw


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One managed resource in one plan: what the state says, what is live, what the code wants.

    Args:
        provider: its short name, such as ``aws``.
        actions: what an apply would do; empty where the plan does not speak of it.
        reason: Terraform's ``action_reason``; empty where it gives none.
        gone: True where the refresh found it deleted.
        drifted: True where ``resource_drift`` speaks of it.
        written: the sides and their marks, as the plan holds them: secrets in clear.

    Raises:
        TypeError: by each side, where it is no object.
        ValueError: likewise, where it is no JSON.
    """

    address: str
    type: str
    provider: str
    actions: tuple[str, ...] = ()
    reason: str = ""
    gone: bool = False
    drifted: bool = False
    written: Written = field(repr=False)

    @cached_property
    def state(self) -> Values | None:
        """Attributes as last saved; None where the state does not differ from what is live, or has none."""
        return self._side(self.written.state)

    @cached_property
    def live(self) -> Values | None:
        """Attributes as just refreshed; None where it is gone."""
        return self._side(self.written.live)

    @cached_property
    def wanted(self) -> Values | None:
        """Attributes after an apply; None where the plan leaves the resource as it is, or removes it."""
        return self._side(self.written.wanted)

    @cached_property
    def unknown(self) -> Any:
        """Terraform's ``after_unknown``: True where no value is known before an apply."""
        return msgspec.json.decode(self.written.unknown)

    @cached_property
    def marks(self) -> Mapping[str, Any]:
        """The ``*_sensitive`` shapes of `state`, `live` and `wanted`, and of what was live before."""
        written = self.written
        return {
            "state": msgspec.json.decode(written.state_marks),
            "live": msgspec.json.decode(written.live_marks),
            "before": msgspec.json.decode(written.before_marks),
            "wanted": msgspec.json.decode(written.wanted_marks),
        }

    @property
    def attributes(self) -> Values:
        """What identifies it: live where it is there, else as it was, else as it is wanted."""
        return self.live or self.state or self.wanted or NOTHING

    def _side(self, written: msgspec.Raw) -> Values | None:
        value = msgspec.json.decode(written)
        if value is None or isinstance(value, dict):
            return value
        raise TypeError(f"expected the attributes of {self.address} as an object, got {type(value).__name__}")


def planned(address: str, live: Resource | None, drift: Entry | None, plan: Entry | None) -> Planned:
    """Return the resource of which a plan says this in its three lists; one of them speaks of it."""
    seen = live or plan or drift
    if seen is None:
        raise KeyError(address)
    change = plan.change if plan else _NO_CHANGE
    saved = drift.change if drift else _NO_CHANGE
    gone = "delete" in saved.actions
    is_live = live.values if live else change.before
    return Planned(
        address=address,
        type=seen.type,
        provider=seen.provider_name.rpartition("/")[2],
        actions=change.actions,
        reason=plan.action_reason if plan else "",
        gone=gone,
        drifted=drift is not None,
        written=Written(
            state=saved.before,
            live=_NULL if gone else saved.after if is_live == _NULL else is_live,
            wanted=_NULL if change.actions in LEAVING else change.after,
            unknown=change.after_unknown,
            state_marks=saved.before_sensitive,
            live_marks=live.sensitive_values if live else change.before_sensitive,
            before_marks=change.before_sensitive,
            wanted_marks=change.after_sensitive,
        ),
    )
