"""Bounds that allow for requests that follow each other being alike: a block bootstrap.

A busy service has good and bad stretches, so neighbouring requests say nearly the same thing twice, and bounds that
count each of them as new evidence are far too narrow: of lognormal latency whose level wanders with a memory of a few
seconds they hold the true p95 in a quarter of all runs. What is drawn again here are whole stretches of the window
(10 s) with everything that happened in them (Carlstein 1986), so a stretch weighs as much as it holds.

Few stretches, and stretches that are still alike, would leave the bounds too narrow. Therefore each resample draws only
m of n stretches, m = (n - 1) (z / t)^2 (1 - r) / (1 + r):

- n - 1 draws make the variance of a mean unbiased (Rao and Wu 1988),
- z / t, normal over Student's quantile with n - 1 degrees of freedom, gives its interval Student's width,
- r is how like its neighbour a stretch is: the lag-1 autocorrelation of what it adds to or takes from the share that is
  asked about, less its bias of about -(1 + 3 r) / n, from 0 to 0.8; (1 + r) / (1 - r) is by how much it widens the
  variance of a mean when what is alike fades like r, r^2, r^3 (Bartlett 1946).

The bounds are the 2.5 % and 97.5 % quantiles of the resamples, so they are values that were seen, on any scale. What
stays alike for as long as a tenth of the window, or never happened in it, no arithmetic on the window can show.

Nothing here is left to chance: the draws come from SplitMix64 (Steele, Lea and Flood 2014) started at `SEED`, and all
sums are of whole numbers, so that the same evidence has the same bounds on every machine, for ever.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.core.evidence import Histogram
from bot.core.quantiles import TAIL, Distribution, Z

SEED: Final = 20_261_121
FEWEST: Final = 6
"""Fewer stretches than this with requests in them say nothing about how stretches differ."""

RESAMPLES: Final = 2000
_GOLDEN: Final = 0x9E3779B97F4A7C15
_MIX_1: Final = 0xBF58476D1CE4E5B9
_MIX_2: Final = 0x94D049BB133111EB
_LARGEST: Final = 2**62
_MOST_ALIKE: Final = 0.8

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Latency of consecutive stretches: ascending bucket values, and running totals (stretch x bucket)."""

    values: Integers
    cumulative: Integers

    def adds_up_to(self, sample: Distribution) -> bool:
        """Whether these stretches are that sample cut up, as far as their buckets tell."""
        counted = (0, *sample.cumulative)
        places = (bisect_right(sample.values, value) for value in self.values.tolist())
        found = [counted[place] for place in places]
        return found == self.cumulative.sum(axis=0).tolist() and found[-1] == sample.total

    def ranks(self, permille: int) -> tuple[int, int]:
        """The 95 % bounds of the nearest-rank quantile, as ranks in all stretches together.

        Where buckets are coarse, requests are taken to lie in each as they do in all stretches together.
        """
        whole, totals = self.cumulative.sum(axis=0), self.cumulative[:, -1]
        place = int(np.argmax(whole >= _nearest_ranks(whole[-1:], permille)))
        drawn = weights(totals.size, draws(self.cumulative[:, place].tolist(), totals.tolist()))
        low, high = _tails(self._located(drawn, _nearest_ranks(drawn @ totals, permille), whole))
        return int(low), int(high)

    def _located(self, drawn: Integers, ranks: Integers, whole: Integers) -> Integers:
        """Each resample's rank as the rank that stands at the same place in the whole."""
        places = self._places(drawn, ranks)
        at, before = self._reached(drawn, places), self._reached(drawn, places - 1)
        whole_before = np.where(places, whole[places - 1], 0)
        within = (ranks - before) / (at - before) * (whole[places] - whole_before)
        return whole_before + np.maximum(1, np.ceil(within)).astype(np.int64)

    def _places(self, drawn: Integers, ranks: Integers) -> Integers:
        """For each resample the first bucket at which its running total reaches its rank, by bisection."""
        low = np.zeros(ranks.size, dtype=np.int64)
        high = np.full(ranks.size, self.values.size - 1, dtype=np.int64)
        for _ in range(int(self.values.size - 1).bit_length()):
            middle = (low + high) // 2
            reached = self._reached(drawn, middle) >= ranks
            high = np.where(reached, middle, high)
            low = np.where(reached, low, np.minimum(middle + 1, high))
        return high

    def _reached(self, drawn: Integers, places: Integers) -> Integers:
        """The running total of each resample at its own bucket; nothing before the first."""
        found: Integers = np.einsum("rs,rs->r", drawn, self.cumulative.T[places])
        return np.where(places < 0, 0, found)


