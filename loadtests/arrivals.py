"""The open model: arrivals fall due by a schedule, and pooled users carry them out, one task each.

Nothing waits for an answer before the next arrival falls due. An arrival that finds no idle user queues, and its
waiting counts in its response time. What never got a user by the end is told as unsent, never dropped silently.
"""

from collections import deque
from collections.abc import Iterable
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from gevent import Greenlet, getcurrent
from gevent.hub import Waiter
from locust import FastHttpUser
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_WAITING

from loadtests.alarm import make_alarm
from loadtests.errands import Errand
from loadtests.recorder import Recorder
from loadtests.schedule import Schedule

__all__ = ["Arrival", "OpenTurns", "OpenUser"]

# A late dispatcher must leave the loop time to read answers, or they would look slow.
_MOST_AT_ONCE: Final = 8


class Arrival:
    """One arrival: when it was due and when its task began (`time.monotonic`), and whether it counts.

    `errand` is what it asks for. `reported` once a request of it was, `ended` once its task has ended, though greenlets
    of it may live on.
    """

    __slots__ = ("due", "ended", "errand", "measured", "reported", "start")

    def __init__(self, due: float, start: float, *, measured: bool, errand: Errand | None = None) -> None:
        self.due = due
        self.start = start
        self.measured = measured
        self.errand = errand
        self.reported = self.ended = False

    @property
    def lateness(self) -> float:
        """Seconds between due time and start."""
        return max(0.0, self.start - self.due)


class OpenUser(FastHttpUser):
    """A fast HTTP user for files written for the open model; its tasks may look at the `arrival` they carry out.

    Any `User` class is driven the same way; this one only adds the attribute.
    """

    abstract = True
    arrival: Arrival | None = None


_Due = tuple[float, bool, Errand]
"""(when it was due, whether it counts, what it asks for) of an arrival that waits for a user."""


