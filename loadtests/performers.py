"""Users that do what a mix asks of them, instead of picking among their own tasks."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from locust.exception import InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately
from locust.user.task import DefaultTaskSet

from loadtests.errands import Errand

# As Any, because methods of it are replaced.
_DefaultTaskSet: Any = DefaultTaskSet

_Sets = dict[tuple[type, ...], Any]


class Performers:
    """Has users of the named classes carry out errands; `errand` tells which one the running arrival asks for.

    A user enters every task set that it needs once, before its first arrival, and leaves them all when it ends. A task
    that interrupts its task set has just ended: there is nothing else for it to go back to.
    """

    def __init__(self, errands: Iterable[Errand], errand: Callable[[], Errand | None]) -> None:
        self._ways: dict[type, dict[tuple[type, ...], None]] = {}
        for each in errands:
            ways = self._ways.setdefault(each.kind, {})
            ways.update({each.sets[: depth + 1]: None for depth in range(len(each.sets))})
        self._errand = errand
        self._entered: WeakKeyDictionary[Any, _Sets] = WeakKeyDictionary()

    def hire(self) -> None:
        """From now on, in this process."""
        for kind in self._ways:
            any_kind: Any = kind
            any_kind.tasks = [self._perform]
        _DefaultTaskSet.on_start = lambda task_set: self._enter(task_set.user)
        _DefaultTaskSet.on_stop = lambda task_set: self._leave(task_set.user)

    def _perform(self, user: Any) -> None:
        errand = self._errand()
        if errand is None or errand.task is None:
            return
        with suppress(InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately):
            errand.task(self._entered[user][errand.sets] if errand.sets else user)

    def _enter(self, user: Any) -> None:
        sets = self._entered[user] = _Sets()
        try:
            for way in self._ways.get(type(user), ()):
                sets[way] = way[-1](sets.get(way[:-1], user))
                with suppress(InterruptTaskSet):
                    sets[way].on_start()
        except Exception as error:
            user.environment.events.user_error.fire(user_instance=user, exception=error, tb=error.__traceback__)
            raise

    def _leave(self, user: Any) -> None:
        for task_set in reversed(list(self._entered.pop(user, {}).values())):
            task_set.on_stop()
