"""How arrivals lie within a rate: points of a process with rate one, evenly or at random.

Everything here is the same on every machine: only additions and comparisons of what a Mersenne twister draws, no
logarithm, whose last digit differs from one C library to the next.
"""

from collections.abc import Callable, Iterator
from itertools import count
from random import Random

from bot.core.loadplan import Spacing


def points(spacing: Spacing, seed: object) -> Iterator[float]:
    """Ascending points from 0 on, one per unit on average; those at random are fixed by the seed (int or str)."""
    return count() if spacing is Spacing.EVEN else _poisson(str(seed))


def _poisson(seed: str) -> Iterator[float]:
    draw = Random(seed).random  # noqa: S311 - load, not secrets; a text seeds by SHA-512, whatever the hash seed is
    at = 0.0
    while True:
        at += exponential(draw)
        yield at


def exponential(draw: Callable[[], float]) -> float:
    """One exponentially distributed number with mean 1, from uniform ones in `[0, 1)`.

    By comparing alone: J. von Neumann, "Various techniques used in connection with random digits", 1951.
    """
    whole = 0
    while True:
        first = last = draw()
        falling = 1
        while (this := draw()) <= last:
            last = this
            falling += 1
        if falling % 2:
            return whole + first
        whole += 1
