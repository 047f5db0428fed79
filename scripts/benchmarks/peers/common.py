"""What goes into a peer, and what comes out of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bot.demo.launch import RunningService

LIMITS: Final = {"error_rate": 0.02, "p95": 1.5, "p99": 3.0}
"""What a gate holds a run against: share of failures, seconds."""


class NotInstalledError(Exception):
    """The peer is not on this machine; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What every peer is asked to send: `rate` POSTs a second of `size` bytes to `/echo`, for so many seconds."""

    rate: int
    seconds: int
    size: int
    cores: tuple[int, ...] = ()

    @property
    def requests(self) -> int:
        """How many requests that is."""
        return self.rate * self.seconds

    def body(self, folder: Path) -> Path:
        """A file with the body of each request."""
        path = folder / f"body-{self.size}"
        path.write_bytes(b"x" * self.size)
        return path


@dataclass(frozen=True, slots=True)
class Cost:
    """What the processes of a peer used: CPU seconds, and the resident bytes of the largest at its peak."""

    cpu: float
    memory: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a peer reported: quantiles in seconds, requests answered, what it cost.

    `on_time` is the share of the load that was sent, and sent when it was due (None where nothing was ever due).
    `gate` is what its own gate said: True passes, None where it has none. `late` is p99 of the lateness, where told.
    """

    p50: float
    p95: float
    p99: float
    answered: int
    cost: Cost
    on_time: float | None = None
    gate: bool | None = None
    late: float | None = None


class Peer(Protocol):
    """A load generator."""

    @property
    def name(self) -> str:
        """How the table calls it."""
        ...

    def run(self, load: Load, service: RunningService, folder: Path) -> Outcome:
        """Send that load to the service, with new files in `folder`. Raises NotInstalledError."""
        ...
