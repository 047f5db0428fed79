"""Memory growth over a soak by a robust trend: troughs, Theil-Sen slope, Sen's confidence bound, held to a tolerance.

A healthy service draws a sawtooth and is noisy; significance tests of the slope flag most leak-free traces. So:

1. The settling part is dropped: the first third of a window of five minutes or more, a quarter of a shorter one,
   whose caches mostly settle in the warm-up and which cannot spare more.
2. The rest is cut into groups of equally many readings; the trough of a group is its p10 (nearest rank), which a
   sawtooth of a shorter period than the group leaves alone. The period is unknown, so 24, 12, 8 and 6 groups are tried
   and the cut with the narrowest bounds is taken: groups longer than the period give far narrower ones.
3. Slope: median of all pairwise slopes (Theil 1950, Sen 1968). Bounds: the slopes ranked (N -+ C) / 2 with
   C = z sqrt(m (m - 1) (2 m + 5) / 18) for m troughs and N pairs (Sen 1968, from Kendall's variance). Who takes the
   narrowest of four cuts has looked more than once: z is that of two looks at 97.5 % each (Bonferroni), with which the
   chosen bounds hold the true growth of simulated traces in 94 to 96 % (with 1.96 it was 89 %).
4. One step up between neighbouring troughs that is `_OUTSTANDING` times as far from their usual difference as the
   median difference is, such as a cache or a heap that grew once, is also tried as a step beside a line: the line must
   not take it for a slope and carry it on. It counts in the upper bound and in the observed growth, not in the lower
   one: a single step convicts nobody.
5. Growth = (slope x measured time + step) / level, the level being the fitted line at the start of the window, but
   never less than the smallest reading: what drops below that is the line's fault, not the service's.
6. The lower bound, if it is above zero, is never more than what the peaks grew by from the first half of the window to
   its end, twice that for the whole: a slow sawtooth that only climbs in what is looked at has been as high before.

A sawtooth is told from a leak, and passes, where its period is at most a tenth of the window; slower ones come to
INCONCLUSIVE as a rule, and a longer soak settles them.

`rise` is the plain growth from the trough of the first sixth to that of the last, or, where that is more, from the
highest trough of groups of 1/12 to 1/96 of the readings to the last of them: a late step moves no median slope, and
must not pass for flat. In the last fiftieth of a window, within one period of the sawtooth, nobody can tell it.
"""

import math
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from statistics import NormalDist, median
from typing import Final

from bot.core.quantiles import TAIL
from bot.core.series import Points

FEWEST: Final = 8
"""Fewer readings than this after settling give no trend at all."""

