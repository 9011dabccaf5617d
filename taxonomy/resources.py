"""One id for one resource, whoever speaks of it: Terraform, AWS Config or Azure Policy.

Two different resources never get the same id; where the cloud's own name can't be known, the id says
account, region, type and the tool's id.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taxonomy.resource_types import (
    ACCOUNT_CONFIG_TYPES,
    ACCOUNT_PARTS,
    AWS_BY_CONFIG,
    AWS_BY_TERRAFORM,
    AWS_PARTS,
    AZURE,
    FOREIGN_ARNS,
    S3_NO_PARTS,
    S3_PARTS_EACH,
    AwsType,
    Part,
)

_BLANK = re.compile(r"\{(\w+)\}")
_S3_PART = "aws_s3_bucket_"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a resource is called.

    Args:
        resource_id: the cloud's own name: an ARN, or an Azure id in lower case.
        resource_type: Terraform's word; the parent's where the resource is only part of another.
        prefix: what attribute paths of a part begin with, such as ``versioning``; else empty.
        aliases: other ids of the same resource, such as ``AWS::IAM::Role/AROA…``.
    """

    resource_id: str
    resource_type: str
    prefix: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Place:
    account: str | None
    region: str | None
    partition: str

    def arn(self, form: str, name: str | None) -> str | None:
        """Return the ARN, or None where something in its form is not known."""
        blanks = {"account": self.account, "region": self.region, "name": name}
        if not form or any(not blanks[blank] for blank in _BLANK.findall(form)):
            return None
        if form.endswith("/{name}"):
            blanks["name"] = (name or "").lstrip("/")
        return f"arn:{self.partition}:{form.format(**blanks)}"

    def fallback(self, resource_type: str, name: str, provider: str = "aws") -> str:
        """Return an id that is unique at least as far as account and region are known."""
        return f"{provider}:{self.account or ''}:{self.region or ''}:{resource_type}/{name}"


def identify(
    resource_type: str,
    attributes: Mapping[str, Any],
    *,
    account: str | None,
    region: str | None,
    partition: str = "aws",
    fallback: str | None = None,
) -> Identity:
    """Return what the resource is called that Terraform knows by this type and these attributes.

    Args:
        resource_type: Terraform's, such as ``aws_s3_bucket_versioning``.
        attributes: as in the state; none is required.
        account: of the target. Without it, IAM parts that name their parent can't find it.
        region: of the target; the attribute ``region`` wins.
        partition: ``aws``, ``aws-cn`` or ``aws-us-gov``; a region of the latter two wins.
        fallback: a name for what no cloud names (``random_password``), such as target and address.
    """
    own_region = _text(attributes, "region") or region
    place = _Place(account=account, region=own_region, partition=_partition(own_region, partition))
    if resource_type.startswith("azurerm_"):
        return _azure(resource_type, attributes, place, fallback)
    if resource_type in ACCOUNT_PARTS and account:
        return _account_part(resource_type, attributes, place)
    part = _part(resource_type)
    if part is not None:
        identity = _of_part(part, attributes, place)
        if identity is not None:
            return identity
    return _itself(resource_type, attributes, place, fallback)


def from_config(resource_type: str, resource_id: str, *, account: str | None, region: str | None) -> Identity:
    """Return what the resource is called that AWS Config knows by this type and id."""
    place = _Place(account=account, region=region, partition=_partition(region, "aws"))
    if resource_type in ACCOUNT_CONFIG_TYPES:
        return _account(place, resource_id)
    kind = AWS_BY_CONFIG.get(resource_type)
    if kind is None:
        arn = _clean_arn(resource_id)
        return Identity(
            resource_id=arn or place.fallback(resource_type, resource_id), resource_type=resource_type
        )
    arn = _clean_arn(resource_id) or _arn_of(kind, resource_id, place)
    alias = (f"{resource_type}/{resource_id}",) if _stands_alone(kind, resource_id) else ()
    if arn is None:
        name = alias[0] if alias else place.fallback(resource_type, resource_id)
        return Identity(resource_id=name, resource_type=kind.terraform)
    return Identity(resource_id=arn, resource_type=kind.terraform, aliases=alias)


def from_azure(resource_id: str, resource_type: str) -> Identity:
    """Return what the resource is called that Azure knows by this id and type.

    Azure ids don't distinguish case, and answers lower-case some of them; so do we all.
    """
    kind = resource_type.strip().strip("/").lower()
    return Identity(
        resource_id="/" + resource_id.strip().strip("/").lower(),
        resource_type=AZURE.get(kind, kind or "azure_resource"),
    )


def _text(attributes: Mapping[str, Any], key: str) -> str | None:
    value = attributes.get(key)
    return (
        str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "" else None
    )


def _partition(region: str | None, partition: str) -> str:
    if region and region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region and region.startswith("us-gov-") else partition


def _clean_arn(text: str | None) -> str | None:
    """Return the text if it is an ARN; a log group's loses the ``:*`` that only some calls add."""
    return text.removesuffix(":*") if text and text.startswith("arn:") else None


def _stands_alone(kind: AwsType, resource_id: str) -> bool:
    # Replicas of a multi-region key share its id.
    return kind.unique and not resource_id.startswith(("mrk-", "arn:"))


