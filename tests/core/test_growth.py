import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import traces

from bot.core.growth import growth, trend

LIMIT = 0.10
SOAK = (900.0, 1.0)


def trace(shape, window, seed=0):
    """Readings at a random phase of the interval; `shape` maps chance to a function of time giving the level."""
    duration, interval = window
    chance = random.Random(seed)
    level = shape(chance)
    start = chance.random() * interval
    times = (start + interval * i for i in range(int(duration / interval)))
    return tuple((at, 1e8 * level(at)) for at in times if at <= duration)


def flat(noise):
    return lambda chance: lambda _: 1 + chance.gauss(0, noise)


def leak(total, duration, noise=0.01):
    return lambda chance: lambda at: (1 + total * at / duration) * (1 + chance.gauss(0, noise))


def sawtooth(period, height, total=0.0, duration=900.0):
    def shape(chance):
        phase = chance.random()
        return lambda at: 1 + total * at / duration + height * ((at / period + phase) % 1) + chance.gauss(0, 0.005)

    return shape


def judged(shape, window, trials=30):
    """How often (pass, inconclusive, fail) against 10 %, over seeds."""
    duration = window[0]
    found = [growth(trace(shape, window, seed), duration) for seed in range(trials)]
    passed = sum(each.high < LIMIT and each.rise < LIMIT for each in found)
    failed = sum(each.low >= LIMIT for each in found)
    return passed, trials - passed - failed, failed


@pytest.mark.parametrize(
    "shape",
    [flat(0.0), flat(0.01), flat(0.03), sawtooth(5, 0.3), sawtooth(30, 0.3)],
    ids=["still", "1 %", "3 %", "sawtooth 5 s", "sawtooth 30 s"],
)
def test_a_service_without_a_leak_passes_a_fifteen_minute_soak(shape):
    assert judged(shape, SOAK) == (30, 0, 0)


def test_a_sawtooth_of_a_minute_is_never_called_a_leak():
    passed, _, failed = judged(sawtooth(60, 0.3), SOAK)
    assert failed == 0
    assert passed >= 28


@pytest.mark.parametrize(
    "shape",
    [leak(0.15, 900, 0.02), leak(0.5, 900, 0.02), sawtooth(5, 0.3, 0.2), sawtooth(30, 0.3, 0.2)],
    ids=["15 %", "50 %", "sawtooth 5 s", "sawtooth 30 s"],
)
def test_a_leak_fails_a_fifteen_minute_soak(shape):
    assert judged(shape, SOAK) == (0, 0, 30)


def test_what_is_too_noisy_to_tell_is_inconclusive_rather_than_failed():
    _, inconclusive, failed = judged(sawtooth(240, 0.3), SOAK)
    assert (inconclusive, failed) == (30, 0)


@pytest.mark.parametrize("interval", [0.5, 1.0])
@pytest.mark.parametrize("noise", [0.0, 0.005, 0.01])
def test_a_flat_service_passes_a_soak_of_sixteen_seconds(interval, noise):
    assert judged(flat(noise), (16.0, interval)) == (30, 0, 0)


@pytest.mark.parametrize("interval", [0.5, 1.0])
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
def test_three_percent_a_second_fail_a_soak_of_sixteen_seconds(interval, noise):
    assert judged(leak(0.48, 16, noise), (16.0, interval)) == (0, 0, 30)


def test_caches_that_fill_in_the_first_third_are_no_leak():
    filling = lambda chance: lambda at: 1 + 0.3 * min(1.0, at / 250) + chance.gauss(0, 0.01)  # noqa: E731 - a shape
    assert judged(filling, SOAK) == (30, 0, 0)


def test_bursts_that_grow_over_a_steady_floor_are_no_leak():
    bursting = lambda chance: lambda at: 1 + (at / 900 if chance.random() < 0.3 else 0)  # noqa: E731 - a shape
    assert judged(bursting, SOAK) == (30, 0, 0)


def test_growth_after_settling_is_relative_to_the_settled_level():
    filled = lambda _: lambda at: 1 + 0.3 * min(1.0, at / 250) + 0.117 * at / 900  # noqa: E731 - a shape
    assert growth(trace(filled, SOAK), 900.0).observed == pytest.approx(0.117 / 1.3, abs=0.001)


def test_a_short_soak_settles_in_a_quarter_of_its_time_a_long_one_in_a_third():
    short = tuple((1.5 * i, 1e8) for i in range(11))
    assert growth(short, 16.0) is not None
    assert growth(tuple((at * 60, level) for at, level in short), 16.0 * 60) is None


def test_a_late_step_never_passes_for_flat():
    stepping = lambda chance: lambda at: (1.2 if at > 760 else 1.0) + chance.gauss(0, 0.005)  # noqa: E731 - a shape
    passed, _, _ = judged(stepping, SOAK)
    assert passed == 0


def test_growth_is_relative_to_the_start_and_over_the_whole_window():
    found = growth(trace(leak(0.30, 900, 0.0), SOAK), 900.0)
    assert found.observed == pytest.approx(0.30, abs=0.001)
    assert found.rise < found.observed


def test_a_steeper_trace_never_shows_less_growth():
    found = [growth(trace(leak(total, 900), SOAK, seed=3), 900.0).observed for total in (0, 0.1, 0.2, 0.5, 1, 3)]
    assert found == sorted(found)


