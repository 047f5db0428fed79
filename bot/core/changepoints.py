"""From which night on a series lies at another level: offline change points by medians and binary segmentation.

A split of n values into a before and b after it is scored by the distance of their medians over its standard error,
s sqrt(pi / 2) sqrt(1 / a + 1 / b). The spread s of one level is the robust deviation of the differences between
neighbours over sqrt(2): steps hardly touch it, and single odd nights move neither it nor the medians. The best split
counts when its score reaches `THRESHOLD`; it is then put where the values lie closest to the medians of their sides,
because two odd ones of the three that are needed decide a median. Both sides are searched in the same way (binary
segmentation; Scott and Knott 1974).

The threshold holds the best of all splits of 31 healthy nights (normal, one in twenty 15 % higher) below it in 99.5 %
of the series; `scripts/bench baselines` shows what it finds and what it takes for a change in vain.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from bot.core.robust import deviation

THRESHOLD: Final = 4.0
FEWEST_BEFORE: Final = 5
FEWEST_AFTER: Final = 3
_OF_A_MEDIAN: Final = math.sqrt(math.pi / 2)
_NEAR: Final = 5


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """`index` is the first value of the new level, `before` and `after` the medians of both sides."""

    index: int
    before: float
    after: float
    score: float


def change_points(values: Sequence[float], least: float) -> tuple[ChangePoint, ...]:
    """All change points in the order of the series; `least` > 0 is the smallest spread between values of one level.

    Nothing of a series in which something is no number.
    """
    if not all(map(math.isfinite, values)):
        return ()
    steps = [after - before for before, after in pairwise(values)]
    return tuple(_search(values, 0, max(deviation(steps) / math.sqrt(2), least)))


def _search(values: Sequence[float], offset: int, spread: float) -> Iterator[ChangePoint]:
    splits = range(FEWEST_BEFORE, len(values) - FEWEST_AFTER + 1)
    best = max((_split(values, index, spread) for index in splits), key=lambda found: found.score, default=None)
    if best is None or best.score < THRESHOLD:
        return
    found = _split(values, _closest(values, best.index), spread)
    if len(values) - found.index < FEWEST_AFTER:
        return
    yield from _search(values[: found.index], offset, spread)
    yield ChangePoint(offset + found.index, found.before, found.after, found.score)
    yield from _search(values[found.index :], offset + found.index, spread)


def _split(values: Sequence[float], index: int, spread: float) -> ChangePoint:
    left, right = values[:index], values[index:]
    before, after = median(left), median(right)
    error = spread * _OF_A_MEDIAN * math.sqrt(1 / len(left) + 1 / len(right))
    return ChangePoint(index, before, after, abs(after - before) / error)


def _closest(values: Sequence[float], index: int) -> int:
    near = range(max(FEWEST_BEFORE, index - _NEAR), min(len(values) - 1, index + _NEAR) + 1)
    return min(near, key=lambda split: _distance(values[:split]) + _distance(values[split:]))


def _distance(values: Sequence[float]) -> float:
    middle = median(values)
    return sum(abs(value - middle) for value in values)
