import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.follower import Follower

WANTS = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50)), min_size=1, max_size=30)


def follow(wants, users_of):
    """Steer once a second, and look half a second later at `users_of(what Locust would have)`."""
    follower, alive = Follower(), 0.0
    for second, (wanted, rate) in enumerate(wants):
        follower.steer(float(second), wanted, rate)
        alive = min(wanted, alive + rate)  # Locust begins at once, with a second's worth
        follower.look(second + 0.5, users_of(int(alive)))
    return follower


@given(WANTS)
def test_users_that_come_at_the_spawn_rate_are_never_missed(wants):
    assert follow(wants, lambda alive: alive).shortfall == 0


@given(st.integers(1, 200), st.integers(1, 200))
def test_users_that_never_come_back_are_missed_once_things_have_settled(wanted, gone):
    gone = min(wanted, gone)
    follower = follow([(wanted, 1000)] * 5, lambda alive: alive - gone)
    assert (follower.shortfall, follower.peak) == (gone, wanted)


@pytest.mark.parametrize(("looks", "shortfall"), [(2, 0), (3, 9)])
def test_nobody_is_missed_before_three_looks(looks, shortfall):
    assert follow([(9, 100)] * looks, lambda _alive: 0).shortfall == shortfall


def test_a_slow_ramp_is_expected_to_be_slow():
    follower = follow([(100, 2)] * 10, lambda alive: alive)
    assert follower.shortfall == 0
    assert follower.peak < 20
