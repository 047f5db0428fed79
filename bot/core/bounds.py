"""An observed number with its bounds, held against a limit."""

import math
from dataclasses import dataclass

from bot.core.limits import Limit
from bot.core.verdict import Result


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