def stretches(histograms: Sequence[Histogram]) -> Stretches | None:
    """These coherent histograms, without empty ones; None where fewer than `FEWEST` are left, or absurdly much."""
    filled = [each for each in histograms if each.total]
    if len(filled) < FEWEST or _absurd([each.total for each in filled]):
        return None
    values, counts = _table(filled)
    return Stretches(values, np.cumsum(counts, axis=1))


def _table(filled: Sequence[Histogram]) -> tuple[Integers, Integers]:
    """All bucket values that occur, ascending, and how often each does in each stretch."""
    given = np.concatenate([np.array(each.values, dtype=np.int64) for each in filled])
    numbers = np.concatenate([np.array(each.counts, dtype=np.int64) for each in filled])
    rows = np.repeat(np.arange(len(filled)), [len(each.values) for each in filled])
    values, places = np.unique(given, return_inverse=True)
    counts = np.zeros((len(filled), values.size), dtype=np.int64)
    np.add.at(counts, (rows, places), numbers)
    return values, counts


def _nearest_ranks(totals: Integers, permille: int) -> Integers:
    return np.maximum(1, -(-totals * permille // 1000))


def share_bounds(some: Sequence[int], totals: Sequence[int]) -> tuple[float, float] | None:
    """The 95 % bounds of a share whose stretches had so many of so many; None where too few had any."""
    filled = [(part, whole) for part, whole in zip(some, totals, strict=True) if whole]
    if len(filled) < FEWEST or _absurd(totals):
        return None
    parts, wholes = zip(*filled, strict=True)
    drawn = weights(len(filled), draws(parts, wholes))
    low, high = _tails((drawn @ np.array(parts, dtype=np.int64)) / (drawn @ np.array(wholes, dtype=np.int64)))
    return float(low), float(high)


def _absurd(totals: Sequence[int]) -> bool:
    # Beyond this a sum of draws would no longer be exact.
    return sum(totals) * len(totals) >= _LARGEST


def _tails(found: npt.NDArray[Any]) -> tuple[Any, Any]:
    ordered, outside = np.sort(found), int(TAIL * found.size) - 1
    return ordered[outside], ordered[-1 - outside]


@lru_cache(maxsize=8)
def weights(count: int, drawn: int) -> Integers:
    """How often each of `count` stretches is in each resample of `drawn`; read-only."""
    places = _below(count, RESAMPLES * drawn) + np.repeat(np.arange(RESAMPLES) * count, drawn)
    found: Integers = np.bincount(places, minlength=RESAMPLES * count).reshape(RESAMPLES, count)
    found.setflags(write=False)
    return found


def draws(parts: Sequence[int], wholes: Sequence[int]) -> int:
    """How many stretches each resample draws, of those that had so many of so many."""
    count, alike = len(wholes), likeness(parts, wholes)
    student_s = (count - 1) * (Z / student(count - 1)) ** 2
    return max(2, int(student_s * (1 - alike) / (1 + alike)))


def likeness(parts: Sequence[int], wholes: Sequence[int]) -> float:
    """The lag-1 autocorrelation of what each stretch has beyond its due part, less its bias, from 0 to 0.8."""
    share_of, of_all, count = sum(parts), sum(wholes), len(wholes)
    # Whole numbers, so that no order of adding can change the last digit.
    beyond = [part * of_all - share_of * whole for part, whole in zip(parts, wholes, strict=True)]
    spread = sum(each * each for each in beyond)
    if not spread:
        return 0.0
    alike: float = sum(before * after for before, after in pairwise(beyond)) / spread
    return min(_MOST_ALIKE, max(0.0, (count * alike + 1) / (count - 3)))


def student(freedom: int) -> float:
    """Student's 97.5 % quantile for at least five degrees of freedom, to 0.2 % (Abramowitz and Stegun 26.7.5)."""
    terms = (
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
    )
    return Z + sum(term / float(freedom) ** power for power, term in enumerate(terms, 1))


def _below(limit: int, size: int) -> Integers:
    """`size` numbers from 0 to `limit` - 1: the upper 32 bits of SplitMix64, times `limit`, their upper 32 bits."""
    mixed = np.arange(1, size + 1, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(SEED)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_MIX_1)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_MIX_2)
    mixed ^= mixed >> np.uint64(31)
    return (((mixed >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32)).astype(np.int64)
