"""The closed model: Locust's own; users are only counted, and kept from new tasks once the window has ended."""

from time import monotonic
from typing import Any, Final

from gevent import getcurrent
from locust.exception import StopUser

_MOST_ANCESTORS: Final = 8


class Task:
    """A task that runs: when it began (`time.monotonic`), and whether it has reported any request."""

    __slots__ = ("begun", "reported")

    def __init__(self, begun: float) -> None:
        self.begun = begun
        self.reported = False


class ClosedTurns:
    """Lets every user go on at its own pace, until `stopping`."""

    error: Exception | None = None
    queued = 0

    def __init__(self) -> None:
        self._running: dict[Any, Task] = {}
        self._begun: set[Any] = set()
        self.stopping = False

    def take(self, user: Any) -> None:
        """Let the running user begin a task; StopUser once the window has ended."""
        if self.stopping:
            raise StopUser
        self._begun.add(user)
        self._running[getcurrent()] = Task(monotonic())

    def done(self, *, raised: bool) -> None:  # noqa: ARG002 - an exception is told as such
        """The running user has ended its task."""
        self._running.pop(getcurrent(), None)

    def current(self) -> None:
        """Nothing falls due here."""
        return

    def told(self) -> None:
        """The running greenlet reports a request."""
        task = self.task_of(getcurrent())
        if task is not None:
            task.reported = True

    def task_of(self, greenlet: Any) -> Task | None:
        """The task that this greenlet carries out, or the one that it was spawned by."""
        for _ in range(_MOST_ANCESTORS):
            found = self._running.get(greenlet)
            parent = None if found is not None else getattr(greenlet, "spawning_greenlet", None)
            if parent is None:
                return found
            greenlet = parent()
        return None

    @property
    def begun(self) -> int:
        """Users that have begun any task so far."""
        return len(self._begun)

    @property
    def running(self) -> int:
        """Tasks that run."""
        return len(self._running)

    @property
    def quiet(self) -> bool:
        """Whether no task runs."""
        return not self._running

    def unreported(self) -> list[Task]:
        """Tasks that still run and have not reported any request."""
        return [each for each in self._running.values() if not each.reported]
