"""One slot per date, in every zone and through every clock change (invariant I18)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.calendar import (
    EARLY,
    Schedule,
    Slot,
    agenda,
    latest_slot,
    next_slot,
    parse_zone,
    slot_of,
    slot_on,
    slots_between,
)
from bot.core.cron import parse_cron

# Zones with odd offsets, changes at midnight, half-hour and whole-day changes, and none at all.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kwajalein",
    "Atlantic/Azores",
    "Antarctica/Troll",
]
SKIPPED_WHOLE = {("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Kwajalein", date(1993, 8, 21))}

zones = st.sampled_from(ZONES)
times = st.tuples(st.integers(0, 23), st.integers(0, 59))
dates = st.dates(date(1975, 1, 1), date(2037, 12, 31))
moments = st.datetimes(datetime(1975, 1, 1), datetime(2037, 12, 31)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


def nightly(zone="UTC", cron="0 2 * * *"):
    return Schedule(parse_cron(cron), parse_zone(zone))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(zones, times, dates)
def test_every_date_has_exactly_one_slot_and_it_falls_on_that_date(zone, time, day):
    schedule = nightly(zone, f"{time[1]} {time[0]} * * *")
    slot = slot_on(schedule, day)
    if slot is None:
        assert (zone, day) in SKIPPED_WHOLE
        return
    assert slot.id == day.isoformat()
    assert slot.due.astimezone(schedule.zone).date() == day


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("time", ["0 0", "30 0", "30 2", "30 23"])
def test_following_next_slot_for_two_years_meets_every_date_once(zone, time):
    schedule = nightly(zone, f"{time} * * *")
    moment, seen = at("2009-12-30 12:00"), []
    while moment < at("2012-01-10"):
        slot = next_slot(schedule, moment)
        assert slot.due > moment
        seen.append(date.fromisoformat(slot.id))
        moment = slot.due
    expected = {seen[0] + timedelta(offset) for offset in range((seen[-1] - seen[0]).days + 1)}
    assert len(seen) == len(set(seen))
    assert expected - set(seen) <= {day for name, day in SKIPPED_WHOLE if name == zone}


@given(zones, times, moments)
def test_next_and_latest_slot_are_neighbours(zone, time, moment):
    schedule = nightly(zone, f"{time[1]} {time[0]} * * *")
    before, after = latest_slot(schedule, moment), next_slot(schedule, moment)
    assert before.due <= moment < after.due
    assert slots_between(schedule, before.due, after.due) == (after,)


def test_half_past_two_in_berlin_is_its_first_occurrence_in_autumn():
    assert slot_on(nightly("Europe/Berlin", "30 2 * * *"), date(2026, 10, 25)).due == at("2026-10-25 00:30")


def test_half_past_two_in_berlin_is_an_hour_later_in_spring_when_it_does_not_exist():
    assert slot_on(nightly("Europe/Berlin", "30 2 * * *"), date(2026, 3, 29)).due == at("2026-03-29 01:30")


def test_a_date_that_a_zone_skipped_has_no_slot():
    assert slot_on(nightly("Pacific/Apia"), date(2011, 12, 30)) is None


def test_only_the_first_time_of_a_date_is_its_slot():
    assert slot_on(nightly(cron="15 14,3 * * *"), date(2026, 11, 21)).due == at("2026-11-21 03:15")


def test_the_rarest_date_is_still_found():
    assert next_slot(nightly(cron="0 2 29 2 */3"), at("2026-11-21")).id == "2032-02-29"


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "/etc/localtime", "UTC\0"])
def test_what_is_no_zone_is_refused_with_what_is_allowed(name):
    with pytest.raises(ValueError, match="allowed: IANA names"):
        parse_zone(name)


@pytest.mark.parametrize(
    ("moment", "slot"),
    [
        ("2026-11-21 02:00:00", "2026-11-21"),
        ("2026-11-21 01:59:58", "2026-11-21"),  # a clock that runs ahead
        ("2026-11-21 01:40:00", "2026-11-20"),
        ("2026-11-21 23:59:00", "2026-11-21"),
        ("2026-11-22 00:20:00", "2026-11-21"),  # long after, past midnight
    ],
)
def test_the_slot_of_a_moment_is_the_latest_one_due(moment, slot):
    assert slot_of(nightly(), at(moment)).id == slot


def test_a_late_outside_cron_shortly_before_midnight_does_not_use_up_the_next_night():
    schedule = nightly(cron="50 23 * * *")
    assert slot_of(schedule, at("2026-11-22 00:10")).id == "2026-11-21"
    assert slot_of(schedule, at("2026-11-22 23:50")).id == "2026-11-22"


@given(zones, moments, st.floats(0, 3 * 86400))
def test_a_call_at_most_early_before_the_slot_belongs_to_it(zone, moment, offset):
    schedule = nightly(zone)
    slot = next_slot(schedule, moment + timedelta(seconds=offset))
    assert slot_of(schedule, slot.due - EARLY) == slot


def _slot(day):
    return Slot(f"2026-11-{day}", at(f"2026-11-{day} 02:00"))


def test_on_time_the_slot_runs():
    found = agenda(nightly(), now=at("2026-11-21 02:00"), handled_until=at("2026-11-20 02:00"), late=0)
    assert (found.run, found.missed) == (_slot(21), ())


def test_before_the_slot_nothing_is_to_be_done():
    found = agenda(nightly(), now=at("2026-11-21 01:59"), handled_until=at("2026-11-20 02:00"), late=60)
    assert (found.run, found.missed) == (None, ())


def test_after_downtime_the_latest_runs_late_and_the_others_are_reported():
    found = agenda(nightly(), now=at("2026-11-21 05:00"), handled_until=at("2026-11-18 02:00"), late=6 * 3600)
    assert (found.run, found.missed) == (_slot(21), (_slot(19), _slot(20)))


def test_after_too_much_downtime_all_are_reported():
    found = agenda(nightly(), now=at("2026-11-21 09:00"), handled_until=at("2026-11-19 02:00"), late=6 * 3600)
    assert (found.run, found.missed) == (None, (_slot(20), _slot(21)))


@given(zones, moments, st.integers(0, 20), st.floats(0, 86400))
def test_no_slot_is_ever_dropped(zone, now, days, late):
    schedule = nightly(zone)
    handled = now - timedelta(days=days)
    found = agenda(schedule, now=now, handled_until=handled, late=late)
    told = (*found.missed, found.run) if found.run else found.missed
    assert told == slots_between(schedule, handled, now)
