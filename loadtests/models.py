"""The two models as the conductor leads them."""

from collections.abc import Iterator
from time import monotonic
from typing import Any, Final

from loadtests.arrivals import Arrival, OpenTurns
from loadtests.closed import ClosedTurns
from loadtests.failures import UNFINISHED
from loadtests.interval import Occupancy
from loadtests.listener import Window
from loadtests.population import Population
from loadtests.recorder import Recorder
from loadtests.shapes import Shape
from loadtests.tasks import Flight, InFlight

_UNNAMED: Final = ("(no", "request)")


class _Model:
    """What both have in common: users that Locust has spawned, and requests in flight."""

    def __init__(self, runner: Any, recorder: Recorder, window: Window, in_flight: InFlight) -> None:
        self._runner = runner
        self._recorder = recorder
        self._window = window
        self._in_flight = in_flight
        self._spawned = False
        self._cut_off = 0

    def on_spawned(self, **_: Any) -> None:
        """Locust's `spawning_complete` event."""
        self._spawned = True

    @property
    def users(self) -> int:
        """Users alive."""
        return int(self._runner.user_count)

    def _flights(self, running: int) -> dict[str, int]:
        """What became of the requests, while so many tasks still run: their last `with` block may just be open."""
        seen = self._in_flight
        return {"sent": seen.sent, "reported": min(seen.sent, seen.reported + running), "cut_off": self._cut_off}

    def _unfinished(self, method: str, name: str, response: float, service: float, patience: float) -> None:
        """What has waited less than `patience` was merely under way when the run was ended, and has not failed."""
        if response < patience:
            self._cut_off += 1
            return
        self._recorder.request(method, name, int(response * 1e6), int(service * 1e6), UNFINISHED, measured=True)


class ClosedModel(_Model):
    """Locust's own users at their own pace; `shape` is the LoadTestShape of the load file, if any."""

    queued = 0

    def __init__(self, turns: ClosedTurns, shape: Shape | None, *parts: Any) -> None:
        super().__init__(*parts)
        self._turns = turns
        self._shape = shape
        self._lowest: int | None = None

    def occupancy(self) -> Occupancy:
        """There is no pool."""
        return Occupancy()

    @property
    def error(self) -> Exception | None:
        """What broke the shape, unless the window is over."""
        return None if self._shape is None or self._turns.stopping else self._shape.error

    @property
    def deserted(self) -> bool:
        """Whether nobody is left although somebody should be."""
        return not self.users and (self._shape is None or self._shape.wanted > 0)

    def ready(self) -> bool:
        """Whether every user has been spawned; a shape that adds them slowly need not have come to its end."""
        if self.error is not None:
            raise self.error
        return self._spawned or (self._shape is not None and self.users > 0)

    @property
    def quiet(self) -> bool:
        """Whether no task runs, and no request that counts is in flight."""
        return self._turns.quiet and not any(self._unanswered())

    def begin(self, t0: float) -> None:
        """Users began by themselves; a shape has to wait for the window."""
        if self._shape is not None:
            self._shape.begin(t0)

    def extend(self, seconds: float) -> None:
        """Nothing to do: users go on by themselves."""

    def each_second(self) -> None:
        """Users that leave have left, as in Locust; remember how few were left at the worst of the window."""
        if self._window.t0 is not None and monotonic() >= self._window.t0:
            self._lowest = self.users if self._lowest is None else min(self._lowest, self.users)
            if self._shape is not None:
                self._shape.look(monotonic(), self.users)

    def stop(self) -> None:
        """Let nobody begin another task."""
        self._turns.stopping = True

    def stop_now(self) -> None:
        """The same: what runs is left to `abandon`."""
        self.stop()

    def abandon(self, patience: float = 0.0) -> None:
        """Requests that still have no answer count as failures, and so do tasks that never reported any.

        What a client of the load file's own waits for is seen by nobody else. A task that has reported a request and
        still runs may just be thinking.
        """
        self._turns.stopping = True
        now = monotonic()
        seen = {self._turns.task_of(greenlet) for greenlet in self._in_flight.flights}
        for flight in list(self._unanswered()):
            self._unfinished(flight.method, flight.name, now - flight.start, now - flight.start, patience)
        for task in self._turns.unreported():
            if task not in seen and self._window.reaches(task.begun):
                self._unfinished(*_UNNAMED, now - task.begun, now - task.begun, patience)

    def _unanswered(self) -> Iterator[Flight]:
        """Requests in flight that were sent before the end of the window."""
        return (flight for flight in self._in_flight.flights.values() if self._window.reaches(flight.start))

    def flights(self) -> dict[str, int]:
        """Totals of the HTTP requests."""
        return self._flights(self._turns.running)

    def arrivals(self) -> None:
        """There are none."""
        return

    @property
    def users_lowest(self) -> int | None:
        """The fewest users that were alive in the window, those that never got to a task left out."""
        return None if self._lowest is None else min(self._lowest, self._turns.begun)

    @property
    def users_missing(self) -> int | None:
        """By how many users the load was below its shape at the worst, None without a shape."""
        return None if self._shape is None else self._shape.missing(self._turns.begun)


