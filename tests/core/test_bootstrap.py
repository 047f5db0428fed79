import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.blocks import widened_quantile, widened_share
from bot.core.bootstrap import FEWEST, RESAMPLES, draws, likeness, share_bounds, stretches, student, weights
from bot.core.evidence import Block, Blocks, Histogram
from bot.core.proportions import bounds as share
from bot.core.quantiles import bounds, distribution, merge

histograms = st.dictionaries(st.integers(1, 10**7), st.integers(1, 50), max_size=12).map(
    lambda counts: Histogram(tuple(sorted(counts)), tuple(counts[value] for value in sorted(counts)))
)
permilles = st.sampled_from([500, 900, 950, 990, 999])


def blocks(latencies, failed=0):
    cut = (Block(10.0 * i, each.total - failed, failed, each) for i, each in enumerate(latencies))
    return Blocks(None, 10.0, tuple(cut))


def judged(latencies, permille=950):
    """The bounds by order statistics, and those that the blocks ask for."""
    sample = distribution(merge(latencies))
    narrow = bounds(sample, permille)
    return narrow, widened_quantile(narrow, sample, permille, blocks(latencies))


def test_the_draws_are_those_of_splitmix64_for_ever():
    assert weights(7, 5)[:3].tolist() == [[0, 2, 1, 1, 1, 0, 0], [1, 0, 1, 1, 1, 1, 0], [1, 1, 1, 0, 1, 0, 1]]
    assert weights(7, 5).sum(axis=1).tolist() == [5] * RESAMPLES
    assert not weights(7, 5).flags.writeable


def splitmix64(seed, size):
    """The generator by its definition, one number after the other."""
    state = seed
    for _ in range(size):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        mixed = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) % 2**64
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) % 2**64
        yield mixed ^ mixed >> 31


def test_the_generator_is_the_published_one():
    # The first numbers of the reference implementation from seed 1234567.
    assert list(splitmix64(1234567, 2)) == [6457827717110365317, 3203168211198807973]
    numbers = [(number >> 32) * 12 >> 32 for number in splitmix64(20_261_121, 8 * RESAMPLES)]
    rows = (numbers[i : i + 8] for i in range(0, 8 * RESAMPLES, 8))
    expected = [[row.count(place) for place in range(12)] for row in rows]
    assert weights(12, 8).tolist() == expected


@pytest.mark.parametrize(("freedom", "value"), [(5, 2.5706), (7, 2.3646), (11, 2.2010), (29, 2.0452), (119, 1.9801)])
def test_student_s_quantiles_are_those_of_the_tables(freedom, value):
    assert student(freedom) == pytest.approx(value, rel=0.002)


