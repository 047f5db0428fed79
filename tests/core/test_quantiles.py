import math
import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.evidence import at_most, below, equivalent, histogram_of, lognormal

from bot.core.bounds import settle
from bot.core.evidence import Histogram
from bot.core.quantiles import (
    PERMILLE,
    TAIL,
    bounds,
    coherent,
    distribution,
    fewest,
    merge,
    point,
    ranks,
    requests_to_settle,
)
from bot.core.verdict import Result

permilles = st.sampled_from(sorted(set(PERMILLE.values())))
histograms = st.dictionaries(st.integers(1, 10**7), st.integers(0, 50), max_size=30).map(
    lambda counts: Histogram(tuple(sorted(counts)), tuple(counts[value] for value in sorted(counts)))
)


def binomial_cdf(total, share):
    return list(accumulate(math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(total + 1)))


@pytest.mark.parametrize("permille", sorted(set(PERMILLE.values())))
@pytest.mark.parametrize("total", [1, 2, 5, 6, 20, 100, 367, 368, 900])
def test_ranks_are_those_of_the_binomial_by_its_definition(total, permille):
    cdf = binomial_cdf(total, permille / 1000)
    below_low = [k for k in range(total) if cdf[k] <= TAIL]
    above_high = [k for k in range(total) if cdf[k] >= 1 - TAIL]
    assert ranks(total, permille) == (
        max(below_low) + 1 if below_low else None,
        min(above_high) + 1 if above_high else None,
    )


@pytest.mark.parametrize("permille", [500, 950, 999])
def test_the_normal_approximation_is_never_narrower_than_the_exact_ranks(permille):
    share = permille / 1000
    exact_total = int(249_000 / (share * (1 - share)))
    large_total = int(251_000 / (share * (1 - share)))
    low, high = ranks(exact_total, permille)
    far_low, far_high = ranks(large_total, permille)
    assert 0 <= (far_high - far_low) - (high - low) <= 10
    assert far_low < math.ceil(large_total * share) < far_high


def test_ranks_survive_absurd_totals():
    for total in (0, -5, 10**30, 10**200):
        assert ranks(total, 950) is not None


@pytest.mark.parametrize(("permille", "total"), [(500, 6), (900, 36), (950, 72), (990, 368), (999, 3688)])
def test_an_upper_bound_exists_from_the_fewest_requests_on(permille, total):
    assert fewest(permille) == total
    assert ranks(total, permille)[1] == total
    assert ranks(total - 1, permille)[1] is None


@pytest.mark.parametrize(
    ("permille", "latency"), [(500, 0.050), (900, 0.090), (950, 0.095), (990, 0.099), (999, 0.100)]
)
def test_the_point_is_the_nearest_rank(permille, latency):
    hundred = distribution(histogram_of([i / 1000 for i in range(1, 101)]))
    assert point(hundred, permille) == pytest.approx(latency, rel=0.001)


def test_nearest_rank_takes_no_float_by_surprise():
    thousand = distribution(Histogram(tuple(range(1, 1001)), (1,) * 1000))
    assert [round(point(thousand, permille) * 1e6) for permille in (500, 900, 950, 990, 999)] == [
        500,
        900,
        950,
        990,
        999,
    ]


@pytest.mark.parametrize("permille", [500, 950, 990])
def test_the_bounds_hold_the_true_quantile_in_95_of_100_cases(permille):
    chance = random.Random(permille)
    true = -math.log(1 - permille / 1000)
    held, trials = 0, 600
    for _ in range(trials):
        found = bounds(distribution(histogram_of(chance.expovariate(1) for _ in range(500))), permille)
        held += found.low <= true <= found.high
    # Three standard deviations of 600 trials are 2.7 %.
    assert held / trials >= 0.95 - 0.027


def test_nothing_has_no_quantile():
    empty = distribution(Histogram())
    assert math.isnan(point(empty, 950))
    assert bounds(empty, 950).samples == 0
    assert math.isinf(bounds(empty, 950).high)


