from dataclasses import replace

import pytest

from bot.core.evidence import ResourceSample, ResourceSeries
from bot.core.restart import judge_restart
from bot.core.verdict import Result

MEASURED = 100.0


def life(first, last, instance="1@1", probe="app", interval=1.0):
    count = int((last - first) / interval) + 1
    samples = tuple(ResourceSample(first + interval * i, 1e8, 1.25) for i in range(count))
    return ResourceSeries(probe, instance, interval, 1.0, samples, 0, "")


def judged(*series, probes=()):
    return judge_restart(series, probes, MEASURED)


def test_without_probes_there_is_nothing_to_say():
    assert judged() is None


def test_one_life_from_start_to_end_ran_through():
    finding = judged(life(-5, 103))
    assert finding.result is Result.PASS
    assert "ran through" in finding.words
    assert finding.bounds.samples == 101


@pytest.mark.parametrize(
    ("old_end", "new_start"),
    [(40, 45), (40, 90), (-1, 3), (98, 99), (60, 101)],
    ids=["in the middle", "with a long gap", "around the start", "near the end", "new life seen only afterwards"],
)
def test_a_new_life_in_the_window_is_a_failure(old_end, new_start):
    finding = judged(life(-5, old_end), life(new_start, 104, "2@2"))
    assert finding.result is Result.FAIL
    assert "1@1" in finding.words
    assert "2@2" in finding.words


@pytest.mark.parametrize(
    "lives",
    [
        (life(-5, 103), life(20, 60, "2@2")),
        (life(-5, 60), life(-3, 103, "2@2")),
        (life(-5, 60), life(-3, 80, "2@2"), life(70, 103, "3@3")),
    ],
)
def test_lives_that_answer_in_turn_are_several_processes_and_no_restart(lives):
    finding = judged(*lives)
    assert finding.result is Result.INVALID
    assert "several processes answer under one name: probe app saw process 1@1 before and after 2@2" in finding.words


def test_lives_that_overlap_before_the_window_say_nothing_of_it():
    assert judged(life(-9, -3), life(-5, 103, "2@2")).result is Result.PASS


@pytest.mark.parametrize(("old_end", "new_start"), [(-4, -2), (99.5, 102), (101, 102)])
def test_a_new_life_outside_the_window_is_none_of_its_business(old_end, new_start):
    assert judged(life(-5, old_end), life(new_start, 104, "2@2")).result is Result.PASS


def moving(series, cpu=0.01, memory=0.0):
    samples = tuple(
        replace(each, cpu_seconds=1.0 + cpu * number, memory=1e8 + memory * number)
        for number, each in enumerate(series.samples)
    )
    return replace(series, samples=samples)


STALE = "the readings of probe app stood still: CPU time and memory are the same in all 101 of them"


def test_readings_that_never_move_while_the_service_answers_are_old_ones():
    finding = judge_restart((life(-5, 103),), (), MEASURED, answered=500)
    assert finding.result is Result.INVALID
    assert finding.words.startswith(STALE)


@pytest.mark.parametrize(
    ("series", "answered"),
    [
        ((life(-5, 103),), 499),
        ((moving(life(-5, 103), cpu=0.0),), 19_999),
        ((moving(life(-5, 103)),), 10_000),
        ((moving(life(-5, 103), cpu=0.0, memory=4096.0),), 10_000),
        ((life(-5, 103, interval=15.0),), 10_000),
        ((replace(life(-5, 103), replica="a"), moving(replace(life(-5, 103), replica="b"))), 10_000),
    ],
    ids=[
        "little work",
        "a counter of whole seconds",
        "CPU time moves",
        "memory moves",
        "few readings",
        "one of two replicas is idle",
    ],
)
def test_a_service_with_little_to_do_may_stand_still(series, answered):
    assert judge_restart(series, (), MEASURED, answered).result is Result.PASS


def test_without_cpu_time_nobody_knows_whether_readings_stand_still():
    series = life(-5, 103)
    untold = replace(series, samples=tuple(replace(each, cpu_seconds=None) for each in series.samples))
    assert judge_restart((untold,), (), MEASURED, answered=10_000).result is Result.PASS


def test_readings_that_stand_still_hide_no_restart():
    assert judge_restart((life(-5, 40), life(45, 104, "2@2")), (), MEASURED, answered=10_000).result is Result.FAIL


def test_one_life_told_in_two_series_is_one_life():
    assert judged(life(-5, 40), life(41, 103)).result is Result.PASS


def test_restarts_are_told_apart_by_probe():
    assert judged(life(-5, 103), life(-5, 103, "7@7", "db")).result is Result.PASS


