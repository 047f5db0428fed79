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
