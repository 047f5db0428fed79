from dataclasses import replace

import pytest
from support import records
from support.histories import P95

from bot.core.observations import compared, observations
from bot.core.profile import profile
from bot.core.verdict import Notice


def test_a_run_shows_what_its_checks_observed_under_the_profile_of_their_scenario():
    record = records.promoted()
    found = {(each.scenario, each.objective): each for each in observations(record)}
    told = {(check.scenario, check.objective): check.observed for check in record.verdict.checks}
    plan = {scenario.name: scenario for scenario in record.plan.scenarios}
    assert found
    for key, each in found.items():
        assert each.observed == told[key]
        assert each.profile == profile(plan[each.scenario])


def test_conditions_of_the_run_and_the_rate_are_no_observations():
    assert {each.objective for each in observations(records.promoted())} <= {
        "error_rate", "p50", "p90", "p95", "p99", "p99_9", "memory_growth", "cpu",
    }  # fmt: skip


def test_two_limits_of_one_objective_are_one_observation():
    record = records.promoted()
    first, *others = record.plan.scenarios
    plan = replace(record.plan, scenarios=(replace(first, relative=(P95,)), *others))
    (check,) = (each for each in record.verdict.checks if (each.scenario, each.objective) == (first.name, "p95"))
    verdict = replace(record.verdict, checks=(*record.verdict.checks, replace(check, limit="< 1.2x baseline = 1 s")))
    assert observations(replace(record, plan=plan, verdict=verdict)) == observations(record)


def test_what_could_not_be_judged_yet_is_known_from_its_notice():
    record = records.promoted()
    first, *others = record.plan.scenarios
    plan = replace(record.plan, scenarios=(replace(first, objectives=(), relative=(P95,)), *others))
    notice = Notice(first.name, None, "p95", "no-baseline", "Not judged.", 0.17)
    checks = tuple(each for each in record.verdict.checks if each.scenario != first.name)
    verdict = replace(record.verdict, checks=checks, notices=(notice,))
    assert observations(replace(record, plan=plan, verdict=verdict))[0].observed == 0.17


@pytest.mark.parametrize("missing", ["plan", "verdict"])
def test_a_run_that_was_not_judged_shows_nothing(missing):
    assert observations(replace(records.promoted(), **{missing: None})) == ()


def test_a_number_that_is_none_is_not_remembered():
    record = records.promoted()
    checks = tuple(replace(each, observed=None) for each in record.verdict.checks)
    assert observations(replace(record, verdict=replace(record.verdict, checks=checks))) == ()


def test_endpoints_and_relative_limits_have_a_history_each_once():
    plan = records.load_plan().scenarios[0]
    plan = replace(plan, relative=(P95, replace(P95, endpoint="GET /")))
    assert compared(plan).count((None, "p95")) == 1
    assert ("GET /", "p95") in compared(plan)
