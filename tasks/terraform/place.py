"""Which account and region a plan is of, as its resources' ARNs and its code's providers say."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.errors import ToolError
from tasks.terraform.document import Document
from tasks.terraform.planned import Planned, Values
from tasks.terraform.providers import Providers
from taxonomy.target import TerraformTarget

_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):[a-z0-9-]+:(?P<region>[a-z0-9-]*):(?P<account>\d{12}):")

_WITHOUT_REGION = re.compile(
    r"aws_(account|budgets|ce|cloudfront|globalaccelerator|iam|organizations|route53|shield|waf)_(?!resolver)"
)
"""Resources of services that have no regions, whatever their provider says."""

_ELSEWHERE = frozenset({"aws_sns_topic_subscription"})
"""Resources whose ARN may name another region than their own."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where most of a plan's resources are, by their ARNs; None where no ARN says so."""

    account: str | None
    region: str | None
    partition: str = "aws"


@dataclass(frozen=True, kw_only=True)
class _Arn:
    """What one resource's ARN says."""

    resource: Planned
    account: str
    region: str
    partition: str


def place_of(document: Document, target: TerraformTarget) -> Place:
    """Return account, region and partition: the target's where it names them, else what most ARNs say."""
    arns = list(_arns(document.resources))
    return Place(
        account=target.account or _most(Counter(arn.account for arn in arns)),
        region=target.region or _most(Counter(arn.region for arn in arns if arn.region)),
        partition=_most(Counter(arn.partition for arn in arns)) or "aws",
    )


def region_of(resource: Planned) -> str | None:
    """Return the region in a resource's ARN; None where it has none, or its service has no regions."""
    arn = next(_arns([resource]), None)
    return None if arn is None or resource.type in _ELSEWHERE else arn.region or None


def check_place(document: Document, target: TerraformTarget, *, name: str) -> None:
    """Return only where the plan's resources are in the target's account, and some of them in its region.

    A workspace may have providers for several regions; so one resource, or one provider, in the target's
    region is enough.

    Raises:
        ToolError: none of them is, or one has come to be in another account than its state says: the
            credentials, the workspace or the target is the wrong one.
    """
    for address, was, now in _moved(document):
        raise ToolError(
            f"{name} looks like the wrong account: {address} was in {was} and is in {now}; correct the "
            f"credentials of target {target.name}"
        )
    resources = document.resources
    arns = list(_arns(resources))
    accounts = {arn.account for arn in arns}
    if target.account is not None and accounts and target.account not in accounts:
        raise _wrong("account", target.account, accounts, target, name)
    if target.region is not None and all(arn.region != target.region for arn in arns):
        _check_region(_Regions.of(document, resources, arns, target.region), target, name)


def _moved(document: Document) -> Iterator[tuple[str, str, str]]:
    """Yield resources that changed accounts: one of the same name lies in the account that was asked."""
    for resource in document.resources:
        was, now = (_account(values) for values in (resource.state, resource.live))
        if was and now and was != now:
            yield resource.address, was, now


def _account(values: Values | None) -> str | None:
    arn = (values or {}).get("arn")
    found = _ARN.match(arn) if isinstance(arn, str) else None
    return found["account"] if found else None


@dataclass(frozen=True, kw_only=True)
class _Regions:
    """Where a plan's resources are, none of which is known to be in the wanted region.

    Args:
        providers: the regions of the providers of regional resources; None where one is not known.
        wrong: the regions of resources whose provider is for the wanted region.
        unsure: those of resources whose provider's region is not known.
    """

    wanted: str
    providers: frozenset[str | None]
    wrong: frozenset[str]
    unsure: frozenset[str]

    @classmethod
    def of(
        cls, document: Document, resources: Iterable[Planned], arns: list[_Arn], wanted: str
    ) -> "_Regions":
        providers = Providers.of(document)
        used = [one for one in resources if one.provider == "aws" and not _WITHOUT_REGION.match(one.type)]
        regional = [arn for arn in arns if arn.region and arn.resource.type not in _ELSEWHERE]
        found = [(arn.region, providers.region(arn.resource.address, wanted)) for arn in regional]
        return cls(
            wanted=wanted,
            providers=frozenset(providers.region(one.address, wanted) for one in used),
            wrong=frozenset(region for region, provider in found if provider == wanted),
            unsure=frozenset(region for region, provider in found if provider is None),
        )


def _check_region(regions: _Regions, target: TerraformTarget, name: str) -> None:
    elsewhere = regions.wrong or (regions.unsure if regions.wanted not in regions.providers else None)
    if elsewhere:
        raise _wrong("region", regions.wanted, elsewhere, target, name)
    if regions.providers and not regions.providers & {regions.wanted, None}:
        named = ", ".join(sorted(filter(None, regions.providers)))
        raise ToolError(
            f"{name} is of the wrong region: expected {regions.wanted}, but the code's provider is for "
            f"{named}; correct `region` of target {target.name}, or the provider's"
        )


def _wrong(word: str, wanted: str, found: Iterable[str], target: TerraformTarget, name: str) -> ToolError:
    return ToolError(
        f"{name} is of the wrong {word}: expected {wanted}, got {', '.join(sorted(found))}; "
        f"correct `{word}`, `workspace` or the credentials of target {target.name}"
    )


def _arns(resources: Iterable[Planned]) -> Iterator[_Arn]:
    for resource in resources:
        arn = resource.attributes.get("arn")
        found = _ARN.match(arn) if isinstance(arn, str) else None
        if found is not None:
            yield _Arn(
                resource=resource,
                account=found["account"],
                region=found["region"],
                partition=found["partition"],
            )


def _most(counted: Counter[str]) -> str | None:
    return min(counted, key=lambda name: (-counted[name], name)) if counted else None
