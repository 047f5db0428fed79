"""Staging's front door: whether it answers, and what time it is there."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from support.scripted import Broken, Say, scripted

from bot.adapters.front import Front

NOW = datetime(2026, 11, 21, 2, 0, 30, 400_000, tzinfo=UTC)


@pytest.fixture(scope="module")
def staging():
    with scripted() as script:
        yield script


def reached(staging, *answers, timeout=10.0):
    staging.say(*answers)
    return Front(f"http://127.0.0.1:{staging.port}/", lambda: NOW, timeout).reach()


@pytest.mark.parametrize("status", [200, 302, 404, 503])
def test_every_status_is_an_answer(staging, status):
    assert reached(staging, Say(status)).status == status


@pytest.mark.parametrize(
    ("off", "ahead"),
    [(0, 0.0), (-0.4, 0.0), (120, 119.6), (-120, -119.4), (1, 0.6), (3600, 3599.6)],
)
def test_a_clock_is_off_by_what_no_moment_of_the_answer_explains(staging, off, ahead):
    date = format_datetime((NOW + timedelta(seconds=off)).replace(microsecond=0), usegmt=True)
    assert reached(staging, Say(date=date)).ahead == pytest.approx(ahead)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Sat, 99 Nov 2026 02:00:00 GMT", "Sat, 21 Nov 99999999 02:00:00 GMT"]
)
def test_a_time_that_is_none_is_unknown(staging, date):
    assert reached(staging, Say(date=date)).ahead is None


@pytest.mark.parametrize("broken", [Broken.RESET, Broken.CUT])
def test_an_answer_that_breaks_off_is_none(staging, broken):
    found = reached(staging, broken)
    assert found.status is None
    assert found.error


def test_nobody_there_is_told_and_nobody_is_waited_for_in_vain(staging):
    assert Front("http://127.0.0.1:9/", lambda: NOW).reach().error == "the connection was refused"
    silent = reached(staging, Broken.HANG, Say(), timeout=0.3)
    assert "within 0.3 s" in silent.error
