import math
import subprocess
import sys
from fractions import Fraction
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.loadplan import OpenModel, Spacing, Stretch
from loadtests.course import Leg
from loadtests.schedule import Picker, Schedule, Share, Timetable, next_mark

RATES = st.integers(1, 3000)
SECONDS = st.integers(0, 5)
ANY_RATE = st.one_of(st.just(0.0), st.floats(0.01, 400).map(lambda rate: round(rate, 2)))
STRETCHES = st.builds(Stretch, st.floats(0.1, 6).map(lambda seconds: round(seconds, 1)), ANY_RATE, ANY_RATE)
COURSES = st.lists(STRETCHES, min_size=1, max_size=4).map(tuple)
SPACINGS = st.sampled_from(Spacing)


def model(course=(), spacing=Spacing.EVEN, seed=0, rate=100.0):
    return OpenModel(rate, 10, course, spacing, seed)


def length(course):
    return float(sum(Fraction(str(stretch.seconds)) for stretch in course))


def integral(course, moment):
    """How many arrivals the course plans until then, in exact numbers."""
    total, begin = Fraction(0), Fraction(0)
    for stretch in course:
        seconds, start, end = (Fraction(str(each)) for each in (stretch.seconds, stretch.start, stretch.end))
        part = min(seconds, max(Fraction(0), moment - begin))
        total += part * (start + start + (end - start) * part / seconds) / 2
        begin += seconds
    return total + max(Fraction(0), moment - begin) * Fraction(str(course[-1].end))


def window(times):
    return [time for time in times if time >= 0]


@settings(deadline=None)
@given(RATES, SECONDS, SECONDS)
def test_a_constant_rate_puts_its_exact_number_of_arrivals_into_the_window(rate, warmup, duration):
    offsets = list(islice(Timetable(model(rate=rate), warmup, duration), 200_000))
    assert sum(offset >= 0 for offset in offsets) == rate * duration
    assert sum(offset < 0 for offset in offsets) == rate * warmup
    assert offsets == sorted(offsets)
    assert all(-warmup <= offset < duration for offset in offsets)


@settings(deadline=None)
@given(st.floats(0.1, 1000), st.floats(0.1, 10))
def test_fractions_of_arrivals_do_not_add_up_to_another_one(rate, duration):
    found = sum(1 for _ in Timetable(model(rate=rate), 0, duration))
    exact = Fraction(rate) * Fraction(duration)
    assert exact - Fraction(1, 1000) <= found < exact + 1


@pytest.mark.parametrize(
    ("rate", "duration", "expected"), [(0.1, 10, 1), (0.7, 10, 7), (1 / 3, 9, 3), (100.1, 10, 1001)]
)
def test_decimal_fractions_mean_what_they_say(rate, duration, expected):
    assert sum(1 for _ in Timetable(model(rate=rate), 0, duration)) == expected


