"""The chart inside the issue: it is what Mermaid reads, and shows what the record holds."""

import dataclasses
import math
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.heralds import categories, mermaid, values
from support.measured import check
from support.records import blocked_slow, with_history

from bot.core.record import NightPoint, Nights, Outcome
from bot.core.verdict import Result, decisive
from bot.render.host_chart import MOST_NIGHTS, nights_chart

with_history, blocked_slow = map(cache, (with_history, blocked_slow))
DAYS = [f"2026-{month:02d}-{day:02d}T02:00:00Z" for month in (9, 10, 11) for day in range(1, 31)]


def drawn(record, one=None):
    chart = nights_chart(record, one or decisive(record.verdict))
    return chart, mermaid(chart.fence.removeprefix("```mermaid\n").removesuffix("```"))


def with_nights(*observed, days=DAYS, objective="p95"):
    points = tuple(NightPoint("x", at, Outcome.PASSED, value) for at, value in zip(days, observed, strict=False))
    return dataclasses.replace(blocked_slow(), evidence=None, nights=(Nights("load-1k", None, objective, points),))


def test_the_last_nights_and_tonight_stand_below_the_limit_that_they_were_held_against():
    chart, found = drawn(with_history())

    assert found["title"] == 'title "load-1k p95"'
    assert categories(found)[-2:] == ["11-20", "11-21"]
    assert len(categories(found)) == MOST_NIGHTS
    assert values(found["bar"])[-1] == pytest.approx(29.653, abs=0.01)
    assert values(found["line"]) == [28.56] * MOST_NIGHTS
    assert '"ms"' in found["y"]
    assert chart.words.endswith("the line is the limit (< 28.56ms).")
    assert chart.nights.endswith("11-20 promoted · 11-21 blocked")


def test_seconds_are_shown_where_a_night_took_one():
    _, found = drawn(with_nights(0.2, 1.4))

    assert '"s"' in found["y"]
    assert values(found["bar"])[0] == 0.2


def test_shares_are_shown_in_percent():
    growth = check("load-1k", "memory_growth", 0.342, Result.FAIL)
    _, found = drawn(with_nights(0.011, -0.02, objective="memory_growth"), growth)

    assert values(found["bar"]) == [1.1, -2, 34.2]
    assert '"percent" -2 -->' in found["y"]


def test_a_single_night_is_no_chart():
    nothing = dataclasses.replace(check("load-1k", "p95", 2.0), observed=None)

    assert nights_chart(with_nights(), decisive(blocked_slow().verdict)) is None
    assert nights_chart(with_nights(0.1), nothing) is None
    assert nights_chart(dataclasses.replace(with_nights(), nights=None), nothing) is None


def test_two_runs_of_one_date_are_one_bar_because_two_would_fall_upon_each_other():
    _, found = drawn(with_nights(0.1, 0.2, 0.3, days=[DAYS[0], DAYS[1], DAYS[1]]))

    assert categories(found) == ["09-01", "09-02", "11-21"]
    assert values(found["bar"])[:2] == [0.1, 0.3]


@given(
    st.lists(st.floats(), max_size=40), st.lists(st.sampled_from(DAYS) | st.text(max_size=12), min_size=40, max_size=40)
)
def test_whatever_was_measured_whenever_it_is_a_chart_that_can_be_read_or_none(observed, days):
    record = with_nights(*observed, days=days)
    chart = nights_chart(record, decisive(record.verdict))

    if chart is not None:
        found = mermaid(chart.fence.removeprefix("```mermaid\n").removesuffix("```"))
        assert all(map(math.isfinite, values(found["bar"])))


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_name_leaves_its_quotation_marks(scenario, objective):
    failing = dataclasses.replace(decisive(blocked_slow().verdict), scenario=scenario, objective=objective)
    record = with_nights(0.1, 0.2)
    record = dataclasses.replace(
        record, nights=(dataclasses.replace(record.nights[0], scenario=scenario, objective=objective),)
    )

    drawn(record, failing)
