"""Where the two models reach into Locust: around every task, around every request in flight, and at a user's end."""

from collections.abc import Callable
from time import monotonic
from typing import Any, Final, Protocol

import gevent
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import (
    InterruptTaskSet,
    LocustError,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)
from locust.user.task import LOCUST_STATE_STOPPING, TaskSet
from locust.user.users import User

# As Any, because methods of theirs are replaced.
_TaskSet: Any = TaskSet
_User: Any = User
_SESSIONS: tuple[Any, ...] = (HttpSession, FastHttpSession)

# Ways to leave a task that are no error of it.
_LEAVING: Final = (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
    gevent.GreenletExit,
)

# A task set that never gets to a task would otherwise spin without end.
_FRUITLESS_WAIT_S: Final = 0.1


# Where an answer whose `with` block is still open keeps its flight.
_KEPT: Final = "_loadtests_flight"


class Flight:
    """A request: when it was sent (`time.monotonic`), and whether Locust has told of it."""

    __slots__ = ("method", "name", "start", "told")

    def __init__(self, method: str, name: str, start: float) -> None:
        self.method = method
        self.name = name
        self.start = start
        self.told = False


class TaskExitError(LocustError):
    """A task tried to end the process."""


class Turns(Protocol):
    """Says when a user may begin a task."""

    def take(self, user: Any) -> None:
        """Block until that user may begin."""
        ...

    def done(self, *, raised: bool) -> None:
        """The running user's task has ended, by an exception or not."""
        ...


def take_turns(turns: Turns) -> None:
    """Every task function of every task set waits for its turn; nested task sets pass through.

    A task that raises SystemExit is an error of that task; in plain Locust it would end the load with exit code 0.
    """
    plain = _TaskSet.execute_next_task

    def execute_next_task(self: Any) -> None:
        if _is_task_set(self._task_queue[0]):
            plain(self)
            return
        turns.take(self.user)
        try:
            plain(self)
        except BaseException as error:
            turns.done(raised=not isinstance(error, _LEAVING))
            if isinstance(error, SystemExit | KeyboardInterrupt):
                raise TaskExitError(f"{type(error).__name__}: {error}") from error
            raise
        turns.done(raised=False)

    _TaskSet.execute_next_task = execute_next_task


def _is_task_set(task: Any) -> bool:
    return isinstance(task, type) and issubclass(task, TaskSet)


def ignore_wait_time(turns: Any) -> None:
    """In the open model the schedule is the only pacing."""
    plain = turns.take
    fruitful: set[Any] = set()

    def take(user: Any) -> None:
        plain(user)
        fruitful.add(user)

    def wait(self: Any) -> None:
        if self.user._state == LOCUST_STATE_STOPPING:  # noqa: SLF001 - as the method it replaces
            raise StopUser
        if self.user in fruitful:
            fruitful.discard(self.user)
        else:
            gevent.sleep(_FRUITLESS_WAIT_S)

    turns.take = take
    _TaskSet.wait = wait


def tell_of_leaving(listener: Callable[[Any], None]) -> None:
    """Call `listener(user)` whenever a user has ended, however it did."""
    plain = _User.start

    def start(self: Any, group: Any) -> Any:
        greenlet = plain(self, group)
        greenlet.link(lambda _: listener(self))
        return greenlet

    _User.start = start


class InFlight:
    """Requests of HttpUser and FastHttpUser that have not come back, by greenlet.

    Of those that have, and that were sent at a moment that `counts`, it counts how many were `sent` and `reported`: one
    with `catch_response` is reported when its `with` block ends, and never without one.
    """

    def __init__(self, counts: Callable[[float], bool] = lambda _: True) -> None:
        self.flights: dict[Any, Flight] = {}
        self.sent = 0
        self.reported = 0
        self._counts = counts

    def watch(self) -> None:
        """From now on."""
        for session in _SESSIONS:
            session.request = self._watched(session.request)

    def _watched(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        flights, back = self.flights, self._back

        def request(self: Any, method: Any, url: Any, name: Any = None, *args: Any, **kwargs: Any) -> Any:
            greenlet = gevent.getcurrent()
            flight = flights[greenlet] = Flight(str(method), str(name or self.request_name or url), monotonic())
            try:
                answer = plain(self, method, url, name, *args, **kwargs)
            finally:
                flights.pop(greenlet, None)
            back(flight, answer)
            return answer

        return request

    def _back(self, flight: Flight, answer: Any) -> None:
        measured = self._counts(flight.start)
        self.sent += measured
        if flight.told or not getattr(answer, "_catch_response", False):
            self.reported += measured
        else:
            vars(answer.request_meta["response"])[_KEPT] = flight

    def told(self, response: object) -> float | None:
        """The running greenlet reports that answer: when its request was sent, None where that is unknown."""
        flight = self.flights.get(gevent.getcurrent())
        if flight is not None:
            flight.told = True
            return flight.start
        kept: Flight | None = getattr(response, "__dict__", {}).pop(_KEPT, None)
        if kept is None:
            return None
        self.reported += self._counts(kept.start)
        return kept.start
