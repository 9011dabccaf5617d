"""Simulated Azure Resource Manager: what Azure Policy knows about one subscription.

Answers ``POST …/policyStates/latest/queryResults`` in pages whose next link is POSTed too. Nothing is
evaluated: the states are a table (`examples.clouds.azure_states`), and `simulate` moves them.

Switches: ``compliance`` {key: complianceState}, ``page_size``, ``throttle`` (how many requests are
answered 429), ``deny`` (401, 403 or null), ``empty`` (no policy is assigned).
"""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from examples.clouds.azure_states import STATES, SUBSCRIPTION
from examples.clouds.loopback import Reply, Request, loopback
from examples.clouds.serving import announce, serving

_QUERY = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/providers/microsoft\.policyinsights"
    r"/policystates/(?P<resource>[^/]+)/queryresults",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"(?P<field>\w+) (?P<operator>eq|ne) (?:'(?P<text>[^']*)'|(?P<truth>true|false))", re.IGNORECASE
)
_SEEN = "2026-01-12T09:30:{:02d}.4496956Z"
_DENIALS = {
    401: ("InvalidAuthenticationToken", "The access token is invalid."),
    403: (
        "AuthorizationFailed",
        "The client does not have authorization to perform policyStates/queryResults/action over the scope.",
    ),
}


@contextmanager
def azure(*, timeout: float = 60.0) -> Iterator[str]:
    """Run the simulated Azure until the block ends; yields its base URL.

    Raises:
        CloudError: it did not start within `timeout` seconds.
    """
    with serving("examples.clouds.azure", timeout=timeout) as url:
        yield url


class _Refused(Exception):  # noqa: N818 - an answer of the service, not an error of ours
    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.reply = Reply(
            document={"error": {"code": code, "message": message}}, status=status, headers=headers
        )


@dataclass(kw_only=True)
class PolicyStates:
    """The subscription's states and the switches; safe to ask from several threads."""

    compliance: dict[str, str] = field(default_factory=lambda: {s.key: s.compliance for s in STATES})
    page_size: int = 5
    throttle: int = 0
    deny: int | None = None
    empty: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def switch(self, switches: Mapping[str, Any]) -> None:
        """Set switches by name.

        Raises:
            ValueError: no such switch, or no such state.
        """
        known = {"compliance", "page_size", "throttle", "deny", "empty"}
        states = switches.get("compliance", {}).keys()
        unknown = sorted((switches.keys() - known) | (states - self.compliance.keys()))
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        if switches.get("deny") not in {None, *_DENIALS}:
            raise ValueError(f"deny: expected one of {sorted(_DENIALS)} or null, got {switches['deny']!r}")
        with self._lock:
            for name, value in switches.items():
                if name == "compliance":
                    self.compliance.update(value)
                else:
                    setattr(self, name, value)

    def answer(self, request: Request) -> Reply:
        """What the service would say."""
        try:
            with self._lock:
                self._admit(request)
                return self._page(request)
        except _Refused as refused:
            return refused.reply

    def _admit(self, request: Request) -> None:
        if self.throttle > 0:
            self.throttle -= 1
            raise _Refused(429, "TooManyRequests", "Too many requests, retry later.", **{"Retry-After": "1"})
        if self.deny is not None:
            raise _Refused(self.deny, *_DENIALS[self.deny])
        asked = _QUERY.fullmatch(request.path)
        if asked is None or request.method != "POST":
            raise _Refused(404, "InvalidResourceType", f"{request.method} {request.path} is not simulated.")
        if asked["subscription"] != SUBSCRIPTION:
            message = f"The subscription '{asked['subscription']}' could not be found."
            raise _Refused(404, "SubscriptionNotFound", message)
        if asked["resource"] != "latest":
            message = f"The policy states resource '{asked['resource']}' is not simulated, only 'latest'."
            raise _Refused(400, "InvalidPolicyStatesResource", message)

    def _page(self, request: Request) -> Reply:
        found = [state for state in self._states() if _matches(state, request.query.get("$filter", ""))]
        found = found[: int(request.query.get("$top", len(found)))]
        start = int(request.query.get("$skiptoken", 0))
        end = start + self.page_size
        base = f"http://{request.headers['host']}{request.path}"
        document: dict[str, Any] = {
            "@odata.context": f"{base.rsplit('/', 2)[0]}/$metadata#latest",
            "@odata.count": len(found),
            "value": found[start:end],
        }
        if end < len(found):
            query = urlencode({**request.query, "$skiptoken": str(end)}, quote_via=quote)
            document["@odata.nextLink"] = f"{base}?{query}"
        return Reply(document=document)

    def _states(self) -> list[Mapping[str, Any]]:
        if self.empty:
            return []
        return [
            state.document(self.compliance[state.key], _SEEN.format(second))
            for second, state in enumerate(STATES)
        ]


def _matches(state: Mapping[str, Any], filter_: str) -> bool:
    for text in re.split(r"\s+and\s+", filter_, flags=re.IGNORECASE) if filter_ else []:
        term = _TERM.fullmatch(text.strip())
        if term is None or term["field"] not in state:
            raise _Refused(400, "InvalidFilterInPolicyStatesQuery", f"The filter term {text!r} is not valid.")
        wanted = term["text"] if term["truth"] is None else term["truth"].lower() == "true"
        if (state[term["field"]] == wanted) != (term["operator"].lower() == "eq"):
            return False
    return True


def main() -> None:
    """Serve until standard input ends."""
    states = PolicyStates()
    server = loopback(states.answer, states.switch)
    announce(f"http://127.0.0.1:{server.server_port}", server.serve_forever)


if __name__ == "__main__":
    main()
