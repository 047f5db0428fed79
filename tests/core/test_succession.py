"""The moment of the next release: later than all before it, whatever the clocks say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ledgers import entry

from bot.core.ledger import in_order
from bot.core.moments import iso
from bot.core.succession import next_moment
from bot.core.tags import parse_tag, tag_name

FIRST, LAST = datetime(1000, 1, 2), datetime(9998, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC))
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def tagged(moment):
    return tag_name("release/", moment)


@given(st.lists(MOMENTS, max_size=8), MOMENTS)
def test_the_next_name_is_greater_than_every_existing_one_as_text_and_as_time(moments, now):
    existing = [tagged(moment) for moment in moments]

    made = tagged(next_moment("release/", existing, (), now))

    assert all(made > name and parse_tag("release/", made) > parse_tag("release/", name) for name in existing)


RELEASES = st.lists(st.tuples(MOMENTS, st.booleans()), min_size=1, max_size=8)


@given(RELEASES, st.data())
def test_entries_stand_in_the_order_in_which_they_were_made_whatever_every_clock_said(clocks, data):
    made, tags = [], []
    for number, (now, is_rewind) in enumerate(clocks):
        moment = next_moment("release/", tags, made, now)
        name = "" if is_rewind else tagged(moment)
        made.append(replace(entry(number, tag=name), at=iso(moment)))
        # Somebody may have deleted any tag by then.
        tags += [name] if name and data.draw(st.booleans()) else []

    assert in_order(data.draw(st.permutations(made))) == tuple(made)
    names = [one.tag for one in made if one.tag]
    assert names == sorted(set(names))


def test_a_taken_second_gives_the_next_one_and_a_later_one_is_the_clocks():
    taken = ["release/20261121-020000"]

    assert next_moment("release/", taken, (), NOW) == NOW + timedelta(seconds=1)
    assert next_moment("release/", taken, (), NOW + timedelta(hours=5)) == NOW + timedelta(hours=5)


def test_it_is_in_utc_and_whole_seconds():
    there = NOW.replace(microsecond=5).astimezone(timezone(timedelta(hours=5)))

    found = next_moment("release/", (), (), there)

    assert (found, found.tzinfo) == (NOW, UTC)


def test_a_clock_that_went_backwards_gives_the_second_after_the_last_release():
    taken = ["release/20261121-235959", "release/20250101-000000"]

    assert next_moment("release/", taken, (), NOW) == datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "last",
    [
        entry(0, tag="release/20261121-020500"),
        replace(entry(0, tag=""), at="2026-11-21T02:05:00Z"),
        replace(entry(0, tag="release/20261121-020500"), at="2026-11-21T01:00:00Z"),
    ],
    ids=["its tag is gone", "a rewind", "a clock that was slow"],
)
def test_what_the_ledger_alone_knows_counts(last):
    assert next_moment("release/", (), (last,), NOW) == NOW + timedelta(minutes=5, seconds=1)


def test_what_is_no_moment_is_later_than_nothing():
    odd = replace(entry(0, tag="release/99999999-999999"), at="some day")

    assert next_moment("release/", ["release/candidate"], (odd, replace(odd, tag="")), NOW) == NOW


def test_nothing_follows_the_end_of_time():
    assert next_moment("release/", ["release/99991231-235959"], (), NOW) is None
    assert next_moment("release/", (), (entry(0, tag="release/99991231-235959"),), NOW) is None
