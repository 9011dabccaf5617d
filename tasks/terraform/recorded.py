"""A plan made elsewhere: a file or an object in S3, as it is or packed with gzip.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html.
"""

import gzip
import io
import zlib
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tasks import aws
from tasks.errors import ToolError
from tasks.reach import Reach
from taxonomy.s3_object import S3Object
from taxonomy.target import TerraformTarget

LARGEST = 2**30
"""Bytes of a plan, packed or not, that are taken into memory; 15,000 resources take a tenth of it."""

_PACKED = b"\x1f\x8b"
_EXPECTED = "expected the output of `terraform show -json PLAN` there"
_DENIED = (
    "AWS denied it, or there is no such object; grant s3:GetObject to the role of this target, and "
    "s3:ListBucket to be told which"
)
_ANSWERS = {
    "NoSuchBucket": "there is no such bucket; correct `plan_json`",
    "NoSuchKey": f"there is no such object; {_EXPECTED}",
    "NoSuchVersion": "the object has no such version; correct `plan_json`",
    "AccessDenied": _DENIED,
    "403": _DENIED,
    "InvalidObjectState": "the object is archived; restore it, or name another",
    "MethodNotAllowed": "the object was deleted; name a version that is none of its delete markers",
}


def read_plan(target: TerraformTarget, reach: Reach, *, largest: int = LARGEST) -> bytes:
    """Return the bytes of a target's recorded plan, as they are stored.

    Args:
        target: with a `plan_json`.
        reach: how AWS is reached, for objects in S3.
        largest: how many bytes are read at most.

    Raises:
        ToolError: there is none, it can't be read, or it is larger.
    """
    match target.plan_json:
        case S3Object():
            return _object(target.plan_json, target, reach, largest)
        case Path():
            return _file(target.plan_json, largest)
    raise ToolError(f"target {target.name} has neither path nor plan_json; give it one of them")


def unpacked(data: bytes, *, name: str, largest: int = LARGEST) -> bytes:
    """Return the plan in these bytes, which may be packed with gzip.

    Raises:
        ToolError: there are none, they are no whole gzip file, or hold more than `largest` bytes.
    """
    if not data.strip():
        raise ToolError(f"{name} is empty; {_EXPECTED}")
    if not data.startswith(_PACKED):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            plan = packed.read(largest + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ToolError(f"{name} is no whole gzip file ({error}); pack it anew") from error
    _check_size(len(plan), largest, name=f"what {name} unpacks to")
    return plan


def _file(path: Path, largest: int) -> bytes:
    try:
        _check_size(path.stat().st_size, largest, name=str(path))
        return path.read_bytes()
    except OSError as error:
        raise ToolError(f"can't read {path} ({error.strerror}); {_EXPECTED}") from error


def _object(place: S3Object, target: TerraformTarget, reach: Reach, largest: int) -> bytes:
    """Return an object's bytes, read with the target's read role; the account is asked first."""
    who: dict[str, Any] = {"region": target.region, "role_arn": target.read_role_arn}
    aws.expect_account(reach, account=target.account, **who)
    version = {"VersionId": place.version} if place.version else {}
    try:
        s3 = aws.client(aws.session(reach, **who), "s3", reach)
        answer = s3.get_object(Bucket=place.bucket, Key=place.key, **version)
        _check_size(answer["ContentLength"], largest, name=str(place))
        with answer["Body"] as body:
            return bytes(body.read())
    except (BotoCoreError, ClientError) as error:
        raise ToolError(f"can't read {place}: {_why(error)}") from error


def _why(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _ANSWERS:
            return _ANSWERS[code]
    return aws.why(error)


def _check_size(size: int, largest: int, *, name: str) -> None:
    if size > largest:
        raise ToolError(f"{name} is larger than {largest} bytes; expected one plan; split the workspace")
