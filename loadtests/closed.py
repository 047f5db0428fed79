"""The closed model: Locust's own; users are only counted, and kept from new tasks once the window has ended."""

from typing import Any

from gevent import getcurrent
from locust.exception import StopUser


class ClosedTurns:
    """Lets every user go on at its own pace, until `stopping`."""

    error: Exception | None = None
    queued = 0

    def __init__(self) -> None:
        self._running: set[Any] = set()
        self._begun: set[Any] = set()
        self.stopping = False

    def take(self, user: Any) -> None:
        """Let the running user begin a task; StopUser once the window has ended."""
        if self.stopping:
            raise StopUser
        self._begun.add(user)
        self._running.add(getcurrent())

    def done(self, *, raised: bool) -> None:  # noqa: ARG002 - an exception is told as such
        """The running user has ended its task."""
        self._running.discard(getcurrent())

    @property
    def begun(self) -> int:
        """Users that have begun any task so far."""
        return len(self._begun)

    @property
    def quiet(self) -> bool:
        """Whether no task runs."""
        return not self._running
