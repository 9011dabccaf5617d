"""A small HTTP server on loopback: one function answers, one path switches the simulation.

``POST /_simulation`` with a JSON object changes what the cloud does next, such as
``{"throttle": 2}``. Each cloud names its switches; any other is refused, so that a misspelt
switch can't let a test pass.
"""

import json
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SWITCHES = "/_simulation"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is answered: a JSON document and its status."""

    document: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def loopback(
    answer: Callable[[Request], Reply], switch: Callable[[Mapping[str, Any]], None]
) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 and a free port, not yet serving.

    Args:
        answer: called for every request but the switches'; in a thread per connection.
        switch: called with the object sent to `SWITCHES`; raises ValueError on one it does not know.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            request = self._request()
            reply = _switched(switch, request) if request.path == SWITCHES else answer(request)
            self._send(reply)

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815 - the names are http.server's

        def _request(self) -> Request:
            parts = urlsplit(self.path)
            return Request(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )

        def _send(self, reply: Reply) -> None:
            body = json.dumps(reply.document).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the one line on standard output is the address."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server


def simulate(url: str, **switches: Any) -> None:
    """Set switches of the simulated cloud at `url`.

    Raises:
        ValueError: the cloud has no such switch, or not such a value.
    """
    request = urllib.request.Request(  # noqa: S310 - an address of ours
        url + SWITCHES, data=json.dumps(switches).encode(), method="POST"
    )
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - as above
    except urllib.request.HTTPError as refusal:
        raise ValueError(json.load(refusal)["error"]) from None


def _switched(switch: Callable[[Mapping[str, Any]], None], request: Request) -> Reply:
    try:
        switch(json.loads(request.body))
    except (ValueError, TypeError) as refusal:
        return Reply(document={"error": str(refusal)}, status=400)
    return Reply(document={})
