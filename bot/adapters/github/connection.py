"""Puts our wire under PyGithub, by the door that PyGithub has for that: its connection classes.

A wire travels in the place of the `retry` setting, the only one that PyGithub hands to every connection, those for
uploads included, and to every copy of itself.
"""

import io
import logging
from typing import Any

from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester, RequestsResponse
from urllib3.util import Retry

from bot.adapters.github.replies import Reply
from bot.adapters.github.wire import Call, Wire


class ByWire(Retry):
    """No retries, and the wire that requests go by."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(0)
        self.wire = wire


class _Response(RequestsResponse):
    def __init__(self, reply: Reply) -> None:  # the library's own takes a response of requests
        self._reply = reply
        self.status = reply.status

    def getheaders(self) -> Any:
        return self._reply.headers.items()

    def read(self) -> str:
        return self._reply.text


def _body(given: Any) -> bytes | None:
    """All of it, so that it can be measured and sent again; a file is closed here, whatever happens to the request."""
    if given is None:
        return None
    if isinstance(given, str):
        return given.encode()
    with given if isinstance(given, io.IOBase) else io.BytesIO(given) as file:
        content: bytes = file.read()
        return content


def _sent(wire: Wire, connection: HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass) -> RequestsResponse:
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    url = f"{connection.protocol}://{host}:{connection.port}{connection.url}"
    return _Response(wire.send(Call(connection.verb, url, connection.headers, _body(connection.input))))


class _OverWire:
    """What both kinds of the library's connections get: the wire in their place, where there is one."""

    def __init__(self, host: str, port: int | None = None, **options: Any) -> None:
        given = options.get("retry")
        super().__init__(host, port, **options)  # type: ignore[call-arg] # that of the library's class beside it
        self._wire = given.wire if isinstance(given, ByWire) else None

    def getresponse(self) -> RequestsResponse:
        if self._wire is None:
            answer: RequestsResponse = super().getresponse()  # type: ignore[misc] # as above
            return answer
        return _sent(self._wire, self)  # type: ignore[arg-type] # as above


class _Plain(_OverWire, HTTPRequestsConnectionClass):
    """http; without a wire it is the library's own."""


class _Secure(_OverWire, HTTPSRequestsConnectionClass):
    """https; without a wire it is the library's own."""


def install() -> None:
    """Have PyGithub use these; the library's log is silenced, since it would hold whole answers, tokens included."""
    silent = logging.getLogger("bot.github.silent")
    silent.disabled = True
    Requester.injectLogger(silent)
    Requester.injectConnectionClasses(_Plain, _Secure)
