"""An object in S3, as people write it: ``s3://bucket/key``, with ``?versionId=…`` where one version is meant.

Names of buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
"""

import re
from dataclasses import dataclass
from typing import Self

_WRITTEN = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>[^?]+)(?:\?versionId=(?P<version>[^?&=\s]+))?"
)
_LONGEST_KEY = 1024


@dataclass(frozen=True, kw_only=True)
class S3Object:
    """An object in S3.

    Args:
        version: its version's id; None for the latest.
    """

    bucket: str
    key: str
    version: str | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the object that a text names.

        Raises:
            ValueError: it names none.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None or len(found["key"].encode()) > _LONGEST_KEY or found["key"].endswith("/"):
            raise ValueError(f"expected s3://bucket/key or s3://bucket/key?versionId=ID, got {text}")
        return cls(**found.groupdict())

    def __str__(self) -> str:
        version = f"?versionId={self.version}" if self.version else ""
        return f"s3://{self.bucket}/{self.key}{version}"
