"""Several workers are one load only when each of them gave everything."""

from dataclasses import replace

import pytest
from support.scenariofiles import plan

from bot.core.evidence import Ending, ScenarioEvidence, WorkerEvidence
from bot.core.loadplan import Workers
from bot.core.verdict import Result
from bot.core.workers import judge_workers

WELL = (WorkerEvidence("worker-1", 9, 9, 0.0, 0.001, ()), WorkerEvidence("far:worker-2", 9, 9, -0.004, 0.001, ()))


def evidence(*workers, planned=2, ending=Ending.COMPLETED):
    scenario = replace(plan(), workers=Workers(local=planned))
    nothing = ((),) * 4
    return ScenarioEvidence(scenario, ending, "", "", 3.0, None, *nothing, (), (), (), workers=workers)


def changed(**facts):
    return judge_workers(evidence(WELL[0], replace(WELL[1], **facts)))


def test_one_process_is_no_matter_of_workers():
    assert judge_workers(evidence(planned=1)) is None
    assert judge_workers(evidence(ending=Ending.NOT_RUN)) is None


def test_workers_that_gave_everything_pass():
    found = judge_workers(evidence(*WELL))
    assert found.result is Result.PASS
    assert found.words == "2 workers sent all of their 18 intervals; their clocks were at most 4 ms off"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"trouble": ("lost: no interval for 3 s",)}, "far:worker-2 lost: no interval for 3 s"),
        ({"intervals": 8}, "far:worker-2 gave 8 of 9 intervals"),
        ({"intervals": 10}, "far:worker-2 gave 10 of 9 intervals"),
        ({"intervals": 0, "expected": 0}, "far:worker-2 gave 0 of 0 intervals"),
        ({"skew": None}, "far:worker-2 does not say how its clock goes"),
        ({"skew": float("nan")}, "far:worker-2 does not say how its clock goes"),
        ({"skew": -1.2}, "far:worker-2 has a clock that is 1.2 s off"),
    ],
)
def test_what_is_wrong_with_a_worker_is_named(facts, words):
    found = changed(**facts)
    assert found.result is Result.INVALID
    assert words in found.words


def test_doubt_about_a_clock_adds_to_its_difference():
    assert changed(skew=0.8, rtt=0.3).result is Result.PASS
    found = changed(skew=-0.8, rtt=0.6)
    assert found.result is Result.INVALID
    assert "far:worker-2 has a clock that may be 1.1 s off" in found.words
    assert changed(skew=3.0, rtt=5.0).result is Result.INVALID
    assert changed(rtt=None).result is Result.INVALID


@pytest.mark.parametrize("workers", [(), WELL[:1], (*WELL, WELL[0])])
def test_each_planned_worker_must_be_on_record_and_no_other(workers):
    assert judge_workers(evidence(*workers)).result is Result.INVALID


def test_a_hostile_name_brings_no_control_characters_along():
    found = judge_workers(evidence(WELL[0], replace(WELL[1], name="x\x1b[2J", intervals=-(2**70))))
    assert found.words.isprintable()