class OpenTurns:
    """Hands arrivals to idle users of the classes that they ask for, the warmest user first."""

    def __init__(self, recorder: Recorder, kinds: Iterable[type], schedule: Schedule[Errand]) -> None:
        self._recorder = recorder
        self._idle: dict[type, list[Any]] = {kind: [] for kind in kinds}
        self._queues: dict[type, deque[_Due]] = {kind: deque() for kind in self._idle}
        self._running: dict[Any, Arrival] = {}
        self._spawned: WeakKeyDictionary[Any, Arrival] = WeakKeyDictionary()
        self._silent: list[Arrival] = []
        self._schedule = schedule
        self._next: tuple[float, Errand] | None = None
        self._going = False
        self._t0 = 0.0
        self._alarm = make_alarm(self._ring)
        self._served: set[Any] = set()
        self.error: Exception | None = None
        self.peak = 0
        self._busiest = 0

    # --- the users' side

    def take(self, user: Any) -> None:
        """Block until an arrival is handed to this user, and begin it."""
        queue = self._queues[type(user)]
        due, measured, errand = queue.popleft() if queue else self._wait(user)
        start = monotonic()
        arrival = self._running[getcurrent()] = Arrival(due, start, measured=measured, errand=errand)
        self._served.add(user)
        self._recorder.began(int(arrival.lateness * 1e6), measured=measured)
        busy = len(self._running)
        self._busiest = max(self._busiest, busy)
        if measured:
            self.peak = max(self.peak, busy)
        if isinstance(user, OpenUser):
            user.arrival = arrival

    def done(self, *, raised: bool) -> None:
        """The running user has carried out its arrival; one that raised is told as an exception, not as empty."""
        arrival = self._running.pop(getcurrent(), None)
        if arrival is None:
            return
        arrival.ended = True
        if arrival.measured and not arrival.reported and not raised:
            self._silent.append(arrival)

    def _wait(self, user: Any) -> _Due:
        idle = self._idle[type(user)]
        waiter: Any = Waiter()
        idle.append(waiter)
        user._state = LOCUST_STATE_WAITING  # noqa: SLF001 - so that Locust may stop it at once
        try:
            arrival: _Due = waiter.get()
        except BaseException:
            idle.remove(waiter)
            raise
        user._state = LOCUST_STATE_RUNNING  # noqa: SLF001
        return arrival

    def current(self) -> Arrival | None:
        """The arrival that the running greenlet carries out."""
        return self.arrival_of(getcurrent())

    def told(self) -> None:
        """A request outside any arrival is nobody's here."""

    def arrival_of(self, greenlet: Any) -> Arrival | None:
        """What that greenlet carries out: its own arrival, or the one during which it was spawned.

        What lives on beyond its arrival, once that has reported a request, goes on outside of any.
        """
        found = self._running.get(greenlet)
        if found is None:
            found = self._spawned.get(greenlet)
        return None if found is None or (found.ended and found.reported) else found

    def errand(self) -> Errand | None:
        """What the running arrival asks for."""
        arrival = self.current()
        return None if arrival is None else arrival.errand

    def _adopt(self, greenlet: Any) -> None:
        arrival = self.arrival_of(getcurrent())
        if arrival is not None:
            self._spawned[greenlet] = arrival

    # --- the schedule's side

    def begin(self, t0: float) -> None:
        """Start the schedule; its offset zero is at `t0` of `time.monotonic`."""
        self._t0 = t0
        self._going = True
        Greenlet.add_spawn_callback(self._adopt)
        self._advance()
        self._set_alarm()

    def extend(self, seconds: float) -> None:
        """Let arrivals fall due for so many seconds more; those that should already have are late."""
        self._schedule.extend(seconds)
        if self._going and self._next is None:
            self._advance()
            self._set_alarm()

    def stop_now(self) -> None:
        """From now on nothing falls due; what fell due by now without being handed out counts as due all the same."""
        now = monotonic() - self._t0
        while self._next is not None and self._next[0] <= now:
            self._recorder.fell_due(measured=self._next[0] >= 0)
            self._advance()
        self._next = None
        if self._going:
            self._alarm.stop()
        self._going = False

    def _advance(self) -> None:
        self._next = next(self._schedule, None)

    def _set_alarm(self) -> None:
        if self._next is not None:
            self._alarm.set(self._t0 + self._next[0])

    def _ring(self) -> None:
        try:
            self._dispatch(monotonic() - self._t0)
        except Exception as error:  # noqa: BLE001 - the loop would only print it; the conductor ends the run
            self.error = error

    def _dispatch(self, now: float) -> None:
        for _ in range(_MOST_AT_ONCE):
            if self._next is None or self._next[0] > now:
                break
            self._hand_over(*self._next)
            self._advance()
        self._set_alarm()

    def _hand_over(self, offset: float, errand: Errand) -> None:
        measured = offset >= 0
        self._recorder.fell_due(measured=measured)
        arrival = (self._t0 + offset, measured, errand)
        idle = self._idle[errand.kind]
        if idle:
            idle.pop().switch(arrival)
        else:
            self._queues[errand.kind].append(arrival)

    # --- the conductor's side

    def forget(self, user: Any) -> bool:
        """Forget a user that has left; returns whether it had begun any arrival."""
        served = user in self._served
        self._served.discard(user)
        return served

    @property
    def idle(self) -> int:
        """Users that wait for an arrival."""
        return sum(map(len, self._idle.values()))

    def take_busiest(self) -> int:
        """The most users that carried out arrivals at once since the last call."""
        busiest, self._busiest = self._busiest, len(self._running)
        return busiest

    @property
    def queued(self) -> int:
        """Arrivals that wait for a user."""
        return sum(map(len, self._queues.values()))

    @property
    def running(self) -> int:
        """Tasks that run."""
        return len(self._running)

    @property
    def quiet(self) -> bool:
        """Whether every arrival has fallen due and was carried out."""
        return self._next is None and not self._running and not self.queued

    def unreported(self) -> list[Arrival]:
        """Measured arrivals that still run and have not reported any request."""
        return [each for each in self._running.values() if each.measured and not each.reported]

    @property
    def empty(self) -> int:
        """Measured arrivals whose task ended by itself and of which no request was ever reported."""
        return sum(not each.reported for each in self._silent)

    def close(self) -> None:
        """Hand out nothing any more, also of what waits for a user."""
        self.stop_now()
        for queue in self._queues.values():
            queue.clear()
