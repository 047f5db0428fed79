"""Timelines thinned to what a chart can show, without losing the spikes that matter. Pure."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from statistics import fmean, median
from typing import Final

from bot.core.evidence import ResourceSample

MOST_POINTS: Final = 300

Point = tuple[float, float | None]
Pick = Callable[[Sequence[float]], float]

highest: Pick = max
middle: Pick = median
mean: Pick = fmean


def thin(points: Sequence[Point], pick: Pick, most: int = MOST_POINTS) -> tuple[Point, ...]:
    """At most `most` points: each stands for a run of neighbours, at their middle, with the value that `pick` chooses.

    A run without any value becomes a gap (None), never a zero.
    """
    if len(points) <= most:
        return tuple(points)
    size = -(-len(points) // most)
    return tuple(_joined(points[start : start + size], pick) for start in range(0, len(points), size))


def _joined(run: Sequence[Point], pick: Pick) -> Point:
    values = [value for _, value in run if value is not None]
    return fmean((run[0][0], run[-1][0])), pick(values) if values else None


def cpu_shares(samples: Iterable[ResourceSample], cores: float) -> tuple[Point, ...]:
    """CPU use between neighbouring readings as a share of `cores`, at the later reading."""
    known = [(one.at, one.cpu_seconds) for one in samples if one.cpu_seconds is not None]
    return tuple(
        (after, (used - before_used) / ((after - before) * max(cores, 1e-9)))
        for (before, before_used), (after, used) in pairwise(known)
        if after > before
    )


def starting_level(points: Sequence[Point]) -> float | None:
    """The median of the first tenth (three values at least): what growth is drawn against."""
    values = [value for _, value in points if value is not None]
    return median(values[: max(3, len(values) // 10)]) if values else None
