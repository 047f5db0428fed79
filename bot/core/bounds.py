"""An observed number with its bounds, held against a limit."""

import math
from dataclasses import dataclass, replace
from typing import Final

from bot.core.limits import Limit
from bot.core.verdict import Result

_IMPRACTICAL: Final = 31_623.0
"""The root of 10^9: no run sends more requests."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number, its 95 % bounds and how many samples it rests on; an infinite bound says that there is none."""

    observed: float
    low: float
    high: float
    samples: int


def exactly(observed: float, samples: int) -> Bounds:
    """A number that was counted, not sampled: its bounds are the number itself."""
    return Bounds(observed, observed, observed, samples)


def wider(bounds: Bounds, low: float, high: float) -> Bounds:
    """The same number with the lower of both low bounds and the higher of both high ones."""
    return replace(bounds, low=min(bounds.low, low), high=max(bounds.high, high))


def samples_to_settle(limit: float, bounds: Bounds) -> float | None:
    """About how many samples would take the limit out of bounds that shrink like 1 / sqrt(n); None: no such number.

    Infinity where there is no bound on that side yet: more samples, and nobody can tell how many.
    """
    distance = abs(bounds.observed - limit)
    near = bounds.high if limit > bounds.observed else bounds.low
    width = abs(near - bounds.observed)
    if not math.isfinite(width):
        return math.inf
    if distance * _IMPRACTICAL <= width * math.sqrt(bounds.samples):
        return None
    return max(bounds.samples + 1, math.ceil(bounds.samples * (width / distance) ** 2))


def settle(limit: Limit, bounds: Bounds) -> Result:
    """PASS when the whole interval satisfies the limit, FAIL when none of it does, INCONCLUSIVE between.

    A number or a limit that is no number (NaN, or an infinite limit) is INVALID.
    """
    numbers = (bounds.observed, bounds.low, bounds.high)
    if any(map(math.isnan, numbers)) or not math.isfinite(bounds.observed) or not math.isfinite(limit.value):
        return Result.INVALID
    best, worst = (bounds.low, bounds.high) if limit.is_upper else (bounds.high, bounds.low)
    if limit.holds(worst):
        return Result.PASS if limit.holds(best) and limit.holds(bounds.observed) else Result.INVALID
    return Result.INCONCLUSIVE if limit.holds(best) else Result.FAIL
