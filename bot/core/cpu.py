"""CPU as the mean number of cores used over the window, as a share of the cores that 100 % stands for."""

from itertools import pairwise

from bot.core.series import Points


def mean_share(readings: Points, cores: float) -> float | None:
    """The time-weighted mean from cumulative (seconds, CPU seconds) readings; gaps between readings cost nothing.

    The counter already adds up, so the mean is its difference over the time between first and last reading.
    None when there are not two readings apart in time, when the counter runs backwards, or without cores.
    """
    if len(readings) < 2 or not cores > 0:  # noqa: PLR2004 - a difference needs two
        return None
    if any(later < earlier for (_, earlier), (_, later) in pairwise(readings)):
        return None
    (start, used_before), (end, used_after) = readings[0], readings[-1]
    return (used_after - used_before) / (end - start) / cores if end > start else None
