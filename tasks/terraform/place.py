"""Which account and region a plan is of, as its resources' ARNs say."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.errors import ToolError
from tasks.terraform.document import Document
from tasks.terraform.planned import Values
from taxonomy.target import TerraformTarget

_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):[a-z0-9-]+:(?P<region>[a-z0-9-]*):(?P<account>\d{12}):")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where most of a plan's resources are, by their ARNs; None where no ARN says so."""

    account: str | None
    region: str | None
    partition: str = "aws"


def place_of(document: Document, target: TerraformTarget) -> Place:
    """Return account, region and partition: the target's where it names them, else what most ARNs say."""
    accounts, regions, partitions = _places(document)
    return Place(
        account=target.account or _most(accounts),
        region=target.region or _most(regions),
        partition=_most(partitions) or "aws",
    )


def check_place(document: Document, target: TerraformTarget, *, name: str) -> None:
    """Return only where the plan's resources are in the target's account and region.

    Raises:
        ToolError: none of them is, or one has come to be in another account than its state says: the
            credentials, the workspace or the target is the wrong one.
    """
    for address, was, now in _moved(document):
        raise ToolError(
            f"{name} looks like the wrong account: {address} was in {was} and is in {now}; correct the "
            f"credentials of target {target.name}"
        )
    accounts, regions, _ = _places(document)
    for word, wanted, found in (("account", target.account, accounts), ("region", target.region, regions)):
        if wanted is not None and found and wanted not in found:
            raise ToolError(
                f"{name} is of the wrong {word}: expected {wanted}, got {', '.join(sorted(found))}; "
                f"correct `{word}`, `workspace` or the credentials of target {target.name}"
            )


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


def _places(document: Document) -> tuple[Counter[str], Counter[str], Counter[str]]:
    accounts: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    partitions: Counter[str] = Counter()
    for resource in document.resources:
        arn = resource.attributes.get("arn")
        found = _ARN.match(arn) if isinstance(arn, str) else None
        if found is None:
            continue
        accounts[found["account"]] += 1
        partitions[found["partition"]] += 1
        if found["region"]:
            regions[found["region"]] += 1
    return accounts, regions, partitions


def _most(counted: Counter[str]) -> str | None:
    return min(counted, key=lambda name: (-counted[name], name)) if counted else None