def test_the_bounds_hold_the_true_growth_in_most_cases():
    found = [growth(trace(leak(0.1, 900, 0.03), SOAK, seed), 900.0) for seed in range(100)]
    assert sum(each.low <= 0.1 <= each.high for each in found) >= 90


def test_a_level_never_falls_below_the_smallest_reading():
    # A line through explosive growth would start below zero; the growth must stay a number, and a large one.
    found = growth(trace(lambda _: lambda at: 1 + (at / 300) ** 4, SOAK), 900.0)
    assert found.low > 1


@pytest.mark.parametrize("readings", [(), ((1.0, 5.0),), tuple((float(at), 5.0) for at in range(8))])
def test_too_few_readings_show_no_trend(readings):
    assert growth(readings, 16.0) is None


def test_no_memory_at_all_has_no_relative_growth():
    assert growth(tuple((float(at), 0.0) for at in range(100)), 100.0) is None


@given(
    st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e18)), max_size=60), st.floats(min_value=1e-9, max_value=1e9)
)
def test_whatever_was_read_there_is_an_answer(readings, measured):
    found = growth(tuple(sorted(readings)), measured)
    assert found is None or found.samples == len(readings)


# --- services as they are


def verdicts(habits, duration, interval, trials=120, **shape):
    """How often of 100 (pass, inconclusive, fail) against 10 %, over seeds."""
    found = [growth(traces.trace(habits, duration, interval, seed, **shape), duration) for seed in range(trials)]
    passed = sum(each.high < LIMIT and each.rise < LIMIT for each in found)
    failed = sum(each.low >= LIMIT for each in found)
    return tuple(100 * number / trials for number in (passed, trials - passed - failed, failed))


def test_a_healthy_service_that_warms_up_breathes_and_steps_passes_a_quarter_of_an_hour():
    passed, _, failed = verdicts(traces.QUARTER_HOUR, 900.0, 1.0)
    assert passed >= 95
    assert failed == 0


def test_one_that_grows_by_a_fifth_fails_a_quarter_of_an_hour():
    assert verdicts(traces.QUARTER_HOUR, 900.0, 1.0, leak=0.20)[2] >= 95


def test_a_healthy_night_with_a_plateau_step_passes():
    passed, _, failed = verdicts(traces.NIGHT, 28_800.0, 30.0, stepped=1)
    assert passed >= 95
    assert failed <= 1


def test_two_percent_an_hour_fail_a_night():
    assert verdicts(traces.NIGHT, 28_800.0, 30.0, leak=0.16)[2] >= 95


@pytest.mark.parametrize(
    ("habits", "window"), [(traces.QUARTER_HOUR, (900.0, 1.0)), (traces.NIGHT, (28_800.0, 30.0))], ids=["15 min", "8 h"]
)
def test_a_large_step_in_the_last_tenth_hardly_ever_passes_and_never_convicts(habits, window):
    passed, _, failed = verdicts(habits, *window, late_step=0.25)
    assert passed <= 10
    assert failed == 0


def stepping(height, at=500.0, total=0.0):
    def shape(chance):
        return lambda now: 1 + total * now / 900 + (height if now > at else 0.0) + chance.gauss(0, 0.002)

    return shape


def test_one_step_is_not_carried_on_as_a_slope():
    found = growth(trace(stepping(0.08), SOAK), 900.0)
    assert found.observed == pytest.approx(0.08, abs=0.005)
    assert -0.01 < found.low < 0.01
    assert 0.08 < found.high < 0.1


def test_one_step_convicts_nobody_a_slope_beside_it_does():
    assert growth(trace(stepping(0.5), SOAK), 900.0).low < LIMIT < growth(trace(stepping(0.5), SOAK), 900.0).high
    assert growth(trace(stepping(0.1, total=0.3), SOAK), 900.0).low > LIMIT


def test_the_trend_is_the_line_that_was_judged():
    readings = trace(leak(0.3, 900, 0.001), SOAK)
    (start, low), (end, high) = trend(readings, 900.0)
    assert (start, end) == (0.0, 900.0)
    assert low == pytest.approx(1e8, rel=0.005)
    assert high / low - 1 == pytest.approx(growth(readings, 900.0).observed)


def test_the_trend_of_a_step_goes_up_where_it_stepped():
    readings = trace(stepping(0.08), SOAK)
    first, before, after, last = trend(readings, 900.0)
    assert before[0] == after[0] == pytest.approx(500, abs=30)
    assert after[1] - before[1] == pytest.approx(0.08e8, rel=0.05)
    assert last[1] / first[1] - 1 == pytest.approx(growth(readings, 900.0).observed)


def test_without_growth_there_is_no_trend():
    assert trend((), 16.0) is None


def test_a_slow_sawtooth_without_a_leak_never_fails():
    chance = random.Random(5)
    for _ in range(60):
        _, _, failed = judged(sawtooth(chance.uniform(200, 600), 0.3), SOAK, trials=1)
        assert failed == 0


def test_what_grew_while_settling_is_known():
    doubled = trace(lambda _: lambda at: 1 + min(1.0, at / 280), SOAK)
    found = growth(doubled, 900.0)
    assert (found.observed, found.settled_at) == (pytest.approx(0.0, abs=1e-6), 300.0)
    assert found.settling == pytest.approx(1.0, abs=0.03)
    assert growth(trace(flat(0.01), SOAK), 900.0).settling < 0.03
