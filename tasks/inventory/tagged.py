"""What the resource groups tagging API tells: tags of resources, by ARN, and resources that no row lists.

It knows those that have, or have had, a tag, and may still tell of one that was just deleted:
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html .
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tasks.inventory.table import TYPES
from taxonomy.resource_types import AWS_BY_TERRAFORM

SERVICE = "resourcegroupstaggingapi"

_ARN = re.compile(r"arn:[a-z-]+:(?P<service>[a-z0-9-]+):[^:]*:[^:]*:(?:(?P<kind>[A-Za-z0-9-]+)[/:])?")

LISTED = frozenset(
    {
        "autoscaling:autoScalingGroup",
        "cloudformation:stack",
        "ec2:security-group-rule",
        "elasticloadbalancing:loadbalancer",
        "events:event-bus",
        "events:rule",
        "rds:pg",
        "s3",
        "secretsmanager:secret",
        "sns",
        "sqs",
    }
)
"""Kinds of ARNs that a row lists, or that are part of a resource, where no form of an ARN says so."""


@dataclass(frozen=True, kw_only=True)
class Tagged:
    """Tags by ARN.

    Args:
        why: why there are none; None where AWS answered.
    """

    by_arn: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    why: str | None = None

    def resources(self, types: Collection[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Yield ARN, Terraform's word and the attributes that name it, of each resource of these types."""
        for arn in sorted(self.by_arn):
            for kind in types:
                form = _form(kind)
                if form is not None and (found := form.fullmatch(arn)):
                    name = AWS_BY_TERRAFORM[kind].name
                    yield arn, kind, {name: found["name"], "name": found["name"].rpartition("/")[2]}

    def strangers(self) -> dict[str, int]:
        """Return how many there are of each kind that nothing here knows."""
        counted = Counter(kind_of(arn) for arn in self.by_arn)
        return {kind: count for kind, count in sorted(counted.items()) if kind not in _familiar()}


def read(client: Any) -> Tagged:
    """Return the tags of all that the tagging API knows in the client's region.

    Raises:
        BotoCoreError: AWS did not answer.
        ClientError: AWS refused.
    """
    pages = client.get_paginator("get_resources").paginate(ResourcesPerPage=100)
    return Tagged(
        by_arn={
            one["ResourceARN"].removesuffix(":*"): {tag["Key"]: tag["Value"] for tag in one.get("Tags", ())}
            for page in pages
            for one in page["ResourceTagMappingList"]
        }
    )


def kind_of(arn: str) -> str:
    """Return service and kind of an ARN, such as ``ec2:vpc``; the service alone where it names no kind."""
    found = _ARN.match(arn)
    if found is None:
        return "unknown"
    kind = found["kind"]
    return found["service"] if kind is None or found["service"] in LISTED else f"{found['service']}:{kind}"


@cache
def _form(kind: str) -> re.Pattern[str] | None:
    known = AWS_BY_TERRAFORM.get(kind)
    if known is None or not known.arn:
        return None
    form = re.escape(f"arn:PARTITION:{known.arn}").replace("PARTITION", "[a-z-]+")
    form = form.replace(re.escape("{region}"), "[a-z0-9-]*").replace(re.escape("{account}"), "[0-9]*")
    return re.compile(form.replace(re.escape("{name}"), "(?P<name>.+)"))


@cache
def _familiar() -> frozenset[str]:
    forms = (AWS_BY_TERRAFORM[kind] for kind in sorted(TYPES) if kind in AWS_BY_TERRAFORM)
    built = (f"arn:aws:{kind.arn.format(region='r', account='1', name='n')}" for kind in forms if kind.arn)
    return LISTED.union(kind_of(arn) for arn in built)
