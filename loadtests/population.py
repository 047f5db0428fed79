"""Keeps the pool of the open model as large as it was when the load began."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import gevent

_log = logging.getLogger(__name__)


class Population:
    """The users of Locust's runner; `has_served` tells whether a user has carried out any arrival."""

    def __init__(self, runner: Any, has_served: Callable[[Any], bool]) -> None:
        self._runner = runner
        self._has_served = has_served
        self._wanted: Counter[str] = Counter()
        self._kept = False

    @property
    def size(self) -> int:
        """Users alive."""
        return int(self._runner.user_count)

    def complete(self) -> None:
        """Give every user class at least one user, however small its weight: its arrivals could not run otherwise."""
        missing = {name: 1 for name, found in self._runner.user_classes_count.items() if not found}
        if missing:
            _log.info("Adding one user each of %s, which the pool was too small for.", ", ".join(missing))
            self._runner.spawn_users(missing)

    def keep(self) -> None:
        """Remember the present size of every class as the one to keep."""
        self._wanted = Counter(self._runner.user_classes_count)
        self._kept = True

    def release(self) -> None:
        """Replace nobody any more."""
        self._kept = False

    def left(self, user: Any) -> None:
        """Replace a user that has left, at once when it had done some work; `refill` does it for all others.

        So a user that fails at its start can be tried again once a second at most.
        """
        if self._kept and self._has_served(user):
            gevent.spawn(self._runner.spawn_users, {type(user).__name__: 1})

    def refill(self) -> None:
        """Bring every class back to its size."""
        if not self._kept:
            return
        missing = self._wanted - Counter(self._runner.user_classes_count)
        if missing:
            self._runner.spawn_users(dict(missing))
