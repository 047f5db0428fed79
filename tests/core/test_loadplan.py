import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.loadplan import OpenModel, Stretch, Workers

RATES = st.floats(0.1, 5000)
STRETCHES = st.builds(Stretch, st.floats(0.1, 600), RATES, RATES)
COURSES = st.lists(STRETCHES, max_size=6).map(tuple)
MOMENTS = st.floats(0, 4000)
SLICES = 4000


def model(course=(), rate=100.0):
    return OpenModel(rate, 10, course)


def rate_at(course, at):
    """The rate at a moment, looked up stretch by stretch."""
    for stretch in course:
        if at < stretch.seconds:
            return stretch.start + (stretch.end - stretch.start) * at / stretch.seconds
        at -= stretch.seconds
    return course[-1].end


def integral(course, until):
    """The midpoint rule between the bends, which is exact for straight lines."""
    bends = [0.0]
    for stretch in course:
        bends.append(bends[-1] + stretch.seconds)
    bends = [each for each in bends if each < until] + [until]
    pieces = itertools.pairwise(bends)
    return math.fsum((stop - start) * rate_at(course, (start + stop) / 2) for start, stop in pieces)


@given(COURSES.filter(bool), MOMENTS)
def test_the_planned_arrivals_are_the_integral_of_the_rate(course, until):
    assert model(course).arrivals(until) == pytest.approx(integral(course, until), rel=1e-6, abs=1e-6)


@given(COURSES.filter(bool), st.floats(1, 600))
def test_a_fine_sum_over_the_time_comes_to_the_same(course, until):
    step = until / SLICES
    summed = math.fsum(step * rate_at(course, (number + 0.5) * step) for number in range(SLICES))
    steepest = max(max(each.start, each.end) for each in course)
    assert model(course).arrivals(until) == pytest.approx(summed, abs=2 * len(course) * steepest * step + 1e-6)


@given(RATES, MOMENTS)
def test_without_a_course_the_rate_never_changes(rate, until):
    assert model((), rate).arrivals(until) == pytest.approx(rate * until)


@given(COURSES, MOMENTS, MOMENTS)
def test_more_time_never_plans_fewer_arrivals(course, one, other):
    early, late = sorted((one, other))
    assert model(course).arrivals(early) <= model(course).arrivals(late) * (1 + 1e-12)


def test_an_extension_goes_on_at_the_rate_of_the_end():
    ramp = model((Stretch(10, 0.0, 100.0),))
    assert ramp.arrivals(10) == 500
    assert ramp.arrivals(15) == 1000


def test_nothing_is_planned_for_no_time():
    assert model((Stretch(10, 50.0, 100.0),)).arrivals(0) == 0


@pytest.mark.parametrize(
    ("workers", "total", "distributed"),
    [(Workers(), 1, False), (Workers(2), 2, True), (Workers(1, 1), 2, True), (Workers(0, 1), 1, True)],
)
def test_one_local_process_needs_no_master(workers, total, distributed):
    assert (workers.total, workers.distributed) == (total, distributed)
