"""Azure clients from what settings resolved, and one line for each way they fail."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.identity import DefaultAzureCredential
from azure.mgmt.policyinsights import PolicyInsightsClient

from tasks.errors import ToolError
from tasks.reach import Reach

_PATIENT: dict[str, Any] = {"retry_total": 5, "connection_timeout": 10, "read_timeout": 120}
_DENIED = 403
_THROTTLED = 429


class _NoCredential:
    """Stands where an SDK insists on a credential that is never asked for."""

    def get_token(self, *_: str, **__: Any) -> Any:
        raise ToolError("expected no Azure token to be asked for with the credential `none`")


def policy_client(reach: Reach, subscription: str) -> Any:
    """Return a client of Azure Policy's states for one subscription.

    Raises:
        ToolError: the credential ``none`` is set for an endpoint that is not on this machine.
    """
    url = reach.azure_base_url
    where: dict[str, Any] = {} if url is None else {"base_url": url}
    if reach.azure_credential == "default":
        return PolicyInsightsClient(DefaultAzureCredential(), subscription, **where, **_PATIENT)
    if url is None or not is_loopback(url):
        raise ToolError(
            "the Azure credential `none` is only for an endpoint on this machine, got "
            f"{url or 'the public cloud'}; use `default`"
        )
    return PolicyInsightsClient(
        _NoCredential(), subscription, **where, **_PATIENT, authentication_policy=SansIOHTTPPolicy()
    )


def is_loopback(url: str) -> bool:
    """Say whether the URL's host is this machine; a name that only resolves to it is not enough."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def why(error: AzureError) -> str:
    """Return one line of what went wrong and what to do; never a token."""
    if isinstance(error, ClientAuthenticationError):
        return "Azure did not accept the credentials; sign in, or give the worker a managed identity"
    if isinstance(error, (ServiceRequestError, ServiceResponseError)):
        return "the endpoint can't be reached; check the network and HOLDFAST_AZURE_BASE_URL"
    if isinstance(error, HttpResponseError):
        code = str(getattr(error.error, "code", None) or error.reason or "no code")
        return f"HTTP {error.status_code} {code}{_advice(error)}"
    return type(error).__name__


def _advice(error: HttpResponseError) -> str:
    if error.status_code == _DENIED:
        return "; grant Microsoft.PolicyInsights/policyStates/queryResults/action on the subscription"
    if error.status_code == _THROTTLED:
        return "; too many requests, sweep again later"
    return "; check the subscription's id" if isinstance(error, ResourceNotFoundError) else ""
