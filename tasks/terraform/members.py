"""The managed resources of a plan, each by one name: a part is called after what it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.terraform.document import Document
from tasks.terraform.place import Place
from tasks.terraform.planned import Planned
from taxonomy.resources import Identity, identify
from taxonomy.target import TerraformTarget


@dataclass(frozen=True, kw_only=True)
class Member:
    """One managed resource and what it is called."""

    resource: Planned
    identity: Identity


def members_of(document: Document, target: TerraformTarget, place: Place) -> Iterator[Member]:
    """Yield every resource under one id: a part is called after its parent as the parent calls itself."""
    found = [
        (
            resource,
            identify(
                resource.type,
                resource.attributes,
                account=place.account,
                region=place.region,
                partition=place.partition,
                fallback=f"{target.name}/{resource.address}",
            ),
        )
        for resource in document.resources
    ]
    names = {
        alias: identity.resource_id
        for _, identity in found
        if not identity.prefix
        for alias in identity.aliases
    }
    for resource, identity in found:
        called = names.get(identity.resource_id, identity.resource_id)
        if called == identity.resource_id:
            yield Member(resource=resource, identity=identity)
            continue
        aliases = tuple(dict.fromkeys((*identity.aliases, identity.resource_id)))
        yield Member(
            resource=resource,
            identity=Identity(
                resource_id=called,
                resource_type=identity.resource_type,
                prefix=identity.prefix,
                aliases=tuple(alias for alias in aliases if alias != called),
            ),
        )
