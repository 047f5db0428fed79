"""What goes wrong between the bot and GitHub, request by request: before the work, after it, or in the answer."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import Final

from support.github.answers import Answer, Json

Match = Callable[[str, str], bool]


class Wire(Enum):
    """What happens to the answer on its way."""

    WHOLE = "whole"
    CUT = "cut in the middle"
    CLOSED = "closed without one"
    RESET = "reset"
    SILENT = "never sent"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way of going wrong.

    `done`: whether the request has its effect. `answer`: said instead of the true one. `stale`: for so many seconds
    afterwards reads show the time before. `expires`: installation tokens issued until now are refused from here on.
    `half`: an upload leaves an asset that never became whole.
    """

    name: str
    done: bool = False
    answer: Answer | None = None
    wire: Wire = Wire.WHOLE
    stale: float = 0.0
    expires: bool = False
    half: bool = False
    retry_after: int | None = None

    def after_the_work(self) -> "Fault":
        """The same, but the request had its effect."""
        return dataclasses.replace(self, name=f"{self.name} after the work", done=True)

    def __str__(self) -> str:
        return self.name


def _said(status: int, message: str, headers: dict[str, str] | None = None, **more: object) -> Answer:
    body: Json = {"message": message, "documentation_url": "https://docs.github.com/rest", **more}
    return Answer(status, body, headers or {})


def _page(status: int) -> Answer:
    page = b"<!DOCTYPE html><html><head><title>Unicorn!</title></head><body>Something went wrong.</body></html>"
    return Answer(status, page, {"Content-Type": "text/html; charset=utf-8"})


_SECONDARY: Final = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
_PRIMARY: Final = "API rate limit exceeded for installation ID 4242."

LOST: Final = Fault("applied, reply lost", done=True, wire=Wire.CLOSED)
RESET: Final = Fault("reset", wire=Wire.RESET)
HANG: Final = Fault("no answer", wire=Wire.SILENT)
TRUNCATED: Final = Fault("truncated JSON", done=True, wire=Wire.CUT)
ERROR: Final = Fault("500", answer=_said(500, "Internal Server Error"))
BAD_GATEWAY: Final = Fault("502", answer=_said(502, "Server Error"))
UNAVAILABLE: Final = Fault("503", answer=_said(503, "Service Unavailable"))
HTML_BAD_GATEWAY: Final = Fault("HTML 502", answer=_page(502))
HTML_OK: Final = Fault("HTML 200", answer=_page(200))
SECONDARY_LIMIT: Final = Fault("403 secondary limit", answer=_said(403, _SECONDARY, {"Retry-After": "60"}))
# A limit's answer without any time: the client has to find a time of its own.
FORBIDDEN_RATE: Final = Fault("403 secondary limit without a time", answer=_said(403, _SECONDARY))
PRIMARY_LIMIT: Final = Fault(
    "403 primary limit",
    answer=_said(403, _PRIMARY, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{in:600}"}),
)
TOO_MANY: Final = Fault("429", answer=_said(429, _SECONDARY, {"Retry-After": "30"}))
CONFLICT: Final = Fault("409", answer=_said(409, "Conflict"))
INVALID: Final = Fault(
    "422", answer=_said(422, "Validation Failed", errors=[{"resource": "Any", "code": "custom", "message": "no"}])
)
TOKEN_EXPIRED: Final = Fault("401 token expired", answer=_said(401, "Bad credentials"), expires=True)
# GraphQL says what went wrong with 200, also that a limit is reached.
GRAPHQL_ERROR: Final = Fault(
    "200 with a GraphQL error",
    answer=Answer(200, {"data": None, "errors": [{"message": "Something went wrong while executing your query."}]}),
)
GRAPHQL_LIMIT: Final = Fault(
    "200 with a GraphQL limit",
    answer=Answer(200, {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."}]}),
)
HALF_UPLOAD: Final = Fault("502, half an asset", answer=_said(502, "Server Error"), half=True)


def stale(seconds: float) -> Fault:
    """The work is done and answered; reads do not show it for so many seconds."""
    return Fault(f"stale reads for {seconds:g} s", done=True, stale=seconds)


def writes(method: str, path: str) -> bool:
    """Every request that changes something; GraphQL is told apart by who calls `fail`."""
    del path
    return method in ("POST", "PATCH", "PUT", "DELETE")


def content_writes(method: str, path: str) -> bool:
    """Every REST request that changes the repository; no GraphQL and no fetching of a token."""
    return writes(method, path) and not path.startswith(("/graphql", "/app/"))


def matching(pattern: str) -> Match:
    """Requests like `POST */releases`; the path has no `/api/v3` before it and no query, `*` goes over slashes."""
    method, _, path = pattern.partition(" ")
    return lambda asked, at: method in ("*", asked) and fnmatchcase(at, path)


@dataclass
class Planned:
    """A fault for the requests that match, after `skip` of them, `times` times; `hit` counts."""

    match: Match
    fault: Fault
    times: int
    skip: int
    hit: int = 0
    seen: int = field(default=0)

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request is one that it happens to; counts it."""
        if not self.match(method, path):
            return False
        self.seen += 1
        if self.seen <= self.skip or self.hit >= self.times:
            return False
        self.hit += 1
        return True
