import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.ticker import Ticker, next_due, stop


@given(st.integers(0, 1000), st.integers(0, 100_000), st.integers(1, 1000))
def test_the_next_tick_is_the_first_one_of_the_grid_after_now(first, later, interval):
    due = next_due(first, first + later, interval)
    assert (due - first) % interval == 0
    assert 0 < due - (first + later) <= interval


def test_ticks_that_took_too_long_are_left_out_not_caught_up():
    assert [next_due(100.0, now, 1.0) for now in (100.25, 105.5, 106.25)] == [101.0, 106.0, 107.0]


def test_the_first_tick_waits_as_told_and_stopping_ends_the_waiting_at_once():
    ticks = []
    patient = Ticker("patient", lambda: ticks.append("patient"), interval=3600, first_in=3600)
    prompt = threading.Event()
    eager = Ticker("eager", prompt.set, interval=3600)
    assert prompt.wait(10)
    stop([patient, eager])
    assert ticks == []
    until = time.monotonic() + 5
    while (
        left := {thread.name for thread in threading.enumerate()} & {"patient", "eager"}
    ) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left
