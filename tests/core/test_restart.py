from dataclasses import replace

import pytest

from bot.core.evidence import ResourceSample, ResourceSeries
from bot.core.restart import judge_restart
from bot.core.verdict import Result

MEASURED = 100.0


def life(first, last, instance="1@1", probe="app", interval=1.0):
    count = int((last - first) / interval) + 1
    samples = tuple(ResourceSample(first + interval * i, 1e8, 1.0) for i in range(count))
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


def test_two_lives_that_answer_in_turn_are_a_failure():
    assert judged(life(-5, 103), life(20, 60, "2@2")).result is Result.FAIL
    assert judged(life(-5, 60), life(-3, 103, "2@2")).result is Result.FAIL


@pytest.mark.parametrize(("old_end", "new_start"), [(-4, -2), (99.5, 102), (101, 102)])
def test_a_new_life_outside_the_window_is_none_of_its_business(old_end, new_start):
    assert judged(life(-5, old_end), life(new_start, 104, "2@2")).result is Result.PASS


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
