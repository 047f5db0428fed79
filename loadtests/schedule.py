"""When arrivals fall due, and whom each one goes to: pure sequences, without a clock."""

import math
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


def arrivals_in(rate: float, seconds: float) -> int:
    """How many arrivals a constant rate puts into `[0, seconds)`, float dust aside."""
    return math.ceil(round(rate * seconds, 6))


def constant(rate: float, warmup: float, duration: float) -> Iterator[float]:
    """Due times at a constant rate, ascending, in seconds from the start of the measured window.

    Those of the warm-up are negative; exactly `arrivals_in(rate, duration)` are not.
    """
    first = -math.floor(round(rate * warmup, 6))
    return (number / rate for number in range(first, arrivals_in(rate, duration)))


def marks(warmup: float, duration: float) -> Iterator[float]:
    """The ends of the recording intervals: every whole second from the start of the window, and both its ends."""
    yield from (-seconds for seconds in range(math.ceil(warmup) - 1, -1, -1))
    yield from range(1, math.ceil(duration))
    yield duration


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

    def pick(self) -> T:
        """The next key."""
        credit = self._credit
        for key, weight in self._weights.items():
            credit[key] += weight
        best = max(credit, key=credit.__getitem__)
        credit[best] -= self._total
        return best
