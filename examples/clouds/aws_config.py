"""Simulated AWS Config: managed rules, evaluated against moto's live state at every call.

moto stores rules and never evaluates them, so this endpoint answers for the ``config`` service
instead: AWS JSON 1.1, parsed by the real SDK. Protocol: https://docs.aws.amazon.com/config/latest/APIReference/
The region is that of the caller's signature.

Switches (`examples.clouds.loopback.simulate`): ``throttle`` (how many calls are answered with
ThrottlingException), ``deny`` (true: every call is denied), ``recorder`` (false: there is none),
``recording`` (false: it is stopped), ``insufficient`` (names of rules without results), ``page_size``.
"""

import argparse
import json
import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from examples.clouds.config_operations import OPERATIONS, Call, ConfigError
from examples.clouds.loopback import Reply, Request, loopback
from examples.clouds.managed_rules import RULES
from examples.clouds.managed_rules.live import Live
from examples.clouds.serving import announce, serving

_TARGET = "StarlingDoveService."
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[a-z0-9-]+)/config/aws4_request")


@contextmanager
def aws_config(moto_url: str, *, timeout: float = 60.0) -> Iterator[str]:
    """Run AWS Config over the AWS at `moto_url` until the block ends; yields its endpoint.

    Raises:
        CloudError: it did not start within `timeout` seconds.
    """
    with serving("examples.clouds.aws_config", "--moto", moto_url, timeout=timeout) as url:
        yield url


@dataclass(kw_only=True)
class ConfigService:
    """The endpoint and its switches; safe to ask from several threads."""

    moto_url: str
    throttle: int = 0
    deny: bool = False
    recorder: bool = True
    recording: bool = True
    insufficient: list[str] = field(default_factory=list)
    page_size: int = 8
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def switch(self, switches: Mapping[str, Any]) -> None:
        """Set switches by name.

        Raises:
            ValueError: no such switch, or no such rule.
        """
        known = {"throttle", "deny", "recorder", "recording", "insufficient", "page_size"}
        unknown = sorted((switches.keys() - known) | (set(switches.get("insufficient", ())) - RULES.keys()))
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        with self._lock:
            for name, value in switches.items():
                setattr(self, name, value)

    def answer(self, request: Request) -> Reply:
        """What the service would say."""
        try:
            document = self._operate(request)
        except ConfigError as refused:
            return _reply({"__type": refused.code, "message": str(refused)}, 400)
        except (ClientError, BotoCoreError) as broken:
            return _reply({"__type": "InternalFailure", "message": f"moto: {broken}"}, 500)
        return _reply(document, 200)

    def _operate(self, request: Request) -> Mapping[str, Any]:
        name = request.headers.get("x-amz-target", "").removeprefix(_TARGET)
        signed = _SCOPE.search(request.headers.get("authorization", ""))
        if signed is None:
            raise ConfigError("MissingAuthenticationTokenException", "Missing Authentication Token")
        live = Live(endpoint=self.moto_url, region=signed["region"])
        self._admit(name, live)
        if name not in OPERATIONS:
            raise ConfigError("UnknownOperationException", f"{name or 'no operation'} is not simulated.")
        call = Call(
            live=live,
            parameters=json.loads(request.body or b"{}"),
            recorder=self.recorder,
            recording=self.recording,
            insufficient=frozenset(self.insufficient),
            page_size=self.page_size,
        )
        return OPERATIONS[name](call)

    def _admit(self, operation: str, live: Live) -> None:
        with self._lock:
            throttled, self.throttle = self.throttle > 0, max(0, self.throttle - 1)
        if throttled:
            raise ConfigError("ThrottlingException", "Rate exceeded")
        if self.deny:
            message = (
                f"User: arn:aws:iam::{live.account}:user/reader is not authorized to perform: "
                f"config:{operation} because no identity-based policy allows the config:{operation} action"
            )
            raise ConfigError("AccessDeniedException", message)


def _reply(document: Mapping[str, Any], status: int) -> Reply:
    return Reply(
        document=document,
        status=status,
        headers={"x-amzn-RequestId": str(uuid.uuid4())},
        content_type="application/x-amz-json-1.1",
    )


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moto", required=True, metavar="URL", help="the AWS whose live state is judged")
    service = ConfigService(moto_url=parser.parse_args().moto)
    server = loopback(service.answer, service.switch)
    announce(f"http://127.0.0.1:{server.server_port}", server.serve_forever)


if __name__ == "__main__":
    main()
