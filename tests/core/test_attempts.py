"""Measuring again: never after a FAIL, never after a PASS, and never more often than was declared."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.attempts import kept, made, may_repeat
from bot.core.record import Attempt
from bot.core.verdict import Check, Result, Verdict

RESULTS = st.sampled_from(Result)


def verdict(result, *results):
    checks = tuple(
        Check("load-1k", None, "p95", "< 1s", None, None, None, 0, each, f"sentence {number}")
        for number, each in enumerate(results)
    )
    return Verdict(result, checks, "e" * 64, "0" * 64)


def played(results, retry):
    """The results that are seen when nature has these in store and the rule decides how long to look."""
    seen = []
    for result in results:
        seen.append(result)
        if not may_repeat(result, len(seen), retry):
            break
    return seen


@given(st.lists(RESULTS, min_size=1), st.integers(0, 5))
def test_only_what_proved_nothing_is_followed_by_another_and_never_more_often_than_declared(results, retry):
    seen = played(results, retry)
    assert len(seen) <= 1 + retry
    assert set(seen[:-1]) <= {Result.INCONCLUSIVE, Result.INVALID}


@given(st.lists(RESULTS, min_size=6), st.integers(0, 5))
def test_an_undecided_end_means_that_every_attempt_was_used(results, retry):
    seen = played(results, retry)
    assert seen[-1] in (Result.PASS, Result.FAIL) or len(seen) == 1 + retry


@given(RESULTS, st.integers(1, 5))
def test_without_a_declared_retry_there_is_none(result, number):
    assert not may_repeat(result, number, 0)


@pytest.mark.parametrize("result", [Result.INCONCLUSIVE, Result.INVALID, Result.FAIL])
def test_an_attempt_says_what_it_came_to_and_why(result):
    told = made(2, "2026-11-21T02:00:00Z", verdict(result, Result.PASS, result, result))
    assert told == Attempt(2, "2026-11-21T02:00:00Z", result.value, "sentence 1", "e" * 64)


def test_a_pass_needs_no_reason():
    assert made(1, "", verdict(Result.PASS, Result.PASS)).reason == ""


def test_an_attempt_that_another_one_follows_keeps_its_checks_and_gets_a_folder_of_its_own():
    judged = verdict(Result.INVALID, Result.INVALID)
    told = made(3, "", judged)
    assert (told.folder, told.checks) == ("", ())
    assert kept(told, judged) == replace(told, folder="attempt-3", checks=judged.checks)
