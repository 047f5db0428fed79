"""What the conductor of a run leads: the model, the moment it begins at, and how the process fares meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, time
from typing import Final, Protocol, TypeAlias

from loadtests.interval import Health, Occupancy

_LEAD_S: Final = 0.1

HealthProbe: TypeAlias = Callable[[], Health | None]
"""Called at the end of every interval: how this process fared since the last call, None where nobody looks."""


def unobserved() -> None:
    """Nobody looks."""
    return


class Model(Protocol):
    """What differs between the open and the closed model."""

    @property
    def error(self) -> Exception | None:
        """What broke it, None while it works."""
        ...

    @property
    def queued(self) -> int:
        """Arrivals that wait for a user."""
        ...

    def occupancy(self) -> Occupancy:
        """How busy its pool was since the last call."""
        ...

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way and nothing more will begin."""
        ...

    @property
    def deserted(self) -> bool:
        """Whether nobody is left although somebody should be."""
        ...

    @property
    def users_lowest(self) -> int | None:
        """The fewest users alive in the measured window (closed model)."""
        ...

    @property
    def users_missing(self) -> int | None:
        """By how many users it was short of what a LoadTestShape wanted, at the worst moment."""
        ...

    def ready(self) -> bool:
        """Whether every user that lives is ready to work."""
        ...

    def begin(self, t0: float) -> None:
        """The measured window begins at `t0` (`time.monotonic`)."""
        ...

    def each_second(self) -> None:
        """Look after the users."""
        ...

    def extend(self, seconds: float) -> None:
        """The window ends that much later."""
        ...

    def stop(self) -> None:
        """The window has ended: begin nothing that did not fall due in it."""
        ...

    def stop_now(self) -> None:
        """The window ends before its time: begin nothing any more; what is under way may come to its end."""
        ...

    def abandon(self, patience: float = 0.0) -> None:
        """Record what is still under way as unfinished, and begin nothing any more.

        What has waited for less than `patience` seconds is left out, and counted as cut off.
        """
        ...

    def flights(self) -> dict[str, int]:
        """Of the HTTP requests: `sent` (answered by now), `reported`, and `cut_off` by the end of the run."""
        ...

    def arrivals(self) -> dict[str, int] | None:
        """Totals of the arrivals, None in the closed model."""
        ...


@dataclass(frozen=True, slots=True)
class Moment:
    """When the measured window begins, on the clock of `time.monotonic` and in seconds since the epoch."""

    monotonic: float
    epoch: float


class Start(Protocol):
    """Decides when a run begins, once its users are ready."""

    def possible(self) -> bool:
        """Whether all users that are to come have been asked for."""
        ...

    def agree(self, warmup: float) -> Moment:
        """The moment at which the warm-up of that many seconds will be over; blocks until it is known."""
        ...


class OwnStart:
    """Nobody else needs to be asked."""

    def __init__(self, lead: float = _LEAD_S) -> None:
        self._lead = lead

    def possible(self) -> bool:
        """Locust itself says when its users are there."""
        return True

    def agree(self, warmup: float) -> Moment:
        """At once."""
        seconds = self._lead + warmup
        return Moment(monotonic() + seconds, time() + seconds)
