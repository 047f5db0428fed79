from dataclasses import replace

import pytest

from bot.core.evidence import ResourceSample, ResourceSeries
from bot.core.series import gap, points, uncovered, unspanned

SERIES = ResourceSeries("app", "1@1", 1.0, 1.0, (), 0, "")


def test_two_readings_may_fall_outside_a_short_window():
    assert uncovered(SERIES, tuple(1.2 + i for i in range(14)), 16.0) is None
    assert uncovered(SERIES, tuple(1.2 + 1.09 * i for i in range(13)), 16.0)


def test_points_are_in_order_inside_the_window_and_known():
    readings = ((5.0, 3.0), (1.0, 2.0), (-1.0, 9.0), (11.0, 9.0), (3.0, None), (4.0, float("nan")), (6.0, -1.0))
    series = ResourceSeries("app", "1@1", 1.0, 1.0, tuple(ResourceSample(at, v, None) for at, v in readings), 0, "")
    assert points(series, 10.0, lambda sample: sample.memory) == ((1.0, 2.0), (5.0, 3.0))


@pytest.mark.parametrize(
    ("times", "found"),
    [((), (0.0, 10.0)), ((4.0, 8.0), (0.0, 4.0)), ((2.0, 8.0), (2.0, 8.0)), ((3.0, 6.0), (6.0, 10.0))],
)
def test_the_first_silence_too_long_is_found_at_the_edges_too(times, found):
    assert gap(times, 10.0, 3.0) == found
    assert gap((3.0, 6.0, 9.0), 10.0, 3.0) is None


def test_a_running_total_needs_its_ends_only():
    assert unspanned(SERIES, (1.0, 99.0), 100.0) is None
    assert unspanned(SERIES, (6.0, 99.0), 100.0)
    assert unspanned(SERIES, (1.0, 94.0), 100.0)


def every(interval):
    return replace(SERIES, interval=interval)


@pytest.mark.parametrize(
    ("interval", "times", "measured", "words"),
    [
        (15.0, (1.0, 16.0), 60.0, "only 2 of about 4 planned readings exist"),
        (15.0, (1.0, 16.0, 31.0), 60.0, "no reading from 31 s to 60 s"),
        (15.0, (1.0, 16.0, 31.0, 46.0, 61.0, 76.0), 120.0, "no reading from 76 s to 120 s"),
        (300.0, (10.0,), 900.0, "only 1 of about 3 planned readings exist"),
        (45.0, (30.0,), 60.0, "its interval of 45 s is too long for a window of 60 s"),
        (30.0, (29.0,), 60.0, "its interval of 30 s is too long for a window of 60 s"),
        (0.2, tuple(0.1 + 0.2 * i for i in range(8)), 3.0, "only 8 of about 15"),
    ],
)
def test_a_short_window_excuses_no_missing_half(interval, times, measured, words):
    assert words in uncovered(every(interval), times, measured)


@pytest.mark.parametrize("interval", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("measured", [3.0, 5.0])
@pytest.mark.parametrize("lost", range(6))
@pytest.mark.parametrize("phase", [0.01, 0.5, 0.99])
def test_a_healthy_probe_covers_a_short_window_though_a_beat_is_skipped(interval, measured, lost, phase):
    grid = tuple((phase + number) * interval for number in range(int(measured / interval)))
    kept = tuple(at for number, at in enumerate(grid) if number != lost)
    assert uncovered(every(interval), kept, measured) is None


@pytest.mark.parametrize(
    ("interval", "measured"), [(15.0, 60.0), (15.0, 120.0), (5.0, 30.0), (20.0, 60.0), (60.0, 900.0)]
)
@pytest.mark.parametrize("phase", [0.01, 0.3, 0.99])
@pytest.mark.parametrize("late", [0.0, 0.4])
def test_a_healthy_probe_with_a_long_interval_covers_its_window(interval, measured, phase, late):
    grid = tuple((phase + number) * interval + late * (number % 2) for number in range(int(measured / interval)))
    assert uncovered(every(interval), tuple(at for at in grid if at <= measured), measured) is None


def test_one_scrape_in_many_may_fail():
    grid = tuple(15.0 * number + 7 for number in range(60))
    for lost in range(60):
        assert uncovered(every(15.0), grid[:lost] + grid[lost + 1 :], 900.0) is None
