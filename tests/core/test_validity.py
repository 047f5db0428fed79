import math
from dataclasses import replace

import pytest
from support.evidence import arrivals, closed, empty, endpoint, load, load_plan

from bot.core.evidence import Abort, Ending, Flights
from bot.core.validity import (
    cascade,
    judge_abort,
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


@pytest.mark.parametrize(
    ("duration", "measured", "result"),
    [
        (2.0, 1.0, Result.INVALID),
        (2.0, 1.97, Result.INVALID),
        (2.0, 1.98, Result.PASS),
        (0.2, 0.196, Result.PASS),
        (0.2, 0.194, Result.INVALID),
        (900.0, 899.0, Result.PASS),
        (900.0, 898.9, Result.INVALID),
    ],
)
def test_of_a_short_run_one_hundredth_may_be_missing_and_no_more(duration, measured, result):
    assert judge_completion(load(load_plan(duration=duration), measured=measured)).result is result


@pytest.mark.parametrize(("lowest", "result"), [(200, Result.PASS), (199, Result.INVALID), (None, Result.INVALID)])
def test_users_of_the_closed_model_that_left_make_it_incomplete(lowest, result):
    finding = judge_completion(closed(users_lowest=lowest))
    assert finding.result is result
    assert ("199 of 200 users were alive" in finding.words) is (lowest == 199)


@pytest.mark.parametrize(("silent", "invalid"), [(1_200, False), (1_201, True), (-1, True)])
def test_one_arrival_in_a_hundred_may_send_nothing(silent, invalid):
    finding = judge_tasks(load(arrivals=arrivals(empty=silent)))
    assert (finding is not None) is invalid
    assert (finding is not None and "1,201 of 120,000 arrivals sent no request" in finding.words) is (silent == 1_201)


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


def test_a_run_that_never_began_is_the_cause_and_not_that_nobody_asked_during_it():
    checks = (check("deployment", Result.INVALID), check("p95", Result.FAIL), check("completion", Result.INVALID))
    found = cascade(checks)
    assert [each.objective for each in found] == ["completion", "deployment", "p95"]
    assert {each.result for each in found} == {Result.INVALID}


def test_a_refuted_deployment_outranks_even_an_incomplete_run():
    checks = (check("completion", Result.INVALID), check("deployment", Result.INVALID))
    assert cascade(checks, "deployment")[0].objective == "deployment"


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


STOP = Abort(41.0, "error_rate", None, "sustained", "5,000 requests failed\x1b")


def stopped(**changes):
    return load(**({"ending": Ending.ABORTED, "abort": STOP, "measured": 41.2} | changes))


def test_a_load_that_the_bot_stopped_fails_and_says_why():
    finding = judge_abort(stopped())
    assert finding.result is Result.FAIL
    assert finding.words.startswith("the load was stopped 41 s after its measured time began, of 120 s: 5,000 requests")
    assert "\x1b" not in finding.words


def test_a_stopped_load_is_whole_as_far_as_it_went_and_proves_nothing_beyond():
    finding = judge_completion(stopped())
    assert finding.result is Result.INCONCLUSIVE
    assert "41.2 s of 120 s" in finding.words
    assert "not measured is reported as not measured" in finding.words


def test_a_stopped_load_whose_files_lack_something_is_not_complete():
    assert judge_completion(stopped(truncated=("load-1k.hlog lacks 3 requests",))).result is Result.INVALID
    assert judge_completion(stopped(endpoints=(replace(endpoint(), ok=1),))).result is Result.INVALID


def test_a_load_that_says_it_was_stopped_though_nobody_did_is_not_complete():
    assert judge_completion(stopped(abort=None)).result is Result.INVALID
    assert judge_abort(stopped(abort=None)) is None


def test_a_load_that_was_done_before_the_order_came_is_judged_whole():
    done = load(abort=STOP)
    assert judge_abort(done) is None
    assert judge_completion(done).result is Result.PASS


def test_a_load_that_did_not_stop_when_told_fails_all_the_same():
    assert judge_abort(stopped(ending=Ending.DEADLINE)).result is Result.FAIL
    assert judge_completion(stopped(ending=Ending.DEADLINE)).result is Result.INVALID


def test_of_a_stopped_load_failures_stand_and_nothing_else_was_measured_to_the_end():
    conditions = [check(name, Result.PASS) for name in ("requests", "generator", "deployment")]
    objectives = [
        check("p95", Result.PASS),
        check("p99", Result.INCONCLUSIVE),
        check("cpu", Result.FAIL),
        check("rate", Result.INVALID),
        check("restart", Result.PASS),
    ]
    cause, *rest = cascade((*conditions, check("abort", Result.FAIL), *objectives))
    assert cause.objective == "abort"
    assert [each.result for each in rest] == [
        *([Result.PASS] * 3),
        Result.INCONCLUSIVE,
        Result.INCONCLUSIVE,
        Result.FAIL,
        Result.INVALID,
        Result.INCONCLUSIVE,
    ]
    assert "not measured to the end" in rest[3].reason


def test_that_a_load_had_to_be_stopped_stands_even_when_it_then_broke():
    found = cascade((check("abort", Result.FAIL), check("completion", Result.INVALID), check("p95", Result.PASS)))
    assert {each.objective: each.result for each in found}["abort"] is Result.FAIL


def test_an_extension_must_have_been_measured_as_well():
    assert judge_completion(load(extended=60.0)).result is Result.INVALID
    assert "120 s were measured of 180 s planned" in judge_completion(load(extended=60.0)).words
    whole = judge_completion(load(extended=60.0, measured=180.0))
    assert whole.result is Result.PASS
    assert "180 s of 180 s, 60 s of them because an objective was undecided" in whole.words


@pytest.mark.parametrize(("missing", "result"), [(0, Result.PASS), (3, Result.INVALID)])
def test_users_that_a_shape_wanted_and_did_not_get_make_it_incomplete(missing, result):
    assert judge_completion(closed(users_lowest=1, users_missing=missing)).result is result


@pytest.mark.parametrize(("reported", "invalid"), [(560, False), (555, False), (140, True)])
def test_requests_that_are_never_reported_are_missed(reported, invalid):
    finding = judge_tasks(load(flights=Flights(560, reported, 0)))
    assert (finding is not None) is invalid
    assert (finding is not None and "420 of 560 requests were sent and never reported" in finding.words) is invalid


def test_arrivals_that_started_and_left_nothing_are_missed():
    finding = judge_tasks(load(endpoints=(endpoint(total=200),)))
    assert finding.result is Result.INVALID
    assert "119,800 of 120,000 arrivals no request is on record" in finding.words


def test_what_was_cut_off_by_the_stop_is_told_and_is_no_failure():
    cut = stopped(flights=Flights(9, 9, 150))
    assert "150 requests in flight when it was stopped count neither way" in judge_completion(cut).words
