import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.robust import deviation, robust_z, spread

NIGHTS = st.lists(st.floats(0.001, 10), min_size=2, max_size=60)


@pytest.mark.parametrize("count", [5, 8, 20, 60])
def test_the_spread_of_normal_values_is_their_standard_deviation(count):
    chance = Random(count)
    found = [spread([chance.gauss(10, 2) for _ in range(count)]) for _ in range(2000)]
    assert sum(found) / len(found) == pytest.approx(2, rel=0.05)


@given(NIGHTS, st.floats(0.1, 10), st.floats(-5, 5))
def test_it_scales_with_the_values_and_does_not_move_with_them(values, scale, offset):
    moved = [value * scale + offset for value in values]
    assert spread(moved) == pytest.approx(spread(values) * scale, abs=1e-9)


def test_one_absurd_night_moves_nothing():
    nights = [0.14, 0.141, 0.139, 0.142, 0.138, 0.143, 0.137]
    assert spread([*nights, 1e6]) < 2 * spread(nights)


def test_a_value_or_none_spreads_nowhere():
    assert spread([]) == spread([3.0]) == deviation([1.0]) == 0


def test_z_counts_deviations_above_the_median_and_says_which_side():
    nights = [10.0 + step for step in (-2, -1, 0, 1, 2)] * 4
    assert robust_z(10.0, nights, 0.1) == 0
    assert robust_z(20.0, nights, 0.1) == pytest.approx(-robust_z(0.0, nights, 0.1))
    assert robust_z(20.0, nights, 0.1) > robust_z(15.0, nights, 0.1) > 0


def test_nights_that_are_equal_by_chance_have_the_least_spread():
    assert 2.7 < robust_z(0.13, [0.1] * 20, 0.01) < 3


@pytest.mark.parametrize(
    ("value", "nights"), [(1.0, []), (math.nan, [1.0, 2.0]), (1.0, [1.0, math.nan]), (math.inf, [1.0])]
)
def test_what_is_no_number_stands_out_from_nothing(value, nights):
    assert math.isnan(robust_z(value, nights, 0.1))
