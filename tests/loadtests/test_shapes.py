import pytest

from loadtests import shapes
from loadtests.shapes import Shape


class Clock:
    """Both clocks of the process, moved by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Stages:
    """A shape like any other: one user more every second, for ten seconds."""

    def __init__(self, clock):
        self.clock = clock
        self.start_time = clock.now

    def reset_time(self):
        self.start_time = self.clock.now

    def tick(self):
        seconds = self.clock.now - self.start_time
        return (1 + int(seconds), 5) if seconds < 10 else None


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(shapes, "monotonic", clock)
    return clock


def ticks(shape, clock, *seconds):
    found = []
    for moment in seconds:
        clock.now = 1000.0 + moment
        found.append(shape.tick())
    return found


def test_a_shape_stands_at_its_beginning_until_the_window_begins_and_starts_with_it(clock):
    plain = Stages(clock)
    shape = Shape(plain, duration=10)
    assert ticks(plain, clock, 0, 3, 6) == [(1, 5)] * 3
    shape.begin(1007.0)
    assert ticks(plain, clock, 6.5, 7.25, 8.25, 16.75) == [(1, 5), (1, 5), (2, 5), (10, 5)]
    assert (shape.wanted, shape.error) == (10, None)


def test_a_shape_as_long_as_the_window_may_end_with_it_and_its_last_users_go_on(clock):
    plain = Stages(clock)
    shape = Shape(plain, duration=10)
    shape.begin(1000.0)
    assert ticks(plain, clock, 1, 9.5, 10.001, 14) == [(2, 5), (10, 5), (10, 5), (10, 5)]
    assert shape.error is None


def test_a_shape_that_ends_before_the_window_is_told_with_its_time(clock):
    plain = Stages(clock)
    shape = Shape(plain, duration=12)
    shape.begin(1000.0)
    assert ticks(plain, clock, 1, 10.5, 11.5) == [(2, 5)] * 3
    assert str(shape.error) == "The LoadTestShape ended after 10.5 s, before the measured time did."


@pytest.mark.parametrize("answer", ["x", (1,), (None, 2), 5])
def test_an_answer_that_makes_no_sense_is_an_error_in_words(clock, answer):
    plain = Stages(clock)
    plain.tick = lambda: answer
    shape = Shape(plain, duration=10)
    shape.begin(1000.0)
    assert ticks(plain, clock, 1) == [(0, 1)]
    assert str(shape.error).startswith("The LoadTestShape failed after 1.0 s: ")


def test_users_that_never_began_are_as_good_as_missing(clock):
    plain = Stages(clock)
    shape = Shape(plain, duration=10)
    shape.begin(1000.0)
    for second in range(1, 8):
        ticks(plain, clock, second)
        shape.look(clock.now, shape.wanted)
    assert shape.missing(begun=100) == 0
    assert shape.missing(begun=2) == 3  # of the 5 that had been there for a while
