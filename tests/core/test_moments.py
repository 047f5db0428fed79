"""Moments as text, and what people write for one that is to come."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.moments import iso, parse_future, parse_iso

NOW = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)


@given(st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the bound is given naive
def test_a_moment_is_read_back_to_the_second(moment):
    assert parse_iso(iso(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("36h", "2026-11-23T00:00:00Z"),
        ("1d12h", "2026-11-23T00:00:00Z"),
        ("2m", "2026-11-21T12:02:00Z"),
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        ("2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z"),
        ("2026-11-24T08:00:00+01:00", "2026-11-24T07:00:00Z"),
        ("2026-11-21T07:00:30-05:00", "2026-11-21T12:00:30Z"),
    ],
)
def test_what_is_to_come_may_be_told_as_a_duration_a_date_or_a_moment(text, moment):
    assert iso(parse_future(text, NOW)) == moment


@pytest.mark.parametrize("text", ["0s", "250ms", "2026-11-21", "2026-11-21T12:00:00Z", "2026-11-21T13:00:00+02:00"])
def test_what_is_past_or_now_is_none_to_come(text):
    for now in (NOW, NOW.replace(microsecond=0)):
        with pytest.raises(ValueError, match=r"is 2026-11-21T\S+, which is past"):
            parse_future(text, now)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "tomorrow", "36", "-36h", "2026-11-24T08:00:00", "2026-13-01", "999999999999d", "2026-11-24T25:00Z",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
)  # fmt: skip
def test_everything_else_is_told_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"is not a duration \(36h, 2d\), a date"):
        parse_future(text, NOW)


@given(st.text(max_size=30))
def test_whatever_is_typed_only_a_value_error_comes_out(text):
    try:
        found = parse_future(text, NOW)
    except ValueError:
        return
    assert found > NOW


@given(st.integers(1, 10**6))
def test_a_duration_counts_from_now(seconds):
    assert parse_future(f"{seconds}s", NOW) == NOW.replace(microsecond=0) + timedelta(seconds=seconds)
