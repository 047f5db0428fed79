from dataclasses import replace

import pytest
from support import measured
from support.histories import BLOCKING, P95, QUIET, RULE, past_of, told

from bot.core.baseline import absolute
from bot.core.bounds import exactly
from bot.core.finding import Finding, objective_check
from bot.core.judge import judge
from bot.core.remarks import grown_while_settling, no_baseline, remarks
from bot.core.verdict import Result

HIGHER = [*QUIET[:25], 0.165, 0.166, 0.164, 0.165]


def test_a_usual_night_is_not_remarkable():
    found = told(QUIET, 0.142, BLOCKING)
    assert (found.notices, found.blocking) == ((), ())


def test_a_night_that_stands_out_is_told_with_its_numbers():
    (notice,) = told(QUIET, 0.212).notices
    assert (notice.code, notice.scenario, notice.objective, notice.observed) == ("stands-out", "load-1k", "p95", 0.212)
    assert notice.words.startswith("load-1k: p95 212 ms stands out from the last 20 nights, whose median is 141 ms (")


def test_a_night_that_is_much_better_is_no_news():
    assert told(QUIET, 0.05).notices == ()


def test_the_night_that_changed_the_level_is_named():
    (notice,) = (one for one in told(HIGHER, 0.166).notices if one.code == "change-point")
    suspect = past_of(HIGHER).nights[25]
    assert (
        f"since {suspect.at[:10]} (run {suspect.run_id}, commit {suspect.sha[:12]}): 165 ms after 141 ms"
        in notice.words
    )


def test_a_level_that_fell_or_fell_again_is_no_news():
    assert told([0.165] * 15 + QUIET[:10], 0.141).notices == ()
    assert told(HIGHER + QUIET[:5], 0.141).notices == ()


def test_a_change_is_told_until_the_baseline_has_moved_to_the_new_level():
    later = QUIET + [0.165, 0.167, 0.166, 0.164] * 10
    assert [one.code for one in told(later[:49], 0.165).notices] == ["change-point"]
    assert told(later[:50], 0.165).notices == ()


def test_where_the_rule_blocks_both_are_checks_that_failed():
    found = told(QUIET, 0.212, BLOCKING)
    assert found.notices == ()
    (check,) = found.blocking
    assert (check.objective, check.result) == ("baseline", Result.FAIL)
    assert "stands out" in check.reason
    (check,) = told(HIGHER[:27], 0.166, replace(BLOCKING, jump=100.0)).blocking
    assert (check.objective, check.result) == ("change_point", Result.FAIL)


def test_a_change_that_the_history_shows_by_itself_only_warns():
    found = told(HIGHER, 0.166, replace(BLOCKING, jump=100.0))
    assert found.blocking == ()
    assert [one.code for one in found.notices] == ["change-point"]


def test_with_too_few_nights_nothing_is_remarkable():
    assert told_of(QUIET[:4], 0.5) == ((), ())


def test_a_number_that_cannot_be_believed_is_not_compared():
    assert told_of(QUIET, 0.5, Result.INVALID) == ((), ())
    assert told_of(QUIET, 0.5, Result.FAIL) != ((), ())


def told_of(values, tonight, result=Result.PASS):
    finding = Finding(result, exactly(tonight, 1000), "p95")
    check = objective_check("load-1k", absolute(P95, 0.141), finding)
    return remarks((check, check), (past_of(values),), RULE)


def test_two_limits_of_one_objective_are_one_remark():
    assert len(told_of(QUIET, 0.5)[0]) == 1


@pytest.mark.parametrize(("nights", "words"), [(0, "0 of at least 5 nights are"), (1, "1 of at least 5 nights is")])
def test_a_missing_baseline_is_said(nights, words):
    notice = no_baseline("load-1k", P95, nights, RULE, 0.15)
    assert notice.words == f"load-1k: p95 < 1.2x baseline was not judged: {words} known."
    assert (notice.code, notice.observed) == ("no-baseline", 0.15)


def test_hostile_words_of_the_history_stay_words():
    past = past_of(HIGHER)
    hostile = replace(past.nights[25], run_id="\x1b[31m", sha="\u202e" * 12, at="\x07" * 10)
    past = replace(past, nights=(*past.nights[:25], hostile, *past.nights[26:]))
    check = objective_check("load-1k", absolute(P95, 0.141), Finding(Result.PASS, exactly(0.166, 1000), "p95"))
    assert all(notice.words.isprintable() for notice in remarks((check,), (past,), RULE)[0])


def test_memory_that_doubled_while_it_settled_passes_and_is_said():
    plan = measured.scenario_plan("soak", rate=500.0, duration=900.0)
    well = measured.scenario_evidence(plan)
    assert list(grown_while_settling(well)) == []
    samples = tuple(
        replace(one, memory=2e8 * (1 + min(1.0, max(0.0, one.at) / 280))) for one in well.resources[0].samples
    )
    night = replace(well, resources=(replace(well.resources[0], samples=samples),))
    (notice,) = grown_while_settling(night)
    assert (notice.code, notice.observed) == ("settling", None)
    (check,) = (each for each in judge(measured.evidence(night)) if each.objective == "memory_growth")
    assert check.result is Result.PASS
    assert "% while settling, until 300 s" in check.reason
    assert "is judged from 300 s on; until then it grew by" in notice.words
