"""When arrivals fall due, and whom each one goes to: sequences that only go forward, without a clock."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Final, Generic, TypeVar

from bot.core.loadplan import OpenModel, Spacing
from loadtests.course import DUST, Leg, course_of, exact, legs_between
from loadtests.spacing import points

T = TypeVar("T")


class Timetable(Iterator[float]):
    """Due times in seconds from the start of the measured window, ascending; those of the warm-up are negative.

    With even spacing the arrival number k falls due where the integral of the rate reaches k, so that exactly as many
    fall into the window as the integral says (rounded up). With random spacing the points of a Poisson process with
    rate one take the place of the numbers k. Each time comes in closed form from its own stretch: nothing adds up.
    The sequence ends with the window, and goes on after `extend`.
    """

    def __init__(self, model: OpenModel, warmup: float, duration: float) -> None:
        self._course = course_of(model)
        self._points = points(model.spacing, model.seed)
        self._point = next(self._points)
        self._until = exact(duration)
        before = _warmup(model.spacing, model.seed, self._course[0].start, exact(warmup))
        self._times = chain(before, self._between(Fraction(0), self._until))

    def __next__(self) -> float:
        """The next due time."""
        return next(self._times)

    def extend(self, seconds: float) -> None:
        """Let the window end that many seconds later; beyond its course the rate stays as it was at the end."""
        until = self._until + exact(seconds)
        self._times = chain(self._times, self._between(self._until, until))
        self._until = until

    def _between(self, start: Fraction, stop: Fraction) -> Iterator[float]:
        for leg in legs_between(self._course, start, stop):
            yield from self._along(leg)

    def _along(self, leg: Leg) -> Iterator[float]:
        when, limit = leg.clock(), leg.limit
        while self._point < limit:
            yield when(self._point)
            self._point = next(self._points)


def _warmup(spacing: Spacing, seed: int, rate: Fraction, seconds: Fraction) -> Iterator[float]:
    """The warm-up goes at the rate of the beginning; random times of its own, lest it change those of the window."""
    planned, per_second = rate * seconds, float(rate)
    if spacing is Spacing.EVEN:
        return (number / per_second for number in range(-math.floor(planned + DUST), 0))
    return _random_warmup(seed, per_second, float(planned), float(seconds))


def _random_warmup(seed: int, rate: float, planned: float, seconds: float) -> Iterator[float]:
    for point in points(Spacing.POISSON, f"warm-up {seed}"):
        if point >= planned:
            return
        yield point / rate - seconds


@dataclass(frozen=True, slots=True)
class Share:
    """The arrivals number `index`, `index + total`, … of a schedule: what one of `total` processes takes of it."""

    index: int
    total: int


EVERYTHING: Final = Share(0, 1)


class Schedule(Iterator[tuple[float, T]], Generic[T]):
    """(due time, whom it goes to) of each arrival of one share; the shares of all processes are the whole, exactly."""

    def __init__(self, times: Timetable, weights: Mapping[T, float], share: Share = EVERYTHING) -> None:
        self._times = times
        self._picker = Picker(weights)
        self._total = share.total
        self._ahead = share.index

    def __next__(self) -> tuple[float, T]:
        """The next arrival of this share; those of the others are only counted."""
        pick = self._picker.pick
        while self._ahead:
            next(self._times)
            pick()
            self._ahead -= 1
        found = next(self._times)
        self._ahead = self._total - 1
        return found, pick()

    def extend(self, seconds: float) -> None:
        """Let the window end that many seconds later."""
        self._times.extend(seconds)


def next_mark(mark: float, duration: float) -> float:
    """The end of the interval that begins at `mark`: intervals end at whole seconds of the window, and with it."""
    return min(math.floor(mark) + 1.0, duration)


class Picker(Generic[T]):
    """Picks keys in proportion to their weights, deterministically and as evenly as possible.

    Smooth weighted round robin: every key earns its weight, the richest is picked and pays the total.
    """

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._weights = {key: weight for key, weight in weights.items() if weight > 0}
        if not self._weights:
            raise ValueError("there is nothing to pick from")
        self._total = sum(self._weights.values())
        self._credit = dict.fromkeys(self._weights, 0.0)
        self._all = tuple(self._weights)

    def pick(self) -> T:
        """The next key."""
        if len(self._all) == 1:
            return self._all[0]
        credit = self._credit
        for key, weight in self._weights.items():
            credit[key] += weight
        best = max(credit, key=credit.__getitem__)
        credit[best] -= self._total
        return best
