"""The hourly limit of requests: counted, said beside each answer, and enforced when it is used up."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.github.answers import Json, Refused
from support.github.shapes import stamp

if TYPE_CHECKING:
    from support.github.hub import Hub

HOUR = 3600


@dataclass
class RateLimit:
    """How many requests are left until when, by the hub's clock; GraphQL has a count of its own."""

    hub: "Hub"
    limit: int = 5000
    used: int = 0
    resource: str = "core"
    reset: float = 0.0

    def spend(self) -> None:
        """Count one request, or refuse it."""
        self._renew()
        if self.used >= self.limit:
            raise Refused(403, "API rate limit exceeded for installation ID 4242.")
        self.used += 1

    def _renew(self) -> None:
        if self.hub.now() >= self.reset:
            self.used, self.reset = 0, self.hub.now() + HOUR

    def leave(self, remaining: int, seconds: float = HOUR) -> None:
        """Let so many requests be left for so many seconds."""
        self.used, self.reset = self.limit - remaining, self.hub.now() + seconds

    def shown(self) -> Json:
        self._renew()
        left = self.limit - self.used
        return {"limit": self.limit, "remaining": left, "reset": int(self.reset), "used": self.used}

    def headers(self) -> dict[str, str]:
        return {f"X-RateLimit-{name.title()}": str(value) for name, value in self.shown().items()} | {
            "X-RateLimit-Resource": self.resource
        }

    def for_graphql(self) -> Json:
        """The type RateLimit of the GraphQL schema."""
        shown = self.shown()
        return {**shown, "cost": 1, "nodeCount": 1, "resetAt": stamp(shown["reset"])}