def _part(resource_type: str) -> Part | None:
    if resource_type.startswith(_S3_PART):
        name = resource_type.removeprefix(_S3_PART)
        if name in S3_NO_PARTS:
            return None
        return Part(parent="aws_s3_bucket", by="bucket", prefix=name, each=S3_PARTS_EACH.get(name, ""))
    return AWS_PARTS.get(resource_type)


def _of_part(part: Part, attributes: Mapping[str, Any], place: _Place) -> Identity | None:
    name = _text(attributes, part.by)
    if name is None:
        return None
    kind = AWS_BY_TERRAFORM[part.parent]
    parent = _parent_arn(kind, name, place)
    alias = f"{kind.config}/{name}" if kind.config_id == kind.name and _stands_alone(kind, name) else None
    keys = part.each.lstrip("#").split("/")
    each = next((text for text in (_text(attributes, key) for key in keys) if text), None)
    if each and part.each.startswith("#"):
        each = hashlib.sha256(each.encode()).hexdigest()[:8]
    side = "egress" if attributes.get("egress") is True else "ingress"
    prefix = part.prefix.format(type=_text(attributes, "type") or "rule", side=side)
    return Identity(
        resource_id=parent or alias or place.fallback(part.parent, name),
        resource_type=part.parent,
        prefix=f"{prefix}.{each}" if each else prefix,
        aliases=(alias,) if parent and alias else (),
    )


def _parent_arn(kind: AwsType, name: str, place: _Place) -> str | None:
    arn = _clean_arn(name)
    if arn is None:
        return _arn_of(kind, name, place, by_name=True)
    if kind.terraform == "aws_lambda_function":
        return ":".join(arn.split(":")[:7])  # without version or alias of the function
    return arn


def _arn_of(kind: AwsType, name: str, place: _Place, *, by_name: bool = False) -> str | None:
    if kind.terraform == "aws_sqs_queue" and "/" in name:
        owner, queue = name.rstrip("/").split("/")[-2:]
        return _Place(account=owner, region=place.region, partition=place.partition).arn(kind.arn, queue)
    if kind.terraform == "aws_lambda_function":
        name = name.rpartition(":function:")[2].partition(":")[0]
    return place.arn(kind.arn, name) if by_name or kind.config_id == kind.name else None


def _itself(
    resource_type: str, attributes: Mapping[str, Any], place: _Place, fallback: str | None
) -> Identity:
    kind = AWS_BY_TERRAFORM.get(resource_type)
    own = resource_type.startswith("aws_") and resource_type not in FOREIGN_ARNS
    arn = _clean_arn(_text(attributes, "arn")) if own else None
    if kind is None:
        return Identity(
            resource_id=arn or _unknown(resource_type, attributes, place, fallback),
            resource_type=resource_type,
        )
    built = place.arn(kind.arn, _text(attributes, kind.name) if kind.name else None)
    number = _text(attributes, kind.config_id)
    # A stack has its ARN for an id.
    arn = arn or (None if kind.arn else _clean_arn(number))
    alias = f"{kind.config}/{number}" if number and _stands_alone(kind, number) else None
    names = [name for name in (arn, built, alias) if name]
    if not names:
        names = [_unknown(resource_type, attributes, place, fallback)]
    # A role's path stands in its ARN but not in what its policies call it: so both are kept.
    return Identity(
        resource_id=names[0],
        resource_type=resource_type,
        aliases=tuple(dict.fromkeys(n for n in names[1:] if n != names[0])),
    )


def _unknown(resource_type: str, attributes: Mapping[str, Any], place: _Place, fallback: str | None) -> str:
    provider = resource_type.split("_", 1)[0]
    name = _text(attributes, "self_link") or _text(attributes, "id")
    if provider not in {"aws", "azurerm", "google"} and fallback:
        name = fallback
    if name in {None, "none", "-"}:
        name = fallback or _digest(attributes)
    return place.fallback(resource_type, str(name), provider)


def _digest(attributes: Mapping[str, Any]) -> str:
    text = json.dumps(attributes, sort_keys=True, default=str)
    return "sha256-" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _account(place: _Place, resource_id: str) -> Identity:
    owner = place.account or resource_id
    return Identity(resource_id=f"arn:{place.partition}:iam::{owner}:root", resource_type="aws_account")


def _account_part(resource_type: str, attributes: Mapping[str, Any], place: _Place) -> Identity:
    known = {**{key: str(value) for key, value in attributes.items()}, "region": place.region or "unknown"}
    prefix = _BLANK.sub(lambda blank: known.get(blank[1], "unknown"), ACCOUNT_PARTS[resource_type])
    account = _account(place, "")
    return Identity(resource_id=account.resource_id, resource_type=account.resource_type, prefix=prefix)


def _azure(
    resource_type: str, attributes: Mapping[str, Any], place: _Place, fallback: str | None
) -> Identity:
    own = _text(attributes, "id")
    if own is None or not own.startswith("/"):
        return Identity(
            resource_id=_unknown(resource_type, attributes, place, fallback), resource_type=resource_type
        )
    lowered = own.lower()
    parent, found, rule = lowered.partition("/securityrules/")
    if resource_type == "azurerm_network_security_rule" and found:
        return Identity(
            resource_id=parent, resource_type="azurerm_network_security_group", prefix=f"security_rule.{rule}"
        )
    return Identity(resource_id=lowered, resource_type=resource_type)
