"""How the rate goes: stretches of the plan as legs on the time axis, in exact numbers."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from bot.core.loadplan import OpenModel, Stretch

# An arrival that the window misses by less than this share of one is an artefact of decimal fractions.
DUST: Final = Fraction(1, 1_000_000)


def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(str(number))


@dataclass(frozen=True, slots=True)
class Leg:
    """From `begin` (seconds from the start of the window) on, for `seconds`, the rate goes straight `start` to `end`.

    `before` is the integral of the rate up to its beginning.
    """

    begin: Fraction
    seconds: Fraction
    start: Fraction
    end: Fraction
    before: Fraction

    @property
    def finish(self) -> Fraction:
        """When it ends."""
        return self.begin + self.seconds

    @property
    def after(self) -> Fraction:
        """The integral of the rate up to its end."""
        return self.before + (self.start + self.end) / 2 * self.seconds

    @property
    def limit(self) -> float:
        """Points from here on belong to later legs."""
        return float(self.after - DUST)

    def within(self, start: Fraction, stop: Fraction) -> "Leg":
        """The part of it between those moments."""
        begin, finish = max(start, self.begin), min(stop, self.finish)
        first, last = self._rate(begin), self._rate(finish)
        before = self.before + (self.start + first) / 2 * (begin - self.begin)
        return Leg(begin, finish - begin, first, last, before)

    def _rate(self, moment: Fraction) -> Fraction:
        return self.start + (self.end - self.start) * (moment - self.begin) / self.seconds

    def clock(self) -> Callable[[float], float]:
        """Tells when the integral of the rate reaches a point of this leg.

        The root of `start t + (end - start) t^2 / (2 seconds) = point - before`, in the form that cancels nothing. The
        whole part of `before` is taken off first, so that late points are as exact as early ones.
        """
        whole = math.floor(self.before)
        part, begin, length = float(self.before - whole), float(self.begin), float(self.seconds)
        start, bend = float(self.start), 2 * float((self.end - self.start) / self.seconds)
        sqrt = math.sqrt

        def when(point: float) -> float:
            beyond = point - whole - part
            if beyond <= 0:
                return begin
            root = sqrt(max(0.0, start * start + bend * beyond))
            return begin + min(length, 2 * beyond / (start + root))

        return when


def course_of(model: OpenModel) -> list[Leg]:
    """The legs of that model's course; a model without one has a single leg without length."""
    legs: list[Leg] = []
    begin = before = Fraction(0)
    for stretch in model.course or (Stretch(0.0, model.rate, model.rate),):
        legs.append(Leg(begin, exact(stretch.seconds), exact(stretch.start), exact(stretch.end), before))
        begin, before = legs[-1].finish, legs[-1].after
    return legs


def legs_between(course: Sequence[Leg], start: Fraction, stop: Fraction) -> Iterator[Leg]:
    """The legs from `start` to `stop`; beyond its end the course goes on at the rate of its end."""
    last = course[-1]
    rest = max(Fraction(0), stop - last.finish)
    for leg in (*course, Leg(last.finish, rest, last.end, last.end, last.after)):
        if leg.seconds and leg.begin < stop and leg.finish > start:
            yield leg.within(start, stop)
