import math
from dataclasses import replace

import pytest
from support.evidence import closed, empty, endpoint, load

from bot.core.evidence import Ending
from bot.core.validity import (
    cascade,
    judge_allow_hosts,
    judge_completion,
    judge_requests,
    judge_tasks,
)
from bot.core.verdict import Check, Result


def check(objective, result, reason="load-1k: it is so."):
    return Check("load-1k", None, objective, "", None, None, None, 0, result, reason)


def test_a_complete_run_says_how_long_it_ran():
    finding = judge_completion(load())
    assert finding.result is Result.PASS
    assert "120 s of 120 s" in finding.words


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.COMPLETED])
def test_any_other_ending_is_invalid_and_named(ending):
    finding = judge_completion(load(ending=ending, ending_detail="ValueError: no\x1b"))
    assert finding.result is Result.INVALID
    assert "ValueError: no" in finding.words
    assert "\x1b" not in finding.words


def test_a_broken_locustfile_is_named():
    assert "the locustfile failed" in judge_completion(load(ending=Ending.LOCUSTFILE_ERROR)).words


@pytest.mark.parametrize(
    ("measured", "result"), [(119.0, Result.PASS), (118.9, Result.INVALID), (math.nan, Result.INVALID)]
)
def test_a_second_may_be_missing_and_no_more(measured, result):
    assert judge_completion(load(measured=measured)).result is result


def test_a_truncated_file_is_invalid_and_named():
    finding = judge_completion(load(truncated=("load-1k.hlog lacks 300 of 120,000 requests",)))
    assert finding.result is Result.INVALID
    assert "lacks 300" in finding.words


@pytest.mark.parametrize("changes", [{"ok": 119_999}, {"failed": 1}, {"ok": -1, "failed": 120_001}])
def test_counts_that_contradict_the_histogram_are_invalid(changes):
    assert judge_completion(load(endpoints=(replace(endpoint(), **changes),))).result is Result.INVALID


def test_the_closed_model_needs_no_response_times():
    assert judge_completion(closed()).result is Result.PASS


def test_no_request_at_all_is_invalid():
    assert judge_requests(empty()).result is Result.INVALID
    assert judge_requests(load(endpoints=(endpoint(total=0),))).result is Result.INVALID
    assert judge_requests(load()) is None


def test_refused_addresses_are_named():
    finding = judge_allow_hosts(load(refused_connects=(("10.0.0.1:80", 7), ("evil.example:443", 1))))
    assert finding.result is Result.INVALID
    assert "10.0.0.1:80, evil.example:443" in finding.words
    assert judge_allow_hosts(load()) is None


@pytest.mark.parametrize(("raised", "invalid"), [(1_200, False), (1_201, True)])
def test_one_arrival_in_a_hundred_may_raise(raised, invalid):
    scenario = load(user_errors=(("ValueError: odd", raised - 1), ("KeyError: 'x'", 1)))
    finding = judge_tasks(scenario)
    assert (finding is not None) is invalid
    assert f"{raised:,} tasks raised (ValueError: odd and 1 more)" in judge_completion(scenario).words


def test_tasks_of_the_closed_model_are_held_against_its_requests():
    assert judge_tasks(closed(user_errors=(("ValueError", 1_000),))) is None
    assert judge_tasks(closed(user_errors=(("ValueError", 1_500),))).result is Result.INVALID
    assert judge_tasks(empty(user_errors=(("ValueError", 1),))).result is Result.INVALID


def test_nothing_stands_when_another_commit_was_measured():
    checks = (check("p95", Result.FAIL), check("deployment", Result.INVALID), check("cpu", Result.PASS))
    cause, *rest = cascade(checks)
    assert cause == checks[1]
    assert [each.result for each in rest] == [Result.INVALID, Result.INVALID]
    assert all("did not prove" in each.reason for each in rest)


@pytest.mark.parametrize("objective", ["p95", "p99_9", "error_rate", "restart"])
def test_a_failure_stands_when_the_run_was_cut_short(objective):
    failed = check(objective, Result.FAIL)
    assert failed in cascade((check("completion", Result.INVALID), failed))


@pytest.mark.parametrize("objective", ["rate", "cpu", "memory_growth", "generator"])
@pytest.mark.parametrize("result", [Result.FAIL, Result.PASS, Result.INCONCLUSIVE])
def test_nothing_else_stands_when_the_run_was_cut_short(objective, result):
    _, other = cascade((check("completion", Result.INVALID), check(objective, result)))
    assert other.result is Result.INVALID
    assert other.reason == "load-1k: it is so, but that proves nothing: the run is not complete."


def test_a_trustworthy_run_is_left_as_it_is():
    checks = (check("completion", Result.PASS), check("deployment", Result.PASS), check("p95", Result.INVALID))
    assert cascade(checks) == checks