@pytest.mark.parametrize("series", [life(-5, 80), life(20, 103)])
def test_a_probe_that_is_silent_at_an_edge_proves_nothing(series):
    finding = judged(replace(series, last_error="connection \x07refused"))
    assert finding.result is Result.INVALID
    assert "connection refused" in finding.words


def test_a_probe_that_never_answered_proves_nothing():
    silent = ResourceSeries("app", "", 1.0, 1.0, (), 100, "timed out")
    assert judged(silent).result is Result.INVALID
    assert judged(probes=("app",)).result is Result.INVALID
    assert judged(life(-5, 103), probes=("app", "db")).result is Result.INVALID


def test_a_probe_that_cannot_tell_one_life_from_the_next_proves_nothing():
    finding = judged(life(-5, 103, ""))
    assert finding.result is Result.INVALID
    assert "set its `start`" in finding.words
    assert judged(life(-5, 50), life(51, 103, "")).result is Result.INVALID
    assert judged(life(-5, 103), life(-5, 103, "", "db")).result is Result.INVALID


def test_a_restart_is_seen_whatever_else_a_probe_could_not_tell():
    assert judged(life(-5, 30), life(31, 50, ""), life(51, 103, "2@2")).result is Result.FAIL


@pytest.mark.parametrize("interval", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_an_absurd_interval_excuses_no_silence(interval):
    assert judged(replace(life(-5, 50), interval=interval)).result is Result.INVALID


def test_nothing_measured_is_nothing_shown():
    assert judge_restart((life(-5, 103),), (), float("nan")).result is Result.INVALID


def of(replica, series):
    return replace(series, replica=replica)


def test_processes_side_by_side_are_no_restart():
    finding = judged(of("a", life(-5, 103)), of("b", life(-5, 103, "2@2")))
    assert finding.result is Result.PASS
    assert "2 processes, 202 readings" in finding.words


def test_a_restart_of_one_process_of_several_is_a_failure_that_names_it():
    finding = judged(of("a", life(-5, 103)), of("b", life(-5, 40, "2@2")), of("b", life(42, 103, "3@3")))
    assert finding.result is Result.FAIL
    assert "probe app of b saw process 2@2" in finding.words


def test_a_process_that_is_heard_no_more_while_others_are_went_away():
    finding = judged(of("a", life(-5, 103)), of("b", replace(life(-5, 40), last_error="no sample")))
    assert finding.result is Result.FAIL
    assert "went away" in finding.words
    assert "of b saw the process until 40 s and others until 100 s" in finding.words
    assert "no sample" in finding.words


def test_all_processes_falling_silent_at_once_prove_nothing():
    finding = judged(of("a", life(-5, 40)), of("b", life(-5, 41)))
    assert finding.result is Result.INVALID


def test_a_process_that_appears_late_proves_nothing():
    assert judged(of("a", life(-5, 103)), of("b", life(40, 103))).result is Result.INVALID


def test_a_process_of_which_no_reading_could_be_used_proves_nothing():
    unread = ResourceSeries("app", "", 1.0, 1.0, (), 100, "3 samples are not usable numbers", "b")
    assert judged(of("a", life(-5, 103)), unread).result is Result.INVALID


def test_a_process_that_was_seen_to_be_gone_is_a_failure_however_short_before_the_end():
    finding = judged(replace(life(-5, 97), gone=98.0, last_error="the process is not running"))
    assert finding.result is Result.FAIL
    assert "ended within the measured time" in finding.words
    assert "the process is not running" in finding.words


@pytest.mark.parametrize("gone", [50.0, 101.0, -1.0, float("nan")])
def test_what_came_back_or_went_outside_the_window_is_not_gone(gone):
    assert judged(replace(life(-5, 103), gone=gone)).result is Result.PASS


def test_fewer_than_95_percent_of_the_readings_prove_nothing():
    whole = life(0, 100)
    for share, result in ((0.97, Result.PASS), (0.7, Result.INVALID)):
        kept = tuple(each for number, each in enumerate(whole.samples) if (number * 37) % 100 < share * 100)
        finding = judged(replace(whole, samples=kept))
        assert finding.result is result, finding.words
    assert "planned readings exist" in finding.words


def test_readings_of_memory_and_of_cpu_at_one_moment_count_once():
    both = life(0, 100)
    half = tuple(each for each in both.samples if each.at % 2 == 0)
    assert judged(replace(both, samples=half + half)).result is Result.INVALID


def test_a_gap_in_the_middle_proves_nothing():
    assert judged(life(-5, 40), life(50, 103)).result is Result.INVALID
