"""Memory growth over a soak by a robust trend: troughs, Theil-Sen slope, Sen's confidence bound, held to a tolerance.

A healthy service draws a sawtooth and is noisy; significance tests of the slope flag most leak-free traces. So:

1. The settling part is dropped: the first third of a window of five minutes or more, a quarter of a shorter one,
   whose caches mostly settle in the warm-up and which cannot spare more.
2. The rest is cut into groups of equally many readings; the trough of a group is its p10 (nearest rank), which a
   sawtooth of a shorter period than the group leaves alone. The period is unknown, so 24, 12, 8 and 6 groups are tried
   and the cut with the narrowest bounds is taken: groups longer than the period give far narrower ones.
3. Slope: median of all pairwise slopes (Theil 1950, Sen 1968). Bounds: the slopes ranked (N -+ C) / 2 with
   C = z sqrt(m (m - 1) (2 m + 5) / 18) for m troughs and N pairs (Sen 1968, from Kendall's variance).
4. Growth = slope x measured time / level, the level being the fitted line at the start of the window, but never less
   than the smallest reading: what drops below that is the line's fault, not the service's.

`rise` is the plain growth from the trough of the first sixth to that of the last: a late step moves no median slope,
and must not pass for flat.
"""

import math
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final

from bot.core.quantiles import Z
from bot.core.series import Points

FEWEST: Final = 8
"""Fewer readings than this after settling give no trend at all."""

_GROUPS: Final = (24, 12, 8, 6)
_LONG: Final = 300.0
_TROUGH: Final = 0.10


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth over the window as a share of the level at its start, with 95 % bounds; `rise` from trough to trough."""

    observed: float
    low: float
    high: float
    rise: float
    samples: int

    @property
    def resolution(self) -> float:
        """The smallest growth that would have been told from none."""
        return max(self.high - self.observed, self.observed - self.low)


@dataclass(frozen=True, slots=True)
class _Slope:
    middle: float
    low: float
    high: float
    intercept: float


def growth(readings: Points, measured: float) -> Growth | None:
    """The growth shown by (seconds, bytes) readings inside a window of `measured` seconds; None when too few."""
    settled = _settled(readings, measured)
    if len(settled) < FEWEST:
        return None
    slopes = (_slope(_troughs(settled, groups)) for groups in _GROUPS)
    found = [slope for slope in slopes if slope is not None]
    level = min(value for _, value in readings)
    if not found or level <= 0:
        return None
    best = min(found, key=lambda slope: slope.high - slope.low)
    scale = measured / max(best.intercept, level)
    return Growth(best.middle * scale, best.low * scale, best.high * scale, _rise(settled), len(readings))


def _settled(readings: Points, measured: float) -> Points:
    start = measured / 3 if measured >= _LONG else measured / 4
    return tuple(reading for reading in readings if reading[0] >= start)


def _troughs(readings: Points, groups: int) -> Points:
    size = max(1, len(readings) // groups)
    # A short last group would be a noisier trough than the others, so the last one takes what is left over.
    starts = range(0, len(readings) - size + 1, size)
    ends = (*starts[1:], len(readings))
    return tuple(_trough(readings[start:end]) for start, end in zip(starts, ends, strict=True))


def _trough(group: Points) -> tuple[float, float]:
    values = sorted(value for _, value in group)
    return sum(time for time, _ in group) / len(group), values[math.ceil(_TROUGH * len(values)) - 1]


def _slope(troughs: Points) -> _Slope | None:
    slopes = sorted((b - a) / (t - s) for (s, a), (t, b) in combinations(troughs, 2) if t > s)
    count = len(troughs)
    spread = Z * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    below = math.floor((len(slopes) - spread) / 2)
    if below < 1:
        return None
    middle = median(slopes)
    intercept = median(value - middle * time for time, value in troughs)
    return _Slope(middle, slopes[below - 1], slopes[len(slopes) - below], intercept)


def _rise(readings: Points) -> float:
    size = max(1, len(readings) // 6)
    first, last = _trough(readings[:size])[1], _trough(readings[-size:])[1]
    return last / first - 1 if first > 0 else math.inf
