import pytest

from bot.core.cpu import mean_share


def test_the_mean_is_weighted_by_time():
    # 1 s of full use, then 9 s of rest, read at uneven moments: 10 %, whatever the readings in between.
    assert mean_share(((0.0, 5.0), (1.0, 6.0), (10.0, 6.0)), cores=1.0) == pytest.approx(0.1)


def test_a_gap_between_readings_costs_nothing():
    whole = tuple((float(at), at * 0.4) for at in range(100))
    gapped = tuple(reading for reading in whole if not 20 < reading[0] < 60)
    assert mean_share(gapped, 1.0) == pytest.approx(mean_share(whole, 1.0))


def test_a_share_is_of_the_cores_there_are():
    assert mean_share(((0.0, 0.0), (10.0, 14.0)), cores=2.0) == pytest.approx(0.7)


@pytest.mark.parametrize("readings", [(), ((1.0, 5.0),), ((1.0, 5.0), (1.0, 6.0))])
def test_less_than_two_readings_apart_give_no_mean(readings):
    assert mean_share(readings, 1.0) is None


def test_a_counter_that_runs_backwards_is_not_believed():
    assert mean_share(((0.0, 5.0), (1.0, 1.0), (2.0, 9.0)), 1.0) is None


@pytest.mark.parametrize("cores", [0.0, -1.0, float("nan")])
def test_without_cores_there_is_no_share(cores):
    assert mean_share(((0.0, 0.0), (10.0, 14.0)), cores) is None
