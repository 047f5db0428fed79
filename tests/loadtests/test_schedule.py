from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.schedule import Picker, arrivals_in, constant, marks

RATES = st.integers(1, 5000)
SECONDS = st.integers(0, 20)


@given(RATES, SECONDS, SECONDS)
def test_a_constant_rate_puts_its_exact_number_of_arrivals_into_the_window(rate, warmup, duration):
    offsets = list(islice(constant(rate, warmup, duration), 200_000))
    assert sum(offset >= 0 for offset in offsets) == rate * duration == arrivals_in(rate, duration)
    assert sum(offset < 0 for offset in offsets) == rate * warmup
    assert offsets == sorted(offsets)
    assert all(-warmup <= offset < duration for offset in offsets)


@given(st.floats(0.1, 1000), st.floats(0.1, 10))
def test_fractions_of_arrivals_do_not_add_up_to_another_one(rate, duration):
    exact = Fraction(rate) * Fraction(duration)
    assert exact - Fraction(1, 1000) <= arrivals_in(rate, duration) < exact + 1


@pytest.mark.parametrize(
    ("warmup", "duration", "expected"),
    [
        (0, 1, [1]),
        (2, 2, [-1, 0, 1, 2]),
        (1.5, 2.5, [-1, 0, 1, 2, 2.5]),
        (0.2, 0.5, [0, 0.5]),
    ],
)
def test_intervals_end_at_whole_seconds_and_at_both_ends_of_the_window(warmup, duration, expected):
    assert list(marks(warmup, duration)) == expected


@given(st.dictionaries(st.integers(), st.integers(1, 20), min_size=1, max_size=6))
def test_picks_follow_the_weights_exactly_over_each_round(weights):
    picker = Picker(weights)
    total = sum(weights.values())
    picked = [picker.pick() for _ in range(3 * total)]
    assert {key: picked.count(key) for key in weights} == {key: 3 * weight for key, weight in weights.items()}


def test_picks_are_spread_evenly():
    picker = Picker({"a": 2, "b": 1})
    assert "".join(picker.pick() for _ in range(6)) == "abaaba"


def test_nothing_to_pick_from_is_an_error():
    with pytest.raises(ValueError, match="nothing to pick"):
        Picker({"a": 0})