class OpenModel(_Model):
    """A pool of users that carries out arrivals."""

    users_lowest = None
    users_missing = None

    def __init__(self, turns: OpenTurns, population: Population, *parts: Any) -> None:
        super().__init__(*parts)
        self._turns = turns
        self._population = population
        self._completed = False
        self._pool_size = 0

    @property
    def error(self) -> Exception | None:
        """What broke the dispatcher."""
        return self._turns.error

    @property
    def deserted(self) -> bool:
        """Whether the pool is empty."""
        return not self.users

    @property
    def queued(self) -> int:
        """Arrivals that wait for a user."""
        return self._turns.queued

    def occupancy(self) -> Occupancy:
        """How busy the pool was since the last call."""
        return Occupancy(self._turns.take_busiest(), self._pool_size)

    @property
    def quiet(self) -> bool:
        """Whether every arrival was carried out, and no request that counts is in flight."""
        return self._turns.quiet and not any(self._unanswered())

    def ready(self) -> bool:
        """Whether every user of the pool waits for its first arrival, or has ended."""
        if self._spawned and not self._completed:
            self._completed = True
            self._population.complete()
        return self._completed and self._turns.idle >= self.users

    def begin(self, t0: float) -> None:
        """Start the schedule, warm-up first."""
        self._pool_size = self.users
        self._population.keep()
        self._turns.begin(t0)

    def each_second(self) -> None:
        """Keep the pool at its size."""
        self._population.refill()

    def extend(self, seconds: float) -> None:
        """Let arrivals fall due for so many seconds more."""
        self._turns.extend(seconds)

    def stop(self) -> None:
        """Nothing to do: the schedule ends by itself, and what fell due in the window may still run."""

    def stop_now(self) -> None:
        """Let nothing more fall due; what runs is left to `abandon`."""
        self._turns.stop_now()

    def abandon(self, patience: float = 0.0) -> None:
        """Arrivals under way count as failures; those that never got a user are told as unsent."""
        self._population.release()
        now = monotonic()
        for flight, arrival in list(self._unanswered()):
            service = now - flight.start
            waited = service if arrival is None or arrival.reported else now - arrival.due
            self._unfinished(flight.method, flight.name, waited, service, patience)
            if arrival is not None:
                arrival.reported = True
        for arrival in self._turns.unreported():
            self._unfinished(*_UNNAMED, now - arrival.due, now - arrival.start, patience)
            arrival.reported = True
        self._turns.close()

    def _unanswered(self) -> Iterator[tuple[Flight, Arrival | None]]:
        """Requests in flight that count: of a measured arrival, or outside of any and sent before the window's end."""
        for greenlet, flight in self._in_flight.flights.items():
            arrival = self._turns.arrival_of(greenlet)
            if self._window.reaches(flight.start) if arrival is None else arrival.measured:
                yield flight, arrival

    def flights(self) -> dict[str, int]:
        """Totals of the HTTP requests."""
        return self._flights(self._turns.running)

    def arrivals(self) -> dict[str, int]:
        """Totals of the arrivals that fell due in the window."""
        seen = self._recorder
        return {
            "due": seen.due,
            "started": seen.started,
            "late": seen.late,
            "unsent": seen.due - seen.started,
            "empty": self._turns.empty,
            "pool_size": self._pool_size,
            "pool_peak": self._turns.peak,
        }
