import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.proportions import bounds, clopper_pearson, incomplete_beta, requests_to_settle


# Values of the exact interval as tabulated for the binomial (Clopper and Pearson 1934; R: binom.test).
@pytest.mark.parametrize(
    ("failed", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.3084971),
        (1, 10, 0.002528579, 0.4450161),
        (5, 10, 0.1870860, 0.8129140),
        (10, 10, 0.6915029, 1.0),
        (0, 1000, 0.0, 0.003682084),
        (2, 100, 0.002431337, 0.07038393),
    ],
)
def test_bounds_are_the_exact_ones(failed, total, low, high):
    assert clopper_pearson(failed, total) == pytest.approx((low, high), rel=1e-6)


def tail_from(failed, total, share):
    """P(B >= failed) by its definition."""
    return sum(math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(failed, total + 1))


@given(st.integers(1, 60), st.data())
def test_at_each_bound_the_tail_has_its_two_and_a_half_percent(total, data):
    failed = data.draw(st.integers(0, total))
    low, high = clopper_pearson(failed, total)
    if failed:
        assert tail_from(failed, total, low) == pytest.approx(0.025, rel=1e-6)
    if failed < total:
        assert 1 - tail_from(failed + 1, total, high) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "x", "value"), [(1, 1, 0.3, 0.3), (2, 3, 0.5, 0.6875), (0.5, 0.5, 0.5, 0.5), (5, 1, 0.9, 0.9**5)]
)
def test_incomplete_beta_has_its_known_values(a, b, x, value):
    assert incomplete_beta(a, b, x) == pytest.approx(value, rel=1e-12)


def test_no_failures_leave_three_point_seven_in_n():
    for total in (200, 5_000, 1_000_000):
        assert bounds(0, total).high == pytest.approx(3.689 / total, rel=0.01)
        assert bounds(0, total).low == 0


def test_above_ten_million_requests_the_approximation_takes_over_without_a_step():
    exact, near = bounds(100_000, 10_000_000), bounds(100_000, 10_000_001)
    assert near.low == pytest.approx(exact.low, rel=1e-5)
    assert near.high == pytest.approx(exact.high, rel=1e-5)


@given(st.integers(1, 2**60), st.data())
def test_the_share_lies_within_its_bounds(total, data):
    found = bounds(data.draw(st.integers(0, total)), total)
    assert 0 <= found.low <= found.observed <= found.high <= 1


@given(st.integers(2, 100_000), st.data())
def test_more_failures_never_lower_a_bound(total, data):
    failed = data.draw(st.integers(0, total - 1))
    less, more = bounds(failed, total), bounds(failed + 1, total)
    assert more.low >= less.low
    assert more.high >= less.high


def test_the_bounds_hold_the_true_share_in_95_of_100_cases():
    chance = random.Random(7)
    held = 0
    for _ in range(400):
        failed = sum(chance.random() < 0.02 for _ in range(300))
        low, high = clopper_pearson(failed, 300)
        held += low <= 0.02 <= high
    assert held / 400 >= 0.95 - 0.033


@pytest.mark.parametrize(("failed", "total", "limit"), [(0, 100, 0.02), (3, 200, 0.02), (26, 1000, 0.02)])
def test_the_size_that_would_settle_it_settles_it(failed, total, limit):
    now = bounds(failed, total)
    assert now.low < limit < now.high
    needed = requests_to_settle(failed, total, limit) * 5 // 4
    then = bounds(round(needed * failed / total), needed)
    assert not then.low < limit < then.high


@pytest.mark.parametrize("limit", [0.0, -1.0, 1.0, math.nan, 0.02])
def test_a_share_at_an_impossible_or_equal_limit_is_settled_by_no_number(limit):
    assert requests_to_settle(2, 100, limit) is None
