"""The time of a whole command, and the signals that end it: exceptions that nobody on the way takes for a failure."""

import contextlib
import os
import signal
import time

import pytest

from bot.cli import signals
from bot.cli.signals import guarded
from bot.errors import BotError, OutOfTime, Reason


def doing(work, deadline):
    """What a command comes to that does that work."""
    try:
        with guarded(deadline):
            work()
    except (BotError, KeyboardInterrupt) as error:
        return error
    raise AssertionError("it should not have ended by itself")


def test_whoever_calls_is_told_that_the_time_was_over():
    error = doing(lambda: time.sleep(20), 0.05)
    assert isinstance(error, BotError)
    assert (error.reason, error.sentence) == (Reason.DEADLINE_EXCEEDED, "The whole run did not end within 0 s.")


def test_what_goes_on_after_one_failure_does_not_go_on_when_the_time_is_over():
    begun = time.monotonic()

    def stubborn():
        for _ in range(3):
            with contextlib.suppress(Exception):
                time.sleep(20)

    assert isinstance(doing(stubborn, 0.05), BotError)
    assert time.monotonic() - begun < 10


def test_whoever_cleans_up_has_some_time_for_it_and_no_more(monkeypatch):
    monkeypatch.setattr(signals, "_GRACE_S", 0.2)
    times = []

    def slow():
        with contextlib.suppress(OutOfTime):
            time.sleep(20)
        times.append(time.monotonic())

    def hanging():
        slow()
        slow()
        time.sleep(20)

    assert isinstance(doing(hanging, 0.05), BotError)
    assert times[1] - times[0] > 0.1


def test_a_command_that_ends_in_time_is_left_alone_afterwards(monkeypatch):
    monkeypatch.setattr(signals, "_GRACE_S", 0.05)
    before = signal.getsignal(signal.SIGALRM)
    with guarded(0.05), contextlib.suppress(OutOfTime):
        time.sleep(20)
    time.sleep(0.2)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_an_interruption_and_no_matter_of_time(number):
    def told_to_end():
        os.kill(os.getpid(), number)
        time.sleep(20)

    error = doing(told_to_end, 60.0)
    assert isinstance(error, KeyboardInterrupt)
    assert not isinstance(error, OutOfTime)
