"""Readings of one process life inside the measured window, and whether they cover it."""

import math
from collections.abc import Callable, Iterable
from typing import Final

from bot.core.evidence import ResourceSample, ResourceSeries
from bot.core.thresholds import THRESHOLDS

Points = tuple[tuple[float, float], ...]
"""(seconds from the start of the measured window, value) pairs in order of time."""

# No process holds an exabyte and no soak lasts thirty years: what is beyond is a broken reading.
_LARGEST: Final = 1e18
_LONGEST: Final = 1e9
# A busy machine takes a reading up to a second late.
_LATE: Final = 1.0
_ONE_AND_A_HALF: Final = 1.5
_QUARTER: Final = 0.25
_FEWEST: Final = 2
_OUTSIDE: Final = 2.0


def measurable(measured: float) -> bool:
    """Whether a measured window has a length at all."""
    return 0 < measured <= _LONGEST


def points(series: ResourceSeries, measured: float, reading: Callable[[ResourceSample], float | None]) -> Points:
    """The known values inside the window in order of time; NaN, negative and absurd readings count as unknown."""
    found = (
        (sample.at, value)
        for sample in series.samples
        if 0 <= sample.at <= measured and (value := reading(sample)) is not None and 0 <= value <= _LARGEST
    )
    return tuple(sorted(found))


def planned_interval(series: ResourceSeries, measured: float) -> float:
    """The planned seconds between readings; 0 where that is no part of the window, so that it excuses nothing."""
    return series.interval if 0 < series.interval <= measured else 0.0


def longest_silence(series: ResourceSeries, measured: float) -> float:
    """The longest silence that is still no gap: three intervals, or 5 % of the window where that is longer.

    But no more than a quarter of a window that holds few readings, or one and a half intervals and the usual lateness.
    """
    interval = planned_interval(series, measured)
    usual = max(3 * interval, THRESHOLDS.edge * measured)
    return min(usual, max(_ONE_AND_A_HALF * interval + _LATE, _QUARTER * measured))


def gap(times: Iterable[float], measured: float, longest: float) -> tuple[float, float] | None:
    """The first stretch of the window longer than `longest` without a reading, edges included; None without one."""
    before = 0.0
    for time in (*times, measured):
        if time - before > longest:
            return before, time
        before = time
    return None


def uncovered(series: ResourceSeries, times: tuple[float, ...], measured: float) -> str | None:
    """Why these readings do not cover the window, in words; None when they do.

    At least 95 % of the planned readings must exist, and two at any rate; no gap may be too long.
    """
    if not planned_interval(series, measured):
        return f"its planned interval of {series.interval:g} s is no part of the window"
    planned = measured / series.interval
    if len(times) < _FEWEST and planned < _FEWEST + 1:
        return f"its interval of {series.interval:g} s is too long for a window of {measured:g} s"
    if len(times) < max(_FEWEST, THRESHOLDS.coverage * planned - _outside(planned, series.interval)):
        return f"only {len(times)} of about {math.floor(planned)} planned readings exist"
    silent = gap(times, measured, longest_silence(series, measured))
    return f"there is no reading from {silent[0]:.0f} s to {silent[1]:.0f} s" if silent else None


def _outside(planned: float, interval: float) -> float:
    """How many readings may fall outside the edges of the window: up to two, fewer where few are planned."""
    return min(_OUTSIDE, max(_QUARTER * planned, 1 + _LATE / interval))


def unspanned(series: ResourceSeries, times: tuple[float, ...], measured: float) -> str | None:
    """Why these readings of a running total do not reach from start to end, in words; None when they do."""
    longest = longest_silence(series, measured)
    if times[0] > longest:
        return f"there is no reading before {times[0]:.0f} s"
    return f"there is no reading after {times[-1]:.0f} s" if times[-1] < measured - longest else None