def test_rounding_to_a_bucket_neither_fails_nor_passes_what_the_raw_value_would_not():
    just_at = Histogram((equivalent(1_500_000),), (100_000,))
    assert settle(at_most(1.5), bounds(distribution(just_at), 950)) is Result.INCONCLUSIVE
    assert settle(below(1.5), bounds(distribution(just_at), 950)) is not Result.PASS
    just_above = Histogram((equivalent(1_503_000),), (100_000,))
    assert settle(at_most(1.5), bounds(distribution(just_above), 950)) is Result.FAIL


@given(st.integers(1, 3_600_000_000))
def test_a_bucket_spans_its_raw_value_by_a_thousandth(microseconds):
    found = bounds(distribution(Histogram((equivalent(microseconds),), (10_000,))), 950)
    assert found.low <= microseconds / 1e6 <= found.high
    assert found.high - found.low <= 0.001 * found.high


@given(histograms, permilles)
def test_the_point_lies_within_its_bounds(histogram, permille):
    found = bounds(distribution(histogram), permille)
    assert math.isnan(found.observed) or found.low <= found.observed <= found.high


@given(histograms, permilles, st.integers(0, 10**7))
def test_slower_requests_never_improve_the_result(histogram, permille, shift):
    slower = Histogram(tuple(value + shift for value in histogram.values), histogram.counts)
    now, then = (bounds(distribution(each), permille) for each in (histogram, slower))
    assert settle(below(1.5), then).severity >= settle(below(1.5), now).severity


@given(st.lists(histograms, max_size=5))
def test_merging_adds_counts_exactly_in_any_order(parts):
    merged = merge(parts)
    assert merged == merge(reversed(parts))
    assert merged.total == sum(part.total for part in parts)
    assert list(merged.values) == sorted(set(merged.values))
    for value, count in zip(merged.values, merged.counts, strict=True):
        assert count == sum(dict(zip(part.values, part.counts, strict=True)).get(value, 0) for part in parts)


def test_merging_orders_even_a_single_unordered_histogram():
    assert merge([Histogram((5, 3, 5), (1, 2, 3))]) == Histogram((3, 5), (2, 4))


@pytest.mark.parametrize(
    "broken",
    [
        Histogram((1, 2), (3,)),
        Histogram((1, 2), (3, -1)),
        Histogram((-1, 2), (3, 1)),
        Histogram((1,), (math.nan,)),
        Histogram((1, 2, 3), (1, math.nan, 1)),
        Histogram((1, math.inf), (1, 1)),
        Histogram((1, 10**400), (1, 1)),
    ],
)
def test_a_contradictory_histogram_is_recognised(broken):
    assert not coherent(broken)


@given(histograms)
def test_a_recorded_histogram_is_coherent(histogram):
    assert coherent(histogram)


def test_the_size_that_would_settle_it_settles_it():
    limit = below(1.55)
    few = distribution(lognormal(300, 0.5, sigma=0.65, buckets=300))
    assert settle(limit, bounds(few, 950)) is Result.INCONCLUSIVE
    needed = requests_to_settle(few, 950, limit)
    assert needed > 300
    many = distribution(lognormal(needed * 3 // 2, 0.5, sigma=0.65, buckets=300))
    assert settle(limit, bounds(many, 950)) is not Result.INCONCLUSIVE


def test_too_few_requests_need_at_least_those_that_give_an_upper_bound():
    hundred = distribution(histogram_of([0.01] * 100))
    assert math.isinf(bounds(hundred, 990).high)
    assert requests_to_settle(hundred, 990, below(1.5)) >= fewest(990)
    assert requests_to_settle(distribution(histogram_of([0.01] * 3)), 500, below(1.5)) == fewest(500)


def test_a_value_at_its_limit_can_be_settled_by_no_number():
    half = distribution(Histogram((1_000, 2_000), (500, 500)))
    assert requests_to_settle(half, 500, at_most(0.001)) is None