_GROUPS: Final = (24, 12, 8, 6)
_LONG: Final = 300.0
_TROUGH: Final = 0.10
_Z: Final = NormalDist().inv_cdf(1 - TAIL / 2)
_OUTSTANDING: Final = 8.0
_MANY: Final = 11
_LATE: Final = (12, 24, 48, 96)
_FEWEST_LATE: Final = 3


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth over the window as a share of the level at its start, with 95 % bounds; `rise` from trough to trough.

    `settling` is by how much it had grown before, while the readings up to `settled_at` seconds were left out.
    """

    observed: float
    low: float
    high: float
    rise: float
    samples: int
    settling: float = 0.0
    settled_at: float = 0.0

    @property
    def resolution(self) -> float:
        """The smallest growth that would have been told from none."""
        return max(self.high - self.observed, self.observed - self.low)


@dataclass(frozen=True, slots=True)
class _Line:
    """A slope with its bounds, the level at the start, and one step up (`step` bytes at `at` seconds; 0: none).

    Whether a step is the first of many, nobody knows yet: only the upper bound of the growth counts it.
    """

    middle: float
    low: float
    high: float
    intercept: float
    step: float = 0.0
    at: float = 0.0

    def grown(self, measured: float) -> tuple[float, float, float]:
        """The growth over so many seconds, and its bounds, in bytes."""
        return self.middle * measured + self.step, self.low * measured, self.high * measured + self.step

    def width(self, measured: float) -> float:
        """How far these bounds are apart."""
        _, low, high = self.grown(measured)
        return high - low


def growth(readings: Points, measured: float) -> Growth | None:
    """The growth shown by (seconds, bytes) readings inside a window of `measured` seconds; None when too few."""
    line = _line(readings, measured)
    if line is None:
        return None
    level = _level(line, readings)
    observed, low, high = (grown / level for grown in line.grown(measured))
    low = max(min(low, 0.0), min(low, _envelope(readings, measured) / level))
    settled, begin = _settled(readings, measured), _settled_at(measured)
    return Growth(observed, low, high, _rise(settled), len(readings), _settling(readings, begin), begin)


def trend(readings: Points, measured: float) -> Points | None:
    """The line that `growth` judged as (seconds, bytes): its ends at 0 and `measured`, between them those of a step.

    Two points, or four where it stepped; None where `growth` is None.
    """
    line = _line(readings, measured)
    if line is None:
        return None
    start, before = _level(line, readings), line.middle * line.at
    end = start + line.middle * measured + line.step
    step = ((line.at, start + before), (line.at, start + before + line.step)) if line.step else ()
    return (0.0, start), *step, (measured, end)


def _line(readings: Points, measured: float) -> _Line | None:
    settled = _settled(readings, measured)
    if len(settled) < FEWEST or min(value for _, value in readings) <= 0:
        return None
    cuts = [_troughs(settled, groups) for groups in _GROUPS]
    lines = [line for troughs in cuts for line in (_fit(troughs), _stepped(troughs)) if line is not None]
    return min(lines, key=lambda line: line.width(measured), default=None)


def _level(line: _Line, readings: Points) -> float:
    return max(line.intercept, min(value for _, value in readings))


def _settled_at(measured: float) -> float:
    return measured / 3 if measured >= _LONG else measured / 4


def _settled(readings: Points, measured: float) -> Points:
    start = _settled_at(measured)
    return tuple(reading for reading in readings if reading[0] >= start)


def _settling(readings: Points, until: float) -> float:
    """The lowest level after settling beside the very first one: less than what grew, where a sawtooth is slow."""
    early = tuple(reading for reading in readings if reading[0] < until)
    late = tuple(reading for reading in readings if until <= reading[0] < 2 * until)
    if not early or not late:
        return 0.0
    first = _trough(early[: max(1, len(early) // _LATE[0])])[1]
    return max(0.0, _trough(late)[1] / first - 1)


def _envelope(readings: Points, measured: float) -> float:
    """The growth over the window in bytes that the peaks tell: those of its last sixth beside those of its first half.

    Whatever the period of a sawtooth, its peak of before the drop is as high as that of the end.
    """
    size = max(_FEWEST_LATE, len(readings) // _LATE[0])
    groups = [readings[end - size : end] for end in range(len(readings), size - 1, -size)]
    early = [_peak(group) for group in groups if group[-1][0] <= measured / 2]
    late = [_peak(group) for group in groups[:2]]
    return 2 * (max(late) - max(early)) if early else 0.0


def _peak(group: Points) -> float:
    values = sorted(value for _, value in group)
    return values[math.ceil((1 - _TROUGH) * len(values)) - 1]


def _troughs(readings: Points, groups: int) -> Points:
    size = max(1, len(readings) // groups)
    # A short last group would be a noisier trough than the others, so the last one takes what is left over.
    starts = range(0, len(readings) - size + 1, size)
    ends = (*starts[1:], len(readings))
    return tuple(_trough(readings[start:end]) for start, end in zip(starts, ends, strict=True))


def _trough(group: Points) -> tuple[float, float]:
    values = sorted(value for _, value in group)
    return sum(time for time, _ in group) / len(group), values[math.ceil(_TROUGH * len(values)) - 1]


def _fit(troughs: Points) -> _Line | None:
    slopes = sorted((b - a) / (t - s) for (s, a), (t, b) in combinations(troughs, 2) if t > s)
    count = len(troughs)
    spread = _Z * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    below = math.floor((len(slopes) - spread) / 2)
    if below < 1:
        return None
    middle = median(slopes)
    intercept = median(value - middle * time for time, value in troughs)
    return _Line(middle, slopes[below - 1], slopes[len(slopes) - below], intercept)


def _stepped(troughs: Points) -> _Line | None:
    """The line beside one step up, where one difference between neighbours stands out from all others."""
    jumps = [after - before for (_, before), (_, after) in pairwise(troughs)]
    if len(jumps) < _MANY:
        return None
    usual = median(jumps)
    highest = max(jumps)
    step, place = highest - usual, jumps.index(highest) + 1
    if step <= _OUTSTANDING * median(abs(jump - usual) for jump in jumps):
        return None
    line = _fit((*troughs[:place], *((time, value - step) for time, value in troughs[place:])))
    return None if line is None else replace(line, step=step, at=(troughs[place - 1][0] + troughs[place][0]) / 2)


def _rise(readings: Points) -> float:
    size = max(1, len(readings) // 6)
    first, last = _trough(readings[:size])[1], _trough(readings[-size:])[1]
    if first <= 0:
        return math.inf
    return max([last / first, *(_late(readings, part) for part in _LATE)]) - 1


def _late(readings: Points, part: int) -> float:
    """The last trough as a share of the highest one before it, groups being one `part` of the readings long."""
    size = max(_FEWEST_LATE, len(readings) // part)
    levels = [_trough(readings[end - size : end])[1] for end in range(len(readings), size - 1, -size)]
    return levels[0] / max(levels[1:]) if len(levels) > 1 else 1.0