def test_few_or_alike_stretches_are_drawn_more_sparingly():
    assert [draws([1, 0] * (count // 2), [9] * count) for count in (6, 8, 12, 90, 120)] == [2, 4, 8, 86, 116]
    assert draws([0] * 6 + [9] * 6, [9] * 12) == 2
    assert draws([0] * 12, [9] * 12) == 8


def test_likeness_is_the_correlation_between_neighbours():
    chance = np.random.default_rng(5)
    wandering = np.zeros(2000)
    for i in range(1, 2000):
        wandering[i] = 0.6 * wandering[i - 1] + chance.normal()
    parts = np.round(500 + 20 * wandering).astype(int).tolist()
    assert likeness(parts, [1000] * 2000) == pytest.approx(0.6, abs=0.06)
    assert likeness([1, 0] * 20, [5] * 40) == 0
    assert likeness([5] * 10, [10] * 10) == 0


@given(st.lists(histograms, max_size=14), permilles)
def test_bounds_are_never_narrower_than_the_order_statistics(latencies, permille):
    narrow, wide = judged(latencies, permille)
    assert wide.low <= narrow.low
    assert wide.high >= narrow.high
    assert (wide.samples, str(wide.observed)) == (narrow.samples, str(narrow.observed))


@given(st.lists(histograms, max_size=14), permilles)
def test_ranks_lie_within_the_sample(latencies, permille):
    cut = stretches(latencies)
    assert (cut is None) is (sum(1 for each in latencies if each.total) < FEWEST)
    if cut is not None:
        low, high = cut.ranks(permille)
        assert 1 <= low <= high <= merge(latencies).total


@given(st.lists(histograms.filter(lambda each: each.total), min_size=6, max_size=9), permilles, st.data())
def test_resamples_are_those_of_a_plain_bootstrap(latencies, permille, data):
    """The fast way by bisection against adding up the drawn histograms one by one."""
    cut, sample = stretches(latencies), distribution(merge(latencies))
    place = sample.values.index(sample.at(max(1, -(-sample.total * permille // 1000))))
    parts = cut.cumulative[:, cut.values.tolist().index(sample.values[place])].tolist()
    drawn = weights(len(latencies), draws(parts, [each.total for each in latencies]))
    row = data.draw(st.integers(0, RESAMPLES - 1))
    times = drawn[row].tolist()
    again = distribution(merge(each for each, often in zip(latencies, times, strict=True) for _ in range(often)))
    rank = max(1, -(-again.total * permille // 1000))
    ranks = np.maximum(1, -(-(drawn @ cut.cumulative[:, -1]) * permille // 1000))
    found = cut._located(drawn, ranks, cut.cumulative.sum(axis=0))
    assert sample.at(int(found[row])) == again.at(rank)


def test_stretches_that_differ_widen_the_bounds_equal_ones_hardly():
    chance = random.Random(1)
    same = [Histogram(tuple(range(1000, 2000)), (1,) * 1000)] * 12
    apart = [
        Histogram(tuple(range(start, start + 1000)), (1,) * 1000) for start in chance.sample(range(1000, 3000), 12)
    ]
    narrow, wide = judged(same)
    assert wide == narrow
    narrow, wide = judged(apart)
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_too_few_stretches_leave_the_order_statistics_alone():
    apart = [Histogram((1000 * i,), (1000,)) for i in range(1, 6)]
    assert judged(apart)[0] == judged(apart)[1]
    assert judged([*apart, *[Histogram()] * 20])[0] == judged([*apart, *[Histogram()] * 20])[1]
    assert share_bounds([0, 9, 0, 9, 0], [10] * 5) is None


@pytest.mark.parametrize(
    "broken",
    [
        [Histogram((1, 2), (3,))] * 6,
        [Histogram((1000,), (-1,))] * 6,
        [Histogram((1000,), (5,))] * 7,
        [Histogram((999,), (6,))] * 6,
    ],
)
def test_blocks_of_another_sample_are_refused(broken):
    sample = distribution(merge([Histogram((1000,), (6,))] * 6))
    assert widened_quantile(bounds(sample, 950), sample, 950, blocks(broken)) is None


def test_coarser_buckets_are_the_same_sample():
    fine = [Histogram((1000, 1001, 1500 + i), (5, 5, 5)) for i in range(8)]
    coarse = [Histogram((1007, 1600), (10, 5)) for _ in range(8)]
    sample = distribution(merge(fine))
    assert widened_quantile(bounds(sample, 500), sample, 500, blocks(coarse)) is not None


def test_absurd_counts_are_left_to_the_order_statistics():
    huge = [Histogram((1000 * i,), (2**53,)) for i in range(1, 200)]
    assert stretches(huge) is None
    assert share_bounds([2**60] * 8, [2**61] * 8) is None


def test_bursts_of_failures_widen_the_bounds_evenly_spread_ones_do_not():
    even, burst = [10] * 12, [120] + [0] * 11
    for parts, widens in ((even, False), (burst, True)):
        cut = Blocks(None, 10.0, tuple(Block(0.0, 1000 - bad, bad, Histogram()) for bad in parts))
        narrow = share(120, 12_000)
        assert (widened_share(narrow, 120, cut) != narrow) is widens


@pytest.mark.parametrize("counts", [[(10, -1)] * 8, [(10, 1)] * 9, [(9, 2)] * 8, [(2**60, 1)] * 8])
def test_blocks_that_count_otherwise_are_refused(counts):
    cut = Blocks(None, 10.0, tuple(Block(0.0, ok, bad, Histogram()) for ok, bad in counts))
    assert widened_share(share(8, 88), 8, cut) is None


@given(st.lists(st.integers(0, 20), min_size=6, max_size=20))
def test_share_bounds_hold_the_share(parts):
    low, high = share_bounds(parts, [20] * len(parts))
    assert 0 <= low <= sum(parts) / (20 * len(parts)) <= high <= 1


def wandering(seed, seconds=120, rate=40, memory=0.8, swing=0.2):
    """Lognormal latencies whose level wanders from second to second, as twelve blocks of microseconds."""
    chance = np.random.default_rng(seed)
    level = np.zeros(seconds)
    level[0] = chance.normal(0, swing)
    for i in range(1, seconds):
        level[i] = memory * level[i - 1] + chance.normal(0, swing * (1 - memory**2) ** 0.5)
    latency = np.exp(np.log(20_000) + np.repeat(level, rate) + 0.6 * chance.normal(size=seconds * rate))
    return [_histogram(part) for part in np.split(latency, 12)]


def _histogram(latency):
    values, counts = np.unique(np.round(latency).astype(int) | 31, return_counts=True)
    return Histogram(tuple(values.tolist()), tuple(counts.tolist()))


def test_where_the_level_wanders_order_statistics_miss_the_truth_and_blocks_find_it():
    true = 0.020 * np.exp(1.6449 * (0.6**2 + 0.2**2) ** 0.5)
    found = [judged(wandering(seed)) for seed in range(150)]
    by_order = sum(narrow.low <= true <= narrow.high for narrow, _ in found) / 150
    by_blocks = sum(wide.low <= true <= wide.high for _, wide in found) / 150
    assert by_order < 0.6
    # Three standard deviations of 150 trials at 93 % are 6 %.
    assert by_blocks >= 0.88


def test_where_nothing_wanders_blocks_cost_little():
    found = [judged(wandering(seed, swing=0.0)) for seed in range(40)]
    wider = sum((wide.high - wide.low) / (narrow.high - narrow.low) for narrow, wide in found) / 40
    assert 1 <= wider < 1.5