@settings(deadline=None)
@given(COURSES)
def test_as_many_arrivals_as_the_integral_of_the_rate_says_each_where_it_reaches_its_number(course):
    found = list(Timetable(model(course), 0, length(course)))
    planned = integral(course, Fraction(str(length(course))))
    assert len(found) == math.ceil(planned - Fraction(1, 1_000_000))
    assert found == sorted(found)
    for number, time in list(enumerate(found))[:: max(1, len(found) // 20)]:
        assert integral(course, Fraction(time)) == pytest.approx(number, abs=1e-4)


def test_the_plan_of_the_bot_and_the_schedule_agree_on_how_many():
    course = (Stretch(10, 0, 100), Stretch(5, 100, 100), Stretch(1, 400, 400), Stretch(10, 100, 0))
    assert sum(1 for _ in Timetable(model(course), 0, 26)) == model(course).arrivals(26) == 1900


def test_late_times_of_a_long_run_are_as_exact_as_early_ones():
    day, rate = 24 * 3600, 10_000
    leg = Leg(Fraction(day), Fraction(10), Fraction(rate), Fraction(rate), Fraction(day * rate) + Fraction(1, 2))
    when = leg.clock()
    assert [when(day * rate + number) for number in (1, 2, 99_999)] == [
        day + 0.5 / rate,
        day + 1.5 / rate,
        day + 99_998.5 / rate,
    ]


def test_nothing_is_drawn_before_it_is_asked_for():
    times = Timetable(model(rate=10_000, spacing=Spacing.POISSON), 0, 10**7)
    assert len(list(islice(times, 1000))) == 1000


@settings(deadline=None)
@given(COURSES, SPACINGS, st.integers(0, 2**63), st.floats(0, 3))
def test_the_warm_up_goes_at_the_rate_of_the_beginning_and_changes_nothing_in_the_window(course, spacing, seed, warmup):
    plan = model(course, spacing, seed)
    found = list(Timetable(plan, warmup, length(course)))
    before = [time for time in found if time < 0]
    assert found == sorted(found)
    assert window(found) == list(Timetable(plan, 0, length(course)))
    assert all(-warmup - 1e-9 <= time for time in before)
    if spacing is Spacing.EVEN:
        planned = Fraction(str(course[0].start)) * Fraction(str(warmup))
        assert len(before) == math.floor(planned + Fraction(1, 1_000_000))


@settings(deadline=None)
@given(COURSES, SPACINGS, st.floats(0.1, 30), st.floats(0.1, 5), st.integers(0, 99))
def test_an_extension_is_what_a_longer_window_would_have_had(course, spacing, duration, more, ahead):
    duration, more = round(duration, 1), round(more, 1)
    plan = model(course, spacing, 3)
    longer = list(Timetable(plan, 1, float(Fraction(str(duration)) + Fraction(str(more)))))
    at_once, exhausted = Timetable(plan, 1, duration), Timetable(plan, 1, duration)
    first = list(islice(at_once, ahead))
    at_once.extend(more)
    assert first + list(at_once) == pytest.approx(longer)
    first = list(exhausted)
    assert next(exhausted, None) is None
    exhausted.extend(more)
    assert first + list(exhausted) == pytest.approx(longer)


def test_beyond_its_course_the_rate_stays_as_it_was_at_the_end():
    times = Timetable(model((Stretch(2, 0, 10),)), 0, 2)
    assert sum(1 for _ in times) == 10
    times.extend(3)
    assert list(times) == pytest.approx([2 + number / 10 for number in range(30)])


@settings(deadline=None)
@given(COURSES, SPACINGS, st.integers(1, 5), st.dictionaries(st.text(), st.floats(0.1, 9), min_size=1, max_size=4))
def test_the_shares_of_all_workers_are_the_whole_exactly(course, spacing, total, weights):
    plan, duration = model(course, spacing, 11), length(course)

    def share(index, of):
        schedule = Schedule(Timetable(plan, 0.5, duration), weights, Share(index, of))
        found = list(schedule)
        schedule.extend(0.7)
        return found + list(schedule)

    whole = share(0, 1)
    parts = [share(index, total) for index in range(total)]
    assert parts == [whole[index::total] for index in range(total)]


@pytest.mark.parametrize("seed", [0, 1, 2**70])
def test_random_arrivals_come_at_the_planned_rate_and_as_irregularly_as_strangers(seed):
    found = list(Timetable(model(rate=1000.0, spacing=Spacing.POISSON, seed=seed), 0, 100))
    gaps = [later - earlier for earlier, later in pairwise(found)]
    mean = sum(gaps) / len(gaps)
    spread = sum((gap - mean) ** 2 for gap in gaps) / len(gaps) / mean**2
    assert mean == pytest.approx(0.001, rel=0.02)  # 6 standard errors
    assert spread == pytest.approx(1, rel=0.08)
    assert sum(gap > 0.003 for gap in gaps) / len(gaps) == pytest.approx(math.exp(-3), rel=0.1)
    counts = [sum(1 for time in found if second <= time < second + 1) for second in range(0, 100, 10)]
    assert max(counts) > min(counts)


def test_random_arrivals_follow_the_course():
    ramp = (Stretch(50, 0, 1000), Stretch(50, 1000, 0))
    found = list(Timetable(model(ramp, Spacing.POISSON, 5), 0, 100))
    assert len(found) == pytest.approx(50_000, rel=0.03)
    assert sum(time < 25 for time in found) == pytest.approx(6_250, rel=0.08)
    assert sum(25 <= time < 50 for time in found) == pytest.approx(18_750, rel=0.05)


EXPECTED = [
    *("0.00473659421919327", "0.0075497472697867276", "0.008602219856823096"),
    *("0.02057776625628", "0.023404636806452554", "0.03901565889528619"),
]


def test_the_same_seed_gives_the_same_times_whatever_the_hash_seed_and_another_gives_others():
    code = (
        "from itertools import islice\n"
        "from bot.core.loadplan import OpenModel, Spacing\n"
        "from loadtests.schedule import Timetable\n"
        "print(*islice(Timetable(OpenModel(100.0, 1, (), Spacing.POISSON, 42), 0.02, 9), 6))"
    )
    for hash_seed in ("0", "77"):
        environment = {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.split() == EXPECTED
    other = Timetable(model(rate=100.0, spacing=Spacing.POISSON, seed=43), 0.02, 9)
    assert list(map(str, islice(other, 6))) != EXPECTED


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
    marks = [-warmup]
    while marks[-1] < duration:
        marks.append(next_mark(marks[-1], duration))
    assert marks[1:] == expected


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
