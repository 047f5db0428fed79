"""Objectives that past nights set, judged with all else that is judged of a scenario."""

from dataclasses import replace

import pytest
from support.evidence import ECHO, closed, endpoint, evidence, load, load_plan
from support.histories import BLOCKING, P95, QUIET, past_of

from bot.core.evidence import Ending, Past
from bot.core.judge import judge, verdict
from bot.core.limits import Comparison, Unit
from bot.core.loadplan import RelativeObjective
from bot.core.verdict import Result

ERRORS = RelativeObjective("error_rate", Comparison.BELOW, 1.0, 0.01, Unit.SHARE, "< baseline + 1%")
# The p95 of a lognormal with a median of 20 ms.
P95_NOW = 0.0535


def night(*relative, past=(), scenario=None, objectives=None):
    plan = load_plan() if objectives is None else load_plan(objectives)
    scenario = scenario or load(replace(plan, relative=relative))
    return replace(evidence(scenario), past=past)


def judged(found, rule=BLOCKING):
    return verdict(found, evidence_sha256="e", objectives_sha256="o", rule=replace(rule, block=False))


def check_of(found, limit):
    (check,) = (check for check in judged(found).checks if limit in check.limit)
    return check


def usual(level=P95_NOW, count=20, **named):
    return past_of([value / 0.141 * level for value in QUIET[:count]], **named)


def test_a_usual_night_passes_and_says_what_the_baseline_is():
    check = check_of(night(P95, past=(usual(),)), "baseline")
    assert (check.objective, check.result) == ("p95", Result.PASS)
    assert check.baseline == pytest.approx(P95_NOW)
    assert check.limit.startswith("< 1.2x baseline = 64.2 ms")
    assert check.reason.endswith("; the baseline 53.5 ms is the median of the last 20 nights.")


def test_a_night_that_is_a_third_slower_than_usual_fails_though_the_limit_in_numbers_holds():
    found = judged(night(P95, past=(usual(P95_NOW / 1.33),)))
    assert found.result is Result.FAIL
    assert [check.result for check in found.checks if check.objective == "p95"] == [Result.PASS, Result.FAIL]


def test_a_limit_within_the_bounds_of_tonight_is_inconclusive():
    few = load(replace(load_plan(duration=1.0), relative=(P95,)))
    check = check_of(replace(night(past=(usual(P95_NOW / 1.2),), scenario=few), proof=False), "baseline")
    assert check.result is Result.INCONCLUSIVE


def test_an_allowance_on_errors_is_judged_by_their_bounds():
    failing = load(replace(load_plan(), relative=(ERRORS,)), endpoints=(endpoint(failed=2_400),))
    past = past_of([0.001] * 10, objective="error_rate")
    assert check_of(night(past=(past,), scenario=failing), "baseline").result is Result.FAIL
    fewer = load(replace(load_plan(), relative=(ERRORS,)), endpoints=(endpoint(failed=600),))
    assert check_of(night(past=(past,), scenario=fewer), "baseline").result is Result.PASS


def test_without_enough_nights_it_is_not_judged_but_told_and_the_rest_decides():
    found = judged(night(P95, past=(usual(count=2),)))
    assert found.result is Result.PASS
    assert not any("baseline" in check.limit for check in found.checks)
    (notice,) = found.notices
    assert notice.code == "no-baseline"
    assert notice.words == "load-1k: p95 < 1.2x baseline was not judged: 2 of at least 5 nights are known."
    assert notice.observed == pytest.approx(P95_NOW, rel=0.01)


def test_where_nobody_knows_whether_there_is_a_history_nothing_passes():
    found = judged(night(P95))
    assert found.result is Result.INVALID
    assert "no history was read" in check_of(night(P95), "baseline").reason
    assert found.notices == ()


def test_where_nothing_at_all_could_be_judged_nothing_passes():
    found = judged(night(P95, past=(usual(count=2),), objectives=()))
    assert found.result is Result.INVALID
    assert any(check.objective == "objectives" for check in found.checks)


def test_limits_in_numbers_show_the_baseline_too():
    checks = judge(night(past=(usual(),)))
    assert {check.objective: check.baseline for check in checks if check.baseline} == {"p95": pytest.approx(P95_NOW)}


def test_an_endpoint_has_a_history_of_its_own():
    mine = replace(P95, endpoint=ECHO)
    past = (usual(), usual(P95_NOW / 2, endpoint=ECHO))
    checks = {check.endpoint: check.result for check in judge(night(P95, mine, past=past)) if "base" in check.limit}
    assert checks == {None: Result.PASS, ECHO: Result.FAIL}


def test_the_past_of_another_scenario_is_none():
    other = replace(usual(), scenario="load-64k")
    assert judged(night(P95, past=(other,))).result is Result.INVALID


@pytest.mark.parametrize("key", ["rate", "nonsense"])
def test_what_has_no_history_cannot_be_relative_to_it(key):
    assert judged(night(replace(P95, key=key))).result is Result.INVALID


def test_a_night_that_stands_out_is_told_and_passes_unless_the_rule_blocks():
    past = (usual(P95_NOW / 1.18),)
    found = judged(night(past=past))
    assert found.result is Result.PASS
    assert [notice.code for notice in found.notices] == ["stands-out"]
    blocked = verdict(night(past=past), evidence_sha256="e", objectives_sha256="o", rule=BLOCKING)
    assert blocked.result is Result.FAIL
    assert blocked.notices == ()


def test_an_incomplete_run_is_not_compared_with_others():
    crashed = load(ending=Ending.CRASHED)
    found = verdict(night(past=(usual(P95_NOW / 3),), scenario=crashed), evidence_sha256="", objectives_sha256="")
    assert found.notices == ()


def test_the_closed_model_has_a_history_as_well():
    found = closed()
    scenario = replace(found, plan=replace(found.plan, relative=(P95,)))
    assert check_of(night(past=(usual(),), scenario=scenario), "baseline").result is Result.PASS


@pytest.mark.parametrize("value", [0.0, -1.0, 1e308, 1e-308])
def test_absurd_pasts_never_end_in_an_error_nor_in_a_pass(value):
    assert judged(night(P95, past=(past_of([value] * 20),))).result in {Result.FAIL, Result.INVALID, Result.PASS}
    if value <= 1e-308:
        assert judged(night(P95, past=(past_of([value] * 20),))).result is Result.FAIL


def test_an_empty_past_is_a_past():
    empty = Past("load-1k", None, "p95", ())
    assert [notice.code for notice in judged(night(P95, past=(empty,))).notices] == ["no-baseline"]
