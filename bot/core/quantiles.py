"""Quantiles of latency with distribution-free bounds by order statistics.

The point is the nearest-rank quantile, rank ceil(n p). The bounds are two order statistics whose ranks come from the
binomial(n, p) distribution, because exactly B(n, p) of n independent values lie at or below the true quantile
(David and Nagaraja, Order Statistics, 7.1): whatever the shape of the latency, they hold it in at least 95 % of cases.
Requests that follow each other are alike, so the true uncertainty is wider than these bounds: see `bootstrap`.

Histograms are HDR with three significant digits. A bucket is known by its highest equivalent value, so points and upper
bounds err upwards by at most 0.1 %; lower bounds use the lowest equivalent value. A rounded bucket can therefore
neither pass nor fail a limit that the raw values would not; at worst the result is INCONCLUSIVE.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, compress
from operator import lt
from statistics import NormalDist
from typing import Final

from bot.core.bounds import Bounds
from bot.core.evidence import Histogram
from bot.core.limits import Comparison, Limit

PERMILLE: Final = {"p50": 500, "p90": 900, "p95": 950, "p99": 990, "p99_9": 999, "p99.9": 999}
"""The quantiles an objective may name, in thousandths, so that ranks are whole-number arithmetic."""

TAIL: Final = 0.025
Z: Final = NormalDist().inv_cdf(1 - TAIL)

_MICROSECONDS: Final = 1e6
_LARGEST: Final = 2**53
_EXACT_VARIANCE: Final = 250_000.0
_BUCKET_BITS: Final = 11
_IMPRACTICAL: Final = 1e9


@dataclass(frozen=True, slots=True)
class Distribution:
    """Ascending values in microseconds and how many requests were at or below each."""

    values: tuple[int, ...]
    cumulative: tuple[int, ...]

    @property
    def total(self) -> int:
        """The number of requests."""
        return self.cumulative[-1] if self.cumulative else 0

    def at(self, rank: int) -> int:
        """The value of the request with that rank (1 is the fastest), in microseconds."""
        return self.values[bisect_left(self.cumulative, rank)]

    def within(self, limit: Limit) -> float:
        """The share of requests on the near side of a limit, that is below it, or at it where `<=` or `>` says so."""
        side = bisect_right if limit.comparison in (Comparison.AT_MOST, Comparison.ABOVE) else bisect_left
        index = side(self.values, limit.value, key=lambda value: value / _MICROSECONDS)
        return self.cumulative[index - 1] / self.total if index else 0.0


def coherent(histogram: Histogram) -> bool:
    """Whether every bucket has one count and all are numbers that a recorder can have written."""
    values, counts = histogram.values, histogram.counts
    return len(values) == len(counts) and _plausible(values) and _plausible(counts)


def _plausible(numbers: tuple[int, ...]) -> bool:
    # The sum tells of a NaN, which smallest and largest may hide.
    return not numbers or (min(numbers) >= 0 and max(numbers) <= _LARGEST and sum(numbers) >= 0)


def merge(histograms: Iterable[Histogram]) -> Histogram:
    """All histograms as one by adding the counts of equal buckets, which is exact; buckets ascend."""
    parts = tuple(histograms)
    if len(parts) == 1 and _ascends(parts[0].values):
        return parts[0]
    counts: dict[int, int] = {}
    for part in parts:
        for value, count in zip(part.values, part.counts, strict=False):
            counts[value] = counts.get(value, 0) + count
    values = tuple(sorted(counts))
    return Histogram(values, tuple(counts[value] for value in values))


def _ascends(values: tuple[int, ...]) -> bool:
    return all(map(lt, values, values[1:]))


def distribution(histogram: Histogram) -> Distribution:
    """The running totals of a coherent histogram; empty buckets are left out."""
    merged = merge((histogram,))
    return Distribution(
        tuple(compress(merged.values, merged.counts)), tuple(accumulate(count for count in merged.counts if count))
    )


def point(sample: Distribution, permille: int) -> float:
    """The nearest-rank quantile in seconds; NaN of nothing."""
    if not sample.total:
        return math.nan
    return sample.at(_nearest_rank(sample.total, permille)) / _MICROSECONDS


def bounds(sample: Distribution, permille: int) -> Bounds:
    """The nearest-rank quantile and its 95 % bounds in seconds; infinite where too few requests give no bound."""
    lower, upper = ranks(sample.total, permille)
    return Bounds(
        observed=point(sample, permille),
        low=-math.inf if lower is None else _lowest_equivalent(sample.at(lower)) / _MICROSECONDS,
        high=math.inf if upper is None else sample.at(upper) / _MICROSECONDS,
        samples=sample.total,
    )


def between(sample: Distribution, lower: int, upper: int) -> tuple[float, float]:
    """The bounds in seconds that two ranks stand for, each rounded outwards."""
    return _lowest_equivalent(sample.at(lower)) / _MICROSECONDS, sample.at(upper) / _MICROSECONDS


def _nearest_rank(total: int, permille: int) -> int:
    return max(1, -(-total * permille // 1000))


def _lowest_equivalent(value: int) -> int:
    # HDR with 3 digits keeps 2,048 sub-buckets: from 2,048 us on, the bits below the highest 11 are lost.
    lost = max(0, value.bit_length() - _BUCKET_BITS)
    return (value >> lost) << lost


@lru_cache(maxsize=512)
def ranks(total: int, permille: int) -> tuple[int | None, int | None]:
    """The ranks (l, u) with P(l-th value <= quantile <= u-th value) >= 95 %; None where no rank reaches that far.

    l is the largest with P(B <= l - 1) <= 2.5 %, u the smallest with P(B <= u - 1) >= 97.5 %, B ~ binomial(total, p).
    """
    if total <= 0:
        return None, None
    share = permille / 1000
    if total * share * (1 - share) > _EXACT_VARIANCE:
        return _normal_ranks(total, share)
    return _exact_ranks(total, share)


def _exact_ranks(total: int, share: float) -> tuple[int | None, int | None]:
    deviation = math.sqrt(total * share * (1 - share))
    # What lies more than ten deviations below the mean adds nothing that a float would notice.
    successes = max(0, math.floor(total * share - 10 * deviation - 10))
    probability = math.exp(_log_binomial(total, successes, share))
    odds = share / (1 - share)
    lower, cumulated = None, probability
    while cumulated < 1 - TAIL and successes < total:
        if cumulated <= TAIL:
            lower = successes + 1
        probability *= (total - successes) / (successes + 1) * odds
        successes += 1
        cumulated += probability
    return lower, successes + 1 if successes < total else None


def _log_binomial(total: int, successes: int, share: float) -> float:
    ways = math.lgamma(total + 1) - math.lgamma(successes + 1) - math.lgamma(total - successes + 1)
    return ways + successes * math.log(share) + (total - successes) * math.log1p(-share)


def _normal_ranks(total: int, share: float) -> tuple[int, int]:
    # Continuity takes half a rank and skewness (Cornish-Fisher) at most another half: both are given outwards.
    mean, spread = total * share, Z * math.sqrt(total * share * (1 - share))
    return max(1, math.floor(mean - spread)), min(total, math.ceil(mean + spread + 1))


def fewest(permille: int) -> int:
    """The fewest requests for which both bounds of the quantile exist: p^n <= 2.5 % and (1 - p)^n <= 2.5 %."""
    rarer = max(permille, 1000 - permille) / 1000
    return math.ceil(math.log(TAIL) / math.log(rarer))


def requests_to_settle(sample: Distribution, permille: int, limit: Limit) -> int | None:
    """About how many requests would take the limit out of the bounds if the latency stays as it is; None: no number.

    The quantile keeps the limit when at least the share p of requests does; with the observed share f the binomial
    bound leaves p out from n = z^2 p (1 - p) / (f - p)^2 on.
    """
    share = permille / 1000
    distance = abs(sample.within(limit) - share) if sample.total else share
    if distance * distance * _IMPRACTICAL < Z * Z * share * (1 - share):
        return None
    by_distance = math.ceil(Z * Z * share * (1 - share) / distance**2)
    return max(by_distance, fewest(permille), sample.total + 1)
