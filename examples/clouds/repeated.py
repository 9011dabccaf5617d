"""A call that an SDK repeats because its answer was lost is answered once more, not done once more.

AWS SDKs send one ``amz-sdk-invocation-id`` with every attempt of a call. moto does not know it, and
says of what its own first attempt made that it exists already. Calls are answered one after the
other, since moto's resources are plain dictionaries that two threads may change at once.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REMEMBERED = 512
"""How many calls are remembered; a repeated one comes within seconds of its first attempt."""

_READING = frozenset({"GET", "HEAD"})
_DONE = "2"


class Repeated:
    """A WSGI application that does each call of an SDK once, however often it is sent."""

    def __init__(self, cloud: "WSGIApplication") -> None:
        self._cloud = cloud
        self._turn = threading.Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a call; a repeated one as its first attempt was answered, where that was done."""
        call = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        with self._turn:
            answer = self._answers.get(call) if call else None
            if answer is None:
                answer = self._asked(environ)
                if call and answer.status.startswith(_DONE) and environ["REQUEST_METHOD"] not in _READING:
                    self._remember(call, answer)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _asked(self, environ: "WSGIEnvironment") -> "Answer":
        answer = Answer()
        parts = self._cloud(environ, answer.started)
        try:
            answer.body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        return answer

    def _remember(self, call: str, answer: "Answer") -> None:
        self._answers[call] = answer
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)


class Answer:
    """What the cloud said to one call."""

    def __init__(self) -> None:
        self.status = "500 no answer"
        self.headers: list[tuple[str, str]] = []
        self.body = b""

    def started(self, status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        """Take down the status and headers, as WSGI's ``start_response``."""
        self.status, self.headers = status, headers
        return self._written

    def _written(self, part: bytes) -> None:
        self.body += part
