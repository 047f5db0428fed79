"""Cron expressions mean what cron means by them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cron import DayRule, parse_cron

SUNDAY = date(2026, 11, 22)
_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_APSCHEDULER_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def _weekdays(expression):
    return [
        name
        for offset, name in enumerate(_NAMES)
        if parse_cron(f"0 2 * * {expression}").matches(SUNDAY + timedelta(offset))
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0", ["SUN"]),
        ("7", ["SUN"]),
        ("1", ["MON"]),
        ("1-5", ["MON", "TUE", "WED", "THU", "FRI"]),
        ("mon-fri", ["MON", "TUE", "WED", "THU", "FRI"]),
        ("5-7", ["SUN", "FRI", "SAT"]),
        ("FRI-SUN", ["SUN", "FRI", "SAT"]),
        ("SUN-TUE", ["SUN", "MON", "TUE"]),
        ("*/2", ["SUN", "TUE", "THU", "SAT"]),
        ("1-6/2", ["MON", "WED", "FRI"]),
        ("0,3,Sat", ["SUN", "WED", "SAT"]),
        ("*", list(_NAMES)),
    ],
)
def test_weekdays_count_from_sunday_and_seven_is_sunday_too(expression, expected):
    assert _weekdays(expression) == expected


def test_two_restricted_day_fields_mean_either_as_in_cron():
    cron = parse_cron("0 2 13 * FRI")
    assert cron.day_rule is DayRule.EITHER
    assert cron.matches(date(2026, 10, 13))  # a Tuesday
    assert cron.matches(date(2026, 11, 20))  # a Friday, not the 13th
    assert not cron.matches(date(2026, 11, 21))


def test_a_day_field_that_begins_with_a_star_restricts_the_other():
    cron = parse_cron("0 2 */2 * MON")
    assert cron.day_rule is DayRule.BOTH
    assert cron.matches(date(2026, 11, 9))
    assert not cron.matches(date(2026, 11, 16))  # a Monday on an even day


def test_times_of_a_date_are_in_order():
    assert parse_cron("30,0 14,2 * * *").times == ((2, 0), (2, 30), (14, 0), (14, 30))


def test_month_names_and_ranges():
    cron = parse_cron("0 2 * jan-MAR,12 *")
    assert sorted(cron.months) == [1, 2, 3, 12]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "0 fields"),
        ("0 2 * *", "4 fields"),
        ("0 2 * * * *", "6 fields"),
        ("60 2 * * *", "minute: 60 is not in 0-59"),
        ("0 24 * * *", "hour: 24"),
        ("0 2 0 * *", "day of month: 0"),
        ("0 2 * 13 *", "month: 13"),
        ("0 2 * * 8", "day of week: 8"),
        ("0 2 * * MOON", "'MOON' is not a name"),
        ("0 2 * JANUARY *", "'JANUARY' is not a name"),
        ("MON 2 * * *", "minute: 'MON' is not a name"),
        ("5-1 2 * * *", "minute: '5-1' is an empty range"),
        ("0 2 * * SAT-SUN/0", "day of week: 'SAT-SUN/0' is an empty range"),
        ("5/15 2 * * *", "write 5-59/15"),
        ("1,,2 2 * * *", "minute: '' is not understood"),
        ("0 2 ? * *", "day of month: '?' is not understood"),
        ("0 2 L * *", "day of month: 'L' is not a name"),
        ("\N{ARABIC-INDIC DIGIT TWO} 2 * * *", "is not understood"),
        ("0 2 30 2 *", "no month of '0 2 30 2 *' has such a day"),
        ("0 2 31 4,6,9,11 *", "has such a day"),
    ],
)
def test_a_wrong_expression_says_what_is_wrong_and_what_is_allowed(text, named):
    with pytest.raises(ValueError, match="allowed: five fields") as caught:
        parse_cron(text)
    assert named in str(caught.value)


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(ValueError, match=r"minute.*hour.*month.*day of week"):
        parse_cron("99 99 * 99 99")


def _lists(low, high):
    single = st.integers(low, high).map(str)
    ranges = st.tuples(st.integers(low, high), st.integers(low, high), st.integers(1, 9)).map(
        lambda found: f"{min(found[:2])}-{max(found[:2])}/{found[2]}"
    )
    return st.lists(single | ranges, min_size=1, max_size=3).map(",".join)


@given(days=st.just("*") | _lists(1, 28), months=st.just("*") | _lists(1, 12), weekdays=st.just("*") | _lists(0, 7))
def test_dates_agree_with_apscheduler_once_weekdays_are_named(days, months, weekdays):
    cron = parse_cron(f"0 2 {days} {months} {weekdays}")
    named = ",".join(_APSCHEDULER_NAMES[day] for day in sorted(cron.weekdays))
    by_day = {"day": ",".join(map(str, sorted(cron.days)))}
    by_weekday = {"day_of_week": named}
    wanted = [by_day, by_weekday] if cron.day_rule is DayRule.EITHER else [by_day | by_weekday]
    month = ",".join(map(str, sorted(cron.months)))
    triggers = [CronTrigger(month=month, hour=2, minute=0, timezone=UTC, **fields) for fields in wanted]
    for offset in range(0, 400, 7):
        day = date(2026, 1, 1) + timedelta(offset)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        fires = any(trigger.get_next_fire_time(None, at).date() == day for trigger in triggers)
        assert cron.matches(day) == fires
