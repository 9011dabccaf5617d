"""Managed rules about S3 buckets."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from examples.clouds.managed_rules.live import Live, Verdict, answer_or_none

_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def encrypted(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """s3-bucket-server-side-encryption-enabled: a default encryption is set."""
    absent = "ServerSideEncryptionConfigurationNotFoundError"
    read = live.client("s3").get_bucket_encryption
    return _each(
        live, lambda name: answer_or_none(read, absent, Bucket=name), "No default encryption is set."
    )


def versioned(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """s3-bucket-versioning-enabled: versioning is on; never set and suspended are both off."""
    read = live.client("s3").get_bucket_versioning
    return _each(live, lambda name: read(Bucket=name).get("Status") == "Enabled", "Versioning is off.")


def not_public(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """s3-bucket-level-public-access-prohibited: all four blocks are on."""
    read = live.client("s3").get_public_access_block

    def met(name: str) -> bool:
        block = answer_or_none(read, "NoSuchPublicAccessBlockConfiguration", Bucket=name)
        return block is not None and all(block["PublicAccessBlockConfiguration"].get(b) for b in _BLOCKS)

    return _each(live, met, "Public access is not blocked at the level of the bucket.")


def tls_only(live: Live, _: Mapping[str, str]) -> Iterator[Verdict]:
    """s3-bucket-ssl-requests-only: a policy denies every action to whoever comes without TLS."""
    read = live.client("s3").get_bucket_policy

    def met(name: str) -> bool:
        policy = answer_or_none(read, "NoSuchBucketPolicy", Bucket=name)
        statements = json.loads(policy["Policy"])["Statement"] if policy else []
        return any(_denies_plain_http(s) for s in _listed(statements))

    return _each(live, met, "The bucket policy does not deny requests without TLS.")


def _each(live: Live, met: Callable[[str], Any], annotation: str) -> Iterator[Verdict]:
    for name in live.buckets:
        compliant = bool(met(name))
        yield Verdict(
            resource_type="AWS::S3::Bucket",
            resource_id=name,
            compliant=compliant,
            annotation="" if compliant else annotation,
        )


def _denies_plain_http(statement: Mapping[str, Any]) -> bool:
    everybody = statement.get("Principal") in ("*", {"AWS": "*"})
    secure = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    everything = {"*", "s3:*"} & set(_listed(statement.get("Action", [])))
    return bool(statement["Effect"] == "Deny" and everybody and everything and secure in ("false", ["false"]))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
