"""Middle and spread of a few nights that no single odd night can move: median, MAD, and the robust z they give.

The spread is 1.4826 x MAD, the standard deviation where the values are normal, with the corrections of Croux and
Rousseeuw (1992) for small samples. Nights that are equal by chance have no spread at all, so the caller names the
smallest one that he believes.

A new value is held against a median that was itself estimated from n values, so its distance spreads by
sqrt(1 + pi / (2 n)) times the spread of the values (asymptotic variance of the sample median).
"""

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

_NORMAL: Final = 1.4826
# By the number of values; from ten on n / (n - 0.8).
_SMALL: Final = {2: 1.196, 3: 1.495, 4: 1.363, 5: 1.206, 6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}


def spread(values: Sequence[float]) -> float:
    """The robust standard deviation around the median; 0.0 of fewer than two values."""
    return deviation([value - median(values) for value in values]) if values else 0.0


def deviation(residuals: Sequence[float]) -> float:
    """The robust standard deviation of residuals around zero; 0.0 of fewer than two."""
    count = len(residuals)
    if count < 2:  # noqa: PLR2004 - one value spreads nowhere
        return 0.0
    small = _SMALL.get(count, count / (count - 0.8))
    return _NORMAL * small * median(map(abs, residuals))


def robust_z(value: float, values: Sequence[float], least: float) -> float:
    """How many robust standard deviations `value` lies above the median of `values`; `least` > 0 is the smallest one.

    NaN where there are no values, or one of them is no number.
    """
    if not values or not all(map(math.isfinite, (value, *values))):
        return math.nan
    estimated = math.sqrt(1 + math.pi / (2 * len(values)))
    return (value - median(values)) / (max(spread(values), least) * estimated)
