import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.changepoints import FEWEST_AFTER, FEWEST_BEFORE, change_points

LEAST = 0.003


def series(*levels, seed=1, noise=0.04):
    """Nights at each (level, how many) in turn."""
    chance = Random(seed)
    return [level * (1 + chance.gauss(0, noise)) for level, count in levels for _ in range(count)]


@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_found_at_its_night_or_the_next_to_it(seed):
    (found,) = change_points(series((0.141, 20), (0.18, 10), seed=seed), LEAST)
    assert abs(found.index - 20) <= 1
    assert found.before == pytest.approx(0.141, rel=0.05)
    assert found.after == pytest.approx(0.18, rel=0.05)


def test_up_and_down_again_are_two_changes_in_their_order():
    found = change_points(series((0.1, 15), (0.2, 15), (0.1, 15)), LEAST)
    assert [each.index for each in found] == [15, 30]
    assert found[0].after > found[0].before
    assert found[1].after < found[1].before


def test_three_nights_are_enough_and_two_are_not():
    assert change_points(series((0.1, 20), (0.2, FEWEST_AFTER)), LEAST)
    assert not change_points(series((0.1, 20), (0.2, FEWEST_AFTER - 1)), LEAST)


@pytest.mark.parametrize("at", [0, 10, 19])
def test_an_odd_night_is_no_change(at):
    nights = series((0.141, 20))
    nights[at] *= 5
    assert change_points(nights, LEAST) == ()


def test_equal_nights_with_a_small_step_are_alike():
    assert change_points([0.1] * 20 + [0.101] * 10, 0.002) == ()
    assert change_points([0.1] * 20 + [0.2] * 10, 0.002)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40))
def test_whatever_the_numbers_there_is_an_answer_with_changes_in_order(values):
    found = [each.index for each in change_points(values, LEAST)]
    assert found == sorted(set(found))
    assert all(FEWEST_BEFORE <= index <= len(values) - FEWEST_AFTER for index in found)


@given(st.lists(st.floats(0.01, 10), max_size=40), st.floats(0.5, 2))
def test_the_unit_of_the_numbers_does_not_matter(values, scale):
    found = [each.index for each in change_points(values, 0.01)]
    # A power of two scales floats exactly, so that no tie is broken another way.
    exact = 2.0 ** round(math.log2(scale))
    assert [each.index for each in change_points([value * exact for value in values], 0.01 * exact)] == found
