"""The table of what the fake answers: GitHub's own path templates, each with its handler and needed permissions."""

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from support.github.answers import Answer, Json

if TYPE_CHECKING:
    from support.github.access import Caller
    from support.github.hub import Hub
    from support.github.world import World


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to a handler; `world` is what it may see: reads may be shown an earlier one."""

    hub: "Hub"
    world: "World"
    who: "Caller"
    path: Mapping[str, Any]
    query: Mapping[str, str]
    body: Any
    media_type: str = ""

    def refs(self) -> dict[str, str]:
        """Every ref, as far as this request may see."""
        return self.hub.remote.refs() if self.world.refs is None else self.world.refs


Handler = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """What is done for one operation; `needs` are permissions of which one is enough, in the form `contents=write`."""

    method: str
    template: str
    needs: tuple[str, ...]
    handler: Handler

    @property
    def is_for_the_app(self) -> bool:
        """Whether the App itself asks here, with a JWT, and no installation or person."""
        return self.template.startswith("/app") or self.template == "/repos/{owner}/{repo}/installation"


ROUTES: Final[dict[tuple[str, str], Route]] = {}


def route(operation: str, *needs: str) -> Callable[[Handler], Handler]:
    """Register a handler for `GET /repos/{owner}/{repo}/...`, word for word as in GitHub's description."""
    method, template = operation.split(" ")

    def register(handler: Handler) -> Handler:
        ROUTES[method, template] = Route(method, template, needs, handler)
        return handler

    return register


@functools.cache
def compile_template(template: str, multi_segment: frozenset[str]) -> re.Pattern[str]:
    """A pattern over the path as it was sent; only some parameters may hold slashes."""
    parts = re.split(r"\{([a-z_0-9]+)\}", template)
    out = [re.escape(parts[0])]
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        out += [f"(?P<{name}>{'.+' if name in multi_segment else '[^/]+'})", re.escape(literal)]
    return re.compile("".join(out))


def decoded(found: re.Match[str]) -> dict[str, str]:
    """The path's parameters without their percent signs."""
    return {name: unquote(value) for name, value in found.groupdict().items()}


def body_of(ask: Ask) -> Json:
    """The body as an object; none is an empty one."""
    return ask.body if isinstance(ask.body, dict) else {}
