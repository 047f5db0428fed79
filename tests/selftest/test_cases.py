"""What the drill consists of; that each case comes out as it must is what `promote selftest` itself shows."""

import re

import pytest

from bot.core.verdict import Result
from bot.selftest.cases import CASES
from bot.selftest.documents import document
from bot.settings.leaf import Place
from bot.settings.load import settle
from bot.settings.plan import load_plan

VALUES = {
    "url": "http://127.0.0.1:9",
    "pid_file": "/x/service.pid",
    "dead": "127.0.0.1:1",
    "bait": "127.0.0.1:2",
    "slow": "127.0.0.1:3",
    "metrics": "http://127.0.0.1:4/metrics",
}
BY_NAME = {case.name: case for case in CASES}
# What the gate must have been seen to notice, each with the case that shows it.
WANTED = {
    "zero requests": "zero-requests",
    "100 % errors counted as success": "errors-praised",
    "refused connections counted as success": "refusals-praised",
    "redirect to another host": "redirect",
    "worker killed": "worker-killed",
    "all workers killed": "workers-killed",
    "generator starved": "starved",
    "generator CPU-bound": "cpu-bound",
    "20 % under rate": "under-rate",
    "freeze": "freeze",
    "leak": "leak",
    "restart": "restart",
    "stale commit": "stale-commit",
    "commit changing midway": "commit-change",
    "one slow endpoint with 1 % of traffic": "slow-endpoint",
    "NaN metric": "nan-metric",
    "missing metric": "missing-metric",
    "30 % of samples missing": "missing-samples",
    "truncated .hlog": "truncated-histograms",
    "SIGTERM midway": "sigterm",
    "hung Locust": "hung-load",
    "clock jump": "clock-jump",
}


def test_there_are_enough_faults_and_healthy_runs():
    healthy = [case for case in CASES if case.healthy]
    assert len(healthy) >= 5
    assert len(CASES) - len(healthy) >= 20


@pytest.mark.parametrize("fault", WANTED)
def test_every_fault_that_must_be_drilled_is(fault):
    assert not BY_NAME[WANTED[fault]].healthy


def test_every_case_has_a_name_of_its_own_that_can_be_typed():
    assert len(BY_NAME) == len(CASES)
    assert all(re.fullmatch(r"[a-z0-9-]{2,23}", name) for name in BY_NAME)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_whoever_must_say_no_is_named_and_a_healthy_run_has_nothing_injected(case):
    if case.healthy:
        assert (case.must.cause, case.during, case.after, case.later) == ("", None, None, None)
    else:
        assert case.must.cause
        assert case.must.says


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_is_a_configuration_that_a_night_would_take(case, tmp_path):
    settings = settle(document(case, tmp_path, VALUES), Place(tmp_path, tmp_path), case.name)
    (scenario,) = load_plan(settings).scenarios
    assert scenario.locustfile.endswith(".py")
    assert case.must.cause in {
        "",
        "completion",
        "deployment",
        "workers",
        "abort",
        "requests",
        "tasks",
        "allow_hosts",
        "generator",
        "restart",
        "evidence",
        *(each.key for each in scenario.objectives),
    }


def test_the_drill_asks_for_every_kind_of_no():
    assert {case.must.result for case in CASES} == set(Result)
