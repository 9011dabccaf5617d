"""What the states of an estate know of live resources, and where they can't tell."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from tasks.inventory.live import Live, Place
from tasks.inventory.table import TYPES
from tasks.terraform.backend import kept_in
from tasks.terraform.baseline import Baseline
from taxonomy.observation import Observation
from taxonomy.target import TerraformTarget


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """What the estate file says is no drift though no state declares it.

    Args:
        resource: a glob over ids, and over Terraform's words for types.
        reason: in words for people.
    """

    resource: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class States:
    """The states of an estate, and what is known of them.

    Args:
        targets: every Terraform target of the estate, looked at or not.
        baselines: each target's last sealed baseline, by target.
        ignored: what the estate file leaves out.
    """

    targets: tuple[TerraformTarget, ...]
    baselines: Mapping[str, Baseline]
    ignored: tuple[Ignored, ...] = ()


def places(targets: Iterable[TerraformTarget], ignored: Collection[Ignored]) -> tuple[Place, ...]:
    """Return where to look for what is live: each account once, each region of it once.

    Args:
        targets: those that are looked at. The first by name lends its role.
        ignored: a type that is ignored altogether is not asked for.
    """
    types = frozenset(kind for kind in TYPES if ignored_by([kind], ignored) is None)
    accounts: dict[str, Place] = {}
    regions: dict[tuple[str, str], Place] = {}
    for target in sorted(targets if types else (), key=lambda one: one.name):
        if target.path is None or not target.unmanaged or target.account is None or target.region is None:
            continue
        place = Place(
            account=target.account, region=target.region, role_arn=target.read_role_arn, types=types
        )
        accounts.setdefault(place.account, replace(place, scope="account"))
        regions.setdefault((place.account, place.region), place)
    return (*accounts.values(), *regions.values())


@dataclass(frozen=True, kw_only=True)
class _Blind:
    """A state that was not looked at."""

    target: TerraformTarget
    baseline: Baseline | None

    def held(self) -> Iterator[str]:
        for approved in self.baseline.resources.values() if self.baseline else ():
            yield approved.resource_id
            yield str(approved.attributes.get("arn") or approved.resource_id)

    def may_hold(self, live: Live, account: str) -> bool:
        if self.target.account not in (None, account):
            return False
        since = self.baseline.taken_at if self.baseline else None
        return since is None or live.latest is None or live.latest > since


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What is known of an estate's states in one sweep.

    Args:
        known: ids of all that some state holds, or held at its baseline where it was not looked at.
        blind: the states that were not looked at.
        looked: the targets that were.
        own: why a resource is Terraform's own, by id.
    """

    known: frozenset[str]
    blind: tuple[_Blind, ...]
    looked: frozenset[str]
    states: States
    own: Mapping[str, str]

    @classmethod
    def of(cls, observations: Iterable[Observation], states: States) -> "Knowledge":
        """Return what the looks of a sweep, and the last baselines of all others, say."""
        seen = [o for o in observations if o.layer == "terraform" and o.outcome != "could-not-look"]
        looked = frozenset(o.target for o in seen)
        blind = tuple(
            _Blind(target=target, baseline=states.baselines.get(target.name))
            for target in states.targets
            if target.name not in looked
        )
        whole = [one for o in seen for one in o.answer.held if not one.prefix]
        held = {name for one in whole for name in (*one.names, *one.inside)}
        own = {
            identity.resource_id: f"Terraform keeps the state of target {target.name} there"
            for target in states.targets
            for identity in kept_in(target)
        }
        return cls(
            known=frozenset(held.union(*(one.held() for one in blind))),
            blind=blind,
            looked=looked,
            states=states,
            own=own,
        )

    def host(self, place: Place) -> str | None:
        """Return the target whose look tells of a place; None where none of there could be made."""
        return min(
            (
                target.name
                for target in self.states.targets
                if target.path is not None
                and target.unmanaged
                and target.name in self.looked
                and target.account == place.account
                and (place.scope == "account" or target.region == place.region)
            ),
            default=None,
        )

    def reason(self, live: Live, place: Place) -> str | None:
        """Return why a resource is no drift though no state knows it."""
        if live.known is not None:
            return live.known
        own = next((self.own[name] for name in live.names if name in self.own), None)
        if own is not None:
            return own
        regions = {one.region for one in self.states.targets if one.account == place.account}
        if live.region is not None and live.region not in regions:
            return f"it lies in {live.region}, where this estate watches nothing"
        ignored = ignored_by([*live.names, live.identity.resource_type], self.states.ignored)
        return f"left out by the estate file: {ignored.reason}" if ignored else None

    def doubt(self, live: Live, place: Place) -> str | None:
        """Return why nobody can say whether a resource is unmanaged."""
        if live.doubt is not None:
            return f"could not look whether it is unmanaged: {live.doubt}"
        holders = sorted(one.target.name for one in self.blind if one.may_hold(live, place.account))
        if not holders:
            return None
        return (
            f"could not look whether it is unmanaged: the state of {', '.join(holders)} "
            f"was not looked at in this sweep and may hold it"
        )


def ignored_by(names: Iterable[str], ignored: Iterable[Ignored]) -> Ignored | None:
    """Return what the estate file leaves a resource out by; None where it does not."""
    called = list(names)
    return next((one for one in ignored if any(fnmatchcase(name, one.resource) for name in called)), None)
