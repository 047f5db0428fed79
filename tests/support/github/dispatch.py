"""From a request to its answer: what it is, whether GitHub knows it, who asks, what goes wrong, and the work itself."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from support.github import graphql, openapi, pushes, routes
from support.github.access import Caller
from support.github.answers import Answer, Refused, not_found, unprocessable
from support.github.faults import Fault, Wire
from support.github.routes.releases import leave_half
from support.github.routing import ROUTES, Ask, Route

if TYPE_CHECKING:
    from support.github.hub import Hub

assert routes  # importing them fills the table
NOTHING: Final = Fault("nothing", done=True)
GRAPHQL: Final = Route("POST", "/graphql", (), graphql.answer)
_SECONDS: Final = re.compile(r"\{in:(\d+)\}")


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came; `path` is below the API's own address, `prefix` that; header names are in lower case."""

    method: str
    path: str
    prefix: str
    query: Mapping[str, str]
    raw: bytes
    headers: Mapping[str, str] = field(repr=False)

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower())

    @property
    def media_type(self) -> str:
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, and how."""

    answer: Answer
    wire: Wire = Wire.WHOLE


def reply(hub: "Hub", heard: Heard) -> Reply:
    """Do what is asked, as far as nothing is to go wrong; note it in `hub.requests`."""
    from support.github.hub import Request  # noqa: PLC0415 - the hub needs what this module needs

    if heard.path == pushes.PATH:
        return Reply(pushes.judged(hub, heard.query))
    fault = next((one.fault for one in hub.planned if one.strikes(heard.method, heard.path)), NOTHING)
    found = _Found.of(hub, heard)
    answer = found.answer_with(fault)
    name = "" if fault is NOTHING else fault.name
    status = answer.status if fault.wire in (Wire.WHOLE, Wire.CUT) else 0
    hub.requests.append(Request(heard.method, heard.path, status, found.template, hub.now(), found.body, name))
    return Reply(answer, fault.wire)


@dataclass
class _Found:
    """A request, and which of GitHub's operations it is."""

    hub: "Hub"
    heard: Heard
    route: Route | None
    operation: openapi.Operation | None
    path: Mapping[str, Any]
    body: Any
    broken: bool = False
    who: Caller = dataclasses.field(default_factory=Caller)

    @classmethod
    def of(cls, hub: "Hub", heard: Heard) -> "_Found":
        body, is_broken = _decoded(heard)
        if heard.path == "/graphql" and heard.method == "POST":
            return cls(hub, heard, GRAPHQL, None, {}, body, is_broken)
        found = openapi.find(heard.method, heard.path)
        if found is None:
            return cls(hub, heard, None, None, {}, body, is_broken)
        operation, path = found
        return cls(hub, heard, ROUTES.get((heard.method, operation.template)), operation, path, body, is_broken)

    @property
    def template(self) -> str:
        return self.operation.template if self.operation else self.heard.path

    def answer_with(self, fault: Fault) -> Answer:
        """The answer, with that fault."""
        hub = self.hub
        mistakes = self._mistakes()
        if fault.stale:
            hub.replica.begin()
        answer = self._answer(mistakes) if fault.done else None
        if fault.stale:
            hub.replica.until = max(hub.replica.until, hub.now() + fault.stale)
        if fault.expires:
            hub.access.expire()
        if fault.half:
            self._leave_half()
        said = fault.answer or answer or Answer(500)
        return dataclasses.replace(said, headers=self._headers() | self._resolved(said.headers))

    def _resolved(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers whose time is so many seconds from now, as a time."""
        now = self.hub.now()
        return {name: _SECONDS.sub(lambda found: str(int(now + int(found[1]))), text) for name, text in headers.items()}

    def _headers(self) -> dict[str, str]:
        if self.route is None:
            return {}
        limit = self.hub.graphql_limit if self.route is GRAPHQL else self.hub.limit
        identity = {"X-GitHub-Request-Id": f"{len(self.hub.requests):04X}:FAKE"}
        return identity | limit.headers() | self.hub.access.headers(self.who, self.route)

    def _mistakes(self) -> list[str]:
        """What GitHub's description has against it; all of them fail the test."""
        heard = self.heard
        if self.route is GRAPHQL:
            found = graphql.mistakes(self.body)
        elif self.operation is None:
            found = ["GitHub has no such path"]
        else:
            found = list(openapi.mistakes(self.operation, self.path, heard.query, self.body, heard.media_type))
        if self.route is None and self.operation is not None:
            found.append("the fake does not model this operation")
        if "/assets" in self.template and self.heard.method == "POST" and heard.prefix != "/api/uploads":
            found.append("files are uploaded at the address that the release names")
        self.hub.violations += [f"{heard.method} {heard.path}: {one}" for one in found]
        return found

    def _answer(self, mistakes: list[str]) -> Answer:
        try:
            answer = self._done(mistakes)
        except Refused as refused:
            return refused.answer
        if self.operation is not None:
            found = openapi.answer_mistakes(self.operation, answer.status, answer.body)
            self.hub.violations += [f"the fake's own answer to {self.template}: {one}" for one in found]
        return answer

    def _done(self, mistakes: list[str]) -> Answer:
        hub, heard, route = self.hub, self.heard, self.route
        if not heard.header("User-Agent"):
            raise Refused(403, "Request forbidden by administrative rules. Please make sure your request has a "
                          "User-Agent header.")  # fmt: skip
        if route is None:
            raise not_found()
        self.who = hub.access.caller(heard.header("Authorization"), route)
        self._spend(route)
        self._check_name()
        hub.access.permit(self.who, route)
        if self.broken:
            raise Refused(400, "Problems parsing JSON")
        if mistakes and route is not GRAPHQL:
            raise unprocessable("Invalid request.\n\n" + "\n".join(mistakes))
        return route.handler(self._ask())

    def _spend(self, route: Route) -> None:
        if route.template != "/rate_limit":
            (self.hub.graphql_limit if route is GRAPHQL else self.hub.limit).spend()

    def _check_name(self) -> None:
        """There is one repository; its name is known in any case of its letters."""
        if "owner" in self.path:
            asked = f"{self.path['owner']}/{self.path.get('repo', '')}"
            if asked.lower() != self.hub.full_name.lower():
                raise not_found()
            if self.hub.archived and self.heard.method != "GET":
                raise Refused(403, "Repository was archived so is read-only.")

    def _ask(self) -> Ask:
        is_read = self.heard.method == "GET"
        world = self.hub.replica.shown() if is_read else self.hub.world
        return Ask(self.hub, world, self.who, self.path, self.heard.query, self.body, self.heard.media_type)

    def _leave_half(self) -> None:
        if self.template.endswith("/assets") and self.route is not None:
            self.who = self.hub.access.caller(self.heard.header("Authorization"), self.route)
            leave_half(self._ask())


def _decoded(heard: Heard) -> tuple[Any, bool]:
    """The body as JSON, or its bytes where it is a file; and whether it is broken JSON."""
    if heard.prefix == "/api/uploads":
        return heard.raw, False
    if not heard.raw:
        return None, False
    try:
        return json.loads(heard.raw), False
    except ValueError:
        return heard.raw, True
