"""Protocol versions of TLS, and the policies by which clouds name a set of versions and ciphers.

A policy is the lowest version that it admits and a class of its ciphers; it is stronger where neither is
lower. A name that is not in the table is not judged, unless it says no more than a version.

Sources:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-security-policy-table.html
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
    https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainEndpointOptions.html
    https://learn.microsoft.com/azure/application-gateway/application-gateway-ssl-policy-overview
"""

import re
from typing import Any, NamedTuple

from taxonomy.drift import Direction
from taxonomy.meaning import Meaning


class _Strength(NamedTuple):
    version: int
    """Minor version of TLS 1; -1 is SSL 3, -2 is no TLS at all."""
    ciphers: int
    """0 with broken ones, 1 without forward secrecy, 2 with it but with CBC, 3 AEAD with it only."""


_ELB = "elbsecuritypolicy-"
_NAMED = {
    _ELB + "2011-08": (-1, 0), _ELB + "2014-01": (-1, 0), _ELB + "2014-10": (0, 0), _ELB + "2015-02": (0, 0),
    _ELB + "2015-03": (0, 0), _ELB + "2015-05": (0, 0), _ELB + "2016-08": (0, 1),
    _ELB + "tls-1-0-2015-04": (0, 0), _ELB + "tls-1-1-2017-01": (1, 1), _ELB + "tls-1-2-2017-01": (2, 1),
    _ELB + "tls-1-2-ext-2018-06": (2, 1), _ELB + "fs-2018-06": (0, 2), _ELB + "fs-1-1-2019-08": (1, 2),
    _ELB + "fs-1-2-2019-08": (2, 2), _ELB + "fs-1-2-res-2019-08": (2, 2), _ELB + "fs-1-2-res-2020-10": (2, 3),
    _ELB + "tls13-1-0-2021-06": (0, 1), _ELB + "tls13-1-1-2021-06": (1, 1),
    _ELB + "tls13-1-2-ext1-2021-06": (2, 1), _ELB + "tls13-1-2-ext2-2021-06": (2, 1),
    _ELB + "tls13-1-2-2021-06": (2, 2), _ELB + "tls13-1-2-res-2021-06": (2, 3),
    _ELB + "tls13-1-3-2021-06": (3, 3),
    "sslv3": (-1, 0), "tlsv1": (0, 0), "tlsv1_2016": (0, 1), "tlsv1.1_2016": (1, 1), "tlsv1.2_2018": (2, 1),
    "tlsv1.2_2019": (2, 2), "tlsv1.2_2021": (2, 3), "tlsv1.2_2025": (2, 3), "tlsv1.3_2025": (3, 3),
    "policy-min-tls-1-0-2019-07": (0, 1), "policy-min-tls-1-2-2019-07": (2, 1),
    "policy-min-tls-1-2-pfs-2023-10": (2, 2),
    "appgwsslpolicy20150501": (0, 0), "appgwsslpolicy20170401": (1, 1), "appgwsslpolicy20170401s": (2, 1),
    "appgwsslpolicy20220101": (2, 2), "appgwsslpolicy20220101s": (2, 2),
    "tlsenforcementdisabled": (-2, 0), "disabled": (-2, 0), "none": (-2, 0),
}  # fmt: skip
_VERSION = re.compile(r"(tls[ _-]?v?)?1(?:[._-]?([0-3]))?", re.IGNORECASE)
_SSL = re.compile(r"ssl[ _-]?v?[23](?:[._]0)?", re.IGNORECASE)


def tls(_meaning: Meaning, declared: Any, actual: Any) -> Direction | None:
    """A later lowest version, or better ciphers, are stronger; one up and one down is not judged."""
    before, after = _strength(declared), _strength(actual)
    if before is None or after is None:
        return None
    if isinstance(before, int) or isinstance(after, int):
        return _by_version(before, after)
    rose = any(new > old for old, new in zip(before, after, strict=True))
    fell = any(new < old for old, new in zip(before, after, strict=True))
    if rose and fell:
        return None
    return "strengthened" if rose else "weakened" if fell else None


def _by_version(before: _Strength | int, after: _Strength | int) -> Direction | None:
    """Compare where one side says nothing of ciphers: by version alone, and equal versions are not judged."""
    old, new = (side if isinstance(side, int) else side.version for side in (before, after))
    if old == new:
        return "lateral" if isinstance(before, int) and isinstance(after, int) else None
    return "strengthened" if new > old else "weakened"


def _strength(value: Any) -> _Strength | int | None:
    """Return what a name says, or the lowest version of a plain one or of a list of them."""
    if isinstance(value, str) and (named := _NAMED.get(value.strip().lower())):
        return _Strength(*named)
    parts = (
        value
        if isinstance(value, list)
        else re.split(r"[\s,:]+", value)
        if isinstance(value, str)
        else [value]
    )
    versions = [_version(part) for part in parts]
    known = [version for version in versions if version is not None]
    return min(known) if known and len(known) == len(versions) else None


def _version(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if _SSL.fullmatch(text):
        return -1
    found = _VERSION.fullmatch(text)
    return int(found[2] or 0) if found else None
