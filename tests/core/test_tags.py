"""Names of release tags."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.tags import parse_tag, sort_tags, tag_name

FIRST, LAST = datetime(1000, 1, 2), datetime(9998, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
LATER = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC))


@given(LATER)
def test_a_name_is_read_back_as_the_moment_it_was_made_for(moment):
    assert parse_tag("release/", tag_name("release/", moment)) == moment.replace(microsecond=0)


def test_a_name_is_in_utc_whatever_zone_the_moment_is_in():
    there = datetime(2026, 11, 21, 3, 0, tzinfo=timezone(timedelta(hours=5)))

    assert tag_name("release/", there) == "release/20261120-220000"


def test_a_moment_without_a_zone_has_no_name():
    with pytest.raises(ValueError, match="time zone"):
        tag_name("release/", datetime(2026, 11, 21))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    "name",
    [
        "release/20261321-020000",
        "release/20261121-02000",
        "release/20261121-020000-rc1",
        "v1.0",
        "release/",
        "x20261121-020000",
    ],
)
def test_a_name_of_another_form_is_no_release_tag(name):
    assert parse_tag("release/", name) is None


def test_digits_of_other_scripts_are_no_release_tag():
    assert parse_tag("", "\uff12\uff10\uff12\uff16\uff11\uff11\uff12\uff11-020000") is None


@given(st.lists(LATER))
def test_release_tags_come_in_the_order_of_their_times(moments):
    names = [tag_name("v", moment) for moment in moments]

    found = sort_tags("v", [*names, "v1.2.3", "release/20261121-020000"])

    assert [parse_tag("v", name) for name in found] == sorted({moment.replace(microsecond=0) for moment in moments})
