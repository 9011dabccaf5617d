"""AWS sessions from what settings resolved, and whose they are. Only what a target needs is asked.

https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html lists the variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tasks.errors import ToolError
from tasks.reach import Reach

_TIMEOUTS = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_SOURCES = (
    *_CREDENTIALS,
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
"""All that names credentials: only those of an assumed role may stand beside them."""

_SESSION_NAME = "holdfast"

_DENIED = "AWS denied {operation}; grant it to the role of this target"
_REFUSED = "AWS refused the credentials ({code}); renew them"
_ANSWERS = {
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "UnauthorizedOperation": _DENIED,
    "ExpiredToken": _REFUSED,
    "ExpiredTokenException": _REFUSED,
    "InvalidClientTokenId": _REFUSED,
    "SignatureDoesNotMatch": _REFUSED,
    "UnrecognizedClientException": _REFUSED,
}

_NO_CREDENTIALS = "no valid AWS credentials; give the worker a role or AWS_* variables for this target"
_UNREACHABLE = "the endpoint can't be reached; check the network, the proxy and AWS_ENDPOINT_URL"
_FAILURES = {
    "NoCredentialsError": _NO_CREDENTIALS,
    "PartialCredentialsError": _NO_CREDENTIALS,
    "CredentialRetrievalError": _NO_CREDENTIALS,
    "EndpointConnectionError": _UNREACHABLE,
    "ConnectTimeoutError": _UNREACHABLE,
    "ConnectionClosedError": _UNREACHABLE,
    "ReadTimeoutError": _UNREACHABLE,
    "NoRegionError": "no region; name `region` in the target",
    "InvalidRegionError": "no valid region; correct `region` of the target",
    "ProfileNotFound": "the profile of AWS_PROFILE does not exist; correct it",
}
_ROLE_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose credentials were used, as STS says."""

    account: str
    arn: str


def session(reach: Reach, *, region: str | None, role_arn: str | None = None) -> boto3.Session:
    """Return a boto3 session with the credentials of `reach`, or of a role that they may assume.

    Args:
        reach: its `aws` variables are used; the process's own environment is not.
        region: of the calls; None for ``AWS_REGION`` or ``AWS_DEFAULT_REGION`` of `reach`.
        role_arn: a role to assume first.

    Raises:
        ToolError: the role can't be assumed.
    """
    own = _session(reach.aws, region)
    if role_arn is None:
        return own
    given = _assumed(own, reach, role_arn)
    return _session({**reach.aws, **given}, region)


def client(session: boto3.Session, service: str, reach: Reach) -> Any:
    """Return a client of one service at the endpoint that `reach` names for it, with short timeouts.

    ``AWS_ENDPOINT_URL_<SERVICE>`` rules over ``AWS_ENDPOINT_URL``.
    """
    endpoint = reach.aws.get(f"AWS_ENDPOINT_URL_{_service_word(service)}") or reach.aws.get(
        "AWS_ENDPOINT_URL"
    )
    return session.client(service, endpoint_url=endpoint, config=_TIMEOUTS)


def credentials(reach: Reach, *, role_arn: str | None, region: str | None) -> Mapping[str, str]:
    """Return the ``AWS_*`` variables for a program that is to act in this role and region.

    Raises:
        ToolError: the role can't be assumed.
    """
    variables = dict(reach.aws)
    if region is not None:
        variables |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if role_arn is not None:
        # whoever else they could come from must not be asked
        variables = {name: value for name, value in variables.items() if name not in _SOURCES}
        variables |= _assumed(_session(reach.aws, region), reach, role_arn)
    return variables


def names_credentials(variables: Mapping[str, str]) -> bool:
    """Say whether these ``AWS_*`` variables name credentials, of whatever kind."""
    return any(variables.get(name) for name in _CREDENTIALS)


def caller(reach: Reach, *, region: str | None, role_arn: str | None = None) -> Caller:
    """Return whose credentials these are.

    Raises:
        ToolError: there are none, or AWS does not accept them.
    """
    return _caller(session(reach, region=region, role_arn=role_arn), reach)


def expect_account(
    reach: Reach, *, account: str | None, region: str | None, role_arn: str | None = None
) -> Caller | None:
    """Return the caller, who is in the expected account; None where neither it nor credentials are given.

    In the wrong account everything looks deleted, so this is asked before anything else.

    Raises:
        ToolError: it is another account, or nobody can say.
    """
    if account is None and not names_credentials(reach.aws):
        return None
    found = caller(reach, region=region, role_arn=role_arn)
    _expect(account, found)
    return found


def session_in(account: str, reach: Reach, *, region: str, role_arn: str | None = None) -> boto3.Session:
    """Return a session whose caller is in this account, as STS says.

    Raises:
        ToolError: it is another account, or nobody can say.
    """
    made = session(reach, region=region, role_arn=role_arn)
    _expect(account, _caller(made, reach))
    return made


def why(error: BotoCoreError | ClientError) -> str:
    """Return one line of what went wrong and what to do; never a request id or a secret."""
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        said = _ANSWERS.get(code, "{operation} answered {code}")
        return said.format(operation=error.operation_name, code=code)
    return _FAILURES.get(type(error).__name__, type(error).__name__)


def _unknown(region: str | None) -> str:
    """Return a hint where the SDK knows no such region; a newer one than the SDK would be none either."""
    own = boto3.Session()
    known = {
        name
        for partition in own.get_available_partitions()
        for name in own.get_available_regions("ec2", partition_name=partition)
    }
    if region is None or region in known:
        return ""
    return f"; the SDK knows no region {region}: is `region` of the target spelled right?"


def _caller(made: boto3.Session, reach: Reach) -> Caller:
    try:
        answer = client(made, "sts", reach).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise ToolError(
            f"can't ask AWS whose credentials these are: {why(error)}{_unknown(made.region_name)}"
        ) from error
    return Caller(account=str(answer["Account"]), arn=str(answer["Arn"]))


def _expect(account: str | None, found: Caller) -> None:
    if account is not None and found.account != account:
        raise ToolError(
            f"wrong account: expected {account}, got {found.account}; correct the credentials or "
            f"`account` of the target"
        )


def _session(variables: Mapping[str, str], region: str | None) -> boto3.Session:
    found = region or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
    key = variables.get("AWS_ACCESS_KEY_ID")
    try:
        if key:
            return boto3.Session(
                aws_access_key_id=key,
                aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
                aws_session_token=variables.get("AWS_SESSION_TOKEN"),
                region_name=found,
            )
        return boto3.Session(profile_name=variables.get("AWS_PROFILE"), region_name=found)
    except BotoCoreError as error:
        raise ToolError(f"can't make an AWS session: {why(error)}") from error


def _assumed(own: boto3.Session, reach: Reach, role_arn: str) -> dict[str, str]:
    try:
        answer = client(own, "sts", reach).assume_role(
            RoleArn=role_arn, RoleSessionName=_SESSION_NAME, DurationSeconds=_ROLE_SECONDS
        )
    except (BotoCoreError, ClientError) as error:
        raise ToolError(f"can't assume {role_arn}: {why(error)}") from error
    given = answer["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def _service_word(service: str) -> str:
    """Return how a service is spelled in ``AWS_ENDPOINT_URL_<SERVICE>``."""
    words = {"config": "CONFIG_SERVICE", "logs": "CLOUDWATCH_LOGS", "events": "EVENTBRIDGE"}
    return words.get(service, service.upper().replace("-", "_"))
