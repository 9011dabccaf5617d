"""Simulated AWS: moto's server as a program of its own, on loopback and a free port.

What it answers for, and where it is wrong: docs.getmoto.org. It has no compliance calls of AWS
Config (`examples.clouds.aws_config` has them), and delivers no CloudTrail events.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from examples.clouds.repeated import Repeated
from examples.clouds.serving import announce, serving

ACCOUNT = "123456789012"
"""The account that moto gives to callers with any credentials."""


@contextmanager
def moto(*, timeout: float = 60.0) -> Iterator[str]:
    """Run an empty AWS until the block ends; yields its endpoint, such as ``http://127.0.0.1:40123``.

    Several may run at once; each has its own port and its own resources.

    Raises:
        CloudError: it did not start within `timeout` seconds.
    """
    with serving("examples.clouds.moto", timeout=timeout) as url:
        yield url


def main() -> None:
    """Serve until standard input ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # By IP, not by name: then S3 clients use paths and no bucket needs a name in DNS.
    server = make_server(
        "127.0.0.1",
        0,
        Repeated(DomainDispatcherApplication(create_backend_app)),
        threaded=True,
        request_handler=MotoRequestHandler,
    )
    announce(f"http://127.0.0.1:{server.port}", server.serve_forever)


if __name__ == "__main__":
    main()
