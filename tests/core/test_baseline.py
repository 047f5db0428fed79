"""Baselines from histories: which nights count, what a limit becomes, and how often it is wrong."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.histories import P95, RULE, chain_of_nights, false_alarms, found_by, past_of, within

from bot.core.baseline import absolute, baseline, explained, known
from bot.core.evidence import PastNight
from bot.core.limits import Comparison, Unit
from bot.core.loadplan import RelativeObjective

NIGHTS = st.lists(st.floats(0.001, 10), max_size=70)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_with_fewer_nights_than_the_rule_wants_there_is_no_baseline(count):
    assert baseline(past_of([0.1] * count), RULE) is None
    assert baseline(past_of([0.1] * 5), RULE).usual == 0.1


def test_a_rule_that_wants_no_night_at_all_still_needs_one():
    assert baseline(past_of([]), replace(RULE, least=0)) is None


def test_only_the_last_nights_count():
    found = baseline(past_of([9.0] * 10 + [0.1] * 20), replace(RULE, anchor=0))
    assert (found.usual, found.nights, found.reference) == (0.1, 20, 0.1)


def test_the_released_nights_from_before_them_are_the_anchor():
    found = baseline(past_of([9.0] * 10 + [0.08] * 5 + [0.1] * 20), RULE)
    assert (found.usual, found.anchor, found.reference) == (0.1, 0.08, 0.08)


def test_an_anchor_that_was_slower_changes_nothing():
    found = baseline(past_of([0.3] * 5 + [0.1] * 20), RULE)
    assert found.reference == 0.1


def test_nights_that_were_not_released_and_too_few_releases_are_no_anchor():
    assert baseline(past_of([0.08] * 5 + [0.1] * 20, released=False), RULE).anchor is None
    assert baseline(past_of([0.08] * 4 + [0.1] * 20), RULE).anchor is None


def test_a_night_without_a_number_is_none():
    past = past_of([0.1] * 4)
    broken = PastNight("x", "2026-01-01T02:00:00Z", "0" * 40, math.nan, released=True)
    assert baseline(replace(past, nights=(*past.nights, broken)), RULE) is None


@given(NIGHTS, st.integers(0, 30), st.integers(0, 10), st.integers(2, 30))
def test_the_reference_is_never_above_the_usual_and_lies_among_the_nights(values, least, anchor, nights):
    found = baseline(past_of(values), replace(RULE, least=least, anchor=anchor, nights=nights))
    if found is not None:
        assert min(values) <= found.reference <= found.usual <= max(values)


def test_a_relative_limit_becomes_a_number_that_says_where_it_comes_from():
    found = absolute(P95, 0.141)
    assert (found.key, found.limit.value) == ("p95", pytest.approx(0.1692))
    assert found.limit.text == "< 1.2x baseline = 169 ms"


def test_an_allowance_is_added_and_a_shrinking_memory_counts_as_still():
    relative = RelativeObjective("memory_growth", Comparison.AT_MOST, 1.0, 0.05, Unit.SHARE, "<= baseline + 5%")
    assert absolute(relative, 0.01).limit.value == pytest.approx(0.06)
    assert absolute(relative, -0.30).limit.value == 0.05
    assert absolute(relative, -0.30).limit.comparison is Comparison.AT_MOST


def test_what_the_baseline_is_is_said():
    usual = baseline(past_of([0.141] * 7), RULE)
    assert explained(P95, usual) == "the baseline 141 ms is the median of the last 7 nights"
    anchored = baseline(past_of([0.1] * 5 + [0.141] * 20), RULE)
    assert explained(P95, anchored) == "the baseline 100 ms is the median of 5 releases from before the last 20 nights"


def test_of_healthy_nights_at_most_three_in_a_hundred_are_blocked():
    failed, blocked = false_alarms(4000)
    assert failed <= blocked <= 0.03


def test_a_blocked_healthy_night_does_not_block_those_after_it():
    longest, blocked = chain_of_nights(2000)
    assert longest <= 4
    assert blocked <= 0.03


def test_thirty_percent_more_is_blocked_on_the_first_night():
    assert within(found_by(1000, lambda _: 1.3, lambda told: told.failed, 1), 1) >= 0.95


def test_twenty_percent_more_is_found_by_the_third_night():
    assert within(found_by(1000, lambda _: 1.2, lambda told: told.failed or told.changed, 3), 3) >= 0.85
    assert within(found_by(500, lambda _: 1.2, lambda told: told.changed, 3), 3) >= 0.75


def test_a_drift_of_two_percent_a_night_is_blocked_within_two_weeks():
    assert within(found_by(60, lambda night: 1.02**night, lambda told: told.failed, 14), 14) == 1


def test_the_anchor_finds_the_drift_that_a_moving_median_follows():
    drifting, failed = (lambda night: 1.007**night), (lambda told: told.failed)
    anchored = within(found_by(40, drifting, failed, 30), 30)
    alone = within(found_by(40, drifting, failed, 30, rule=replace(RULE, anchor=0)), 30)
    assert anchored >= alone + 0.15


def test_a_night_without_a_number_is_no_night():
    assert len(known(past_of([0.1, None, float("nan"), 0.2]))) == 2
