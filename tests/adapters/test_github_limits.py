"""How long GitHub wants to be left alone, and how fast the bot may write: bounded whatever the headers say."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scripted import START, HandClock

from bot.adapters.github.limits import Limits, Pace, Patience, asked_wait, backoff
from bot.errors import BotError, Reason

NAMES = ("retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date")
HEADER = st.text(max_size=40) | st.integers(-5, 10**13).map(str) | st.just("0") | st.just(format_datetime(START))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "5"}, 5),
        ({"retry-after": "0"}, 1),
        ({"retry-after": format_datetime(START + timedelta(seconds=90), usegmt=True)}, 90),
        ({"retry-after": "5", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999"}, 5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(START.timestamp()) + 9)}, 10),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(START.timestamp()) - 9)}, 1),
        ({"x-ratelimit-remaining": "14", "x-ratelimit-reset": str(int(START.timestamp()) + 9)}, 60),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, 60),
        ({"retry-after": "in a while"}, 60),
        ({}, 60),
    ],
)
def test_the_wait_is_the_one_that_is_named_and_a_minute_where_none_is(headers, seconds):
    assert asked_wait(headers, START) == seconds


@given(st.dictionaries(st.sampled_from(NAMES), HEADER))
def test_no_header_makes_a_wait_that_is_none(headers):
    assert asked_wait(headers, START) >= 1


@given(st.integers(1, 50))
def test_each_wait_is_at_least_as_long_as_the_one_before_and_none_is_long(attempt):
    assert backoff(attempt) <= backoff(attempt + 1) <= 30


@given(st.lists(st.floats(0, 100), max_size=30))
def test_the_waits_of_a_run_never_come_to_more_than_its_patience(waits):
    clock = HandClock()
    patience = Patience(clock, 120)

    for wait in waits:
        fits = wait <= patience.left
        assert patience.wait(wait) is fits

    assert sum(clock.slept) == patience.waited <= 120


def paced(clock, patience=1e9):
    limits = Limits()
    return Pace(clock, limits, Patience(clock, patience))


@settings(max_examples=25)
@given(st.lists(st.floats(0, 5), min_size=100, max_size=300))
def test_no_minute_ever_sees_more_than_eighty_writes(gaps):
    clock, written = HandClock(), []
    pace = paced(clock)

    for gap in gaps:
        clock.passed += gap
        pace.write()
        written.append(clock.monotonic())

    assert all(after - before >= 60 - 1e-6 for before, after in zip(written, written[80:], strict=False))


def test_no_hour_ever_sees_more_than_five_hundred_writes():
    clock, written = HandClock(), []
    pace = paced(clock)

    for _ in range(1100):
        pace.write()
        written.append(clock.monotonic())

    assert all(after - before >= 3600 for before, after in zip(written, written[500:], strict=False))


def test_a_pause_beyond_the_patience_is_a_limit():
    pace = paced(HandClock(), patience=30)
    for _ in range(80):
        pace.write()

    with pytest.raises(BotError) as failed:
        pace.write()

    assert failed.value.reason is Reason.HOST_LIMITED


def test_an_upload_may_take_longer_than_a_question():
    limits = Limits()

    assert limits.deadline(None) == limits.deadline(b"") == 20
    assert limits.deadline(b"x" * 5_000_000) == 120
